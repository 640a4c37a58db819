"""Return an article's rights of all that was stated about them: rules R1 to R9.

The order of the statements changes nothing. ``docs/licensing.md`` explains rules and levels; rule
R7 (copies) is in ``copies.py``.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from dateline.rights.confidence import Confidences
from dateline.rights.contracts import Contract, contract_statement
from dateline.rights.evidence import Ledger, objects_of, stated_facts
from dateline.rights.license import License, meet
from dateline.rights.merge_preferences import merge_access, merge_preferences, preferences_in_words
from dateline.rights.record import (
    NOASSERTION,
    Preferences,
    Resolution,
    Rights,
    RightsStatus,
    Rule,
)
from dateline.rights.registry import spdx_expression
from dateline.rights.standing import (
    Claimed,
    claim_of,
    contradicts,
    first_of_each,
    is_contract,
    licenses_of,
    strangers_to,
)
from dateline.rights.statement import Reading, Statement

GRANT_VS_RESERVATION = "grant_vs_reservation"
# Statements that contradict each other are at best as likely right as wrong (rule R4).
_MOST_OF_CONFLICT = 0.5
_RULES: tuple[Rule, ...] = ("R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an article besides statements about rights; all as it was supplied.

    ``credits`` are the words that may say whose text it is: credit, bylines, source, and those of
    the body's first and last lines; ``agency`` stands in its dateline.
    """

    publisher: str | None = None
    credits: tuple[str, ...] = ()
    agency: str | None = None
    observed_at: datetime | None = None
    contract: Contract | None = None
    registry_version: str = ""


NO_FACTS = Facts()


@dataclass(slots=True, kw_only=True)
class _Outcome:
    """What the statements about the text come to; ``kept`` are those that rule R3 leaves."""

    status: RightsStatus = "unknown"
    kept: list[Claimed] = field(default_factory=list)
    winners: list[Claimed] = field(default_factory=list)
    licenses: tuple[License, ...] = ()
    rules: set[Rule] = field(default_factory=set)
    conflicts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


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
    outcome = _weigh(claims, facts)
    objects = objects_of(ledger)
    if objects:
        outcome.rules.add("R1")
    words = preferences_in_words(ledger.statements)
    preferences = merge_preferences([*reading.preferences, *words])
    if _is_given(outcome.status) and _is_reserving(preferences):
        outcome.conflicts.append(GRANT_VS_RESERVATION)
    named = stated_facts(ledger.statements)
    single = outcome.licenses[0] if _is_given(outcome.status) else None
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
        licensor=_licensor(outcome),
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


def _weigh(claims: Sequence[Claimed], facts: Facts) -> _Outcome:
    """Return what the highest level of the statements that count comes to."""
    outcome = _Outcome()
    for each in claims:
        strangers = strangers_to(each, facts.credits, facts.agency, facts.publisher)
        if strangers:
            outcome.rules.add("R3")
            outcome.notes.append(f"the text is credited to others: {', '.join(strangers)}")
        else:
            outcome.kept.append(each)
    outcome.notes[:] = dict.fromkeys(outcome.notes)
    kept = outcome.kept
    if not kept:
        outcome.rules.add("R9")
        return outcome
    top = max(each.level for each in kept)
    highest = [each for each in kept if each.level == top]
    _decide(outcome, highest, [each for each in kept if each.level < top])
    return outcome


def _decide(outcome: _Outcome, highest: list[Claimed], lower: list[Claimed]) -> None:
    grants = [each for each in highest if each.claim == "grant"]
    reserved = [each for each in highest if each.claim == "reserved"]
    denials = [each for each in highest if each.claim == "denial"]
    if grants:
        _decide_grant(outcome, grants, [*reserved, *denials], lower)
    elif reserved:
        outcome.status = "reserved"
        outcome.winners = reserved
        outcome.rules.add("R8")
    else:
        _decide_denied(outcome, denials, lower)
    if any(each.statement.has_exception for each in [*outcome.winners, *lower]):
        outcome.rules.add("R2")


def _decide_denied(outcome: _Outcome, denials: list[Claimed], lower: list[Claimed]) -> None:
    """A denial alone takes what is granted below it; what it does not speak of is left."""
    left = [each for each in lower if each.claim != "grant" or not _is_denied(each, denials)]
    if left:
        top = max(each.level for each in left)
        highest = [each for each in left if each.level == top]
        _decide(outcome, highest, [each for each in left if each.level < top])
        return
    outcome.rules.add("R9")
    outcome.notes.append("the text denies a licence")


