"""Return the alerts of a watch as an Atom feed."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from dateline.alert_records import Watch
from dateline.alerts.ledger import LedgerEntry
from dateline.channels.alert_words import AlertWords, words_of_alert
from dateline.channels.plain_words import one_line
from dateline.web.atom_xml import (
    ATOM_TYPE,
    add_author,
    add_link,
    add_text,
    moment,
    new_entry,
    new_feed,
    written,
)

MAX_TITLE_CHARS = 200


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
    feed = new_feed(name=f"watch:{watch.watch_id}", title=f"Alerts: {name}", updated=newest)
    path = f"{base_url}/v1/watches/{watch.watch_id}/alerts.atom"
    add_link(feed, "self", path, media_type=ATOM_TYPE)
    add_link(feed, "alternate", f"{base_url}/alerts?watch={watch.watch_id}", media_type="text/html")
    for entry in entries:
        _entry(feed, entry, base_url)
    return written(feed)


def _entry(feed: ET.Element, entry: LedgerEntry, base_url: str) -> None:
    alert = entry.alert
    words = words_of_alert(alert, public_url=base_url)
    row = new_entry(feed, name=alert.alert_id, title=words.headline, updated=alert.created_at)
    if alert.content is not None and alert.content.published_at is not None:
        add_text(row, "published", moment(alert.content.published_at))
    add_author(row, words.source or "unknown")
    add_link(row, "alternate", words.url or words.alert_url or base_url, media_type="text/html")
    if words.attribution:
        add_text(row, "rights", words.attribution)
    add_text(row, "content", "\n".join(lines_of(words)))


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
