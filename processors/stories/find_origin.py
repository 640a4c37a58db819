"""Return which known article another one is a copy of.

Three signs count, and where they disagree the first one that finds something is believed: the
page's ``rel=canonical`` is the address of an article of another source (it says so itself); the
same clean text is earlier at another source; most of its words stand in an earlier text of
another source. They can only narrow what a copy may be used for, so none has to be proven.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Literal, Protocol
from urllib.parse import urlsplit

from dateline.document_records import CopyRole
from dateline.records import ArticleState
from dateline.rights.copies import STATUS_ORDER

# A copy of a copy of a copy: longer chains are followed no further, and end in no origin.
MAX_CHAIN = 20
# Shorter texts ("Read more", a correction) are the same by chance.
MIN_COPY_CHARS = 200


# How the origin was found; ``was_copy``: earlier, and a copy that is edited remains one.
Sign = Literal["was_copy", "canonical_address", "same_text", "near_text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundOrigin:
    """The article that another one is a copy of, and the sign that says so."""

    article_id: str
    sign: Sign


class KnownArticles(Protocol):
    """What is known of other articles."""

    def get(self, article_id: str) -> ArticleState | None:
        """Return the state of an article, or None."""
        ...

    def with_text(self, text_sha256: str) -> Iterable[ArticleState]:
        """Return the articles whose current clean text has this hash."""
        ...

    def at_address(self, address: str) -> Iterable[ArticleState]:
        """Return the articles with this address, as ``address_key`` writes it."""
        ...


Find = Callable[[ArticleState, KnownArticles], Sequence[ArticleState]]


# Every article is asked several times in one batch.
@lru_cache(maxsize=1 << 14)
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


def find_origin(article: ArticleState, known: KnownArticles) -> FoundOrigin | None:
    """Return the article that ``article`` is a copy of, or None.

    An origin that was found once stays: a copy that is edited remains one. Of several that one sign
    finds the one with the strictest rights counts. Nobody becomes the origin of its own origin, and
    nobody that of an article of the same source.
    """
    if article.origin_article_id is not None:
        return FoundOrigin(article_id=article.origin_article_id, sign="was_copy")
    signs: tuple[tuple[Sign, Find], ...] = (
        ("canonical_address", _declared), ("same_text", _same_text), ("near_text", _near_text),
    )  # fmt: skip
    for sign, find in signs:
        found = [state for state in find(article, known) if may_be_origin(state, article, known)]
        if found:
            return FoundOrigin(article_id=min(found, key=_strictness).article_id, sign=sign)
    return None


def may_be_origin(state: ArticleState, article: ArticleState, known: KnownArticles) -> bool:
    """Return whether ``state`` is of another source, and not itself a copy of ``article``."""
    return state.source_id != article.source_id and not is_copy_of(state, article, known)


def role_of(article: ArticleState, origin: FoundOrigin | None) -> tuple[CopyRole, tuple[str, ...]]:
    """Return what an article is to what it was taken from, and why.

    What its words say is the most exact; of a copy that only another sign knows, it is a copy.
    """
    words = article.copy_sign
    if words is not None and words.role != "original":
        return words.role, words.reasons
    if origin is None:
        return "original", words.reasons if words is not None else ()
    if origin.sign == "was_copy" and article.role == "copy":
        return "copy", article.role_reasons
    return "copy", (origin.sign,)


def _same_text(article: ArticleState, known: KnownArticles) -> list[ArticleState]:
    if article.text_sha256 is None:
        return []
    seen = [
        state
        for state in known.with_text(article.text_sha256)
        if state.source_id != article.source_id
        and _age(state) < _age(article)
        and not _names(state, article)
    ]
    return sorted(seen, key=_age)[:1]


def _age(state: ArticleState) -> tuple[datetime, str]:
    """Return what orders articles with one text, here as in the search for near copies.

    Were it another order there, each of two articles would be the copy of the other.
    """
    return state.event_at or state.first_seen_at, state.article_id


def _declared(article: ArticleState, known: KnownArticles) -> list[ArticleState]:
    address = address_key(article.canonical_url)
    return [] if address is None else list(known.at_address(address))


def _near_text(article: ArticleState, known: KnownArticles) -> list[ArticleState]:
    sign = article.copy_sign
    origin_id = sign.origin_article_id if sign is not None else None
    origin = known.get(origin_id) if origin_id is not None else None
    return [] if origin is None or _names(origin, article) else [origin]


def is_taken_from(state: ArticleState, article: ArticleState, known: KnownArticles) -> bool:
    """Return whether ``state`` is a copy of ``article``, whichever was seen first."""
    return _names(state, article) or is_copy_of(state, article, known)


def _names(state: ArticleState, article: ArticleState) -> bool:
    """Return whether ``state`` says itself that it was taken from ``article``."""
    own = address_key(article.url)
    return own is not None and address_key(state.canonical_url) == own


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
