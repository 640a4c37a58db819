"""Return the article of a page and all that the page says of itself, out of one parse."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import trafilatura
from trafilatura.meta import reset_caches
from trafilatura.utils import load_html

from producers.extract.decode_page import decode_page
from producers.extract.lean_trafilatura import make_lean
from producers.extract.page_signals import page_signals
from producers.extract.page_text import PageText
from producers.normalize_url import normalize_url
from producers.parse_time import ReadTime, read_time
from producers.parsed import Refusal
from producers.sources.html_file import DATE_PARAMS, EXTRACTION_METHOD, MARKUP_ERRORS

# A missing page that says 200, a consent wall, a teaser of a pay wall: no article is that short.
MIN_TEXT_CHARS = 80
# trafilatura, htmldate and courlan keep what they saw; a reset costs some milliseconds.
PAGES_PER_RESET = 200
# Beyond MARKUP_ERRORS: what slips of the libraries raise on hostile pages.
PAGE_ERRORS = (
    *MARKUP_ERRORS,
    AttributeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    re.error,
)
# Where pages state when they were published, as attribute and value.
_PUBLISHED_META = frozenset(
    {
        ("property", "article:published_time"), ("itemprop", "datePublished"),
        ("name", "datePublished"), ("name", "article:published_time"),
    }
)  # fmt: skip

make_lean()

_page_numbers = itertools.count(1)


def read_page(data: bytes, *, url: str, headers: Mapping[str, str]) -> PageText | Refusal:
    """Return what `extract_page` does, for bytes that are told to be HTML.

    Raises: Nothing.
    """
    if next(_page_numbers) % PAGES_PER_RESET == 0:
        reset_caches()
    html = decode_page(data, content_type=headers.get("content-type", ""))
    if "\0" in html:
        return Refusal(reason=f"binary: NUL at position {html.find(chr(0))}")
    try:
        return _read(data, html, url, headers)
    except PAGE_ERRORS as error:
        return Refusal(reason=f"HTML cannot be read: {type(error).__name__}")


def _read(data: bytes, html: str, url: str, headers: Mapping[str, str]) -> PageText | Refusal:
    tree = load_html(html)
    if tree is None:
        return Refusal(reason="HTML cannot be read: no markup")
    head = _head(tree, url)
    signals = page_signals(tree, headers)
    document: Any = trafilatura.bare_extraction(
        tree, url=url, fast=True, include_comments=False, with_metadata=True,
        date_extraction_params=DATE_PARAMS,
    )  # fmt: skip
    text = ((document.text if document is not None else "") or "").strip()
    if document is None or len(text) < MIN_TEXT_CHARS:
        return Refusal(reason=f"too little text: {len(text)} characters")
    published = _published(head.published_raw, document.date)
    return PageText(
        text=document.text,
        extraction_method=EXTRACTION_METHOD,
        html_sha256=hashlib.sha256(data).hexdigest(),
        text_sha256=hashlib.sha256(document.text.encode("utf-8", "replace")).hexdigest(),
        title=document.title or None,
        summary=document.description or None,
        language=head.language,
        authors=tuple(name.strip() for name in (document.author or "").split(";") if name.strip()),
        publisher=document.sitename or None,
        canonical_url=head.canonical_url,
        amp_url=head.amp_url,
        published_at=published.at,
        published_at_raw=published.raw,
        date_flags=published.flags,
        rights_signals=signals,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """What the page's head says; read before the extraction, which works on a copy."""

    language: str | None
    canonical_url: str | None
    amp_url: str | None
    published_raw: str | None


def _head(tree: Any, url: str) -> _Head:
    addresses: dict[str, str] = {}
    published_raw = ""
    for element in tree.iter("link", "meta", "time"):
        if element.tag == "link":
            for relation in _page_relations(element):
                addresses.setdefault(relation, element.get("href"))
        elif not published_raw:
            published_raw = _published_raw(element)
    language = (tree.get("lang") or tree.get("xml:lang") or "").strip()
    return _Head(
        language=language[:40] or None,
        canonical_url=_absolute(addresses.get("canonical"), url),
        amp_url=_absolute(addresses.get("amphtml"), url),
        published_raw=published_raw[:100] or None,
    )


def _page_relations(link: Any) -> list[str]:
    """Return which of the page's own other addresses the link is."""
    if link.get("href") is None:
        return []
    relations = (link.get("rel") or "")[:200].lower().split()
    return [name for name in relations if name in ("canonical", "amphtml")]


def _published_raw(element: Any) -> str:
    """Return the time of publication that a ``meta`` or ``time`` states, "" for none."""
    if element.tag == "time":
        stated = element.get("datetime") if element.get("itemprop") == "datePublished" else None
    else:
        is_stated = not _PUBLISHED_META.isdisjoint(element.items())
        stated = element.get("content") if is_stated else None
    return (stated or "").strip()


def _absolute(address: str | None, url: str) -> str | None:
    if not address:
        return None
    try:
        absolute = urljoin(url, address.strip())
    except ValueError:
        return None
    return absolute if normalize_url(absolute) else None


def _published(raw: str | None, found: str | None) -> ReadTime:
    """Return the page's own publication time, else the day that the extractor found."""
    own = read_time(raw)
    return read_time(found) if own.at is None and found else own
