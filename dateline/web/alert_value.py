"""Return alerts and what came of them as plain values, for JSON; and places in the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from dateline.alert_records import Watch
from dateline.alerts.deliveries import Delivery
from dateline.alerts.ledger import LedgerEntry, LedgerPlace
from dateline.channels.plain_words import web_url

_CURSOR = re.compile(r"([0-9]{1,15})-([0-9a-f]{64})")
# Which process is at a delivery, and how often our own code failed with it, is nobody's concern.
INTERNAL = ("lease_until", "lease_owner", "bug_count")


def alert_value(entry: LedgerEntry) -> dict[str, Any]:
    """Return an alert; its address is http or https, or None."""
    value: dict[str, Any] = msgspec.to_builtins(entry.alert)
    del value["channel_id"]
    if entry.alert.content is not None:
        value["content"]["url"] = web_url(entry.alert.content.url)
    return value | {"channel_ids": list(entry.channel_ids)}


def delivery_values(deliveries: Sequence[Delivery]) -> list[dict[str, Any]]:
    """Return the deliveries of an alert, with the history of each."""
    rows = [msgspec.to_builtins(each) for each in deliveries]
    return [{key: value for key, value in row.items() if key not in INTERNAL} for row in rows]


def watch_value(watch: Watch) -> dict[str, Any]:
    """Return a watch."""
    value: dict[str, Any] = msgspec.to_builtins(watch)
    return value


def cursor_of(place: LedgerPlace) -> str:
    """Return a place in the list as a word of an address."""
    return f"{place.created_ms}-{place.alert_id}"


def read_cursor(text: str) -> LedgerPlace | None:
    """Return the place that ``cursor_of`` wrote; None: it did not."""
    found = _CURSOR.fullmatch(text)
    return LedgerPlace(int(found[1]), found[2]) if found else None
