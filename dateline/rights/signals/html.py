"""Return what the markup of a page says about rights: rel=license, meta, RDFa, microdata, notices.

Sources: the HTML standard (link types ``license`` and its synonym ``copyright``), ccREL, DCMI
terms, schema.org. Fields are those of ``producers/extract/page_signals.py``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from dateline.records import RightsSignal
from dateline.rights.record import ObjectKind, Scope
from dateline.rights.signals.links import (
    Link,
    is_label,
    is_licence_name,
    link_statements,
    object_key,
    read_link,
)
from dateline.rights.signals.make_statement import (
    ALONE,
    COPYRIGHT_LINE,
    CUT,
    Notices,
    Standing,
    field_statements,
    nothing,
    prose_statements,
    stated,
)
from dateline.rights.signals.object_words import kind_of_words
from dateline.rights.signals.same_page import is_same_page
from dateline.rights.signals.schema_org import facts_of, kind_of, role_of, truth_of
from dateline.rights.statement import (
    RANK_OBJECT,
    RANK_PAGE,
    RANK_SECTION,
    RANK_SITE,
    StatedAccess,
    Statement,
)

_FIELD = re.compile(
    r"(?P<tag>[\w-]*)(?:\[(?P<attribute>[\w*-]+)(?:=(?P<name>[^\]]*))?\])?(?P<type>\[type=[^\]]*\])?"
    r"(?:@(?P<place>[\w-]+))?"
)
_NOTHING_PLACES = ("comment", "hidden", "nav")
_SITE_PLACES = ("footer", "aside")
_LICENSE_NAME = re.compile(r"(?:.*[.:/#])?(?:citation_)?(?:licen[sc]e|webstatement)")
_RIGHTS_NAME = re.compile(
    r"(?:.*[.:/#])?(?:citation_)?(?:rights|copyright|copyright[-_ .]?notice|rights[-_ .]?standard"
    r"|usage[-_ ]?(?:terms|rights))"
)
_HOLDER_NAME = re.compile(r"(?:.*[.:/#])?(?:rights[-_ .]?holder|copyright[-_ .]?(?:holder|owner))")


def html_statements(
    signal: RightsSignal, notices: Notices, *, article_url: str | None
) -> Iterator[Statement | StatedAccess]:
    """Yield the statements of one signal of the layer ``html``.

    Raises: Nothing.
    """
    parts = _FIELD.fullmatch(signal.field.removesuffix(CUT))
    if parts is None:
        return
    attribute, name, place = parts["attribute"], parts["name"] or "", parts["place"] or "body"
    if parts["tag"] in ("hidden-text", "comment-text"):
        yield from prose_statements(signal, nothing(f"html.{parts['tag']}"), notices)
    elif parts["tag"] in ("link", "a") and attribute in ("rel", "href") and not parts["type"]:
        rule = "html.rel_license" if attribute == "rel" else "html.link"
        yield from _link(signal, _standing(signal, place, rule), notices, article_url, attribute)
    elif parts["tag"] == "meta" and attribute in ("name", "property", "http-equiv"):
        yield from _meta(signal, name, notices)
    elif parts["tag"] == "text" or (attribute or "").startswith("class"):
        yield from _notice(signal, parts["tag"], place, notices)
    elif attribute in ("property", "rel") and not parts["tag"]:
        yield from _rdfa(signal, name, place, notices, article_url)
    elif attribute == "itemprop" and not parts["tag"]:
        yield from _microdata(signal, name, place, notices, article_url)


def _standing(signal: RightsSignal, place: str, rule: str) -> Standing:
    if place in _NOTHING_PLACES:
        return nothing(f"{rule}.{place}")
    if place in _SITE_PLACES:
        return Standing(rank=RANK_SITE, scope="site", rule=f"{rule}.{place}")
    standing = Standing(rank=RANK_PAGE, scope="this_object", rule=rule)
    if place in ("figure", "blockquote"):
        link = read_link(signal.value)
        kind = _kind_in_figure(link) if place == "figure" else "quoted_work"
        return standing.of(kind, object_key(signal, link))
    if place == "republish":
        return Standing(rank=RANK_SECTION, scope="this_object", rule=f"{rule}.republish")
    return standing


def _kind_in_figure(link: Link) -> ObjectKind:
    """Return what a figure shows by its caption: a picture, unless it says that it is not one."""
    said = kind_of_words(link.context, None)
    return said if said in ("video", "audio") else "image"


def _section(standing: Standing) -> Standing:
    """Return the standing of a notice: on a page's own level only links of ``rel`` stand."""
    return replace(standing, rank=min(standing.rank, RANK_SECTION))


