"""Return the message of an alert or of a digest, as text, HTML, JSON and a short form."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dateline.alert_records import Alert, Channel
from dateline.channels.alert_words import MAX_SUBJECT_CHARS, AlertWords, words_of_alert
from dateline.channels.message import Message
from dateline.channels.payload import alert_payload, digest_payload
from dateline.channels.plain_words import chat_line, one_line
from dateline.ids import delivery_id

TEMPLATES = Path(__file__).parent / "templates"
# More are counted: a longer mail is not read, and chats cut it.
MAX_DIGEST_ALERTS = 100
MAX_SHORT_ALERTS = 10


def render_alert(alert: Alert, *, public_url: str = "") -> Message:
    """Return the message that tells ``alert.channel_id`` about ``alert``.

    Nothing foreign in it acts: HTML is escaped, addresses are http or https, titles are one line,
    the short form rings nobody's bell. The message id is that of the delivery.

    Args:
        alert: as the ledger has it, with the channel it goes to.
        public_url: setting ``channels.public_url``; where it is set, the alert's page is linked.
    """
    words = words_of_alert(alert, public_url=public_url)
    follows = alert.corrects_alert_id
    return Message(
        message_id=delivery_id(alert.alert_id, alert.channel_id),
        subject=words.subject,
        text=_rendered("alert.txt.j2", alert=words),
        html=_rendered("alert.html.j2", alert=words),
        short=_rendered("alert.chat.j2", alert=words),
        payload=alert_payload(alert, alert_url=words.alert_url),
        created_at=alert.created_at,
        list_id=alert.watch_id,
        follows_id=delivery_id(follows, alert.channel_id) if follows else None,
    )


def render_digest(
    channel: Channel,
    alerts: Sequence[Alert],
    *,
    more_count: int,
    message_id: str = "",
    public_url: str = "",
    is_rest: bool = False,
) -> Message:
    """Return one message with several alerts, grouped by watch in the order given.

    Args:
        channel: that is told.
        alerts: at least one; the first hundred are listed, the others counted.
        more_count: further alerts that are told as a number only.
        message_id: the same at every try; by default made of the channel and the alerts.
        public_url: as `render_alert`.
        is_rest: they follow others, after which the limit of an hour was reached.
    """
    words = [words_of_alert(each, public_url=public_url) for each in alerts]
    total = len(alerts) + more_count
    created_at = max(each.created_at for each in alerts)
    ending = "alerts" if total > 1 else "alert"
    heading = f"and {total} more {ending}" if is_rest else f"{total} {ending}"
    subject = f"[{channel.name or channel.channel_id}] {heading}"
    return Message(
        message_id=message_id or _digest_id(channel, alerts, created_at),
        subject=one_line(subject, MAX_SUBJECT_CHARS),
        text=_rendered(
            "digest.txt.j2", heading=heading, **_groups(words, MAX_DIGEST_ALERTS, total)
        ),
        html=_rendered(
            "digest.html.j2", heading=heading, **_groups(words, MAX_DIGEST_ALERTS, total)
        ),
        short=_rendered("digest.chat.j2", **_groups(words, MAX_SHORT_ALERTS, total)),
        payload=digest_payload(
            channel.channel_id, alerts, more_count=more_count, created_at=created_at
        ),
        created_at=created_at,
        list_id="digest",
    )


def _groups(words: Iterable[AlertWords], limit: int, total: int) -> dict[str, Any]:
    groups: dict[str, list[AlertWords]] = {}
    count = 0
    for each in islice(words, limit):
        groups.setdefault(each.watch_id, []).append(each)
        count += 1
    return {"groups": list(groups.values()), "total": total, "more_count": total - count}


def _digest_id(channel: Channel, alerts: Sequence[Alert], created_at: datetime) -> str:
    parts = ["digest", channel.channel_id, created_at.isoformat()]
    parts += [alert.alert_id for alert in alerts]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _rendered(name: str, **values: Any) -> str:
    kind = name.split(".")[1]
    return _environment(kind).get_template(name).render(values).strip() + "\n"


@cache
def _environment(kind: str) -> Environment:
    cleaned = chat_line if kind == "chat" else one_line
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=kind == "html",  # noqa: S701 (the others are plain text)
        undefined=StrictUndefined,
        finalize=_finalizer(cleaned),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _finalizer(cleaned: Callable[[str], str]) -> Callable[[Any], Any]:
    """Return what every inserted value passes: text is cleaned, numbers stay."""
    return lambda value: cleaned(value) if type(value) is str else value
