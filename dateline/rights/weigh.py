"""Say what the statements about a text come to: the level that decides, and what it gives.

Rules R2 to R5, R8 and R9 of ``docs/licensing.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dateline.rights.facts import Facts
from dateline.rights.license import License, meet
from dateline.rights.own_terms import says_only_own_terms, speaks_of_others
from dateline.rights.record import RightsStatus, Rule
from dateline.rights.standing import (
    Claimed,
    contradicts,
    is_contract,
    licenses_of,
    strangers_to,
)


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What the statements about the text come to; ``kept`` are those that rule R3 leaves."""

    status: RightsStatus = "unknown"
    kept: list[Claimed] = field(default_factory=list)
    winners: list[Claimed] = field(default_factory=list)
    licenses: tuple[License, ...] = ()
    rules: set[Rule] = field(default_factory=set)
    conflicts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def weigh(claims: Sequence[Claimed], facts: Facts) -> Outcome:
    """Return what the highest level of the statements that count comes to.

    Rule R3 only takes away: a text is given where all statements together give it and those that
    decide are not limited to somebody else's texts. One more credit can thus never give more.
    """
    strangers = [strangers_to(each, facts) for each in claims]
    kept = [each for each, others in zip(claims, strangers, strict=True) if not others]
    outcome = _decided(claims)
    if len(kept) == len(claims):
        return outcome
    left = [each for each in outcome.winners if each in kept]
    if is_given(outcome.status) and licenses_of(left) == outcome.licenses:
        outcome.kept, outcome.winners = kept, left
    else:
        outcome = _not_given(kept)
    outcome.rules.add("R3")
    names = dict.fromkeys(name for others in strangers for name in others)
    outcome.notes.insert(0, f"the text is credited to others: {', '.join(names)}")
    return outcome


def _not_given(kept: list[Claimed]) -> Outcome:
    outcome = _decided(kept)
    if not is_given(outcome.status):
        return outcome
    return Outcome(kept=kept, rules={"R9"})


def _decided(claims: Sequence[Claimed]) -> Outcome:
    outcome = Outcome(kept=list(claims))
    if not claims:
        outcome.rules.add("R9")
        return outcome
    top = max(each.level for each in claims)
    highest = [each for each in claims if each.level == top]
    _decide(outcome, highest, [each for each in claims if each.level < top])
    return outcome


def _decide(outcome: Outcome, highest: list[Claimed], lower: list[Claimed]) -> None:
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


def _decide_denied(outcome: Outcome, denials: list[Claimed], lower: list[Claimed]) -> None:
    """A denial only takes away: below it nothing is given that would not be without it.

    What is granted below counts as a whole, the denied licence too: left out, it would turn a
    conflict into a grant of the other licence, or a grant into one that stands lower.
    """
    grants = [each for each in lower if each.claim == "grant"]
    if all(_is_denied(each, denials) for each in grants):
        lower = [each for each in lower if each.claim != "grant"]
    if lower:
        top = max(each.level for each in lower)
        highest = [each for each in lower if each.level == top]
        _decide(outcome, highest, [each for each in lower if each.level < top])
        if not (is_given(outcome.status) and any(_is_denied(w, denials) for w in outcome.winners)):
            return
    outcome.status, outcome.winners, outcome.licenses = "unknown", [], ()
    outcome.rules.add("R9")
    outcome.notes.append("the text denies a licence")


def _is_denied(grant: Claimed, denials: Sequence[Claimed]) -> bool:
    return any(contradicts(denial, [grant]) for denial in denials)


def _decide_grant(
    outcome: Outcome, grants: list[Claimed], against: list[Claimed], lower: list[Claimed]
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
    outcome: Outcome, grants: Sequence[Claimed], against: Sequence[Claimed]
) -> None:
    if len(outcome.licenses) > 1:
        outcome.rules.add("R4")
        outcome.conflicts.append("different_licences")
        named = ", ".join(each.spdx_id for each in outcome.licenses)
        outcome.notes.append(f"one level states different licences: {named}")
    if any(each.claim == "reserved" and not _is_of_licence(each, outcome) for each in against):
        outcome.rules |= {"R4", "R8"}
        outcome.conflicts.append("grant_vs_reserved")
        outcome.notes.append("the rights are given and reserved")
    if any(each.claim == "denial" and contradicts(each, grants) for each in against):
        outcome.conflicts.append("grant_vs_denial")
        outcome.notes.append("the text denies a licence")
    if any(each.statement.has_condition for each in grants):
        outcome.conflicts.append("unknown_condition")
        outcome.notes.append("the words of the notice limit it")


def _is_of_licence(reserved: Claimed, outcome: Outcome) -> bool:
    """Return whether a reservation keeps no more than the licences given leave to be kept."""
    words = reserved.statement.quote
    return speaks_of_others(words) or says_only_own_terms(words, meet(outcome.licenses))


def _is_stricter(claimed: Claimed, licenses: Sequence[License]) -> bool:
    stated = claimed.statement.license
    if claimed.claim != "grant" or stated is None:
        return claimed.claim == "reserved"
    return not set(stated.constraints) <= set(meet(licenses))


def is_given(status: RightsStatus) -> bool:
    """Return whether a status gives the text to its readers."""
    return status in ("granted", "public_domain")
