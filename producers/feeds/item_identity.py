"""Say who an entry of a feed is, and which version of it this is."""

from __future__ import annotations

import hashlib
import re

from producers.normalize_url import TRACKING_NAMES
from producers.parsed import ParsedArticle
from producers.url_twins import AMP_PARAMETERS, AMP_SUFFIXES, article_url

# Shorter texts are the same by chance ("Weather", "No news today").
MIN_ALIAS_CHARS = 80
MAX_GUID_CHARS = 1024
# Addresses that are their own key, which saves most of the time a sitemap of 50,000 takes: no
# twin, nothing to normalise. A test holds this against `article_url`.
_PLAIN_URL = re.compile(
    r"https://(?!m\.|mobile\.|amp\.|[a-z0-9.-]*(?:google|ampproject)\.)"
    r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}/[A-Za-z0-9/_.~-]{0,1000}"
    r"(?:\?(?P<query>[a-z]{1,20}=[A-Za-z0-9_.~-]{0,200}"
    r"(?:&[a-z]{1,20}=[A-Za-z0-9_.~-]{0,200}){0,9}))?"
)
_DROPPED = TRACKING_NAMES | frozenset(AMP_PARAMETERS)


def item_key(article: ParsedArticle) -> str | None:
    """Return who an entry is within its publisher: address, else GUID, else text; None: nobody."""
    url = _url_key(article.url) if article.url else None
    if url is not None:
        return url
    guid = guid_key(article)
    if guid is not None:
        return guid
    if article.title or article.summary or article.body:
        return f"sha256:{text_sha256(article)}"
    return None


def guid_key(article: ParsedArticle) -> str | None:
    """Return the GUID of an entry as a key, None where it has none."""
    guid = (article.guid or "").strip()
    return _guid_key(guid) if guid else None


def fingerprint(article: ParsedArticle) -> str:
    """Return the hash that tells a version of an entry from the next; its GUID is no part of it."""
    rights = [
        part
        for signal in article.rights_signals
        for part in (signal.layer, signal.field, signal.value)
    ]
    updated_at = article.updated_at.isoformat() if article.updated_at else None
    return _hash(
        article.title, article.summary, article.body, article.pub_status, updated_at, *rights
    )


def _guid_key(guid: str) -> str:
    """Return a GUID as a key that can be written and hashed, whatever a feed calls a GUID."""
    if len(guid) > MAX_GUID_CHARS:
        return f"sha256:{_hash(guid)}"
    return guid.encode("utf-8", "backslashreplace").decode()  # lone surrogates


def _url_key(url: str) -> str | None:
    plain = _PLAIN_URL.fullmatch(url)
    if plain is None or url.partition("?")[0].endswith(AMP_SUFFIXES):
        return article_url(url)
    names = {part.partition("=")[0] for part in (plain["query"] or "").split("&")}
    return url if names.isdisjoint(_DROPPED) else article_url(url)


def is_telling(article: ParsedArticle) -> bool:
    """Return whether the text is long enough to be known by."""
    texts = (article.title, article.summary, article.body)
    return sum(len(text) for text in texts if text) >= MIN_ALIAS_CHARS


def text_sha256(article: ParsedArticle) -> str:
    """Return the hash of what an entry says, whatever its identity and times."""
    return _hash(article.title, article.summary, article.body)


def _hash(*parts: str | None) -> str:
    # 128 bits tell the entries of a feed apart; a length before each part keeps them apart.
    joined = "".join(["-" if part is None else f"{len(part)}:{part}" for part in parts])
    return hashlib.sha256(joined.encode("utf-8", "surrogatepass")).hexdigest()[:32]
