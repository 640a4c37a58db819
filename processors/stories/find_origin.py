"""Return which known article another one is a copy of.

Two signs count: the same clean text was seen before at another source, or the page's
``rel=canonical`` is the address of an article of another source. Both can only narrow what a copy
may be used for, so neither has to be proven.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from urllib.parse import urlsplit

from dateline.records import ArticleState
from dateline.rights.copies import STATUS_ORDER

# A copy of a copy of a copy: longer chains are followed no further, and end in no origin.
MAX_CHAIN = 20
# Shorter texts ("Read more", a correction) are the same by chance.
MIN_COPY_CHARS = 200


class KnownArticles(Protocol):
    """What is known of other articles; a search for near duplicates has the same form."""

    def get(self, article_id: str) -> ArticleState | None:
        """Return the state of an article, or None."""
        ...

    def with_text(self, text_sha256: str) -> Iterable[ArticleState]:
        """Return the articles whose current clean text has this hash."""
        ...

    def at_address(self, address: str) -> Iterable[ArticleState]:
        """Return the articles with this address, as ``address_key`` writes it."""
        ...


def address_key(url: str | None) -> str | None:
    """Return host and path of ``url`` as they are compared, or None for what is no address.

    http and https, ``www.``, a last slash and a fragment make no other article.
    """
    try:
        parts = urlsplit((url or "").strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{host.removeprefix('www.')}{parts.path.rstrip('/')}{query}"


def find_origin(article: ArticleState, known: KnownArticles) -> str | None:
    """Return the id of the article that ``article`` is a copy of, or None.

    An origin that was found once stays: a copy that is edited remains one. Of several the one with
    the strictest rights counts. Nobody becomes the origin of its own origin.
    """
    if article.origin_article_id is not None:
        return article.origin_article_id
    found = [
        state
        for state in (*_same_text(article, known), *_declared(article, known))
        if state.source_id != article.source_id and not is_copy_of(state, article, known)
    ]
    return min(found, key=_strictness).article_id if found else None


def _same_text(article: ArticleState, known: KnownArticles) -> list[ArticleState]:
    if article.text_sha256 is None:
        return []
    own = address_key(article.url)
    seen = [
        state
        for state in known.with_text(article.text_sha256)
        if state.source_id != article.source_id
        and (state.first_seen_at, state.article_id) < (article.first_seen_at, article.article_id)
        # Seen earlier, but it says itself that it was taken from here.
        and (own is None or address_key(state.canonical_url) != own)
    ]
    return sorted(seen, key=lambda state: (state.first_seen_at, state.article_id))[:1]


def _declared(article: ArticleState, known: KnownArticles) -> list[ArticleState]:
    address = address_key(article.canonical_url)
    return [] if address is None else list(known.at_address(address))


def is_copy_of(state: ArticleState, article: ArticleState, known: KnownArticles) -> bool:
    """Return whether ``state`` is ``article``, a copy of it, or a copy of its copies."""
    current: ArticleState | None = state
    for _ in range(MAX_CHAIN):
        if current is None:
            return False
        if current.article_id == article.article_id:
            return True
        if current.origin_article_id is None:
            return False
        current = known.get(current.origin_article_id)
    return True


def _strictness(state: ArticleState) -> tuple[int, bool, str]:
    status = STATUS_ORDER.index(state.rights.status) if state.rights else -1
    return status, state.pub_status != "canceled", state.article_id
