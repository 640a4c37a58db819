"""Return the addresses at which a site may have feeds and sitemaps; pure, nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urldefrag, urljoin, urlsplit

import lxml.etree
from courlan import extract_domain
from trafilatura import load_html
from trafilatura.feeds import BLACKLIST, FEED_TYPES, LINK_VALIDATION_RE

from producers.normalize_url import normalize_url

FoundIn = Literal["given", "link", "anchor", "robots.txt", "usual place"]

# What lxml raises on hostile markup and addresses.
MARKUP_ERRORS = (lxml.etree.LxmlError, ValueError, TypeError, RecursionError)
# Links of one page that are looked at; the largest home pages have about 2,000.
MAX_LINKS = 20_000
MAX_FOUND = 200
MAX_TITLE_CHARS = 200
JSON_FEED_TYPE = "application/feed+json"
# Media types that are feeds; of the vague ones (text/xml, application/json) the address decides.
STATED_TYPES = {JSON_FEED_TYPE} | {
    kind for kind in FEED_TYPES if any(word in kind for word in ("rss", "atom", "rdf"))
}
# Programs' entrances that publishing systems announce with the media types of feeds.
NO_FEEDS = ("wp-json", "oembed", "xmlrpc", "opensearch", "manifest")
USUAL_SITEMAPS = (
    "/sitemap_news.xml", "/news-sitemap.xml", "/sitemap-news.xml", "/sitemap.xml",
    "/sitemap_index.xml",
)  # fmt: skip
USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLink:
    """An address that may be a feed or sitemap, and where it was found.

    ``is_comments``: it looks like a feed of readers' comments.
    """

    url: str
    found_in: FoundIn
    title: str | None = None
    is_comments: bool = False


def page_links(data: bytes, *, base_url: str) -> tuple[FeedLink, ...]:
    """Return the feeds that a page announces or links to, the announced ones first.

    At most 200, in the order of the page, each address once; http and https only.

    Raises: Nothing. What is no HTML has no links.
    """
    try:
        tree = load_html(data)
        if tree is None:
            return ()
        links = list(_links(tree, _base(tree, base_url)))
    except MARKUP_ERRORS:
        return ()
    links.sort(key=lambda link: link.found_in != "link")
    return unique_links(links)[:MAX_FOUND]


def unique_links(links: list[FeedLink]) -> tuple[FeedLink, ...]:
    """Return the links in order without later spellings of an address (http, tracking)."""
    found: dict[str, FeedLink] = {}
    for link in links:
        key = normalize_url(link.url)
        if key is not None:
            found.setdefault(key, link)
    return tuple(found.values())


def usual_links(url: str, paths: tuple[str, ...]) -> tuple[FeedLink, ...]:
    """Return the places of ``paths`` at the host of ``url``."""
    return tuple(FeedLink(url=urljoin(url, path), found_in="usual place") for path in paths)


def is_same_site(one: str, other: str) -> bool:
    """Return whether two addresses belong to one registered domain."""
    return _site(one) == _site(other)


def looks_like_comments(text: str) -> bool:
    """Return whether an address or title names readers' comments."""
    folded = text.lower()
    return bool(BLACKLIST.search(folded)) or "comments-rss" in folded


def _site(url: str) -> str | None:
    # The second answers for names that no public suffix list knows (intranets), the last for IPs.
    return extract_domain(url) or extract_domain(url, fast=True) or _host(url)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _base(tree: Any, base_url: str) -> str:
    stated = next((href for element in tree.iter("base") if (href := element.get("href"))), None)
    return _joined(base_url, stated) or base_url if stated else base_url


def _links(tree: Any, base_url: str) -> Iterator[FeedLink]:
    for count, element in enumerate(tree.iter("link", "a")):
        if count >= MAX_LINKS:
            return
        href = (element.get("href") or "").strip()
        is_announced = element.tag == "link"
        is_feed = _is_announced(element, href) if is_announced else _is_linked(href)
        url = _joined(base_url, href) if is_feed else None
        if url is None:
            continue
        words = element.get("title") or ("" if is_announced else element.text_content())
        title = " ".join(words.split())[:MAX_TITLE_CHARS]
        yield FeedLink(
            url=url,
            found_in="link" if is_announced else "anchor",
            title=title or None,
            is_comments=looks_like_comments(url) or looks_like_comments(title),
        )


def _is_announced(element: Any, href: str) -> bool:
    relations = (element.get("rel") or "").lower().split()
    if not href or not {"alternate", "feed"} & set(relations) or "stylesheet" in relations:
        return False
    media_type = (element.get("type") or "").partition(";")[0].strip().lower()
    if _is_no_feed(href):
        return False
    return media_type in STATED_TYPES or (
        media_type in FEED_TYPES and bool(LINK_VALIDATION_RE.search(href))
    )


def _is_linked(href: str) -> bool:
    return bool(href and LINK_VALIDATION_RE.search(href)) and not _is_no_feed(href)


def _is_no_feed(href: str) -> bool:
    folded = href.lower()
    return any(word in folded for word in NO_FEEDS) or folded.startswith(("#", "javascript:"))


def _joined(base_url: str, href: str) -> str | None:
    """Return the absolute http(s) address without its fragment, else None."""
    # Some sites announce their feed with the scheme that feed readers once used.
    if href.startswith("feed:"):
        href = href.removeprefix("feed:")
        href = f"https:{href}" if href.startswith("//") else href
    try:
        url = urldefrag(urljoin(base_url, href)).url
    except ValueError:
        return None
    return url if normalize_url(url) else None