def _is_denied(grant: Claimed, denials: Sequence[Claimed]) -> bool:
    return any(contradicts(denial, [grant]) for denial in denials)


def _decide_grant(
    outcome: _Outcome, grants: list[Claimed], against: list[Claimed], lower: list[Claimed]
) -> None:
    outcome.licenses = licenses_of(grants)
    outcome.winners = sorted(grants, key=lambda g: g.statement.license not in outcome.licenses)
    if not is_contract(grants[0]):
        # What the item says of itself elsewhere is not overruled in silence.
        against = [*against, *(each for each in lower if each.is_own and each.claim != "grant")]
    _find_contradictions(outcome, grants, against)
    stricter = [each for each in lower if _is_stricter(each, outcome.licenses)]
    if stricter and not all(each.is_express for each in grants):
        outcome.rules.add("R5")
        outcome.conflicts.append("weaker_grant_is_looser")
        outcome.notes.append("a licence that is not stated expressly is looser than a lower level")
        outcome.winners = [*grants, *(each for each in stricter if each.claim == "grant")]
        outcome.licenses = licenses_of(outcome.winners)
    elif stricter:
        outcome.rules.add("R5")
    if outcome.conflicts:
        outcome.status = "conflict"
    elif outcome.licenses[0].is_public_domain:
        outcome.status = "public_domain"
    else:
        outcome.status = "granted"


def _find_contradictions(
    outcome: _Outcome, grants: Sequence[Claimed], against: Sequence[Claimed]
) -> None:
    if len(outcome.licenses) > 1:
        outcome.rules.add("R4")
        outcome.conflicts.append("different_licences")
        named = ", ".join(each.spdx_id for each in outcome.licenses)
        outcome.notes.append(f"one level states different licences: {named}")
    if any(each.claim == "reserved" for each in against):
        outcome.rules |= {"R4", "R8"}
        outcome.conflicts.append("grant_vs_reserved")
        outcome.notes.append("the rights are given and reserved")
    if any(each.claim == "denial" and contradicts(each, grants) for each in against):
        outcome.conflicts.append("grant_vs_denial")
        outcome.notes.append("the text denies a licence")
    if any(each.statement.has_condition for each in grants):
        outcome.conflicts.append("unknown_condition")
        outcome.notes.append("the words of the notice limit it")


def _is_stricter(claimed: Claimed, licenses: Sequence[License]) -> bool:
    stated = claimed.statement.license
    if claimed.claim != "grant" or stated is None:
        return claimed.claim == "reserved"
    return not set(stated.constraints) <= set(meet(licenses))


def _is_given(status: RightsStatus) -> bool:
    return status in ("granted", "public_domain")


def _is_reserving(preferences: Preferences) -> bool:
    return preferences.tdm_reservation is True or "disallowed" in (
        preferences.ai_train,
        preferences.ai_input,
    )


def _licensor(outcome: _Outcome) -> str | None:
    """Return who gives the licence, where the winner or one that agrees names one and no two."""
    # The mark is a label: nobody licenses what is free already.
    if not outcome.licenses or outcome.licenses[0].code == "mark":
        return None
    for claims in (outcome.winners, _agreeing(outcome)):
        names = {each.statement.licensor for each in claims if each.statement.licensor}
        if names:
            return names.pop() if len(names) == 1 else None
    return None


def _agreeing(outcome: _Outcome) -> list[Claimed]:
    """Return the statements of all levels that say what the winners say."""
    if outcome.status == "reserved":
        return [each for each in outcome.kept if each.claim == "reserved"]
    return [
        each
        for each in outcome.kept
        if each.claim == "grant" and each.statement.license in outcome.licenses
    ]


def _resolution(
    outcome: _Outcome, claims: Sequence[Claimed], ledger: Ledger, shown: Set[str]
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


def _confidence(outcome: _Outcome, ledger: Ledger) -> float:
    """Return the confidence of the surest statement that says what was resolved."""
    if not outcome.winners:
        return 0.0
    measured = [ledger.confidence_of(each.statement) for each in _agreeing(outcome)]
    if outcome.status == "conflict":
        return min(_MOST_OF_CONFLICT, *measured)
    return max(measured)
