"""Return what Media RSS says of the rights in each media object of a feed's item.

Source: Media RSS 1.5.1 (rssboard.org/media-rss), "Optional Elements": what a channel, an item or a
group says is said of every media object in it; of one name the deepest counts. None of it is about
the text.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dateline.records import RightsSignal
from dateline.rights.signals.same_page import kind_of_file
from producers.sources.feed_names import RDF_NAMESPACE, children, name_of, resolved, text_of
from producers.sources.feed_rights import LAYER, MAX_VALUE_CHARS, STATEMENTS

NAMES = frozenset({"media:license", "media:copyright", "media:rights", "media:restriction"})
# Which attribute of an element says something of rights besides its text.
_ATTRIBUTES = {"media:license": "href", "media:copyright": "url", "media:rights": "status"}
MAX_SIGNALS = 40  # a gallery of more pictures says the same of each
MAX_OBJECTS = 40  # of an item, and of a group
MAX_ADDRESS_CHARS = 1000
MAX_TYPE_CHARS = 60
_OBJECT = "media:content"


@dataclass(frozen=True, slots=True)
class MediaStatement:
    """What one element says of media; ``scope`` is the level it stands at: ``item``, ..."""

    scope: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class _MediaObject:
    """``stated`` is what stands at the object itself and at its group, the deepest last."""

    place: str
    stated: tuple[tuple[MediaStatement, ...], ...]


def media_statements(element: Any, *, scope: str) -> tuple[MediaStatement, ...]:
    """Return what a channel or an item says of all media in it.

    Args:
        element: the channel, feed, item or entry.
        scope: what it is called in the field of a signal.
    """
    return tuple(_own(element, scope, NAMES))


def media_rights(
    item: Any, *, scope: str, base_url: str, of_channel: Iterable[MediaStatement] = ()
) -> tuple[RightsSignal, ...]:
    """Return the statements about each media object of an item, in document order.

    Args:
        item: the item or entry.
        scope: ``item`` or ``entry``.
        base_url: where the document came from, for relative addresses.
        of_channel: what the channel says of all media.

    Returns:
        fields such as ``item/media:content[medium=video][url=https://...]/media:license``, which
        begin with the level that the statement stands at. An item with media elements and no object
        to apply them to has ``item/media:license``.
    """
    of_item = media_statements(item, scope=scope)
    contents = itertools.islice(_contents(item, scope, base_url), MAX_OBJECTS)
    enclosures = itertools.islice(_enclosures(item, base_url), MAX_OBJECTS)
    objects = [*contents] or [*enclosures]
    found: Iterator[tuple[str, MediaStatement]]
    if objects:
        found = (
            (f"{each.place}/", statement)
            for each in objects
            for statement in _effective((tuple(of_channel), of_item, *each.stated))
        )
    else:
        found = (("", statement) for statement in of_item)
    signals = (
        RightsSignal(
            layer=LAYER,
            field=f"{statement.scope}/{place}{statement.name}",
            value=statement.value,
        )
        for place, statement in found
    )
    return tuple(dict.fromkeys(itertools.islice(signals, MAX_SIGNALS)))


def _own(element: Any, scope: str, names: Iterable[str]) -> Iterator[MediaStatement]:
    """Yield what stands directly in ``element``."""
    for child in children(element, *names):
        name = name_of(child)
        for value in _values(child, name):
            if text := value.strip()[:MAX_VALUE_CHARS]:
                yield MediaStatement(scope, STATEMENTS.get(name, name), text)


def _values(element: Any, name: str) -> Iterator[str]:
    if name == "media:restriction":
        words = (element.get("relationship") or "", element.get("type") or "")
        yield f"{' '.join(word for word in words if word)}: {text_of(element)}"
    elif name in NAMES:
        yield element.get(_ATTRIBUTES[name]) or ""
        yield text_of(element)
    else:
        yield element.get(f"{RDF_NAMESPACE}resource") or text_of(element)


def _effective(levels: Sequence[tuple[MediaStatement, ...]]) -> Iterator[MediaStatement]:
    """Yield the statements of all levels but those that a deeper one of their name replaces."""
    by_name: dict[str, list[MediaStatement]] = {}
    for level in levels:
        named = {each.name for each in level}
        by_name = {name: said for name, said in by_name.items() if name not in named}
        for each in level:
            by_name.setdefault(each.name, []).append(each)
    for said in by_name.values():
        yield from said


def _contents(item: Any, scope: str, base_url: str) -> Iterator[_MediaObject]:
    for element in children(item, _OBJECT, "media:group"):
        if name_of(element) == _OBJECT:
            yield _content(element, scope, base_url)
        else:
            yield from _group(element, scope, base_url)


def _group(group: Any, scope: str, base_url: str) -> Iterator[_MediaObject]:
    """Yield one object for all forms of the same content, and each form that says more."""
    of_group = tuple(_own(group, scope, (*NAMES, *STATEMENTS)))
    contents = list(itertools.islice(children(group, _OBJECT), MAX_OBJECTS))
    plain: _MediaObject | None = None
    for content in sorted(contents, key=lambda each: each.get("isDefault") != "true"):
        found = _content(content, scope, base_url, of_group)
        if found.stated[-1]:
            yield found
        elif plain is None:
            plain = found
    if plain is not None:
        yield plain
    elif not contents:
        yield _MediaObject("media:group", (of_group,))


def _content(
    element: Any, scope: str, base_url: str, of_group: tuple[MediaStatement, ...] = ()
) -> _MediaObject:
    place = _place(_OBJECT, element, element.get("url") or "", base_url)
    return _MediaObject(place, (of_group, tuple(_own(element, scope, (*NAMES, *STATEMENTS)))))


def _enclosures(item: Any, base_url: str) -> Iterator[_MediaObject]:
    """Yield the files that an item without media objects encloses: Media RSS supplements them."""
    for element in children(item, "enclosure"):
        place = _place("enclosure", element, element.get("url") or "", base_url)
        yield _MediaObject(place, ())
    for element in children(item, "atom:link", "link"):
        if "enclosure" in (element.get("rel") or "").lower().split():
            place = _place("enclosure", element, element.get("href") or "", base_url)
            yield _MediaObject(place, ())


def _place(name: str, element: Any, address: str, base_url: str) -> str:
    attributes: Mapping[str, str] = {
        "medium": (element.get("medium") or "").lower()[:MAX_TYPE_CHARS],
        "type": (element.get("type") or "").lower()[:MAX_TYPE_CHARS],
        "url": _address(address, element, base_url),
    }
    return name + "".join(
        f"[{key}={_word(value)}]" for key, value in attributes.items() if value.strip()
    )


def _address(address: str, element: Any, base_url: str) -> str:
    """Return the address of a file, "" for none; without its query where the path names the file.

    A signature in the query may change at every look, and each would be an edit of the article.
    """
    url = resolved(address, element=element, base_url=base_url) or ""
    if kind_of_file(urlsplit(url).path):
        url = url.partition("?")[0]
    return url if len(url) <= MAX_ADDRESS_CHARS else ""


def _word(value: str) -> str:
    """Return a value as it can stand in brackets."""
    return "%20".join(value.split()).replace("[", "%5B").replace("]", "%5D")
