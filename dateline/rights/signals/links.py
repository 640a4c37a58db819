"""Return what a link to a licence says: to which object, at which level, by the words around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dateline.records import RightsSignal
from dateline.rights.license import License
from dateline.rights.record import ObjectKind
from dateline.rights.registry import LicenseRegistry
from dateline.rights.sentences import Span
from dateline.rights.signals.make_statement import (
    ALONE,
    BARE_NOTICE,
    COPYRIGHT_LINE,
    Notices,
    Standing,
    granted,
    granting_frame,
    kind_said,
    named_license,
    nothing,
    stated,
)
from dateline.rights.signals.object_words import kind_of_words
from dateline.rights.signals.same_page import is_home_of, is_same_page, kind_of_file, unarchived
from dateline.rights.statement import RANK_OBJECT, RANK_SITE, Statement

_EXTRA = re.compile(r"(about|itemtype|itemid|url|resource|typeof|image|alt|beside)=(.*)")
_FIGURE = re.compile(r".*/figure(?:\[\d+\])?(?=/)")
_MAX_KEY_CHARS = 120
# The holder of the rights, as a footer names one: "Doris Muster", "(c) 2026 Orchard Wire".
_NAME = r"[^\W\d_a-z][\w.'&-]*(?: [^\W\d_a-z][\w.'&-]*){0,5}"
_HOLDER_BEHIND = re.compile(rf"\s*{_NAME}[\s.]{{0,4}}")
# "N. Roe, CC BY" in a text is how a picture is credited.
_CREDIT = re.compile(rf"\W{{0,3}}(?:{_NAME}(?:\s*[,/|(–—]|\s-)\s*){{1,3}}")
_COPYRIGHT = re.compile(
    rf"\W{{0,5}}(?:©|\([cC]\)|[cC]opyright)[\s\d,-]{{1,20}}(?:{_NAME})?[\s.,|·-]{{0,5}}"
)
_DENIALS = ("negated", "reported", "hypothetical", "quoted")


@dataclass(frozen=True, slots=True)
class Link:
    """The value of a link: its target, its text, the words around it, and what it is about.

    ``image`` is the address of the image that a link without words holds, ``beside`` the few words
    next to it, where ``context`` may be all of a footer.
    """

    target: str
    text: str
    context: str
    context_span: Span
    about: str | None
    item_type: str | None
    item_address: str | None
    image: str | None
    image_words: str
    beside: str


def read_link(value: str) -> Link:
    """Return the parts of a link's value, one a line: target, text, context, ``about=...``.

    Of two lines the second is the context: without words around it a link's own are all there is.
    """
    lines = value.split("\n")
    extra: dict[str, str] = {}
    while len(lines) > 1 and (found := _EXTRA.fullmatch(lines[-1])):
        extra[found[1]] = found[2].strip()
        lines.pop()
    context = lines[-1] if len(lines) > 1 else ""
    start = sum(len(line) + 1 for line in lines[:-1])
    return Link(
        target=lines[0].strip(),
        text=lines[1] if len(lines) > 2 else "",  # noqa: PLR2004 (target, text, context)
        context=context,
        context_span=(start, start + len(context)),
        about=extra.get("about"),
        item_type=extra.get("itemtype"),
        item_address=extra.get("itemid") or extra.get("url"),
        image=extra.get("image"),
        image_words=extra.get("alt", ""),
        beside=extra.get("beside", ""),
    )


def link_statements(
    signal: RightsSignal,
    link: Link,
    standing: Standing,
    notices: Notices,
    *,
    article_url: str | None,
    is_rel_license: bool,
) -> Iterator[Statement]:
    """Yield what a link says; one without ``rel=license`` grants only if words around it do.

    ``is_rel_license`` also of a link that is as good: a footer's licence label.
    """
    target_span = (0, len(signal.value.split("\n", 1)[0]))
    license_ = notices.registry.by_address(unarchived(link.target, article_url))
    standing = _about(link, standing, article_url)
    if license_ is None or not standing.counts:
        yield stated(signal, nothing(standing.rule), "mention", license=license_, span=target_span)
        return
    said = _said_around(link, license_, notices)
    if said is not None and said.frame in _DENIALS:
        where = standing if said.frame == "negated" else nothing(standing.rule)
        yield stated(signal, where, said.frame, license=license_, span=link.context_span)
        return
    is_site = standing.scope == "site"
    if said is not None and _gives(said, is_enough=is_rel_license or is_site):
        kind = kind_said(said, notices) if standing.kind == "text" else standing.kind
        yield _by_words(signal, link, standing, kind, license_, said)
    elif is_rel_license:
        words = said.quote if said else link.context
        kind = kind_of_words(words, notices.language) if standing.kind == "text" else standing.kind
        if kind == "text" and not is_site and _is_credit(link):
            kind = "image"
        key = standing.key if kind == standing.kind else object_key(signal, link)
        yield granted(signal, standing.of(kind, key), license_, target_span)
    else:
        yield stated(signal, nothing(standing.rule), "mention", license=license_, span=target_span)
        return
    yield from _other_names(signal, link, standing, license_, notices)


def _is_credit(link: Link) -> bool:
    before, found, behind = link.context.partition(link.text) if link.text else ("", "", "")
    return bool(found) and not behind.strip(" .)") and _CREDIT.fullmatch(before) is not None


def _gives(said: Statement, *, is_enough: bool) -> bool:
    """Return whether words say more than the link itself, which "CC BY 4.0" does not.

    "(c) N. Roe, CC BY" does not say of what: a photo's credit looks like it.
    """
    if said.rule_id == COPYRIGHT_LINE and not is_enough:
        return False
    return said.frame.startswith("grant") and said.rule_id != ALONE


def _names_object(said: Statement) -> bool:
    """Return whether words say of what the licence is, which "Licence: CC BY" leaves to others."""
    return said.rule_id != BARE_NOTICE and _gives(said, is_enough=False)


def object_key(signal: RightsSignal, link: Link) -> str:
    """Return what tells the object of a link from others of the page: its figure or the words."""
    figure = _FIGURE.match(f"{signal.xpath or ''}/")
    if figure:
        return figure.group().lstrip("/")[:_MAX_KEY_CHARS]
    return (link.about or link.context or link.text)[:_MAX_KEY_CHARS]


def _about(link: Link, standing: Standing, article_url: str | None) -> Standing:
    """Return the standing by RDFa's ``about``: this page, a file of it, or something else."""
    if link.about is None or not standing.counts:
        return standing
    kind = kind_of_file(link.about)
    if kind is not None:
        return standing.of(kind, link.about)
    if article_url is not None and is_same_page(link.about, article_url):
        # It may be said far above: a picture or a footer inside stays what it is.
        is_own = standing.kind == "text" and standing.scope == "this_object"
        return replace(standing, rank=RANK_OBJECT) if is_own else standing
    if article_url is not None and is_home_of(link.about, article_url):
        return Standing(rank=RANK_SITE, scope="site", rule=standing.rule)
    return nothing(standing.rule)


