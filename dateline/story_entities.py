"""Return the entities of a document as stories and identity across documents remember them."""

from __future__ import annotations

from collections.abc import Sequence

from dateline.document_records import DocumentEntity, EntityType, StoryEntity

# What an article is about is among its forty most salient names; a state must stay small.
MAX_ENTITIES = 40
_NOT_NAMES: frozenset[EntityType] = frozenset({"quantity", "date"})


def story_entities(entities: Sequence[DocumentEntity]) -> tuple[StoryEntity, ...]:
    """Return the most salient entities first, ``MAX_ENTITIES`` at most; amounts and dates are none.

    ``count`` is how often the document mentions it; of equal salience the first named is first. Who
    is in the gazetteer has the name of its row, so that all documents call it the same.
    """
    named = [each for each in entities if each.entity_type not in _NOT_NAMES]
    best = sorted(named, key=lambda each: -each.salience)[:MAX_ENTITIES]
    return tuple(
        StoryEntity(
            entity_id=each.entity_id,
            entity_type=each.entity_type,
            name=_name(each),
            count=len(each.mention_indices),
            is_full_name=each.is_full_name or _name(each) != each.name,
            aliases=_aliases(each),
            country_codes=country_codes(each),
        )
        for each in best
    )


def _name(entity: DocumentEntity) -> str:
    link = entity.link
    return link.name if link and link.row_id and link.name else entity.name


def _aliases(entity: DocumentEntity) -> tuple[str, ...]:
    name = _name(entity)
    return tuple(dict.fromkeys(each for each in (entity.name, *entity.aliases) if each != name))


def country_codes(entity: DocumentEntity) -> tuple[str, ...]:
    """Return the countries an entity is tied to (ISO 3166 alpha-2, lower case), each once.

    That of its link is first, then those that the document states.
    """
    linked = entity.link.country_code if entity.link else None
    codes = [linked, *(each.country_code for each in entity.relations)]
    return tuple(dict.fromkeys(code for code in codes if code))
