"""Return the names of feed elements with the prefixes that everybody knows, whatever was declared.

A prefix in a feed is the feed's own choice; only the namespace says what an element is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from producers.normalize_url import normalize_url

XML_NAMESPACE = "{http://www.w3.org/XML/1998/namespace}"
RDF_NAMESPACE = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
RSL_PREFIX = "rsl"
# In lower case: publishers write http for https and change the case.
PREFIXES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/elements/1.0/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://backend.userland.com/creativecommonsrssmodule": "creativeCommons",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativeCommons",
    "http://creativecommons.org/ns#": "cc",
    "http://creativecommons.org/ns#license": "cc",
    "http://web.resource.org/cc/": "cc",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://rslstandard.org/rsl": RSL_PREFIX,
    "http://www.w3.org/ns/tdmrep#": "tdm",
    "http://www.w3.org/ns/tdmrep/": "tdm",
    "http://www.w3.org/ns/tdmrep": "tdm",
    "http://purl.org/atompub/tombstones/1.0": "at",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/net/rss1.1#": "",
}


def name_of(element: Any) -> str:
    """Return ``prefix:name``, or ``name`` alone for RSS; the name is in lower case.

    An element of an unknown namespace is ``?:name``, so that it is taken for nothing else.
    """
    tag = element.tag
    return _name_of(tag) if isinstance(tag, str) else ""


@functools.lru_cache(maxsize=1024)  # a document has few names and many elements
def _name_of(tag: str) -> str:
    uri, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
    uri = uri.lower().replace("https://", "http://", 1)
    name = local.lower()
    if not uri or uri.startswith("http://backend.userland.com/rss"):
        return name
    prefix = PREFIXES.get(uri, "?")
    return f"{prefix}:{name}" if prefix else name


def children(element: Any, *names: str) -> Iterator[Any]:
    """Yield the direct children with one of ``names``, in document order."""
    return (child for child in element if name_of(child) in names)


def child_text(element: Any, *names: str) -> str | None:
    """Return the text of the first direct child with one of ``names`` that is not blank."""
    found = (text_of(child) for child in children(element, *names))
    return next((text for text in found if text), None)


def text_of(element: Any) -> str:
    """Return all text in ``element``, white space made regular."""
    return " ".join("".join(element.itertext()).split())


def resolved(address: str, *, element: Any, base_url: str) -> str | None:
    """Return ``address`` as an absolute http(s) address, or None when it is none.

    Args:
        address: as the document has it.
        element: where it stands; its ``xml:base`` counts.
        base_url: where the document came from.
    """
    text = url = "".join(address.split("\n")).strip()
    if text and not text.lower().startswith(("http://", "https://")):
        try:
            base = urljoin(base_url, element.base or "") if element is not None else base_url
            url = urljoin(base, text)
        except ValueError:  # a broken IPv6 literal
            return None
    url = url.strip().replace(" ", "%20")
    return url if url and normalize_url(url) else None
