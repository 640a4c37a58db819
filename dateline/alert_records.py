"""Return the records of watches, channels and alerts (contract points 7 and 8); all are plain data.

Offsets are Python code points, ``[start, end)``, of the title or of the clean text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from dateline.document_records import Sha256
from dateline.rights.record import AwareDatetime

# What makes a watch fire.
#   match          an article that its query is true of
#   new_story      the first article of a story, when the query is true of it
#   first_mention  an entity of the article that nobody mentioned before, in the watch's scope
#   silence        an entity that the query names, after days without a mention
#   surge          an entity that the query names, mentioned far more often than it used to be
WatchTrigger = Literal["match", "new_story", "first_mention", "silence", "surge"]
# What an alert is about: the trigger of its watch, or what followed.
#   update          another text of an article that was alerted
#   license_change  what may be done with an article that was alerted has changed
#   correction      an article that was alerted was withdrawn
AlertTrigger = Literal[
    "match", "new_story", "first_mention", "silence", "surge", "update", "license_change",
    "correction", "test",
]  # fmt: skip
Repeat = Literal["every_article", "every_story", "story_and_updates"]
ChannelKind = Literal["webhook", "email", "apprise"]
RecordId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Surge:
    """When mentions of an entity are a surge.

    Attributes:
        window_hours: mentions are counted over these hours of event time.
        baseline_days: and compared with as many hours of each of these days before.
        min_articles: fewer articles in the window are never a surge.
        min_ratio: times the mean of the baseline.
    """

    window_hours: Annotated[int, Meta(ge=1, le=168)] = 6
    baseline_days: Annotated[int, Meta(ge=1, le=90)] = 28
    min_articles: Annotated[int, Meta(ge=2)] = 5
    min_ratio: Annotated[float, Meta(gt=1)] = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What somebody watches and where to tell them, on ``news.watch.v1`` by ``watch_id``.

    Attributes:
        created_at: articles first seen before are never alerted.
        changed_at: of this record.
        query: as written (``dateline/watches/parse_query.py``).
        trigger: what makes it fire.
        repeat: of ``match``: one alert an article, a story, or a story and each material change.
        channel_ids: none: its alerts are in the index, in the feed and on the topic alone.
        scope: of ``first_mention``: ever, ever by this source, or ever with this country.
        silence_days: of ``silence``.
        surge: of ``surge``.
        is_license_told: also tell when what may be done with an alerted article changes.
        is_active: False also stands for one that was removed.
        came_from: where it was written; what came from the file goes when the file drops it.
    """

    watch_id: RecordId
    created_at: AwareDatetime
    changed_at: AwareDatetime | None = None
    name: str = ""
    query: str
    trigger: WatchTrigger = "match"
    repeat: Repeat = "every_story"
    channel_ids: tuple[str, ...] = ()
    scope: Literal["all", "source", "country"] = "all"
    silence_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    surge: Surge | None = None
    is_license_told: bool = False
    is_active: bool = True
    came_from: Literal["cli", "file", "api", "web"] = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """A time of day in which nothing is sent; what was due goes out at its end.

    ``starts_at`` and ``ends_at`` are ``HH:MM`` in ``time_zone`` (IANA); the end may be after
    midnight.
    """

    starts_at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z")]
    ends_at: Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d\Z")]
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where alerts go, on ``news.watch.v1`` by ``channel_id``; no secret is in it.

    Attributes:
        address: of a webhook its URL; of e-mail the receiver; of Apprise empty: its URL is a
            secret.
        secret_env: name of the environment variable that holds the secret: of a webhook
            ``whsec_...``, of Apprise the URL.
        quiet_hours: corrections wait, too.
        digest: one message an hour or a day in place of one an alert.
        digest_hour: hour of the daily digest, in ``time_zone``.
        max_per_hour: more alerts are told as "and 14 more" at the end of the hour; None: no limit.
        is_active: False also stands for one that was removed.
    """

    channel_id: RecordId
    kind: ChannelKind
    created_at: AwareDatetime
    changed_at: AwareDatetime | None = None
    name: str = ""
    address: str = ""
    secret_env: str = ""
    quiet_hours: QuietHours | None = None
    digest: Literal["none", "hourly", "daily"] = "none"
    digest_hour: Annotated[int, Meta(ge=0, le=23)] = 8
    time_zone: str = "UTC"
    max_per_hour: Annotated[int, Meta(ge=1)] | None = None
    is_active: bool = True
    came_from: Literal["cli", "file", "api", "web"] = "cli"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReason:
    """A part of a query that is true of an article, and where.

    Attributes:
        term: the part as written: ``entity:"Ali Bagheri"``, ``"nuclear talks"``.
        place: where it was found; ``field`` for source, language, licence and the like.
        start: in the title or the clean text; None where it has no place.
        end: exclusive.
        sentence_start: of the sentence that holds it.
        sentence_end: exclusive.
        entity_id: across documents, of an entity.
        entity_name: as people see it.
    """

    term: str
    place: Literal["title", "body", "field"]
    start: int | None = None
    end: int | None = None
    sentence_start: int | None = None
    sentence_end: int | None = None
    entity_id: str | None = None
    entity_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntity:
    """An entity that an alert is about."""

    entity_id: str
    name: str
    entity_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertContent:
    """What a message says; nothing in it goes past what the licence allows to show.

    Attributes:
        reasons: in words, why it came: "the query's entity ... in the title".
        title: None where it may not be shown.
        sentence: the sentence that made it match; None where it may not be shown.
        excerpt: of the text, at most what may be shown; None where nothing may.
        withheld_reason: why sentence and excerpt are not there, in words.
        attribution_text: the line that the licence asks for.
        story_title: may be empty.
        first_seen_at: of the article; says in which index it is.
        note: what has changed, of updates, changes of licence and corrections.
    """

    watch_name: str
    query: str
    reasons: tuple[str, ...]
    title: str | None
    sentence: str | None
    excerpt: str | None
    withheld_reason: str | None = None
    entities: tuple[AlertEntity, ...] = ()
    url: str | None = None
    source_id: str
    publisher: str | None = None
    language: str | None = None
    spdx_expression: str = "NOASSERTION"
    attribution_text: str | None = None
    story_title: str = ""
    published_at: AwareDatetime | None = None
    first_seen_at: AwareDatetime
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert for one channel, on ``news.alert.v1`` by ``channel_id``.

    ``alert_id`` is sha256 of watch, trigger and subject (contract point 7), the same for every
    channel. ``channel_id`` is empty where the watch has none. ``corrects_alert_id`` is the alert
    that an update, a change of licence or a correction follows.
    """

    alert_id: Sha256
    watch_id: str
    channel_id: str
    trigger: AlertTrigger
    subject: str
    article_id: Sha256
    revision: int
    story_id: str
    story_aliases: tuple[str, ...]
    created_at: AwareDatetime
    content: AlertContent | None = None
    corrects_alert_id: Sha256 | None = None
