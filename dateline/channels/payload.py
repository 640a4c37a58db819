"""Return the JSON value of a webhook, small enough for every receiver (Standard Webhooks 1.0.0)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from dateline.alert_records import Alert
from dateline.channels.plain_words import MAX_URL_CHARS, web_url

# The specification asks for less than 20 kB; receivers count bytes.
MAX_BODY_BYTES = 19_500
# Longest text and most entries of a list, from "as it is" to what always fits.
STEPS = ((4_000, 100), (1_500, 40), (600, 20), (250, 10), (120, 5), (64, 2))
UNCUT = frozenset({"alert_id", "article_id", "story_id", "corrects_alert_id", "watch_id",
                   "channel_id"})  # fmt: skip


def alert_payload(alert: Alert, *, alert_url: str | None) -> dict[str, Any]:
    """Return the payload of one alert: ``data`` is the record, cut where it is too long.

    ``data.is_cut`` says whether anything was cut; the ledger has all of it.
    """
    data = {**msgspec.to_builtins(alert), "alert_url": alert_url, "is_cut": False}
    if alert.content is not None:
        data["content"]["url"] = web_url(alert.content.url)
    return _fitted(_payload(f"alert.{alert.trigger}", alert.created_at, data))


def digest_payload(
    channel_id: str, alerts: Sequence[Alert], *, more_count: int, created_at: datetime
) -> dict[str, Any]:
    """Return the payload of a digest: one entry an alert, as many as fit, the rest counted."""
    entries = [_entry(alert) for alert in alerts]
    data = {"channel_id": channel_id, "alert_count": len(entries) + more_count}
    kept = len(entries)
    while True:
        listed = {"alerts": entries[:kept], "more_count": len(entries) - kept + more_count}
        payload = _payload("alert.digest", created_at, data | listed)
        if kept == 0 or len(body_of(payload)) <= MAX_BODY_BYTES:
            return payload
        kept -= max(1, kept // 10)


def body_of(payload: dict[str, Any]) -> bytes:
    """Return the bytes that are signed and sent: UTF-8 JSON."""
    return msgspec.json.encode(payload)


def _payload(kind: str, at: datetime, data: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "timestamp": msgspec.to_builtins(at), "data": _shortened(data, None, 0)}


def _entry(alert: Alert) -> dict[str, Any]:
    content = alert.content
    words: dict[str, Any] = {}
    if content is not None:
        words = {
            "watch_name": content.watch_name,
            "title": content.title,
            "source_id": content.source_id,
            "url": web_url(content.url),
            "spdx_expression": content.spdx_expression,
            "note": content.note,
        }
    entry = {
        "alert_id": alert.alert_id,
        "watch_id": alert.watch_id,
        "trigger": alert.trigger,
        "article_id": alert.article_id,
        "story_id": alert.story_id,
        "created_at": msgspec.to_builtins(alert.created_at),
    }
    shortened: dict[str, Any] = _shortened(entry | words, 300, 10)
    return shortened


def _fitted(payload: dict[str, Any]) -> dict[str, Any]:
    if len(body_of(payload)) <= MAX_BODY_BYTES:
        return payload
    for max_chars, max_items in STEPS:
        data = {**_shortened(payload["data"], max_chars, max_items), "is_cut": True}
        cut = {**payload, "data": data}
        if len(body_of(cut)) <= MAX_BODY_BYTES:
            break
    return cut


def _shortened(value: Any, max_chars: int | None, max_items: int, key: str = "") -> Any:
    """Return ``value`` with shorter texts and lists; without a limit, only with clean Unicode."""
    if isinstance(value, str):
        clean = value.encode("utf-8", "replace").decode()  # a lone surrogate has no UTF-8 form
        if max_chars is None or key in UNCUT:
            return clean
        if key.endswith("url"):  # a part of an address is another address
            return clean if len(clean) <= min(MAX_URL_CHARS, 8 * max_chars) else None
        return clean if len(clean) <= max_chars else f"{clean[: max_chars - 1]}…"
    if isinstance(value, dict):
        return {name: _shortened(each, max_chars, max_items, name) for name, each in value.items()}
    if isinstance(value, list | tuple):
        kept = value if max_chars is None else value[:max_items]
        return [_shortened(each, max_chars, max_items) for each in kept]
    return value
