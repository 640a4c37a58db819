"""Make the article of a feed's entry and, where it was fetched, of its page; pure."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from dateline import ids
from dateline.records import RightsSignal
from producers.extract.page_text import PageText
from producers.feed_document import FeedItem
from producers.parsed import ParsedArticle, Refusal

FullText = Literal["auto", "never", "always"]
SUMMARY_METHOD = "feed-summary"


def needs_page(item: FeedItem, full_text: FullText) -> bool:
    """Return whether the page of an entry has to be fetched for its text."""
    article = item.article
    if article.url is None or article.pub_status == "canceled" or full_text == "never":
        return False
    return full_text == "always" or not item.has_full_text


def compose(item: FeedItem, page: PageText | Refusal | None) -> ParsedArticle | Refusal:
    """Return the article to send, or why there is none.

    Args:
        item: the entry of the feed.
        page: its page, why the page gave nothing, or None when it was not asked for.

    The page's text becomes the body; without a page the entry's own text, else its summary, with
    the method ``feed-summary``. What the feed says of title, authors and time wins over the page,
    whose times are guesses of an extractor. Both give their statements about rights.

    Raises: Nothing.
    """
    article = item.article
    if article.pub_status == "canceled":
        return article
    feed_text = article.body or article.summary or ""
    feed_text_sha256 = ids.text_sha256(feed_text) if feed_text else None
    if isinstance(page, PageText):
        return _from_page(article, page, feed_text_sha256)
    if article.body:
        method = article.extraction_method if item.has_full_text else SUMMARY_METHOD
        return replace(article, extraction_method=method, feed_text_sha256=feed_text_sha256)
    if article.summary:
        return replace(
            article,
            body=article.summary,
            media_type="text/plain",
            extraction_method=SUMMARY_METHOD,
            feed_text_sha256=feed_text_sha256,
        )
    reason = page.reason if isinstance(page, Refusal) else "missing text: neither feed nor page"
    return Refusal(reason=reason)


def from_page(article: ParsedArticle, page: PageText) -> ParsedArticle:
    """Return ``article`` as a later look at its page shows it."""
    return replace(
        article,
        body=page.text,
        title=page.title or article.title,
        canonical_url=page.canonical_url,
        rights_signals=_joined(article.rights_signals, page.rights_signals),
        extraction_method=page.extraction_method,
        page_text_sha256=page.text_sha256,
    )


def _from_page(
    article: ParsedArticle, page: PageText, feed_text_sha256: str | None
) -> ParsedArticle:
    has_feed_time = article.published_at is not None
    return replace(
        article,
        body=page.text,
        media_type="text/html",
        title=article.title or page.title,
        summary=article.summary or page.summary,
        language=article.language or page.language,
        authors=article.authors or page.authors,
        publisher=article.publisher or page.publisher,
        canonical_url=page.canonical_url,
        published_at=article.published_at if has_feed_time else page.published_at,
        published_at_raw=article.published_at_raw if has_feed_time else page.published_at_raw,
        date_flags=article.date_flags if has_feed_time else page.date_flags,
        rights_signals=_joined(article.rights_signals, page.rights_signals),
        extraction_method=page.extraction_method,
        feed_text_sha256=feed_text_sha256,
        page_text_sha256=page.text_sha256,
    )


def _joined(
    first: tuple[RightsSignal, ...], second: tuple[RightsSignal, ...]
) -> tuple[RightsSignal, ...]:
    return tuple(dict.fromkeys((*first, *second)))
