"""Hold the entities of one document: what reading its names gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dateline.gazetteer.links import CountryRelation
from dateline.records import EntityType

# How an entity is tied to a country, beside what linking says of its name:
#   holder    its role is one of that country: "Iranian Foreign Minister"
RelationKind = CountryRelation | Literal["holder"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A tie of an entity to a country or to another entity.

    Attributes:
        kind: how.
        country_code: ISO 3166 alpha-2 in lower case, where it is one of a country.
        entity_id: of the other entity, where the document names it.
        start: where the words stand that say so.
        end: end, exclusive.
    """

    kind: RelationKind
    country_code: str | None
    entity_id: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntity:
    """Somebody or something that a document names, with everything the document says of the name.

    Attributes:
        entity_id: the Wikidata id where the mentions are linked, else sha256 of type and folded
            full name.
        name: the fullest form in the text, without titles, possessives, quotes and dashes.
        is_full_name: whether ``name`` may identify it beyond this document; a surname or an acronym
            without its expansion may not.
        mention_indices: places in the document's mentions, sorted.
        aliases: other forms of the name in the text, in order of appearance.
        titles: forms of address ("Sheikh", "Dr.").
        role: the fullest office or description the text gives ("Deputy Foreign Minister"), or None.
        roles: all of them, in order of appearance.
        relations: to countries; a demonym is an entity of its own with such a relation.
        salience: in [0, 1], how much the document is about it.
        reasons: rules that joined its mentions or kept them apart.
    """

    entity_id: str
    entity_type: EntityType
    name: str
    is_full_name: bool
    mention_indices: tuple[int, ...]
    aliases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    role: str | None = None
    roles: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    salience: float = 0.0
    reasons: tuple[str, ...] = ()
