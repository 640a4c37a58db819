"""Made-up alerts, ledger entries and channels for the tests of the deliver stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sample_records import sha

from dateline.alert_records import Alert, AlertContent, AlertTrigger, Channel
from dateline.alerts.ledger import LedgerEntry
from dateline.rights.record import DisplayTier

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
SENTENCE = "The talks in Doha went on for a third day."
BODY = f"{SENTENCE} Nobody said how long they would last. Lunch was served late."


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def channel(channel_id: str = "desk", **values: Any) -> Channel:
    return Channel(
        **{
            "channel_id": channel_id,
            "kind": "webhook",
            "created_at": NOW - timedelta(days=30),
            "address": "https://hooks.example/desk",
            **values,
        }
    )


def alert(
    name: str = "one",
    *,
    channel_id: str = "desk",
    trigger: AlertTrigger = "match",
    corrects: Alert | None = None,
    article: str | None = None,
) -> Alert:
    """Return an alert about an article of its own, or about that of the alert that it corrects."""
    article_id = sha(article or name) if corrects is None else corrects.article_id
    return Alert(
        alert_id=sha(f"alert {name}"), watch_id="talks", channel_id=channel_id, trigger=trigger,
        subject=sha(name), article_id=article_id, revision=1, story_id=sha("story"),
        story_aliases=(), created_at=NOW,
        corrects_alert_id=corrects.alert_id if corrects else None,
        content=AlertContent(
            watch_name="Talks", query="doha NEAR/5 talks", reasons=("doha and talks are near",),
            title=f"Talks go on: {name}", sentence=SENTENCE, excerpt=BODY[:60],
            source_id="wire.example", first_seen_at=NOW,
        ),
    )  # fmt: skip


def entry(told: Alert, *, display: DisplayTier = "full", snippet_chars: int = 0) -> LedgerEntry:
    return LedgerEntry(
        alert=replace(told, channel_id=""), channel_ids=(told.channel_id,), display=display,
        snippet_chars=snippet_chars,
    )  # fmt: skip
