"""Return what the pages of an article, a story and an entity show, as plain words; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dateline.channels.plain_words import web_url
from dateline.cli.show import marked_mentions, visible_chars
from dateline.cli.timeline import Timeline, timeline
from dateline.document_records import StoryChange
from dateline.records import SearchDocument, StoryRecord
from dateline.search.find_stories import FoundStory, time_of
from dateline.search.read_entity import EntityView
from dateline.web.page_values import shown_time
from dateline.web.shown_words import Badge, badge, seen

MAX_NAMES = 12


@dataclass(frozen=True, slots=True)
class NamedPiece:
    """A part of a text; of a name its type, and the entity where that is known."""

    text: str
    kind: str = ""
    entity_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    """An article of a story's or an entity's list."""

    article_id: str
    story_id: str
    title: str
    source: str
    role: str
    shown_at: str
    moment: str
    badge: Badge
    is_main: bool
    reasons: tuple[str, ...]


def body_pieces(document: SearchDocument) -> list[NamedPiece]:
    """Return the text that may be shown, its names in pieces of their own.

    The same names as `dateline show` marks; those that the decision withholds are not there.
    """
    body = document.body or ""
    shown_chars = visible_chars(body, document.body_chars)
    known = {each.document_entity_id: each.entity_id for each in document.document_entities}
    parts: list[NamedPiece] = []
    position = 0
    for mention in marked_mentions(body, shown_chars, document.mentions):
        parts.append(NamedPiece(seen(body[position : mention.start])))
        name = seen(body[mention.start : mention.end])
        parts.append(NamedPiece(name, mention.type, known.get(mention.entity_id, "")))
        position = mention.end
    parts.append(NamedPiece(seen(body[position:])))
    return [each for each in parts if each.text]


def withheld_words(document: SearchDocument) -> str:
    """Return how much of the text is not shown; empty: nothing."""
    shown_chars = visible_chars(document.body or "", document.body_chars)
    if shown_chars >= document.body_chars:
        return ""
    return (
        "The text is withheld by its licence:"
        f" {shown_chars:,} of {document.body_chars:,} characters shown."
    )


def article_facts(document: SearchDocument) -> list[tuple[str, str]]:
    """Return origin and times of an article, each with its label."""
    rows = (
        ("Source", document.source_id),
        ("Publisher", document.publisher),
        ("Authors", ", ".join(document.authors)),
        ("Credit", document.credit),
        ("Dateline", document.dateline_place),
        ("Language", document.language),
        ("Published", shown_time(document.published_at) if document.published_at else ""),
        ("First seen", shown_time(document.first_seen_at)),
        ("Updated", shown_time(document.updated_at)),
        ("Role in its story", document.role),
    )
    return [(label, seen(value)) for label, value in rows if value]


def article_row(document: SearchDocument, *, main_article_id: str | None = None) -> ArticleRow:
    """Return an article as lists show it."""
    return ArticleRow(
        article_id=document.article_id,
        story_id=document.story_id,
        title=seen(document.title or "(no title)"),
        source=seen(document.publisher or document.source_id),
        role=document.role,
        shown_at=shown_time(time_of(document)),
        moment=time_of(document).isoformat(),
        badge=badge(document.rights),
        is_main=document.article_id == main_article_id,
        reasons=tuple(map(seen, _reasons(document))),
    )


def story_rows(found: FoundStory) -> list[ArticleRow]:
    """Return the articles of a story in order of time."""
    main = found.record.main_article_id
    return [article_row(each, main_article_id=main) for each in found.articles]


def story_timeline(found: FoundStory) -> Timeline | None:
    """Return when its articles came, as bars."""
    return timeline([time_of(each) for each in found.articles])


def change_rows(record: StoryRecord) -> list[str]:
    """Return the merges and splits of a story, in words."""
    return [seen(_change(each, record.story_id)) for each in record.changes]


def entity_facts(view: EntityView) -> list[tuple[str, str]]:
    """Return who an entity is, as articles say it."""
    rows: tuple[tuple[str, Sequence[tuple[str, int]]], ...] = (
        ("Written as", view.spellings), ("Also as", view.aliases), ("Titles", view.titles),
        ("Offices", view.roles), ("Holds one of", view.holder_of),
    )  # fmt: skip
    facts = [(label, ", ".join(f"{name} ({count})" for name, count in rows[:MAX_NAMES]))
             for label, rows in rows]  # fmt: skip
    codes = ", ".join(view.entity.country_codes)
    told = (("Type", view.entity.entity_type), ("Country", codes), *facts)
    return [(label, seen(value)) for label, value in told if value]


def wikidata_url(view: EntityView) -> str | None:
    """Return where Wikidata describes the entity; None: it is not linked."""
    qid = view.entity.qid
    return web_url(f"https://www.wikidata.org/wiki/{qid}") if qid else None


def _reasons(document: SearchDocument) -> Iterator[str]:
    if document.origin_article_id:
        yield f"{document.role} of {document.origin_article_id[:12]}"
    yield from document.role_reasons
    yield from document.story_reasons


def _change(change: StoryChange, story_id: str) -> str:
    is_into = change.into_story_id == story_id
    other = change.from_story_id if is_into else change.into_story_id
    count = len(change.article_ids)
    return (
        f"{shown_time(change.at)}: {change.kind} {'from' if is_into else 'into'} {other[:12]},"
        f" {count} {'article' if count == 1 else 'articles'}: {change.reason}"
    )