def _link(
    signal: RightsSignal,
    standing: Standing,
    notices: Notices,
    article_url: str | None,
    attribute: str,
) -> Iterator[Statement]:
    link = read_link(signal.value)
    is_rel = attribute == "rel"
    is_footer_label = signal.field.endswith("@footer") and is_label(link, notices.registry)
    # What links to a licence below a picture is the picture's credit, with or without "rel".
    is_caption = standing.kind == "image" and is_licence_name(link, notices.registry)
    yield from link_statements(
        signal,
        link,
        standing if is_rel else _section(standing),
        notices,
        article_url=article_url,
        is_rel_license=is_rel or is_footer_label or is_caption,
    )


def _meta(signal: RightsSignal, name: str, notices: Notices) -> Iterator[Statement]:
    scope: Scope = "site" if name == "copyright" else "this_object"
    standing = Standing(rank=RANK_PAGE, scope=scope, rule="html.meta")
    if _LICENSE_NAME.fullmatch(name):
        yield from field_statements(signal, standing, notices)
    elif _RIGHTS_NAME.fullmatch(name):
        yield from field_statements(signal, standing, notices)
        yield stated(signal, standing, "mention", copyright_notice=signal.value)
    elif _HOLDER_NAME.fullmatch(name):
        yield stated(signal, standing, "mention", copyright_holder=signal.value)


def _notice(signal: RightsSignal, tag: str, place: str, notices: Notices) -> Iterator[Statement]:
    """Yield what a footer, or an element whose class or id calls it a notice, says in prose."""
    standing = _section(_standing(signal, place, "html.notice"))
    if place == "republish":
        refused: tuple[str, ...] = ()
    elif place in _SITE_PLACES:
        # A whole footer names licences of banners and books too.
        refused = (ALONE,) if tag == "text" else ()
    else:
        # A class `copyright` is mostly that of a picture's credit.
        refused = (ALONE, COPYRIGHT_LINE)
    yield from prose_statements(signal, replace(standing, refused=refused), notices)


def _rdfa(
    signal: RightsSignal, name: str, place: str, notices: Notices, article_url: str | None
) -> Iterator[Statement]:
    link = read_link(signal.value)
    standing = _standing(signal, place, "html.rdfa")
    if _LICENSE_NAME.fullmatch(name):
        yield from link_statements(
            signal, link, standing, notices, article_url=article_url, is_rel_license=True
        )
    elif not standing.counts or standing.kind != "text" or link.about:
        return
    elif _RIGHTS_NAME.fullmatch(name):
        yield from prose_statements(signal, standing, notices)
    elif _HOLDER_NAME.fullmatch(name):
        yield stated(signal, standing, "mention", copyright_holder=_own_words(link))
    elif name.endswith("attributionname"):
        yield stated(signal, standing, "mention", credit_text=_own_words(link))
    elif name.endswith(("morepermissions", "useguidelines")):
        yield stated(signal, standing, "mention", usage_terms=link.target)


def _own_words(link: Link) -> str:
    return link.text or link.context or link.target


def _microdata(
    signal: RightsSignal, name: str, place: str, notices: Notices, article_url: str | None
) -> Iterator[Statement | StatedAccess]:
    link = read_link(signal.value)
    standing = _item_standing(signal, link, _standing(signal, place, "html.microdata"), article_url)
    if name == "license":
        yield from _item_license(signal, link, standing, notices)
    elif not standing.counts:
        return
    elif name == "isaccessibleforfree":
        is_free = truth_of(link.target)
        if standing.kind == "text" and is_free is not None:
            yield StatedAccess(is_free=is_free)
    elif facts := facts_of(name, link.target):
        yield stated(signal, standing, "mention", **facts)
        if name == "copyrightnotice":
            yield from prose_statements(signal, standing, notices, (0, len(link.target)))


def _item_standing(
    signal: RightsSignal, link: Link, standing: Standing, article_url: str | None
) -> Standing:
    """Return the standing of an item by its type, and by its address where that is known."""
    role = role_of(link.item_type)
    if not standing.counts or role == "nothing":
        return nothing(standing.rule)
    if role == "site":
        return Standing(rank=RANK_SITE, scope="site", rule=standing.rule)
    if role not in ("article", "page"):
        return standing.of(kind_of(role), object_key(signal, link))
    if link.item_address and article_url is not None:
        is_own = role == "article" and standing.kind == "text"
        own = replace(standing, rank=RANK_OBJECT) if is_own else standing
        return own if is_same_page(link.item_address, article_url) else nothing(standing.rule)
    # In the page's body a list of other articles looks the same.
    is_unknown = role == "article" and signal.field.removesuffix(CUT).endswith("@body")
    return nothing(standing.rule) if is_unknown else standing


def _item_license(
    signal: RightsSignal, link: Link, standing: Standing, notices: Notices
) -> Iterator[Statement]:
    """Yield an item's licence: its type says what it is of, so that words around do not matter."""
    span = (0, len(link.target))
    if not standing.counts:
        license_ = notices.registry.by_address(link.target)
        yield stated(signal, standing, "mention", license=license_, span=span)
    else:
        yield from field_statements(signal, standing, notices, span)
