"""Made-up grouped articles with names in them, as watches see them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sample_records import SOURCE, at, enriched_article, raw_article

from dateline import ids
from dateline.document_records import DocumentEntity, EntityLink, EntityType, Relation
from dateline.records import GroupedArticle, Mention
from dateline.rights.record import Decision, Rights
from dateline.rights.sentences import split_sentences
from dateline.watches.article_view import ArticleView, view_article

RIGHTS = Rights(status="granted", spdx_expression="CC-BY-4.0", family="cc", confidence=1.0)


@dataclass(frozen=True, kw_only=True)
class Named:
    """Somebody whom a text names by ``name`` or one of ``aliases``."""

    name: str
    entity_type: EntityType = "person"
    aliases: tuple[str, ...] = ()
    qid: str | None = None
    country_code: str | None = None
    holder_of: str | None = None


def decision(store: str = "full", display: str = "full", snippet_chars: int = 300) -> Decision:
    row: dict[str, Any] = {"store": store, "display": display}
    return Decision(
        policy_id="test@1", purpose="public_search", snippet_chars=snippet_chars, export=True,
        ai_use="allowed", attribution_required=False, **row,
    )  # fmt: skip


def grouped_article(
    text: str,
    names: Sequence[Named] = (),
    *,
    key: str = "k",
    title: str = "A title",
    enriched: dict[str, Any] | None = None,
    **fields: Any,
) -> GroupedArticle:
    """Return an article whose text names ``names``; every occurrence is a mention."""
    mentions, entities = _mentions(text, names), []
    ordered = sorted((each for _, each in mentions), key=lambda each: each.start)
    for number, named in enumerate(names):
        own = [ordered.index(each) for of, each in mentions if of == number]
        entities.append(_entity(named, tuple(sorted(own))))
    article = raw_article(text, key=key, source_id=fields.get("source_id", SOURCE))
    row: dict[str, Any] = {
        "title": title, "article": article, "rights": RIGHTS, "mentions": tuple(ordered),
        "entities": tuple(entities),
    }  # fmt: skip
    values: dict[str, Any] = {
        "article_id": article.article_id, "source_id": article.source_id, "revision": 1,
        "change": "new", "first_seen_at": at(1), "observed_at": at(1), "origin": "live",
        "pub_status": "usable", "story_id": ids.story_id(article.article_id), "versions": (),
        "decisions": (decision(),),
        "enriched": enriched_article(text, key=key, **(row | (enriched or {}))),
    }  # fmt: skip
    return GroupedArticle(**(values | fields))


def article_view(text: str, names: Sequence[Named] = (), **fields: Any) -> ArticleView:
    view = view_article(grouped_article(text, names, **fields))
    assert view is not None
    return view


def _mentions(text: str, names: Sequence[Named]) -> list[tuple[int, Mention]]:
    sentences = split_sentences(text)
    return [
        (number, _mention(text, start, end, _entity_id(named), named.entity_type, sentences))
        for number, named in enumerate(names)
        for start, end in _occurrences(text, named)
    ]


def _occurrences(text: str, named: Named) -> Iterator[tuple[int, int]]:
    taken: set[int] = set()
    for form in sorted((named.name, *named.aliases), key=len, reverse=True):
        start = text.find(form)
        while start >= 0:
            if start not in taken:
                taken.update(range(start, start + len(form)))
                yield start, start + len(form)
            start = text.find(form, start + 1)


def _mention(
    text: str,
    start: int,
    end: int,
    entity_id: str,
    entity_type: EntityType,
    sentences: Sequence[tuple[int, int]],
) -> Mention:
    sentence = next(each for each in sentences if each[0] <= start < each[1])
    return Mention(
        text=text[start:end], label=entity_type.upper(), entity_type=entity_type,
        entity_id=entity_id, start=start, end=end, sentence_start=sentence[0],
        sentence_end=max(sentence[1], end), detector="test@1",
    )  # fmt: skip


def _entity_id(named: Named) -> str:
    return named.qid or ids.entity_id(named.entity_type, named.name)


def _entity(named: Named, mention_indices: tuple[int, ...]) -> DocumentEntity:
    link = EntityLink(
        row_id=named.qid, qid=named.qid, name=named.name if named.qid else None,
        country_code=named.country_code, country_relation="within" if named.country_code else None,
        reason="test",
    )  # fmt: skip
    relation = Relation(
        kind="holder", country_code=named.holder_of, entity_id=None, start=0, end=0
    )  # fmt: skip
    return DocumentEntity(
        entity_id=_entity_id(named), entity_type=named.entity_type, name=named.name,
        is_full_name=True, mention_indices=mention_indices, aliases=named.aliases, link=link,
        relations=(relation,) if named.holder_of else (),
    )  # fmt: skip
