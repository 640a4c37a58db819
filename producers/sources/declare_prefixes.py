"""Give elements of a repaired tree the namespaces that their undeclared prefixes stand for."""

from __future__ import annotations

import re
from typing import Any

import lxml.etree

# Prefixes that feeds use without declaring them.
KNOWN_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "cc": "http://creativecommons.org/ns#",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "creativeCommons": "http://backend.userland.com/creativeCommonsRssModule",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rsl": "https://rslstandard.org/rsl",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xhtml": "http://www.w3.org/1999/xhtml",
}
UNDECLARED = "urn:undeclared"
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")


def declare_prefixes(root: Any) -> None:
    """Give elements whose prefix is undeclared the namespace that it stands for."""
    for element in root.iter(lxml.etree.Element):
        if ":" in element.tag and not element.tag.startswith("{"):
            element.tag = _qualified(element.tag)
        for name in [name for name in element.attrib if ":" in name and not name.startswith("{")]:
            element.set(_qualified(name), element.attrib.pop(name))


def _qualified(name: str) -> str:
    prefix, _, local = name.partition(":")
    # `<p10:00>` comes of markup that was cut: libxml2 reads it, and refuses to be given it.
    is_name = _LOCAL_NAME.fullmatch(local) is not None
    return f"{{{KNOWN_PREFIXES.get(prefix, UNDECLARED)}}}{local if is_name else 'unnamed'}"
