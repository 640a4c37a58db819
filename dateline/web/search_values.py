"""Return what the search page shows, as plain words; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from dateline.channels.plain_words import web_url
from dateline.cli.search import names_line
from dateline.search.find_articles import ArticleHit, StorySize
from dateline.web.page_values import shown_time
from dateline.web.search_desk import Found
from dateline.web.search_question import (
    NAMES,
    Question,
    address,
    pairs_of,
    with_value,
    without_value,
)
from dateline.web.search_requests import FacetCount, Facets
from dateline.web.shown_words import Badge, Piece, badge, pieces, seen

HEADINGS: Mapping[str, str] = {
    "sources": "Source", "languages": "Language", "licenses": "Licence", "entities": "Name",
    "places": "Place", "countries": "Country",
}  # fmt: skip
ORDER_WORDS = (("relevance", "best first"), ("newest", "newest first"))
TIMES = (("", "any time"), ("24h", "24 hours"), ("7d", "7 days"), ("30d", "30 days"))
NO_LICENSE_WORDS = {"NOASSERTION": "no licence named"}


@dataclass(frozen=True, slots=True, kw_only=True)
class HitRow:
    """A hit with what stands beside it; ``url`` is that of its source."""

    article_id: str
    story_id: str
    title: tuple[Piece, ...]
    url: str | None
    source: str
    shown_at: str
    moment: str
    badge: Badge
    texts: tuple[tuple[Piece, ...], ...]
    names: str
    folded: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A value to choose, or to leave again (``is_chosen``)."""

    label: str
    count: int | None
    address: str
    is_chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetRows:
    """The values of one facet."""

    heading: str
    choices: tuple[Choice, ...]


def hit_row(hit: ArticleHit, size: StorySize | None = None) -> HitRow:
    """Return a hit as the list shows it."""
    document = hit.document
    fragments = hit.fragments or ((hit.summary,) if hit.summary else ())
    return HitRow(
        article_id=document.article_id,
        story_id=document.story_id,
        title=pieces(hit.title or "") or (Piece("(no title)"),),
        url=web_url(document.url),
        source=seen(document.publisher or document.source_id),
        shown_at=shown_time(document.first_seen_at),
        moment=document.first_seen_at.isoformat(),
        badge=badge(document.rights),
        texts=tuple(pieces(each) for each in fragments),
        names=seen(names_line(document.entities)),
        folded=folded_words(size),
    )


def folded_words(size: StorySize | None) -> str:
    """Return what else the story has; empty: nothing."""
    if size is None or size.article_count < 2:  # noqa: PLR2004 (itself)
        return ""
    copies = f", {size.copy_count} of them copied" if size.copy_count else ""
    return f"{size.article_count} articles in this story{copies}"


def hit_rows(found: Found) -> list[HitRow]:
    """Return the hits of a page."""
    sizes = found.sizes
    return [hit_row(hit, sizes.get(hit.document.story_id)) for hit in found.answer.hits]


def facet_rows(question: Question, facets: Facets) -> list[FacetRows]:
    """Return the facets that have values to choose among, as links."""
    rows = []
    for field, counts in facets.items():
        chosen = getattr(question, field)
        choices = tuple(
            _choice(question, field, each) for each in counts if each.value not in chosen
        )
        if choices:
            rows.append(FacetRows(heading=HEADINGS[field], choices=choices))
    return rows


def _choice(question: Question, field: str, count: FacetCount) -> Choice:
    return Choice(
        label=_label(count.label),
        count=count.count,
        address=address(with_value(question, field, count.value)),
    )


def chosen_rows(question: Question, facets: Facets) -> list[Choice]:
    """Return the filters in force, each with the address without it."""
    labels = {each.value: each.label for counts in facets.values() for each in counts}
    rows = [
        Choice(
            label=f"{heading}: {_label(labels.get(value, value))}",
            count=None,
            address=address(without_value(question, field, value)),
            is_chosen=True,
        )
        for field, heading in HEADINGS.items()
        for value in getattr(question, field)
    ]
    if question.story:
        without = address(replace(question, story=""))
        label = f"Story: {seen(question.story[:12])}"
        rows.append(Choice(label=label, count=None, address=without, is_chosen=True))
    return rows


def time_rows(question: Question) -> list[Choice]:
    """Return the usual times to search in."""
    return [
        Choice(
            label=label,
            count=None,
            address=address(replace(question, since=since, until="")),
            is_chosen=question.since == since and not question.until,
        )
        for since, label in TIMES
    ]


def order_rows(question: Question) -> list[Choice]:
    """Return in which order hits may stand; without words there is only one."""
    return [
        Choice(
            label=label,
            count=None,
            address=address(replace(question, order=order)),
            is_chosen=question.order == order,
        )
        for order, label in ORDER_WORDS
        if question.words
    ]


def hidden_fields(question: Question) -> list[tuple[str, str]]:
    """Return what the form keeps beside what is written in it."""
    fields = (*HEADINGS, "story", "order", "limit", "is_collapsed")
    return [pair for pair in pairs_of(question) if pair[0] in {NAMES[each] for each in fields}]


def _label(text: str) -> str:
    return seen(NO_LICENSE_WORDS.get(text, text))
