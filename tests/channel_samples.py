"""An alert, its content and channels, for tests of messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from dateline.alert_records import Alert, AlertContent, AlertEntity, Channel

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
SIGNING_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the specification's example

CONTENT = AlertContent(
    watch_name="Qatar talks",
    query="entity:Q846 AND talks",
    reasons=("the query's entity “Qatar” in the title", "the word “talks” in the title"),
    title="Talks in Doha",
    sentence="Al-Khulaifi said the talks went on.",
    excerpt="The talks went on for hours.",
    entities=(AlertEntity(entity_id="Q846", name="Qatar", entity_type="country"),),
    url="https://news.example/a/1",
    source_id="mehr",
    publisher="Mehr News Agency",
    language="en",
    spdx_expression="CC-BY-4.0",
    attribution_text="“Talks in Doha” by Mehr News Agency, licensed under CC BY 4.0.",
    story_title="Doha round",
    published_at=NOW,
    first_seen_at=NOW,
)
ALERT = Alert(
    alert_id="a" * 64,
    watch_id="qatar-talks",
    channel_id="desk",
    trigger="match",
    subject="c" * 64,
    article_id="b" * 64,
    revision=1,
    story_id="c" * 64,
    story_aliases=(),
    created_at=NOW,
    content=CONTENT,
)


def alert_with(**content: Any) -> Alert:
    return replace(ALERT, content=replace(CONTENT, **content))


def channel(kind: Any, *, address: str = "", variable: str = "", **fields: Any) -> Channel:
    return Channel(
        channel_id="desk",
        kind=kind,
        created_at=NOW,
        address=address,
        secret_env=variable,
        **fields,
    )
