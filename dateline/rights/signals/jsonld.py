"""Return what a page's JSON-LD says about rights, each licence with the node that it is on.

A node of another article, of a comment or of the site is not this article: its ``url``, ``@id`` or
``mainEntityOfPage`` is compared with the article's address.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dateline.records import RightsSignal
from dateline.rights.record import ObjectKind
from dateline.rights.sentences import Span
from dateline.rights.signals.make_statement import (
    Notices,
    Standing,
    field_statements,
    granted,
    named_license,
    nothing,
    placed,
    stated,
)
from dateline.rights.signals.same_page import is_same_page, kind_of_file, page_key
from dateline.rights.signals.schema_org import (
    OWN_TEXT_KEYS,
    Role,
    facts_of,
    kind_of,
    name_of,
    role_of,
    truth_of,
)
from dateline.rights.statement import (
    RANK_OBJECT,
    RANK_PAGE,
    RANK_SITE,
    StatedAccess,
    Statement,
)

MAX_DEPTH = 24
MAX_PAIRS = 200  # a gallery of fifty pictures with all their facts
_LICENSE_KEYS = ("license", "licence")
_FACT_KEYS = (
    "copyrightHolder", "copyrightNotice", "copyrightYear", "creditText", "acquireLicensePage",
    "usageInfo", "usageTerms",
)  # fmt: skip
_PROSE_KEYS = ("copyrightNotice", "usageTerms")
_KEYS = frozenset({*_LICENSE_KEYS, *_FACT_KEYS, "sdLicense", "isAccessibleForFree"})
_ADDRESS_KEYS = ("url", "@id", "mainEntityOfPage")
_NOTHING = nothing("jsonld")
_KINDS_OF_MEDIA_TYPES: dict[str, ObjectKind] = {
    "image": "image", "video": "video", "audio": "audio",
}  # fmt: skip
_ANY_PAGE = "https://page.invalid/"  # for addresses relative to a page that is not known


@dataclass(frozen=True, slots=True)
class _Pair:
    """One key of one node, with the standing of that node and its place in the signal's value."""

    standing: Standing
    key: str
    value: Any
    span: Span


def jsonld_statements(
    signal: RightsSignal, notices: Notices, *, article_url: str | None
) -> Iterator[Statement | StatedAccess]:
    """Yield the statements of one node of JSON-LD and of what hangs below it.

    JSON that cannot be read (the producer gives its pairs as text) is a mention at most.

    Raises: Nothing.
    """
    node = _node(signal)
    if node is None:
        yield stated(signal, nothing("jsonld.broken"), "mention")
        return
    cursor = 0
    pairs = islice(_pairs(node, None, None, article_url, MAX_DEPTH), MAX_PAIRS)
    for standing, key, value in pairs:
        span, cursor = _span_of(signal.value, key, value, cursor)
        yield from _said(signal, _Pair(standing, key, value, span), notices)


def stated_address(signals: Iterable[RightsSignal]) -> str | None:
    """Return the one address that the article nodes of a page name; "" for several, None for none.

    Raises: Nothing.
    """
    named = article_addresses(signals)
    keys = {page_key(each) for each in named}
    return (named[0] if len(keys) == 1 else "") if keys else None


def article_addresses(signals: Iterable[RightsSignal]) -> list[str]:
    """Return the whole addresses that the article nodes of a page name."""
    nodes = (_node(signal) for signal in signals if signal.layer == "jsonld")
    articles = (node for node in nodes if node and role_of(node.get("@type")) == "article")
    return [each for node in articles for each in _addresses(node) if page_key(each)]


def _node(signal: RightsSignal) -> dict[str, Any] | None:
    try:
        node = json.loads(signal.value, strict=False)
    except (ValueError, RecursionError):
        return None
    return node if isinstance(node, dict) else None


def _pairs(
    node: dict[str, Any],
    parent: Role | None,
    below: str | None,
    article_url: str | None,
    depth: int,
) -> Iterator[tuple[Standing, str, Any]]:
    """Yield the pairs that matter in the order in which they stand."""
    role = role_of(node.get("@type"), key=below)
    standing = _standing(node, role, parent, below, article_url)
    for key, value in node.items():
        if key in _KEYS:
            yield standing, key, value
        elif depth > 0:
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, dict):
                    own = role if standing.counts or role == "article" else "nothing"
                    yield from _pairs(child, own, key, article_url, depth - 1)


def _standing(
    node: dict[str, Any],
    role: Role,
    parent: Role | None,
    below: str | None,
    article_url: str | None,
) -> Standing:
    if role == "nothing" or parent == "nothing":
        untyped = role == "nothing" and parent is None and not node.get("@type")
        return _own_text(node, article_url) if untyped and _addresses(node) else _NOTHING
    if role == "site" or below == "isPartOf":
        return Standing(rank=RANK_SITE, scope="site", rule="jsonld.site")
    if role not in ("article", "page"):
        return _object(node, role)
    if parent is not None and below not in OWN_TEXT_KEYS and not _is_here(node, article_url):
        return _NOTHING
    standing = _own_text(node, article_url)
    if role == "page" and standing.counts:
        return Standing(rank=RANK_PAGE, scope="this_object", rule="jsonld.page")
    return standing


