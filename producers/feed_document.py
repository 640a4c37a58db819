"""What a feed, a sitemap or a package of news items holds, before anything is decided about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from producers.parsed import ParsedArticle, Refusal

FeedKind = Literal["rss", "atom", "json_feed", "sitemap", "sitemap_index", "newsml_g2", "ninjs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedItem:
    """One entry.

    ``article.body`` is "" where the entry has no text of its own (sitemaps); ``has_full_text`` says
    that the body is the article and no teaser, so that the page need not be fetched for it.
    """

    article: ParsedArticle
    has_full_text: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildSitemap:
    """A sitemap that an index names; ``modified_at`` is what the index says, if anything."""

    url: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    """One document, in the order of its entries.

    ``version`` is the format's own (``rss20``, ``atom10``, ``1.1``). ``refusals`` are entries that
    hold nothing usable. ``ttl_seconds`` is how long the publisher wants it cached.
    """

    kind: FeedKind
    version: str = ""
    items: tuple[FeedItem, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    children: tuple[ChildSitemap, ...] = ()
    title: str | None = None
    home_url: str | None = None
    self_url: str | None = None
    hub_urls: tuple[str, ...] = ()
    language: str | None = None
    ttl_seconds: float | None = None