def is_label(link: Link, registry: LicenseRegistry) -> bool:
    """Return whether a link is a licence's name, and only its holder's name stands beside it."""
    if not is_licence_name(link, registry):
        return False
    before, _, behind = link.context.partition(link.text) if link.text else ("", "", "")
    if not before.strip():
        return _HOLDER_BEHIND.fullmatch(behind) is not None or bool(_COPYRIGHT.fullmatch(behind))
    return not behind.strip(" .") and _COPYRIGHT.fullmatch(before) is not None


def is_licence_name(link: Link, registry: LicenseRegistry) -> bool:
    """Return whether a link's own words are the name of the licence that it leads to."""
    named = named_license(link.text or link.context, registry)
    license_ = registry.by_address(link.target)
    return named is not None and license_ is not None and named.constraints == license_.constraints


def _said_around(link: Link, license_: License, notices: Notices) -> Statement | None:
    """Return the statement about this licence in the link's own words, or in those around it."""
    if not link.context:
        return None
    # "Licence of this article" is a statement of its own, whatever block it stands in.
    own = notices.read(f"{link.text}: {link.target}") if link.text else ()
    if own and _names_object(own[0]) and own[0].license == license_:
        return own[0]
    words = link.context
    if link.text and link.text in words:
        # The sentence is read as if the address stood in the place of the link's words.
        words = words.replace(link.text, link.target, 1)
    found = [s for s in notices.read(words) if s.license and _is_same(s.license, license_)]
    place = words.find(link.target)
    around = [s for s in found if s.start <= place < s.end] or found
    return next((s for s in around if s.frame != "mention"), around[0] if around else None)


def _is_same(named: License, license_: License) -> bool:
    """Return whether words name the licence of an address, with or without its version."""
    is_same_version = named.version in (None, license_.version)
    return named.constraints == license_.constraints and is_same_version


def _by_words(
    signal: RightsSignal,
    link: Link,
    standing: Standing,
    kind: ObjectKind,
    license_: License,
    said: Statement,
) -> Statement:
    key = standing.key if kind == standing.kind else object_key(signal, link)
    is_by_licensor = said.scope == "site_by_licensor"
    place = replace(
        standing.of(kind, key),
        scope=said.scope if is_by_licensor else standing.scope,
        rule=f"{standing.rule}.{said.rule_id}",
    )
    return stated(
        signal,
        place,
        granting_frame(kind),
        license=license_,
        span=link.context_span,
        licensor=said.licensor,
        has_exception=said.has_exception,
        is_about_licensor=said.is_about_licensor,
        has_condition=said.has_condition,
    )


def _other_names(
    signal: RightsSignal, link: Link, standing: Standing, license_: License, notices: Notices
) -> Iterator[Statement]:
    """Yield the licence that the link's own words name, where it is not the one of its target."""
    if not link.text:
        return
    start = signal.value.index("\n") + 1
    for named in notices.registry.find(link.text):
        if named.license is not None and named.license.constraints != license_.constraints:
            span = (start + named.start, start + named.end)
            yield granted(signal, standing, named.license, span)
