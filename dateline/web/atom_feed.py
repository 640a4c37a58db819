"""Return the alerts of a watch as an Atom feed (RFC 4287).

feedgen, the library for it, has had no release since 2023 and no wheel; this is what it would do.
"""

from __future__ import annotations

import uuid
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime

from dateline.alert_records import Watch
from dateline.alerts.ledger import LedgerEntry
from dateline.channels.alert_words import AlertWords, words_of_alert
from dateline.channels.plain_words import one_line

ATOM = "http://www.w3.org/2005/Atom"
# Ids must stay the same wherever the feed is served from (RFC 4287 4.2.6).
IDS = uuid.UUID("3f0c1b9e-3d0e-5b7e-9a55-0c6d6f1a7b11")
MAX_TITLE_CHARS = 200

ET.register_namespace("", ATOM)


def feed_bytes(watch: Watch, entries: Sequence[LedgerEntry], *, base_url: str) -> bytes:
    """Return the feed as UTF-8; the same for the same alerts, so that a tag can stand for it.

    Args:
        watch: whose alerts they are.
        entries: the newest first.
        base_url: of our pages, ``http://127.0.0.1:8660``.

    Returns:
        an entry an alert, with what its message says and no more.
    """
    name = one_line(watch.name or watch.query, MAX_TITLE_CHARS) or watch.watch_id
    newest = max((each.alert.created_at for each in entries), default=watch.created_at)
    feed = ET.Element(_tag("feed"))
    _text(feed, "id", entry_id(f"watch:{watch.watch_id}"))
    _text(feed, "title", f"Alerts: {name}")
    _text(feed, "updated", _moment(newest))
    _text(ET.SubElement(feed, _tag("author")), "name", "Dateline")
    path = f"{base_url}/v1/watches/{watch.watch_id}/alerts.atom"
    _link(feed, "self", path, media_type="application/atom+xml")
    _link(feed, "alternate", f"{base_url}/alerts?watch={watch.watch_id}", media_type="text/html")
    for entry in entries:
        _entry(feed, entry, base_url)
    content: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return content


def entry_id(name: str) -> str:
    """Return the lasting id of an alert or a feed."""
    return uuid.uuid5(IDS, name).urn


def _entry(feed: ET.Element, entry: LedgerEntry, base_url: str) -> None:
    alert = entry.alert
    words = words_of_alert(alert, public_url=base_url)
    row = ET.SubElement(feed, _tag("entry"))
    _text(row, "id", entry_id(alert.alert_id))
    _text(row, "title", words.headline)
    _text(row, "updated", _moment(alert.created_at))
    if alert.content is not None and alert.content.published_at is not None:
        _text(row, "published", _moment(alert.content.published_at))
    _text(ET.SubElement(row, _tag("author")), "name", words.source or "unknown")
    _link(row, "alternate", words.url or words.alert_url or base_url, media_type="text/html")
    if words.attribution:
        _text(row, "rights", words.attribution)
    _text(row, "content", "\n".join(lines_of(words)))


def lines_of(words: AlertWords) -> list[str]:
    """Return what an entry says, as lines of plain text."""
    text = [words.note, words.sentence, words.excerpt]
    if words.withheld:
        text.append(f"Text withheld by its licence: {words.withheld}")
    text += [f"Why: {reason}" for reason in words.reasons]
    if words.story:
        text.append(f"Story: {words.story}")
    text.append(f"Source: {words.source}. Licence: {words.license}.")
    return [line for line in text if line]


def _tag(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _text(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, _tag(name)).text = text


def _link(parent: ET.Element, relation: str, address: str, *, media_type: str) -> None:
    ET.SubElement(parent, _tag("link"), rel=relation, href=address, type=media_type)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
