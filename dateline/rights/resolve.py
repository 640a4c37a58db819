"""Return an article's rights of all that was stated about them: rules R1 to R9.

The order of the statements changes nothing. ``docs/licensing.md`` explains rules and levels; rule
R7 (copies) is in ``copies.py``.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

from dateline.rights.confidence import Confidences
from dateline.rights.contracts import contract_statement
from dateline.rights.evidence import Ledger, objects_of, stated_facts
from dateline.rights.facts import NO_FACTS, Facts
from dateline.rights.license import meet
from dateline.rights.merge_preferences import merge_access, merge_preferences, preferences_in_words
from dateline.rights.record import (
    NOASSERTION,
    Preferences,
    Resolution,
    Rights,
    Rule,
)
from dateline.rights.registry import spdx_expression
from dateline.rights.same_name import is_same_name
from dateline.rights.standing import Claimed, claim_of, first_of_each
from dateline.rights.statement import Reading, Statement
from dateline.rights.weigh import Outcome, is_given, weigh

GRANT_VS_RESERVATION = "grant_vs_reservation"
# Statements that contradict each other are at best as likely right as wrong (rule R4).
_MOST_OF_CONFLICT = 0.5
_RULES: tuple[Rule, ...] = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9")


def resolve(
    reading: Reading, facts: Facts = NO_FACTS, confidences: Confidences | None = None
) -> Rights:
    """Return the rights in the text, its other objects, and every statement as evidence.

    Args:
        reading: all statements, preferences and access that were read, in any order.
        facts: of the article; the contract among them is the highest statement of all.
        confidences: measured by kind of statement; without them every kind is a coin's toss.

    Returns:
        ``granted`` or ``public_domain`` where one licence is given to the text on the highest level
        that says anything; ``conflict`` with the constraints of all where that level contradicts
        itself; ``reserved``; else ``unknown``. Without attribution: see ``attribution.py``.

    Raises: Nothing.
    """
    statements = _all_statements(reading, facts)
    ledger = Ledger(statements, confidences or Confidences())
    claims = [each for each in map(claim_of, ledger.statements) if each is not None]
    outcome = weigh(claims, facts)
    objects = objects_of(ledger)
    if objects:
        outcome.rules.add("R1")
    words = preferences_in_words(ledger.statements)
    preferences = merge_preferences([*reading.preferences, *words])
    if is_given(outcome.status) and _is_reserving(preferences):
        outcome.conflicts.append(GRANT_VS_RESERVATION)
    named = stated_facts(ledger.statements)
    single = outcome.licenses[0] if is_given(outcome.status) else None
    evidence = ledger.evidence(
        first_of_each([*outcome.winners, *claims]),
        observed_at=facts.observed_at,
        registry_version=facts.registry_version,
    )
    return Rights(
        status=outcome.status,
        spdx_expression=spdx_expression(outcome.licenses) or NOASSERTION,
        license_uri=single.uri if single else None,
        license_name=single.name if single else None,
        family=single.family if single else None,
        code=single.code if single else None,
        version=single.version if single else None,
        jurisdiction=single.jurisdiction if single else None,
        licensor=_licensor(outcome, facts.publisher),
        copyright_holder=named.copyright_holder,
        copyright_year=named.copyright_year,
        copyright_notice=named.copyright_notice,
        credit_text=named.credit_text,
        usage_terms=named.usage_terms,
        acquire_license_page=named.acquire_license_page,
        effective=meet(outcome.licenses),
        preferences=preferences,
        access=merge_access(reading.access),
        objects=objects,
        evidence=evidence,
        resolution=_resolution(outcome, claims, ledger, {each.id for each in evidence}),
        confidence=_confidence(outcome, ledger),
        notes=tuple(outcome.notes),
    )


def _all_statements(reading: Reading, facts: Facts) -> tuple[Statement, ...]:
    if facts.contract is None:
        return reading.statements
    return (*reading.statements, contract_statement(facts.contract))


def _is_reserving(preferences: Preferences) -> bool:
    return preferences.tdm_reservation is True or "disallowed" in (
        preferences.ai_train,
        preferences.ai_input,
    )


def _licensor(outcome: Outcome, publisher: str | None) -> str | None:
    """Return who gives the licence, where the winner or one that agrees names one and no two.

    A publisher's name is given as the source writes it: prose puts it into other cases.
    """
    # The mark is a label: nobody licenses what is free already.
    if not outcome.licenses or outcome.licenses[0].code == "mark":
        return None
    for claims in (outcome.winners, _agreeing(outcome)):
        names = list(dict.fromkeys(filter(None, (each.statement.licensor for each in claims))))
        if names and all(is_same_name(names[0], each) for each in names):
            is_publisher = publisher is not None and is_same_name(names[0], publisher)
            return publisher if is_publisher else min(names)
        if names:
            return None
    return None


def _agreeing(outcome: Outcome) -> list[Claimed]:
    """Return the statements of all levels that say what the winners say."""
    if outcome.status == "reserved":
        return [each for each in outcome.kept if each.claim == "reserved"]
    return [
        each
        for each in outcome.kept
        if each.claim == "grant" and each.statement.license in outcome.licenses
    ]


def _resolution(
    outcome: Outcome, claims: Sequence[Claimed], ledger: Ledger, shown: Set[str]
) -> Resolution:
    """Name the winner; of statements that contradict each other none has won."""
    is_conflict = outcome.status == "conflict"
    won = [] if is_conflict else [ledger.id_of(each.statement) for each in outcome.winners]
    lost = {ledger.id_of(each.statement) for each in claims} & shown - {*won}
    return Resolution(
        winner=won[0] if won else None,
        losers=tuple(sorted(lost, key=lambda id_: int(id_[1:]))),
        rules=tuple(rule for rule in _RULES if rule in outcome.rules),
        has_disagreement=is_conflict,
        conflicts=tuple(outcome.conflicts),
    )


def _confidence(outcome: Outcome, ledger: Ledger) -> float:
    """Return the confidence of the surest statement that says what was resolved."""
    if not outcome.winners:
        return 0.0
    measured = [ledger.confidence_of(each.statement) for each in _agreeing(outcome)]
    if outcome.status == "conflict":
        return min(_MOST_OF_CONFLICT, *measured)
    return max(measured)
