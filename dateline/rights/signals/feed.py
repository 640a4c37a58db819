"""Return what a feed says about rights, of the item, of its channel, and of its media.

Sources: the Creative Commons modules of RSS 2.0 and 1.0, Dublin Core, RFC 4946 (Atom: the entry's
links, else those of its source, else the feed's; ``license#unspecified``), Media RSS, JSON Feed.
The HTML of an item is read as a page's: its signals are of the layer ``html``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from dateline.records import RightsSignal
from dateline.rights.record import ObjectKind
from dateline.rights.signals.make_statement import (
    CUT,
    Facts,
    Notices,
    Standing,
    field_statements,
    nothing,
    stated,
)
from dateline.rights.signals.same_page import kind_of_file
from dateline.rights.statement import RANK_CHANNEL, RANK_ITEM, Statement

_FIELD = re.compile(r"(?:(?P<scope>item|entry|channel|feed)/)?(?P<source>source/)?(?P<name>.+)")
_LICENSE_NAMES = frozenset({"license", "licence", "license_url"})
_RIGHTS_NAMES = frozenset({"copyright", "rights", "usage_terms"})
_ATOM_LINK = "link[@rel=license]"
_UNSPECIFIED = "license#unspecified"
# What the producers give of a media object: ``media:content[medium=video][url=...]``.
_ATTRIBUTE = re.compile(r"\[(medium|type|url)=([^\]]*)\]")
_MEDIA_PLACES = ("media:", "enclosure[")
_MEDIA_KINDS: dict[str, ObjectKind] = {"image": "image", "video": "video", "audio": "audio"}
_ITEM = Standing(rank=RANK_ITEM, scope="this_object", rule="feed.item")
_CHANNEL = Standing(rank=RANK_CHANNEL, scope="channel", rule="feed.channel")
_MEDIA = Standing(rank=RANK_ITEM, scope="this_object", rule="feed.media")
_CHANNEL_MEDIA = Standing(rank=RANK_CHANNEL, scope="channel", rule="feed.media")


def feed_statements(signals: Sequence[RightsSignal], notices: Notices) -> Iterator[Statement]:
    """Yield the statements of all signals of a feed about one item, by the feed's own rules.

    Raises: Nothing.
    """
    own = [s for s in signals if _level(s) == 0 and _name(s) == _ATOM_LINK]
    is_unspecified = any(s.value.strip().endswith(_UNSPECIFIED) for s in own)
    levels = [_level(s) for s in signals if _name(s) == _ATOM_LINK]
    for signal in signals:
        is_outdone = _name(signal) == _ATOM_LINK and _level(signal) > min(levels)
        is_denied = is_unspecified and _level(signal) > 0
        for said in _said(signal, notices):
            if said.frame == "grant_text" and (is_outdone or is_denied):
                superseded = nothing("feed.superseded")
                yield stated(signal, superseded, "mention", license=said.license)
            else:
                yield said


def _parts(signal: RightsSignal) -> re.Match[str] | None:
    return _FIELD.fullmatch(signal.field.removesuffix(CUT))


def _name(signal: RightsSignal) -> str:
    parts = _parts(signal)
    return parts["name"].removeprefix("atom:") if parts else ""


def _level(signal: RightsSignal) -> int:
    """Return 0 for the item, 1 for the source it was taken from, 2 for the channel."""
    parts = _parts(signal)
    if parts is None or parts["scope"] in ("channel", "feed"):
        return 2
    return 1 if parts["source"] else 0


def _said(signal: RightsSignal, notices: Notices) -> Iterator[Statement]:
    name = _name(signal)
    standing = _ITEM if _level(signal) == 0 else _CHANNEL
    if name.startswith(_MEDIA_PLACES):
        yield from _media(signal, name, notices)
    elif name.startswith(("rsl:", "tdm:")):
        return
    elif name == _ATOM_LINK or _bare(name) in _LICENSE_NAMES:
        yield from field_statements(signal, standing, notices)
    elif _bare(name) in _RIGHTS_NAMES:
        yield from field_statements(signal, standing, notices)
        yield stated(signal, standing, "mention", copyright_notice=signal.value)
    elif facts := _facts(name, signal.value):
        yield stated(signal, standing, "mention", **facts)


def _bare(name: str) -> str:
    """Return a name without namespace prefix, extension and part: ``_x/license.url``."""
    return name.rpartition("/")[2].partition(".")[0].rpartition(":")[2]


def _facts(name: str, value: str) -> Facts | None:
    match name.rpartition(":")[2]:
        case "rightsHolder":
            return Facts(copyright_holder=value)
        case "attributionName":
            return Facts(credit_text=value)
        case "morePermissions" | "useGuidelines":
            return Facts(usage_terms=value)
    return None


def _media(signal: RightsSignal, name: str, notices: Notices) -> Iterator[Statement]:
    """Yield what is said about media: the media's alone."""
    place, _, element = name.rpartition("/")
    attributes = dict(_ATTRIBUTE.findall(place))
    level = _MEDIA if _level(signal) == 0 else _CHANNEL_MEDIA
    standing = level.of(_media_kind(attributes), attributes.get("url", place))
    bare = _bare(element)
    if element == "media:rights":
        return  # who made it, no terms
    if element == "media:restriction":
        yield stated(signal, standing, "mention", usage_terms=signal.value)
    elif bare in _LICENSE_NAMES:
        yield from field_statements(signal, standing, notices)
    elif bare in _RIGHTS_NAMES:
        # Media RSS wants the address of a licence here, too.
        yield from field_statements(signal, standing, notices)
        yield stated(signal, standing, "mention", copyright_notice=signal.value)


def _media_kind(attributes: Mapping[str, str]) -> ObjectKind:
    """Return the kind of a media object: what is said of it, else what its address ends in.

    Most feeds that say nothing have pictures.
    """
    said = attributes.get("medium") or attributes.get("type", "").partition("/")[0]
    kind = _MEDIA_KINDS.get(said) or kind_of_file(attributes.get("url", ""))
    return kind or ("other" if said else "image")
