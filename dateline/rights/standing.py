"""Say what a statement about the text is worth: on which level it stands, and what it claims.

Levels are the ranks of ``statement.py``. In the text itself a default ("our articles are ...",
"except where otherwise noted", rule R2) stands below a sentence about this very text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dateline.rights.facts import Facts
from dateline.rights.license import License
from dateline.rights.merge_preferences import is_mining_only
from dateline.rights.statement import (
    RANK_CONTRACT,
    RANK_NOTHING,
    RANK_NOTICE,
    RANK_PAGE,
    Statement,
)
from dateline.rights.third_party import others_than, third_parties

Claim = Literal["grant", "reserved", "denial"]
Level = tuple[int, bool]
_NAMING_THE_TEXT = ("notice.this_text", "notice.the_text", "notice.text_label")


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A statement about the text that counts: its level, and what it claims."""

    statement: Statement
    claim: Claim
    level: Level

    @property
    def is_own(self) -> bool:
        """Whether it is the item's own: in its text, on its node, in its feed element."""
        return self.level >= (RANK_NOTICE, True)

    @property
    def is_express(self) -> bool:
        """Whether it is machine-readable or a sentence about this text (rule R5)."""
        return (
            self.statement.layer != "html"
            or self.level[0] >= RANK_PAGE
            or self.statement.scope == "this_object"
        )


def claim_of(statement: Statement) -> Claimed | None:
    """Return what a statement claims about the text; None: it counts nothing."""
    if statement.object_kind != "text":
        return None
    if statement.frame == "negated":
        # In prose a denial has no rank of its own; it stands where the text's notices do.
        rank = RANK_NOTICE if statement.layer == "text" else statement.rank
        return _claimed(statement, "denial", (rank, True))
    is_default = statement.rank == RANK_NOTICE and (
        statement.has_exception or statement.scope == "site"
    )
    level = (statement.rank, not is_default)
    if statement.frame == "reserved" and not is_mining_only(statement):
        return _claimed(statement, "reserved", level)
    if statement.frame == "grant_text" and statement.license is not None:
        return _claimed(statement, "grant", level)
    return None


def _claimed(statement: Statement, claim: Claim, level: Level) -> Claimed | None:
    if level[0] <= RANK_NOTHING:
        return None
    return Claimed(statement=statement, claim=claim, level=level)


def strangers_to(claimed: Claimed, facts: Facts) -> tuple[str, ...]:
    """Return whose text this is where the grant gives only its licensor's own (rule R3).

    Nobody for reservations, denials, and grants that are about this very text.
    """
    stated = claimed.statement
    is_limited = (
        stated.is_about_licensor or stated.scope != "this_object" or _is_of_template(stated)
    )
    if claimed.claim != "grant" or not is_limited:
        return ()
    owner = stated.licensor or facts.publisher
    others = third_parties(
        facts.lines, dateline_agency=facts.agency, owners=[owner] if owner else []
    )
    if others or not stated.licensor or not stated.is_about_licensor or is_contract(claimed):
        return others
    return others_than(stated.licensor, facts)


def _is_of_template(statement: Statement) -> bool:
    """Return whether a page's licence link has no words that name this text.

    Such links are mostly written once for all pages, whoever wrote the text on them.
    """
    is_page = statement.layer in ("html", "http") and statement.rank <= RANK_PAGE
    return is_page and not statement.rule_id.endswith(_NAMING_THE_TEXT)


def contradicts(denial: Claimed, grants: Iterable[Claimed]) -> bool:
    """Return whether a denial speaks of what is granted: any licence, or the same one.

    "Until 2019 our texts were CC BY" does not deny a grant of CC BY-SA.
    """
    denied = denial.statement.license
    return denied is None or any(_is_like(denied, grant.statement.license) for grant in grants)


def licenses_of(grants: Iterable[Claimed]) -> tuple[License, ...]:
    """Return the different licences of ``grants``, each in its fullest form, sorted.

    "CC BY" beside "CC BY 4.0", and "CC BY 3.0" beside its port, name one licence twice.
    """
    named = {g.statement.license for g in grants if g.statement.license is not None}
    kept = [one for one in named if not any(_is_fuller(other, one) for other in named)]
    return tuple(sorted(kept, key=lambda each: each.spdx_id))


def first_of_each(claims: Iterable[Claimed]) -> tuple[Statement, ...]:
    """Return the first statement of each claim and licence: a thousand equal ones say no more."""
    first: dict[tuple[Claim, License | None], Statement] = {}
    for each in claims:
        first.setdefault((each.claim, each.statement.license), each.statement)
    return tuple(first.values())


def is_contract(claimed: Claimed) -> bool:
    """Return whether the operator signed it."""
    return claimed.level[0] == RANK_CONTRACT


def _is_fuller(full: License, plain: License) -> bool:
    """Return whether ``full`` says what ``plain`` leaves open: the version or the port."""
    if full.code is None or full.code != plain.code or full.family != plain.family:
        return False
    if plain.version is None:
        return full.version is not None
    return (
        full.version == plain.version
        and plain.jurisdiction is None
        and full.jurisdiction is not None
    )


def _is_like(denied: License, granted: License | None) -> bool:
    if granted is None:
        return False
    return denied == granted or _is_fuller(granted, denied) or _is_fuller(denied, granted)
