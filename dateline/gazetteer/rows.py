"""Hold the rows of the gazetteer: what a name of a place, organisation or person stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dateline.document_records import GeoPoint

Kind = Literal["country", "subdivision", "region", "city", "organisation", "person", "office"]
# How a name refers to its row.
#   full        the name, in any text
#   weak        the name is also another thing: counts where an entity model saw an organisation
#   short       a surname that means this person unless the text has another bearer of it
#   demonym     of the people or things of a country: a relation, never the country itself
Reference = Literal["full", "weak", "short", "demonym"]

PLACE_KINDS: frozenset[Kind] = frozenset({"country", "subdivision", "region", "city"})


@dataclass(frozen=True, slots=True)
class GazetteerRow:
    """One thing of the world that has names.

    Attributes:
        row_id: the QID, or an id of our own such as ``city:112931``.
        qid: Wikidata id; None where it is not known for certain.
        group: section of the list it comes from (``international``, ``sport``, ...).
        country_code: ISO 3166 alpha-2 in lower case, of the country it is or belongs to.
        subdivision_code: code of the subdivision it is or lies in, such as ``us-tx``.
        parent: ``row_id`` of the place that it is a part of.
        geo_point: of a country, that of its capital.
        population: 0 where it is unknown or means nothing.
        capital_of: code of the country whose capital it is.
    """

    row_id: str
    qid: str | None
    kind: Kind
    name: str
    group: str = ""
    country_code: str | None = None
    subdivision_code: str | None = None
    parent: str | None = None
    geo_point: GeoPoint | None = None
    population: int = 0
    capital_of: str | None = None


@dataclass(frozen=True, slots=True)
class NameEntry:
    """What one name may stand for.

    Attributes:
        row: the thing.
        reference: how the name refers to it.
        language: of the name; empty when it holds for texts of every language.
    """

    row: GazetteerRow
    reference: Reference
    language: str = ""


@dataclass(frozen=True, slots=True)
class GazetteerSpan:
    """A name of the gazetteer at a place of a text; offsets are code points, the end exclusive.

    Attributes:
        entries: everything that the name may stand for, the most likely first.
    """

    start: int
    end: int
    name: str
    entries: tuple[NameEntry, ...]
