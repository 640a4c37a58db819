"""Send one message that says it is a test."""

from __future__ import annotations

from datetime import datetime

from dateline import ids
from dateline.alert_records import Alert, AlertContent, Channel
from dateline.channels import Sent, open_senders, render_alert
from dateline.settings import Settings

NOBODY = "0" * 64


async def send_test(settings: Settings, channel: Channel, *, at: datetime) -> Sent:
    """Return what came of one test message through ``channel``.

    Raises:
        ConfigError: the channel cannot be used as it is set up.
    """
    alert = Alert(
        alert_id=ids.alert_id("test", "test", f"{channel.channel_id} {at.isoformat()}"),
        watch_id="test",
        channel_id=channel.channel_id,
        trigger="test",
        subject=at.isoformat(),
        article_id=NOBODY,
        revision=1,
        story_id=NOBODY,
        story_aliases=(),
        created_at=at,
        content=AlertContent(
            watch_name="Test",
            query="",
            reasons=("somebody asked for a test of this channel",),
            title="Alerts of Dateline reach you here",
            sentence=None,
            excerpt=None,
            source_id="dateline",
            first_seen_at=at,
        ),
    )
    senders = open_senders(settings)
    try:
        return await senders.send(channel, render_alert(alert))
    finally:
        await senders.close()
