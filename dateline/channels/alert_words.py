"""Return what a message says about an alert: every part in words, with a limit of its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from dateline.alert_records import Alert, AlertContent, AlertTrigger
from dateline.channels.plain_words import one_line, web_url

MAX_SUBJECT_CHARS = 150
MAX_NAME_CHARS = 60
MAX_TITLE_CHARS = 300
MAX_TEXT_CHARS = 1_500
MAX_REASON_CHARS = 300
MAX_REASONS = 8
MAX_ENTITIES = 12
TRIGGERS: dict[AlertTrigger, str] = {
    "match": "",
    "new_story": "new story",
    "first_mention": "first mention",
    "silence": "after a silence",
    "surge": "surge",
    "update": "update",
    "license_change": "licence change",
    "correction": "correction",
    "test": "test",
}
NO_LICENSE = "NOASSERTION"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertWords:
    """The parts of a message; empty or None where there is nothing to say.

    ``kind`` is empty for a plain match. ``url`` and ``alert_url`` are http or https.
    """

    kind: str
    watch_id: str
    watch_name: str
    query: str
    title: str
    note: str
    sentence: str
    excerpt: str
    withheld: str
    reasons: tuple[str, ...]
    more_reasons: int
    entities: tuple[str, ...]
    source: str
    published: str
    language: str
    license: str
    attribution: str
    story: str
    url: str | None
    alert_url: str | None

    @property
    def headline(self) -> str:
        """Return kind and title: ``correction: Talks in Doha``."""
        return f"{self.kind}: {self.title}" if self.kind else self.title

    @property
    def subject(self) -> str:
        """Return the subject line."""
        return one_line(f"[{self.watch_name}] {self.headline}", MAX_SUBJECT_CHARS)


def words_of_alert(alert: Alert, *, public_url: str = "") -> AlertWords:
    """Return the words of ``alert``; text is foreign still, and is escaped by the template.

    Args:
        alert: with its content; without, the words say that none is kept.
        public_url: of our web pages, or empty.
    """
    content = alert.content or _no_content(alert)
    source = content.publisher or content.source_id
    reasons = tuple(one_line(each, MAX_REASON_CHARS) for each in content.reasons)
    return AlertWords(
        kind=TRIGGERS[alert.trigger],
        watch_id=alert.watch_id,
        watch_name=one_line(content.watch_name, MAX_NAME_CHARS) or alert.watch_id,
        query=one_line(content.query, MAX_REASON_CHARS),
        title=one_line(content.title or "", MAX_TITLE_CHARS) or f"an article of {source}",
        note=one_line(content.note, MAX_TEXT_CHARS),
        sentence=one_line(content.sentence or "", MAX_TEXT_CHARS),
        excerpt=one_line(content.excerpt or "", MAX_TEXT_CHARS),
        withheld=one_line(content.withheld_reason or "", MAX_REASON_CHARS),
        reasons=reasons[:MAX_REASONS],
        more_reasons=max(0, len(reasons) - MAX_REASONS),
        entities=tuple(
            one_line(f"{each.name} ({each.entity_type})", MAX_NAME_CHARS)
            for each in content.entities[:MAX_ENTITIES]
        ),
        source=one_line(source, MAX_NAME_CHARS),
        published=_moment(content.published_at),
        language=content.language or "",
        license=_license(content.spdx_expression),
        attribution=one_line(content.attribution_text or "", MAX_TEXT_CHARS),
        story=one_line(content.story_title, MAX_TITLE_CHARS),
        url=web_url(content.url),
        alert_url=alert_url(alert.alert_id, public_url),
    )


def alert_url(alert_id: str, public_url: str) -> str | None:
    """Return the address of an alert among our web pages; None where there are none."""
    base = web_url(public_url)
    return f"{base.rstrip('/')}/alerts/{alert_id}" if base else None


def _no_content(alert: Alert) -> AlertContent:
    return AlertContent(
        watch_name=alert.watch_id,
        query="",
        reasons=(),
        title=None,
        sentence=None,
        excerpt=None,
        source_id="an unknown source",
        first_seen_at=alert.created_at,
        note="What this alert said is not kept any more.",
    )


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M} UTC" if at else ""


def _license(spdx_expression: str) -> str:
    return "not stated" if spdx_expression == NO_LICENSE else one_line(spdx_expression, 200)
