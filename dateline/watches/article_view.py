"""Return an article as watches see it: its words, sentences, entities and fields, and no more.

What may be matched is what the decision for ``public_search`` lets the index hold: the whole text
also where it may only be searched, of others the snippet that is shown; of an article that may not
be in search nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain

from dateline.document_records import DocumentEntity, ResolvedEntity
from dateline.records import EnrichedArticle, GroupedArticle, Mention
from dateline.rights.record import Decision
from dateline.rights.shown import showable_text, shown_decision, shown_text, shown_title
from dateline.story_entities import country_codes
from dateline.watches.keys import country_key, field_key, id_key, name_key, type_key
from dateline.watches.text_view import (
    EntityView,
    Place,
    TextName,
    TextView,
    body_view,
    place_order,
    title_view,
)
from dateline.watches.words import fold_words

# Names of many articles; hostile text must not fill memory.
_CACHED_FORMS_COUNT = 50_000
_CACHED_FORM_CHARS = 100

# Of these the index may hold the whole text.
WHOLE_TEXT_TIERS = ("full", "full_internal")
# Amounts and dates have no names; the index does not list them either.
_NOT_NAMES = ("quantity", "date")


@dataclass(frozen=True, kw_only=True)
class ArticleView:
    """An article as watches see it.

    Attributes:
        body: what may be matched of the clean text.
        title: empty where it may not be shown.
        entities: in the order of the document.
        places: where each entity is mentioned, the body's first, by key.
        keys: everything a query may ask for: words, entities, fields.
    """

    body: TextView
    title: TextView
    entities: tuple[EntityView, ...]
    places: Mapping[str, Sequence[Place]]
    keys: frozenset[str]

    @property
    def sentence_count(self) -> int:
        """How many sentences there are, the title's among them."""
        return len(self.body.sentences) + len(self.title.sentences)

    def text(self, name: TextName) -> TextView:
        """Return the title or the body."""
        return self.body if name == "body" else self.title

    @cached_property
    def words(self) -> frozenset[str]:
        """The distinct words of both texts."""
        return frozenset(chain(self.body.positions, self.title.positions))


def may_be_matched(grouped: GroupedArticle) -> bool:
    """Return whether anything of the article may be matched."""
    decision = shown_decision(grouped)
    if grouped.enriched is None or decision is None or grouped.pub_status != "usable":
        return False
    return "no_index" not in (decision.store, decision.display)


def view_article(grouped: GroupedArticle) -> ArticleView | None:
    """Return the article as watches see it; None where nothing of it may be matched.

    That is a kill, a withheld article, one that may not be in search, and one without a decision.
    Offsets of the body are those of the clean text, also where only its beginning may be matched.
    """
    enriched = grouped.enriched
    decision = shown_decision(grouped)
    if enriched is None or decision is None or not may_be_matched(grouped):
        return None
    body = body_view(_matched_text(enriched, decision), enriched.mentions)
    title_text = shown_title(enriched, decision) or ""
    title = title_view(title_text, len(body.sentences))
    named = _named(enriched, grouped.resolved)
    found = (
        (each, [*_body_places(each, mentions, body), *_title_places(each, title, title_text)])
        for each, mentions in named
    )
    places = _by_key(found)
    return ArticleView(
        body=body,
        title=title,
        entities=tuple(each for each, _ in named),
        places=places,
        keys=frozenset(chain(body.positions, title.positions, places, _field_keys(grouped))),
    )


def _matched_text(enriched: EnrichedArticle, decision: Decision) -> str:
    if decision.store in WHOLE_TEXT_TIERS:
        return enriched.text
    return shown_text(showable_text(enriched), decision) or ""


def _named(
    enriched: EnrichedArticle, resolved: Iterable[ResolvedEntity]
) -> list[tuple[EntityView, list[Mention]]]:
    """Return who is named, and where."""
    across = {each.document_entity_id: each for each in resolved}
    return [
        (
            _entity_view(each, across.get(each.entity_id)),
            [enriched.mentions[index] for index in each.mention_indices],
        )
        for each in enriched.entities
        if each.entity_type not in _NOT_NAMES
    ]


def _entity_view(entity: DocumentEntity, resolved: ResolvedEntity | None) -> EntityView:
    link = entity.link
    linked_name = link.name if link else None
    name = resolved.name if resolved else linked_name or entity.name
    others = (linked_name, *(resolved.aliases if resolved else ()), entity.name, *entity.aliases)
    forms = tuple(dict.fromkeys(form for form in (name, *others) if form))
    ids = {entity.entity_id, link.qid if link else None}
    if resolved:
        ids |= {resolved.entity_id, *resolved.member_ids}
    return EntityView(
        entity_id=resolved.entity_id if resolved else entity.entity_id,
        name=name,
        entity_type=entity.entity_type,
        keys=frozenset(
            (
                *(id_key(each) for each in ids if each),
                *(name_key(form, entity.entity_type) for form in forms if _form_words(form)),
                *(country_key(code) for code in country_codes(entity)),
                type_key(entity.entity_type),
            )
        ),
        forms=forms,
    )


def _body_places(
    entity: EntityView, mentions: Iterable[Mention], body: TextView
) -> Iterator[Place]:
    for mention in mentions:
        yield body.place_of(mention.start, mention.end, entity)


def _title_places(entity: EntityView, title: TextView, text: str) -> Iterator[Place]:
    """Yield where the title names an entity of the text; the entity model reads no titles."""
    taken: set[int] = set()
    spans = sorted(_title_spans(entity, title, text), key=lambda span: (span[0] - span[1], span[0]))
    for first, last in spans:
        if taken.isdisjoint(range(first, last + 1)):
            taken.update(range(first, last + 1))
            yield title.place(first, last)._replace(entity=entity)


def _title_spans(entity: EntityView, title: TextView, text: str) -> Iterator[tuple[int, int]]:
    for form in entity.forms:
        words = _form_words(form)
        for first in title.positions.get(words[0], ()) if words else ():
            last = first + len(words) - 1
            if title.words[first : last + 1] != words:
                continue
            # "US" is not in "what it means for us".
            if not form.isupper() or text[title.starts[first] : title.ends[last]].isupper():
                yield first, last


def _form_words(form: str) -> tuple[str, ...]:
    return _fold_cached(form) if len(form) <= _CACHED_FORM_CHARS else fold_words(form)


_fold_cached = lru_cache(maxsize=_CACHED_FORMS_COUNT)(fold_words)


def _by_key(found: Iterable[tuple[EntityView, list[Place]]]) -> dict[str, list[Place]]:
    """Return all places by key, those of a body first; of somebody who stands nowhere none."""
    places: dict[str, list[Place]] = {}
    for entity, own in found:
        for key in entity.keys:
            places.setdefault(key, []).extend(own)
    for each in places.values():
        each.sort(key=place_order)
    return places


def _field_keys(grouped: GroupedArticle) -> Iterator[str]:
    yield field_key("source", grouped.source_id)
    enriched = grouped.enriched
    if enriched is None:
        return
    yield field_key("lang", enriched.language)
    for value in (enriched.rights.spdx_expression, enriched.rights.family):
        if value:
            yield field_key("license", value)