def _own_text(node: dict[str, Any], article_url: str | None) -> Standing:
    """Return the standing of a text's node: of this article, of another one, or not said."""
    if _is_here(node, article_url):
        return Standing(rank=RANK_OBJECT, scope="this_object", rule="jsonld.article")
    if article_url is not None and _addresses(node):
        return _NOTHING
    return Standing(rank=RANK_PAGE, scope="this_object", rule="jsonld.unnamed")


def _object(node: dict[str, Any], role: Role) -> Standing:
    names = (node.get(key) for key in ("contentUrl", "url", "@id", "name"))
    key = next((name for name in map(name_of, names) if name), "")
    # "MediaObject", or no type at all: the file says what it is.
    is_untold = role == "other" or not node.get("@type")
    kind = _kind_of_file(node) if is_untold else None
    return Standing(
        rank=RANK_OBJECT,
        scope="this_object",
        rule="jsonld.object",
        kind=kind or kind_of(role),
        key=key,
    )


def _kind_of_file(node: dict[str, Any]) -> ObjectKind | None:
    media_type = name_of(node.get("encodingFormat") or node.get("fileFormat"))
    named = _KINDS_OF_MEDIA_TYPES.get(media_type.lower().partition("/")[0])
    return named or kind_of_file(name_of(node.get("contentUrl") or node.get("url")))


def _addresses(node: dict[str, Any]) -> list[str]:
    named = (name_of(node.get(key)) for key in _ADDRESS_KEYS)
    return [
        each
        for each in named
        if each and not each.startswith("_:") and page_key(each, base=_ANY_PAGE) is not None
    ]


def _is_here(node: dict[str, Any], article_url: str | None) -> bool:
    if article_url is None:
        return False
    return any(is_same_page(each, article_url) for each in _addresses(node))


def _said(
    signal: RightsSignal, pair: _Pair, notices: Notices
) -> Iterator[Statement | StatedAccess]:
    if pair.key == "isAccessibleForFree":
        is_free = truth_of(pair.value)
        is_ours = pair.standing.kind == "text" and pair.standing.rank >= RANK_PAGE
        if is_ours and is_free is not None:
            yield StatedAccess(is_free=is_free)
    elif pair.key == "sdLicense":
        yield from _licenses(signal, pair, pair.standing.of("metadata"), notices)
    elif pair.key in _LICENSE_KEYS:
        yield from _licenses(signal, pair, pair.standing, notices)
    elif pair.standing.counts:
        facts = facts_of(pair.key, pair.value)
        if facts:
            yield stated(signal, pair.standing, "mention", span=pair.span, **facts)
        if pair.key in _PROSE_KEYS and isinstance(pair.value, str):
            yield from _prose(signal, pair, pair.standing, pair.value, notices)


def _licenses(
    signal: RightsSignal, pair: _Pair, standing: Standing, notices: Notices
) -> Iterator[Statement]:
    values = pair.value if isinstance(pair.value, list) else [pair.value]
    said = [s for value in values[:8] for s in _license(signal, pair, standing, value, notices)]
    yield from said or [stated(signal, _NOTHING, "mention", span=pair.span)]


def _license(
    signal: RightsSignal, pair: _Pair, standing: Standing, value: Any, notices: Notices
) -> Iterator[Statement]:
    """Yield what one value says: an address, a name, prose, or a node with one of these."""
    names = (
        [value]
        if isinstance(value, str)
        else [value.get(key) for key in ("url", "@id", "sameAs", "name", "@value")]
        if isinstance(value, dict)
        else []
    )
    for name in names:
        license_ = named_license(name, notices.registry) if isinstance(name, str) else None
        if license_ is not None:
            yield granted(signal, standing, license_, pair.span)
            return
    if isinstance(value, str):
        yield from _prose(signal, pair, standing, value, notices)


def _prose(
    signal: RightsSignal, pair: _Pair, standing: Standing, text: str, notices: Notices
) -> Iterator[Statement]:
    start, end = pair.span
    if signal.value[start:end] == text:
        yield from field_statements(signal, standing, notices, pair.span)
    else:  # escapes stand between: offsets inside the words would be wrong
        for found in notices.read(text):
            yield placed(signal, standing, notices, found, pair.span)


def _span_of(text: str, key: str, value: Any, cursor: int) -> tuple[Span, int]:
    """Return where a pair's value stands after ``cursor``, and where to look on."""
    name = json.dumps(key, ensure_ascii=False) + ":"
    literal = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    found = text.find(name + literal, cursor)
    if found < 0:
        return (0, len(text)), cursor
    start, end = found + len(name), found + len(name) + len(literal)
    inside = (start + 1, end - 1) if isinstance(value, str) and value else (start, end)
    return inside, end
