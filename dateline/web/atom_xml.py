"""Write the elements of an Atom feed (RFC 4287).

feedgen, the library for it, has had no release since 2023 and no wheel; this is what it would do.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

ATOM = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml"
# Ids must stay the same wherever the feed is served from (RFC 4287 4.2.6).
IDS = uuid.UUID("3f0c1b9e-3d0e-5b7e-9a55-0c6d6f1a7b11")

ET.register_namespace("", ATOM)


def new_feed(*, name: str, title: str, updated: datetime) -> ET.Element:
    """Return a feed without links and entries; ``name`` tells it from all others of ours."""
    feed = ET.Element(_tag("feed"))
    add_text(feed, "id", entry_id(name))
    add_text(feed, "title", title)
    add_text(feed, "updated", moment(updated))
    add_author(feed, "Dateline")
    return feed


def new_entry(feed: ET.Element, *, name: str, title: str, updated: datetime) -> ET.Element:
    """Add an entry to ``feed`` and return it."""
    entry = ET.SubElement(feed, _tag("entry"))
    add_text(entry, "id", entry_id(name))
    add_text(entry, "title", title)
    add_text(entry, "updated", moment(updated))
    return entry


def entry_id(name: str) -> str:
    """Return the lasting id of an entry or a feed."""
    return uuid.uuid5(IDS, name).urn


def add_text(parent: ET.Element, name: str, text: str) -> None:
    """Add an element with plain text, which must hold no character that XML has not."""
    ET.SubElement(parent, _tag(name)).text = text


def add_author(parent: ET.Element, name: str) -> None:
    """Add who wrote it."""
    add_text(ET.SubElement(parent, _tag("author")), "name", name)


def add_link(parent: ET.Element, relation: str, address: str, *, media_type: str) -> None:
    """Add a link."""
    ET.SubElement(parent, _tag("link"), rel=relation, href=address, type=media_type)


def moment(at: datetime) -> str:
    """Return a time as RFC 3339 writes it."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def written(feed: ET.Element) -> bytes:
    """Return the feed as UTF-8."""
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"
