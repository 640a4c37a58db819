"""Return what a document names as it is indexed: entities, countries, points, words of speakers.

Names may be indexed wherever an article may be found. What quotes the text (the words of a
quotation, a key phrase, an office as the text puts it) only where the whole text may be shown, and
never out of a passage that may not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property

from dateline.document_records import (
    DocumentEntity,
    GeoPoint,
    KeyPhrase,
    Quotation,
    ResolvedEntity,
)
from dateline.records import (
    DocumentEntityField,
    EnrichedArticle,
    EntityFields,
    GeoPointField,
    Mention,
    MentionField,
    QuotationField,
)

ENTITY_FIELDS = tuple(field.name for field in fields(EntityFields))


@dataclass(frozen=True, kw_only=True)
class ShownText:
    """The clean text, and what of it may be quoted.

    Attributes:
        text: all of it.
        showable: the same with what may not be quoted blanked, of the same length.
        is_full: whether the whole text may be shown.
    """

    text: str
    showable: str
    is_full: bool

    def quote(self, start: int, end: int) -> str | None:
        """Return the words at ``[start, end)``, without what may not be quoted."""
        return self.showable[start:end] if self.is_full else None

    def holds(self, words: str) -> bool:
        """Return whether ``words`` stand in what may be quoted, whatever the white space."""
        return self.is_full and (
            self.showable == self.text or " ".join(words.split()) in self._one_line
        )

    @cached_property
    def _one_line(self) -> str:
        return " ".join(self.showable.split())

    def is_untouched(self, start: int, end: int) -> bool:
        """Return whether all of ``[start, end)`` may be quoted."""
        return self.is_full and self.showable[start:end] == self.text[start:end]


class Names:
    """Who the entities of a document are across documents, as far as the stories stage said so."""

    def __init__(self, resolved: Iterable[ResolvedEntity]) -> None:
        self._resolved: Mapping[str, ResolvedEntity] = {
            each.document_entity_id: each for each in resolved
        }

    def entity_id(self, document_entity_id: str) -> str:
        """Return the id across documents."""
        found = self._resolved.get(document_entity_id)
        return found.entity_id if found else document_entity_id

    def name(self, entity: DocumentEntity) -> str:
        """Return the name across documents, else the gazetteer's, else the document's."""
        found = self._resolved.get(entity.entity_id)
        if found:
            return found.name
        return (entity.link.name if entity.link else None) or entity.name

    def all_forms(self, entity: DocumentEntity) -> Iterator[str]:
        """Return every name by which the entity is known, and every form in the document."""
        yield self.name(entity)
        found = self._resolved.get(entity.entity_id)
        yield from found.aliases if found else ()
        yield entity.name
        yield from entity.aliases


def named_entities(enriched: EnrichedArticle) -> tuple[DocumentEntity, ...]:
    """Return the entities that have names; quantities and dates have none."""
    return tuple(each for each in enriched.entities if each.entity_type in ENTITY_FIELDS)


def names_by_type(enriched: EnrichedArticle, names: Names) -> EntityFields:
    """Return one name an entity by type, in the order of the document.

    An article that was read before entities were joined has its mentions, each in its own spelling.
    """
    named = [(each.entity_type, names.name(each)) for each in enriched.entities] or [
        (each.entity_type, each.text) for each in enriched.mentions
    ]
    found: dict[str, dict[str, None]] = {name: {} for name in ENTITY_FIELDS}
    for entity_type, name in named:
        if entity_type in found:
            found[entity_type].setdefault(name)
    return EntityFields(**{name: tuple(forms) for name, forms in found.items()})


def entity_ids(entities: Iterable[DocumentEntity], names: Names) -> tuple[str, ...]:
    """Return the ids across documents, then those of the document."""
    own = [each.entity_id for each in entities]
    return _distinct([*map(names.entity_id, own), *own])


def entity_names(entities: Iterable[DocumentEntity], names: Names) -> tuple[str, ...]:
    """Return every form of every name, so that a search for one spelling finds the others."""
    return _distinct(form for each in entities for form in names.all_forms(each))


def document_entity(entity: DocumentEntity, names: Names, shown: ShownText) -> DocumentEntityField:
    """Return an entity with everything that led to it."""
    link = entity.link
    return DocumentEntityField(
        entity_id=names.entity_id(entity.entity_id),
        document_entity_id=entity.entity_id,
        type=entity.entity_type,
        name=names.name(entity),
        text=entity.name,
        aliases=entity.aliases,
        titles=entity.titles,
        role=entity.role if entity.role and shown.holds(entity.role) else None,
        is_full_name=entity.is_full_name,
        qid=link.qid if link else None,
        row_id=link.row_id if link else None,
        country_code=link.country_code if link else None,
        country_relation=link.country_relation if link else None,
        geo_point=_point(link.geo_point) if link and link.geo_point else None,
        holder_of=_distinct(
            each.country_code
            for each in entity.relations
            if each.kind == "holder" and each.country_code
        ),
        salience=entity.salience,
        link_reason=link.reason if link else None,
        reasons=entity.reasons,
    )


def countries(entities: Iterable[DocumentEntity]) -> tuple[str, ...]:
    """Return the codes of the countries named, then of those that others are tied to."""
    tied = [pair for each in entities for pair in _ties(each)]
    # Stable: within each half the order is that of the document.
    return _distinct(code for _, code in sorted(tied, key=lambda pair: pair[0] != "is"))


def _ties(entity: DocumentEntity) -> Iterator[tuple[str, str]]:
    if entity.link and entity.link.country_code:
        yield entity.link.country_relation or "", entity.link.country_code
    for relation in entity.relations:
        if relation.country_code:
            yield relation.kind, relation.country_code


def geo_points(entities: Iterable[DocumentEntity]) -> tuple[GeoPointField, ...]:
    """Return the distinct points of what is named."""
    points = dict.fromkeys(
        each.link.geo_point for each in entities if each.link and each.link.geo_point
    )
    return tuple(map(_point, points))


def quotation(
    found: Quotation, entities: tuple[DocumentEntity, ...], names: Names, shown: ShownText
) -> QuotationField:
    """Return a quotation; its speaker is a name, its words and its verb are text."""
    speaker = entities[found.entity] if found.entity is not None else None
    return QuotationField(
        kind=found.kind,
        text=shown.quote(found.start, found.end),
        start=found.start,
        end=found.end,
        speaker=names.name(speaker) if speaker else None,
        speaker_entity_id=names.entity_id(speaker.entity_id) if speaker else None,
        verb=found.verb if shown.is_full else "",
        reason=found.reason,
    )


def key_phrases(phrases: Iterable[KeyPhrase], shown: ShownText) -> tuple[str, ...]:
    """Return the phrases that may be quoted, the best first."""
    return _distinct(each.text for each in phrases if shown.is_untouched(each.start, each.end))


def mention(found: Mention, names: Names, shown: ShownText) -> MentionField:
    """Return a mention; its sentence is text."""
    return MentionField(
        text=found.text,
        label=found.label,
        type=found.entity_type,
        entity_id=names.entity_id(found.entity_id),
        start=found.start,
        end=found.end,
        sentence=shown.quote(found.sentence_start, found.sentence_end),
        detector=found.detector,
    )


def _point(point: GeoPoint) -> GeoPointField:
    return GeoPointField(lat=point[0], lon=point[1])


def _distinct(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))
