"""Turn statements into evidence with ids, into objects of their own, and into facts they state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dateline.rights.confidence import Confidences
from dateline.rights.record import (
    NOASSERTION,
    TEXT_OBJECT_ID,
    RightsEvidence,
    RightsObject,
)
from dateline.rights.registry import spdx_expression
from dateline.rights.statement import RANK_NOTHING, Statement

# More statements than this are noise or an attack; the highest levels are kept.
MOST_EVIDENCE = 40
_GIVING = ("grant_text", "grant_media", "grant_other_object")
_ObjectKey = tuple[str, str]


class Ledger:
    """The statements in a fixed order, each once, with the ids of their evidence: ``e1`` is first.

    The text comes before other objects, then the order is that of ranks, layers, fields and places;
    it does not depend on the order in which the statements were read.
    """

    def __init__(self, statements: Iterable[Statement], confidences: Confidences) -> None:
        """Take statements in any order."""
        self.statements: tuple[Statement, ...] = tuple(
            sorted(dict.fromkeys(statements), key=_order)
        )
        self.object_ids = _object_ids(self.statements)
        self._confidences = confidences
        self._ids = {each: f"e{number}" for number, each in enumerate(self.statements, 1)}

    def id_of(self, statement: Statement) -> str:
        """Return the id of a statement's evidence."""
        return self._ids[statement]

    def confidence_of(self, statement: Statement) -> float:
        """Return how often this kind of statement was right where it was measured."""
        return self._confidences.of(statement)

    def evidence(
        self,
        weighed: Iterable[Statement],
        *,
        observed_at: datetime | None,
        registry_version: str,
    ) -> tuple[RightsEvidence, ...]:
        """Return the first ``MOST_EVIDENCE`` statements as evidence, and all that were ``weighed``.

        A statement that decided must never be missing, however many stand before it.
        """
        kept = dict.fromkeys([*self.statements[:MOST_EVIDENCE], *weighed])
        return tuple(
            self._evidence(each, observed_at, registry_version)
            for each in self.statements
            if each in kept
        )

    def _evidence(
        self, statement: Statement, observed_at: datetime | None, registry_version: str
    ) -> RightsEvidence:
        return RightsEvidence(
            id=self._ids[statement],
            object_id=self.object_ids.get(_object_key(statement), _plain_id(statement)),
            layer=statement.layer,
            field=statement.field,
            start=statement.start,
            end=statement.end,
            quote=statement.quote,
            text_sha256=statement.value_sha256,
            frame=statement.frame,
            scope=statement.scope,
            rank=statement.rank,
            confidence=self.confidence_of(statement),
            detector=statement.rule_id,
            registry_version=registry_version,
            spdx_expression=statement.license.spdx_id if statement.license else NOASSERTION,
            licensor=statement.licensor,
            xpath=statement.xpath,
            source_url=statement.source_url,
            observed_at=observed_at,
        )


def objects_of(ledger: Ledger) -> tuple[RightsObject, ...]:
    """Return the objects other than the text whose rights are given or kept, in order."""
    stated: dict[str, list[Statement]] = {}
    for each in ledger.statements:
        if _is_about_object(each):
            stated.setdefault(ledger.object_ids[_object_key(each)], []).append(each)
    return tuple(_object(object_id, found) for object_id, found in stated.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedFacts:
    """What the statements about the text say besides giving or keeping it."""

    copyright_holder: str | None = None
    copyright_year: int | None = None
    copyright_notice: str | None = None
    credit_text: str | None = None
    usage_terms: str | None = None
    acquire_license_page: str | None = None


def stated_facts(statements: Sequence[Statement]) -> StatedFacts:
    """Return each fact as the highest statement about the text that has it states it."""
    of_text = [s for s in statements if s.object_kind == "text" and s.rank > RANK_NOTHING]

    def first(name: str) -> Any:
        values = (getattr(each, name) for each in of_text)
        return next((value for value in values if value is not None), None)

    return StatedFacts(
        copyright_holder=first("copyright_holder"),
        copyright_year=first("copyright_year"),
        copyright_notice=first("copyright_notice"),
        credit_text=first("credit_text"),
        usage_terms=first("usage_terms") or _own_terms(of_text),
        acquire_license_page=first("acquire_license_page"),
    )


def _own_terms(statements: Sequence[Statement]) -> str | None:
    terms = (each.quote for each in statements if each.frame == "republish_terms")
    return next(terms, None)


def _order(statement: Statement) -> tuple[Any, ...]:
    license_ = statement.license.spdx_id if statement.license else ""
    return (
        statement.object_kind != "text", -statement.rank, statement.layer, statement.field,
        statement.start, statement.end,
        statement.object_kind, statement.object_key, statement.frame, statement.rule_id, license_,
        statement.quote, statement.xpath or "", statement.source_url or "", repr(statement),
    )  # fmt: skip


def _plain_id(statement: Statement) -> str:
    """Return the id for what is no object of its own: the text, or the kind that is spoken of."""
    return TEXT_OBJECT_ID if statement.object_kind == "text" else statement.object_kind


def _is_about_object(statement: Statement) -> bool:
    return (
        statement.object_kind != "text"
        and statement.rank > RANK_NOTHING
        and (statement.frame == "reserved" or statement.frame in _GIVING)
    )


def _object_key(statement: Statement) -> _ObjectKey:
    # Two pictures without an address are told apart by their licences, as far as they can be.
    return statement.object_kind, statement.object_key or _unaddressed(statement)


def _unaddressed(statement: Statement) -> str:
    return f"\0{statement.license.spdx_id if statement.license else NOASSERTION}"


def _object_ids(statements: Sequence[Statement]) -> dict[_ObjectKey, str]:
    """Number the objects of each kind; one without an address is the one that has its licence."""
    ids: dict[_ObjectKey, str] = {}
    counts: Counter[str] = Counter()
    about = [each for each in statements if _is_about_object(each)]
    for each in sorted(about, key=lambda each: not each.object_key):
        key = _object_key(each)
        if key not in ids:
            counts[each.object_kind] += 1
            ids[key] = f"{each.object_kind}{counts[each.object_kind]}"
        ids.setdefault((each.object_kind, _unaddressed(each)), ids[key])
    return ids


def _object(object_id: str, statements: Sequence[Statement]) -> RightsObject:
    first = statements[0]
    licenses = [each.license for each in statements if each.license and each.frame in _GIVING]
    credit = next((each.credit_text or each.licensor for each in statements), None)
    is_address = first.object_key.startswith(("http://", "https://"))
    return RightsObject(
        id=object_id,
        kind=first.object_kind,
        spdx_expression=spdx_expression(licenses) or NOASSERTION,
        credit=credit,
        url=first.object_key if is_address else None,
    )
