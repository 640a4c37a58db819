"""Read licence marks: an icon of Creative Commons that links to one licence, and no words.

Source: Creative Commons marks a work by its icon together with the address of the very licence
("Marking your work"); in a footer or side column the work is the site.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from dateline.records import RightsSignal
from dateline.rights.license import License, NamedLicense
from dateline.rights.signals.links import Link, link_statements, read_link
from dateline.rights.signals.make_statement import Notices, Standing
from dateline.rights.signals.object_words import names_other_object
from dateline.rights.signals.same_page import unarchived
from dateline.rights.statement import RANK_SITE, Statement

_SITE_LINK = re.compile(r"a\[(?:href|rel=license|rel=copyright)\]@(?P<place>footer|aside)")
# Where Creative Commons keeps its buttons; a proxy of images may stand before the host.
_BUTTON = re.compile(
    r"(?://|/)(?:i\.creativecommons\.org|(?:www\.)?licensebuttons\.net)/[lp]/(?P<code>[a-z-]{2,20})/"
)
# Names that its buttons have on other servers: cc-by-88x31.png, creative-commons.png.
_FILE = re.compile(
    r"(?:cc|creative-?commons)"
    r"(?:[-.](?:by|n[cd]|sa|zero|0|licen[sc]e|lizenz|logo|button|badge|icons?|[1-4]\.0|\d{2,3}x\d{2,3}"
    r"|\d{2,4}))*"
)
_SIZE = re.compile(r"-\d{2,4}(?:x\d{2,4})?$")
_LICENSE_WORD = re.compile(r"\w*(?:licen[csz]|lizen[sz]|лиценз)\w*|logo|icons?|button|badge|de|the")


def license_marks(
    signals: Iterable[RightsSignal], notices: Notices, *, article_url: str | None
) -> frozenset[RightsSignal]:
    """Return the links that are their site's licence mark.

    There are none where footers and side columns link to several licences, for then the icon alone
    does not tell which is the site's.

    Raises: Nothing.
    """
    links = [
        (signal, link, license_)
        for signal in signals
        if signal.layer == "html" and _SITE_LINK.fullmatch(signal.field)
        for link in [read_link(signal.value)]
        if (license_ := notices.registry.by_address(unarchived(link.target, article_url)))
    ]
    if len({license_.spdx_id for *_, license_ in links}) != 1:
        return frozenset()
    return frozenset(each for each, link, license_ in links if _is_mark(link, license_, notices))


def mark_statements(
    signal: RightsSignal, notices: Notices, *, article_url: str | None
) -> Iterator[Statement]:
    """Yield what one of ``license_marks`` says: it is as good as a link of ``rel=license``."""
    place = signal.field.rpartition("@")[2]
    yield from link_statements(
        signal,
        replace(read_link(signal.value), context=""),
        Standing(rank=RANK_SITE, scope="site", rule=f"html.license_mark.{place}"),
        notices,
        article_url=article_url,
        is_rel_license=True,
    )


def _is_mark(link: Link, license_: License, notices: Notices) -> bool:
    """Return whether a link holds a licence's icon alone, and no words beside it speak of works.

    Where the words around it state a licence, they say of what it is.
    """
    if link.text or link.image is None or license_.version is None:
        return False
    return (
        _is_icon_of(license_, link.image, link.image_words, notices)
        and not names_other_object(link.beside)
        and not any(said.license for said in notices.read(link.context))
    )


def _is_icon_of(license_: License, address: str, words: str, notices: Notices) -> bool:
    """Return whether an image is an icon of this licence, by its address or words.

    One that names other conditions is not: it contradicts the link.
    """
    button = _BUTTON.search(address)
    name = _file_name(address)
    shown = notices.registry.find(_SIZE.sub("", name).upper()) if _FILE.fullmatch(name) else ()
    said = notices.registry.find(words)
    if button and set(button["code"].split("-")) != set((license_.code or "").split("-")):
        return False
    conditions = [each.license.constraints for each in (*shown, *said) if each.license]
    if any(each != license_.constraints for each in conditions):
        return False
    return bool(button or shown or (said and _says_nothing_else(words, said)))


def _says_nothing_else(words: str, named: Iterable[NamedLicense]) -> bool:
    """Return whether words are the name of a licence, no photo's title."""
    for each in sorted(named, key=lambda each: -each.start):
        words = f"{words[: each.start]} {words[each.end :]}"
    return all(_LICENSE_WORD.fullmatch(word) for word in re.findall(r"\w+", words.lower()))


def _file_name(address: str) -> str:
    """Return the name of an address's file without extension, ``-`` between its words."""
    name = address.partition("?")[0].partition("#")[0].rpartition("/")[2].lower()
    return re.sub(r"[-_\s]+", "-", name.rpartition(".")[0])
