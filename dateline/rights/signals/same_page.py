"""Say whether an address is the article's own, whatever its spelling."""

from __future__ import annotations

import re
from urllib.parse import unquote, urljoin, urlsplit

from dateline.rights.record import ObjectKind

_TRACKING = re.compile(r"(?:utm_|mtm_|pk_|fbclid|gclid)")
# The Internet Archive puts this before every address of a page that it saved.
_ARCHIVE = re.compile(r"https?://web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/", re.IGNORECASE)
_EXTENSIONS: dict[ObjectKind, frozenset[str]] = {
    "image": frozenset({"jpg", "jpeg", "png", "gif", "webp", "svg", "avif", "tif", "tiff", "bmp"}),
    "video": frozenset({"mp4", "webm", "mov", "m4v", "ogv", "avi", "mkv"}),
    "audio": frozenset({"mp3", "ogg", "oga", "wav", "m4a", "flac", "opus", "aac"}),
    "dataset": frozenset({"csv", "tsv", "xls", "xlsx", "ods", "geojson", "parquet"}),
}


def page_key(address: str, *, base: str | None = None) -> str | None:
    """Return what of an address tells pages apart: host, path and query; None for no address.

    Scheme, ``www.``, a slash at the end, the fragment and tracking parameters do not count.
    """
    try:
        parts = urlsplit(urljoin(base or "", address.strip()[:2000]))
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    query = "&".join(each for each in parts.query.split("&") if not _TRACKING.match(each))
    host = parts.netloc.lower().removeprefix("www.")
    return f"{host}{unquote(parts.path).rstrip('/')}" + (f"?{query}" if query else "")


def is_same_page(address: str, article_url: str) -> bool:
    """Return whether ``address`` (which may be relative to it) is that of the article."""
    key = page_key(address, base=article_url)
    return key is not None and key == page_key(article_url)


def kind_of_file(address: str) -> ObjectKind | None:
    """Return the kind of thing that an address names by its extension, None for a page."""
    extension = address.partition("?")[0].partition("#")[0].rpartition(".")[2].lower()
    return next((kind for kind, known in _EXTENSIONS.items() if extension in known), None)


def is_home_of(address: str, article_url: str) -> bool:
    """Return whether ``address`` is the start page of the article's site."""
    home, page = page_key(address, base=article_url), page_key(article_url)
    return (
        home is not None and page is not None and home == page.partition("/")[0].partition("?")[0]
    )


def is_other_name_of(canonical_url: str, article_url: str) -> bool:
    """Return whether a canonical address is another page's on the article's host, no start page."""
    own, other = page_key(article_url), page_key(canonical_url, base=article_url)
    if own is None or other is None or own == other or is_home_of(canonical_url, article_url):
        return False
    return own.partition("/")[0] == other.partition("/")[0]


def unarchived(address: str, article_url: str | None) -> str:
    """Return the address that a saved page had, where the article is one of the archive's."""
    if article_url is None or not _ARCHIVE.match(article_url):
        return address
    return _ARCHIVE.sub("", address, count=1) if _ARCHIVE.match(address) else address
