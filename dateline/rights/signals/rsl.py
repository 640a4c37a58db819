"""Read the usage terms of RSL 1.0 (rslstandard.org): they never are a licence to the text.

A page's own terms (feed item, link, header, script) take the place of the channel's, these of the
site's (robots.txt, where a group's document takes the place of the global one). Of a document the
content whose address fits best counts. What is prohibited, or permitted for payment only, is
disallowed: where terms differ the strictest holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import lxml.etree

from dateline.records import RightsSignal
from dateline.rights.record import RawPreference
from dateline.rights.signals.aipref import Uses, stated_uses, strictest
from dateline.rights.signals.path_pattern import host_of, is_match, path_of, specificity
from dateline.rights.signals.robots_lines import binding_lines
from dateline.rights.signals.rsl_document import (
    RslContent,
    RslLicense,
    contents_of,
    parse_rsl,
    parse_xml,
)
from dateline.rights.statement import StatedPreference

PROTOCOL = "rsl"
RSL_TYPE = "application/rsl+xml"
MAX_RAW_CHARS = 2000
_SITE, _CHANNEL, _PAGE = 1, 2, 3
_LINK_TARGET = re.compile(r"<([^>]{1,2000})>")
# The vocabulary of 1.0 and, behind it, the names of its drafts.
_PERMITTED: dict[str, tuple[str, ...]] = {
    "all": ("ai_train", "ai_input", "search"), "ai-all": ("ai_train", "ai_input"),
    "ai-train": ("ai_train",), "ai-input": ("ai_input",), "search": ("search",),
    "train-ai": ("ai_train",), "ai-include": ("ai_input",),
}  # fmt: skip
# An index is a part of what answers with sources need; to allow it alone allows them nothing.
_PROHIBITED: dict[str, tuple[str, ...]] = {
    **_PERMITTED, "ai-index": ("ai_input",), "train-genai": ("ai_train",), "ai-use": ("ai_input",),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Document:
    """XML and its level; ``is_of_item``: it speaks of this very article."""

    xml: str
    level: int
    is_of_item: bool = False


def read_rsl(
    signals: Sequence[RightsSignal], *, article_url: str | None
) -> tuple[StatedPreference, ...]:
    """Return the terms of the nearest document that speaks of the article; () without any RSL.

    A link whose document is not there is kept in ``raw`` and says nothing.

    Raises: Nothing.
    """
    raw = tuple(_raw(signals))
    if not raw:
        return ()
    uses: Uses = {}
    documents = list(_documents(signals, article_url))
    for level in (_PAGE, _CHANNEL, _SITE):
        licenses = [
            license_
            for document in documents
            if document.level == level
            for license_ in _licenses(document, article_url)
        ]
        if licenses:
            uses = strictest(map(_uses, licenses))
            break
    return (stated_uses(raw, uses),)


def rsl_addresses(signals: Iterable[RightsSignal], *, article_url: str) -> tuple[str, ...]:
    """Return the absolute addresses of the documents that signals point to, the nearest first."""
    found = sorted(_pointers(signals, article_url), key=lambda pointer: -pointer[1])
    return tuple(dict.fromkeys(address for address, _ in found))


def cut_rsl(xml: str, *, article_url: str) -> str:
    """Return a document with nothing but the contents that may be about an article.

    Returns:
        the document as it stands where all of it is; "" where nothing is or it is no RSL.

    Raises: Nothing.
    """
    root = parse_xml(xml)
    if root is None:
        return ""
    contents = list(contents_of(root))
    others = [
        each for each in contents if _fit((each.get("url") or "").strip(), article_url) is None
    ]
    if len(others) == len(contents):
        return ""
    if not others:
        return xml
    for each in others:
        if each.getparent() is not None:
            each.getparent().remove(each)
    return str(lxml.etree.tostring(root, encoding="unicode"))


def _documents(signals: Sequence[RightsSignal], article_url: str | None) -> Iterator[_Document]:
    levels: dict[str, int] = {}
    for address, level in _pointers(signals, article_url):
        levels[address] = max(level, levels.get(address, 0))
    for signal in signals:
        is_item = signal.field.startswith(("item", "entry"))
        if signal.layer == "rsl":
            yield _Document(signal.value, _level(signal.source_url, levels))
        elif signal.field.startswith(f"script[type={RSL_TYPE}]"):
            yield _Document(signal.value, _PAGE, is_of_item=True)
        elif signal.layer == "feed" and "/rsl:" in signal.field and "[" not in signal.field:
            yield _Document(signal.value, _PAGE if is_item else _CHANNEL, is_of_item=is_item)


def _level(address: str | None, levels: Mapping[str, int]) -> int:
    """Return the level of a document by who points to it, 0 where nobody who binds us does."""
    if not levels:
        return _SITE
    return max(levels.values()) if address is None else levels.get(address, 0)


def _pointers(
    signals: Iterable[RightsSignal], article_url: str | None
) -> Iterator[tuple[str, int]]:
    for signal in signals:
        target, level = "", _PAGE
        if signal.layer == "robots":
            for address in _site_documents(signal.value):
                yield address, _SITE
        elif signal.layer == "http" and signal.field == "link" and RSL_TYPE in signal.value.lower():
            found = _LINK_TARGET.search(signal.value)
            target = found[1] if found else ""
        elif signal.layer == "html" and signal.field.startswith(
            f"link[rel=license][type={RSL_TYPE}]"
        ):
            target = signal.value.partition("\n")[0]
        elif signal.layer == "feed" and "rsl:link[" in signal.field:
            target = signal.value
            level = _PAGE if signal.field.startswith(("item", "entry")) else _CHANNEL
        if target.strip():
            try:
                yield urljoin(article_url or "", target.strip()), level
            except ValueError:
                continue


def _site_documents(robots: str) -> list[str]:
    lines = [line for line in binding_lines(robots) if line.field == "license"]
    grouped = [line.value for line in lines if line.is_grouped]
    return grouped or [line.value for line in lines]


def _raw(signals: Iterable[RightsSignal]) -> Iterator[RawPreference]:
    for signal in signals:
        values = [signal.value]
        if signal.layer == "robots":
            values = [
                f"License: {line.value}"
                for line in binding_lines(signal.value)
                if line.field == "license"
            ]
        elif not (
            signal.layer == "rsl"
            or (signal.layer == "http" and signal.field == "link" and RSL_TYPE in signal.value)
            or (signal.layer == "html" and RSL_TYPE in signal.field)
            or (signal.layer == "feed" and "rsl:" in signal.field)
        ):
            continue
        for value in values:
            yield RawPreference(
                protocol=PROTOCOL,
                field=signal.field,
                value=value[:MAX_RAW_CHARS],
                source_url=signal.source_url,
            )


def _licenses(document: _Document, article_url: str | None) -> tuple[RslLicense, ...]:
    contents = parse_rsl(document.xml)
    fits = [(_fit(each.url, article_url), each) for each in contents]
    best = max((fit for fit, _ in fits if fit is not None), default=None)
    found = [each for fit, each in fits if fit is not None and fit == best]
    if not found and document.is_of_item:
        found = _of_origin(contents)
    return tuple(license_ for content in found for license_ in content.licenses)


def _of_origin(contents: Sequence[RslContent]) -> list[RslContent]:
    """Return the one content with an address elsewhere: a copy under its publisher's terms."""
    is_one = len(contents) == 1 and (not contents[0].url or bool(host_of(contents[0].url)))
    return list(contents) if is_one else []


def _fit(pattern: str, article_url: str | None) -> int | None:
    """Return how closely a content's address fits the article, or None where it does not.

    A path alone is one of the article's site, wherever the document stands: a collective's server
    may hold it.
    """
    if not pattern:
        return None
    path = path_of(article_url)
    if path is None:  # of an unknown place only what is said of every place
        return 0 if pattern in ("/", "/*", "*") else None
    host = host_of(pattern)
    if host and host != host_of(article_url):
        return None
    asked = path_of(pattern) if host else pattern
    if not asked or not asked.startswith(("/", "*")):
        asked = f"/{asked or ''}"
    return specificity(asked) if is_match(path, asked) else None


def _uses(license_: RslLicense) -> Uses:
    forbidden: Uses = {
        use: "disallowed" for token in license_.prohibits for use in _PROHIBITED.get(token, ())
    }
    if license_.permits is None:
        # It is about everything, but only one that cannot be had as it stands says something.
        named = () if license_.is_open else _PERMITTED["ai-all"]
    else:
        named = tuple(use for token in license_.permits for use in _PERMITTED.get(token, ()))
    permitted: Uses = dict.fromkeys(named, "allowed" if license_.is_open else "disallowed")
    return strictest([forbidden, permitted])
