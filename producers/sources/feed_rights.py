"""Return every statement about rights in a feed, word for word, with where it stands.

Read from the XML itself: feed libraries lose prefixes, flatten RSL, and give a picture's licence to
the article. The syntaxes are those of Creative Commons (RSS and RDF modules), Dublin Core, RFC 4946
and RFC 4287, RSL and TDMRep. What Media RSS says is about media objects only: ``media_rights``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import lxml.etree

from dateline.records import RightsSignal
from producers.sources.feed_names import RDF_NAMESPACE, children, name_of, resolved, text_of

LAYER = "feed"
MAX_VALUE_CHARS = 4000  # a licence text belongs behind an address; this holds any notice
MAX_RSL_CHARS = 20_000  # half a document is none, and a prohibition may stand in its other half
MAX_SIGNALS = 50  # an entry with more repeats itself
STATEMENTS = {
    "copyright": "copyright",
    "license": "license",
    "atom:rights": "atom:rights",
    "atom:copyright": "atom:copyright",
    "dc:rights": "dc:rights",
    "dcterms:rights": "dcterms:rights",
    "dcterms:license": "dcterms:license",
    "dcterms:rightsholder": "dcterms:rightsHolder",
    "dcterms:accessrights": "dcterms:accessRights",
    "creativeCommons:license": "creativeCommons:license",
    "cc:license": "cc:license",
    "cc:morepermissions": "cc:morePermissions",
    "cc:useguidelines": "cc:useGuidelines",
    "cc:attributionname": "cc:attributionName",
    "cc:attributionurl": "cc:attributionURL",
    "tdm:reservation": "tdm:reservation",
    "tdm:policy": "tdm:policy",
}
RSL_TYPE = "application/rsl+xml"


def feed_rights(element: Any, *, scope: str, base_url: str) -> tuple[RightsSignal, ...]:
    """Return the statements that are direct children of a channel, feed, item or entry.

    Those of an entry's ``source`` follow with ``scope/source``: they are about the entry as well
    where it says nothing itself (RFC 4946).

    Args:
        element: the channel or item.
        scope: what ``field`` begins with: ``channel``, ``item``, ``feed`` or ``entry``.
        base_url: where the document came from, for relative addresses.
    """
    signals = list(_statements(element, scope, base_url))
    for source in children(element, "atom:source", "source"):
        signals.extend(_statements(source, f"{scope}/source", base_url))
    return tuple(signals[:MAX_SIGNALS])


def _statements(element: Any, scope: str, base_url: str) -> Iterator[RightsSignal]:
    is_atom = name_of(element).startswith("atom:")
    for child in element:
        name = name_of(child)
        for field, value in _values(child, name, base_url):
            # In Atom its own elements need no prefix: `entry/rights`.
            bare = field.removeprefix("atom:") if is_atom else field
            signal = _signal(f"{scope}/{bare}", value)
            if signal is not None:
                yield signal


def _values(child: Any, name: str, base_url: str) -> Iterator[tuple[str, str]]:
    if name in STATEMENTS:
        resource = child.get(f"{RDF_NAMESPACE}resource") or child.get("href")
        yield STATEMENTS[name], _absolute(resource, child, base_url) if resource else text_of(child)
    elif name in ("atom:link", "link") and _is_license(child):
        is_rsl = (child.get("type") or "").lower().startswith(RSL_TYPE)
        field = f"{'rsl:' if is_rsl else name[:-4]}link[@rel=license]"
        yield field, _absolute(child.get("href") or "", child, base_url)
    elif name.startswith("rsl:"):
        yield name, _canonical(child)


def _is_license(element: Any) -> bool:
    return "license" in (element.get("rel") or "").lower().split()


def _absolute(address: str, element: Any, base_url: str) -> str:
    return resolved(address, element=element, base_url=base_url) or address.strip()


def _canonical(element: Any) -> str:
    """Return the element as XML: what it permits and prohibits is lost without its structure."""
    xml: bytes = lxml.etree.tostring(element, method="c14n", exclusive=True, with_tail=False)
    return xml.decode()


def _signal(field: str, value: str) -> RightsSignal | None:
    most = MAX_RSL_CHARS if "/rsl:" in field else MAX_VALUE_CHARS
    text = value.strip()[:most]
    return RightsSignal(layer=LAYER, field=field, value=text) if text else None
