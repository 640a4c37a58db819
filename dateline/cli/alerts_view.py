"""Show alerts and what came of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from dateline.alert_records import AlertContent
from dateline.alerts.deliveries import Attempt, Delivery
from dateline.alerts.ledger import LedgerEntry
from dateline.cli.terminal import one_line, print_field, print_text, short_id

ALERT_HEADINGS = ("alert", "time", "watch", "what", "source", "title", "delivery")
MAX_TITLE_CHARS = 60
HELD_WORDS = {
    "quiet_hours": "until the quiet hours end",
    "digest": "for the digest",
    "rate": "for the end of the hour",
    "channel": "until its channel is enabled",
}
STATUS_WORDS = {
    "no_channel": "its channel is gone",
    "forming": "with others, about to be sent",
    "bundled": "in one message with others",
    "withdrawn": "not sent: the article was withdrawn",
    "nothing_to_correct": "not sent: nobody was told what it corrects",
    "failed": "given up",
}


def alert_row(entry: LedgerEntry, deliveries: Sequence[Delivery]) -> tuple[str, ...]:
    """Return the row of a list of alerts."""
    alert, content = entry.alert, entry.alert.content
    title = (content.title if content else None) or "(no title)"
    if len(title) > MAX_TITLE_CHARS:
        title = title[: MAX_TITLE_CHARS - 1] + "…"
    return (
        short_id(alert.alert_id), f"{alert.created_at:%Y-%m-%d %H:%M}", alert.watch_id,
        alert.trigger.replace("_", " "), content.source_id if content else "", title,
        _delivered(entry, deliveries),
    )  # fmt: skip


def _delivered(entry: LedgerEntry, deliveries: Sequence[Delivery]) -> str:
    own = [each for each in deliveries if not each.is_bundle]
    if not entry.channel_ids:
        return "no channel"
    if not own:
        return "on its way"
    return ", ".join(f"{each.channel_id}: {status_words(each)}" for each in own)


def status_words(delivery: Delivery) -> str:
    """Return in words what became of a delivery."""
    match delivery.status:
        case "delivered":
            return "delivered"
        case "waiting" if delivery.last_error:
            return f"tried {delivery.attempts} times, next {delivery.next_attempt_at:%H:%M}"
        case "waiting":
            return "on its way"
        case "held":
            return f"held {HELD_WORDS.get(delivery.held_for, '')}".strip()
        case other:
            return STATUS_WORDS[other]


def print_alert(console: Console, entry: LedgerEntry, deliveries: Sequence[Delivery]) -> None:
    """Print an alert as it was sent, and every try to deliver it."""
    alert, content = entry.alert, entry.alert.content
    print_text(console, one_line((content and content.title) or "(no title)"), "bold")
    print_field(console, "alert", alert.alert_id)
    print_field(console, "what", alert.trigger.replace("_", " "))
    print_field(console, "watch", f"{alert.watch_id}  {content.query if content else ''}".strip())
    print_field(console, "time", f"{alert.created_at:%Y-%m-%d %H:%M:%S} UTC")
    if content is not None:
        for label, value in _content_fields(content):
            print_field(console, label, value)
    print_field(console, "article", f"{short_id(alert.article_id)} revision {alert.revision}")
    print_field(console, "story", short_id(alert.story_id))
    if alert.corrects_alert_id:
        print_field(console, "follows", short_id(alert.corrects_alert_id))
    for delivery in deliveries:
        _print_delivery(console, delivery)
    if not entry.channel_ids:
        print_field(console, "delivery", "its watch names no channel")


def _content_fields(content: AlertContent) -> Iterator[tuple[str, str]]:
    for reason in content.reasons:
        yield "why", reason
    if content.note:
        yield "note", content.note
    if content.sentence:
        yield "sentence", content.sentence
    if content.excerpt:
        yield "excerpt", content.excerpt
    if content.withheld_reason:
        yield "withheld", content.withheld_reason
    if content.entities:
        yield "names", ", ".join(each.name for each in content.entities)
    if content.story_title:
        yield "story title", content.story_title
    yield "source", f"{content.publisher or content.source_id}  {content.url or ''}".strip()
    yield "licence", content.spdx_expression
    if content.attribution_text:
        yield "attribution", content.attribution_text


def _print_delivery(console: Console, delivery: Delivery) -> None:
    print_field(console, "delivery", f"{delivery.channel_id}: {status_words(delivery)}")
    if delivery.note:
        print_field(console, "", delivery.note)
    for attempt in delivery.history:
        print_field(console, "", _attempt(attempt))


def _attempt(attempt: Attempt) -> str:
    code = f" {attempt.status_code}" if attempt.status_code is not None else ""
    error = f": {attempt.error}" if attempt.error else ""
    return f"{attempt.at:%Y-%m-%d %H:%M:%S} {attempt.outcome}{code}{error}"
