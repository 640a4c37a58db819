"""Hold the answer of linking: who a mention is, or NIL, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dateline.document_records import CountryRelation, EntityType, GeoPoint
from dateline.gazetteer.rows import GazetteerRow, Kind, NameEntry


class NamedSpan(Protocol):
    """What linking reads of a mention; ``records.Mention`` has it."""

    @property
    def entity_type(self) -> EntityType:
        """What the entity model saw."""
        ...

    @property
    def start(self) -> int:
        """First code point."""
        ...

    @property
    def end(self) -> int:
        """End, exclusive."""
        ...


@dataclass(frozen=True, slots=True)
class Link:
    """Who a mention is.

    Attributes:
        row_id: the QID, or an id of our own of a row or body of state; None is NIL.
        qid: Wikidata id; None for NIL and for rows whose id is not known for certain.
        kind: of the row; None for NIL.
        name: main name of the row.
        country_code: ISO 3166 alpha-2 in lower case; also given for NIL when the mention holds a
            country's name.
        country_relation: how the mention is tied to that country.
        geo_point: latitude and longitude in degrees.
        reason: the rule that decided.
    """

    start: int
    end: int
    row_id: str | None
    qid: str | None
    kind: Kind | None
    name: str | None
    country_code: str | None
    country_relation: CountryRelation | None
    geo_point: GeoPoint | None
    reason: str


def linked(mention: NamedSpan, entry: NameEntry, reason: str) -> Link:
    """Return the link to a row; a demonym is NIL with a relation to its country."""
    row = entry.row
    if entry.reference == "demonym":
        return nil(mention, "demonym", row, "demonym")
    return Link(
        mention.start, mention.end, row.row_id, row.qid, row.kind, row.name, row.country_code,
        _relation(row), row.geo_point, reason,
    )  # fmt: skip


def _relation(row: GazetteerRow) -> CountryRelation | None:
    if row.country_code is None:
        return None
    if row.kind == "country":
        return "is"
    return "capital" if row.capital_of else "within"


def nil(
    mention: NamedSpan,
    reason: str,
    country: GazetteerRow | None = None,
    relation: CountryRelation = "named",
) -> Link:
    """Return NIL; ``country`` is that of a country named inside the mention."""
    return Link(
        mention.start, mention.end, None, None, None, None,
        country.country_code if country else None, relation if country else None, None, reason,
    )  # fmt: skip
