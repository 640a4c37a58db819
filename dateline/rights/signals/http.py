"""Return what HTTP headers say about rights: ``Link`` with rel=license, and ``Copyright``.

Source: RFC 8288 (web linking). Preferences in headers are read elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dateline.records import RightsSignal
from dateline.rights.signals.make_statement import (
    CUT,
    Notices,
    Standing,
    field_statements,
    granted,
    nothing,
    prose_statements,
    stated,
)
from dateline.rights.signals.same_page import is_same_page, kind_of_file
from dateline.rights.statement import RANK_PAGE, Statement

_TARGET = re.compile(r"\s*<\s*([^>]{0,4000}?)\s*>")
_PARAMETER = re.compile(r";\s*([\w*-]{1,40})\s*=\s*(?:\"([^\"]{0,4000})\"|([^\s;,\"]{1,4000}))")
_LICENSE_HEADERS = ("license", "x-license")
_RIGHTS_HEADERS = ("copyright", "x-copyright", "rights")
_RSL_TYPE = "application/rsl+xml"
_PAGE = Standing(rank=RANK_PAGE, scope="this_object", rule="http.header")
_SITE = Standing(rank=RANK_PAGE, scope="site", rule="http.header")


def http_statements(
    signal: RightsSignal, notices: Notices, *, article_url: str | None
) -> Iterator[Statement]:
    """Yield the statements of one header.

    Raises: Nothing.
    """
    name = signal.field.removesuffix(CUT).lower()
    if name == "link":
        yield from _link(signal, notices, article_url)
    elif name in _LICENSE_HEADERS:
        yield from field_statements(signal, _PAGE, notices)
    elif name in _RIGHTS_HEADERS:
        yield from prose_statements(signal, _SITE, notices)


def _link(signal: RightsSignal, notices: Notices, article_url: str | None) -> Iterator[Statement]:
    target = _TARGET.match(signal.value)
    if target is None:
        return
    parameters: dict[str, str] = {}
    for found in _PARAMETER.finditer(signal.value, target.end()):
        # Of a parameter that is repeated the first counts (RFC 8288, 3.3).
        parameters.setdefault(found[1].lower(), found[2] if found[2] is not None else found[3])
    relations = parameters.get("rel", "").lower().split()
    media_type = parameters.get("type", "").partition(";")[0].strip().lower()
    if not {"license", "copyright"}.intersection(relations) or media_type == _RSL_TYPE:
        return
    license_ = notices.registry.by_address(target[1])
    standing = _anchored(parameters.get("anchor"), article_url)
    if license_ is None:
        yield stated(signal, nothing(standing.rule), "mention", span=target.span(1))
    else:
        yield granted(signal, standing, license_, target.span(1))


def _anchored(anchor: str | None, article_url: str | None) -> Standing:
    """Return the standing of a link by what it is anchored to: this page if nothing is said."""
    rule = "http.link"
    page = Standing(rank=RANK_PAGE, scope="this_object", rule=rule)
    if not anchor:
        return page
    kind = kind_of_file(anchor)
    if kind is not None:
        return page.of(kind, anchor)
    is_fragment = anchor.startswith("#")  # a part of the page, nobody knows which
    if not is_fragment and article_url is not None and is_same_page(anchor, article_url):
        return page
    return page.of("other", anchor)
