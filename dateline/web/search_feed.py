"""Return the newest hits of a search as an Atom feed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime

from dateline.channels.plain_words import one_line, web_url
from dateline.cli.search import license_line
from dateline.search.article_queries import HIGHLIGHT_END, HIGHLIGHT_START
from dateline.search.find_articles import ArticleHit
from dateline.web.atom_xml import (
    ATOM_TYPE,
    add_author,
    add_link,
    add_text,
    moment,
    new_entry,
    new_feed,
    written,
)
from dateline.web.search_question import Question, address

MAX_TITLE_CHARS = 200
# Nothing was found yet, so nothing has changed since.
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
UNMARKED = str.maketrans("", "", HIGHLIGHT_START + HIGHLIGHT_END)


def search_feed_bytes(question: Question, hits: Sequence[ArticleHit], *, base_url: str) -> bytes:
    """Return the feed as UTF-8; the same for the same hits, so that a tag can stand for it.

    Args:
        question: what was searched for.
        hits: the newest first.
        base_url: of our pages, ``http://127.0.0.1:8660``.

    Returns:
        an entry an article, with what the list of hits shows of it and no more.
    """
    path = address(question, path="/v1/search.atom")
    newest = max((each.document.updated_at for each in hits), default=NEVER)
    name = one_line(question.words, MAX_TITLE_CHARS) or "the newest articles"
    feed = new_feed(name=f"search:{path}", title=f"Search: {name}", updated=newest)
    add_link(feed, "self", f"{base_url}{path}", media_type=ATOM_TYPE)
    add_link(feed, "alternate", f"{base_url}{address(question)}", media_type="text/html")
    for hit in hits:
        _entry(feed, hit, base_url)
    return written(feed)


def _entry(feed: ET.Element, hit: ArticleHit, base_url: str) -> None:
    document = hit.document
    row = new_entry(
        feed,
        name=f"article:{document.article_id}",
        title=one_line(document.title or "(no title)", MAX_TITLE_CHARS),
        updated=document.updated_at,
    )
    if document.published_at is not None:
        add_text(row, "published", moment(document.published_at))
    add_author(row, one_line(document.publisher or document.source_id) or "unknown")
    own_page = f"{base_url}/articles/{document.article_id}"
    add_link(row, "alternate", web_url(document.url) or own_page, media_type="text/html")
    add_link(row, "related", own_page, media_type="text/html")
    if document.rights and document.rights.attribution:
        add_text(row, "rights", one_line(document.rights.attribution.text))
    texts = hit.fragments or ((hit.summary,) if hit.summary else ())
    lines = [one_line(each.translate(UNMARKED)) for each in texts]
    source = one_line(document.publisher or document.source_id)
    lines.append(f"Source: {source}. Licence: {one_line(license_line(document))}.")
    add_text(row, "content", "\n".join(lines))
