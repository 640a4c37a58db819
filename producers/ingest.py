"""Send what the inputs hold, once each; the cursor moves only when Kafka has acknowledged."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from dateline import ids
from dateline.clock import Clock
from dateline.errors import ConfigError
from dateline.records import Origin
from dateline.settings import Settings
from dateline.topics import load_topics
from producers.article_writer import ArticleWriter, Cluster, Delivered, Outgoing, Undeliverable
from producers.build_record import (
    Identity,
    IngestOptions,
    Planned,
    content_sha256,
    embargo,
    identify,
    plan,
)
from producers.held_articles import HeldArticle
from producers.parse_input import Input, parse_input
from producers.parsed import ParsedArticle, Refusal, Skip
from producers.read_paths import Found, NotRead
from producers.sent_state import SentRecord, SentState
from producers.source_lock import SourceBusy, SourceLocks

# Unacknowledged at most; half of it is waited for when it is reached, so that the other half
# keeps the connection busy.
MAX_PENDING = 1000
MAX_PENDING_BYTES = 32_000_000
# A slow input must not leave acknowledged articles unrecorded for long.
MAX_UNRECORDED_SECONDS = 2.0
HELD_ALREADY = "embargoed, held already"

EventKind = Literal["sent", "held", "skipped", "refused", "notice"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something to tell the user: what became of one article or file, or a notice."""

    kind: EventKind
    file: str = ""
    line: int | None = None
    reason: str = ""
    article_id: str | None = None
    key: str | None = None
    unit_sha256: str = ""

    @property
    def place(self) -> str:
        """Return ``file`` or ``file:line``."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(slots=True, kw_only=True)
class Totals:
    """What became of everything so far; in a dry run ``sent`` is what would be sent."""

    sent: int = 0
    withdrawn: int = 0
    held: int = 0
    skipped: int = 0
    refused: int = 0
    skipped_reasons: Counter[str] = field(default_factory=Counter)
    refused_reasons: Counter[str] = field(default_factory=Counter)


Tag = tuple[SentRecord, str]


def raw_topics(settings: Settings, cluster: Cluster | None) -> Mapping[Origin, str]:
    """Return the topics for articles, by origin.

    Raises:
        ConfigError: the cluster does not have one of them.
    """
    topics = load_topics(settings)
    names: dict[Origin, str] = {"live": topics["raw"].name, "backfill": topics["raw_backfill"].name}
    for name in names.values():
        if cluster is not None and name not in cluster.topics:
            raise ConfigError(f"topic {name} does not exist.", hint="Run `dateline topics apply`.")
    return names


class Ingest:
    """One run: takes inputs, sends what is new, counts the rest.

    Args:
        writer: where records go; None in a dry run.
        state: what was acknowledged before; None when a dry run has no Kafka to ask.
        locks: one process a source; a source is locked when it is first met.
        topics: where to send, by origin.
        max_bytes: limit of one file, or of one line of JSON lines.
        clock: the time of observation.
        tell: is told what became of each article; called in the order of acknowledgement.
    """

    def __init__(  # noqa: PLR0913 (the parts of a run, each by name)
        self,
        *,
        writer: ArticleWriter[Tag] | None,
        state: SentState | None,
        locks: SourceLocks,
        topics: Mapping[Origin, str],
        max_bytes: int,
        clock: Clock,
        options: IngestOptions,
        tell: Callable[[Event], None],
        stop: threading.Event,
    ) -> None:
        self.totals = Totals()
        self._writer = writer
        self._state = state
        self._locks = locks
        self._topics = topics
        self._max_bytes = max_bytes
        self._clock = clock
        self._options = options
        self._tell = tell
        self._stop = stop
        self._recorded_at = time.monotonic()

    def run(self, inputs: Iterable[Found]) -> Totals:
        """Take all inputs and settle; ends early on a stop, with everything in flight settled.

        Raises:
            SourceBusy: another process sends one of the sources; what was taken is settled.
            ConfigError: Kafka refuses this client.
        """
        try:
            for found in inputs:
                if self._stop.is_set():
                    break
                self.take(found)
            self.release_due()
        finally:
            self.settle()
        return self.totals

    def take(self, found: Found) -> None:
        """Send what is new in one input."""
        if isinstance(found, NotRead):
            self._count(found.problem, found.shown)
            return
        try:
            for parsed in parse_input(found, max_bytes=self._max_bytes):
                if self._stop.is_set():
                    return
                if isinstance(parsed, ParsedArticle):
                    self.offer(parsed, found)
                else:
                    self._count(parsed, found.shown)
        except OSError as error:
            reason = f"cannot be read: {error.strerror or error}"
            self._count(Refusal(reason=reason), found.shown)

    def offer(
        self,
        parsed: ParsedArticle,
        source: Input,
        *,
        is_backfill: bool | None = None,
        key: str | None = None,
    ) -> None:
        """Send one article unless it is known, or hold it until its embargo is over.

        Args:
            parsed: the article.
            source: where it was read.
            is_backfill: whether it is old news; default: as the run.
            key: what the article was known by before; default: what it says of itself.

        Raises:
            SourceBusy: another process sends this source; nothing was taken.
            ConfigError: Kafka refuses this client.
        """
        options = self._options
        if is_backfill is not None:
            options = replace(options, is_backfill=is_backfill)
        identity = identify(parsed, source, publisher=options.publisher, key=key)
        is_sent = self._take_article(parsed, source, identity, options)
        # A withdrawal that Kafka has already still withdraws what is held since.
        if is_sent or parsed.pub_status == "canceled":
            self._drop_held(parsed, identity.article_id)

    def release_due(self) -> None:
        """Send the held articles whose embargo is over, and settle.

        An article is forgotten when Kafka has it; a crash before sends it once more, as unchanged.
        """
        if self._state is None or self._writer is None:
            return
        due = self._state.held.due(self._clock.now())
        released: list[str] = []
        for held in due:
            if self._stop.is_set():
                break
            try:
                self._take_article(
                    held.parsed,
                    held.source,
                    Identity(
                        source_id=held.source_id,
                        key=held.key,
                        article_id=held.article_id,
                        is_path=held.is_path,
                    ),
                    replace(self._options, is_backfill=held.is_backfill),
                )
            except SourceBusy:
                continue  # whoever sends that source releases it, or we do, later
            released.append(held.article_id)
        if not due:
            return
        self.settle()
        for article_id in released:
            if not self._writer.is_pending(article_id.encode()):
                self._state.held.drop(article_id)

    def settle(self, *, keep: int = 0) -> None:
        """Wait until at most ``keep`` records are unacknowledged and remember the others."""
        if self._writer is None:
            return
        delivered: list[Delivered[Tag]] = []
        try:
            for result in self._writer.collect(keep=keep):
                if isinstance(result, Delivered):
                    delivered.append(result)
                else:
                    self._count_undeliverable(result)
        finally:
            self._remember(delivered)

    def last_sent(self, source_id: str, keys: Iterable[str]) -> dict[str, SentRecord]:
        """Return what was sent last of these articles of a publisher, by key.

        What is on its way is waited for.
        """
        if self._state is None or self._writer is None:
            return {}
        ids_by_key = {key: ids.article_id(source_id, key) for key in keys}
        if any(self._writer.is_pending(found.encode()) for found in ids_by_key.values()):
            self.settle()
        found = {key: self._state.last(article_id) for key, article_id in ids_by_key.items()}
        return {key: last for key, last in found.items() if last is not None}

    def release_sources(self) -> None:
        """Let other processes send the sources met so far; call it when everything is settled."""
        self._locks.release(purpose="source")

    def notice(self, text: str) -> None:
        """Tell the user something that is about no single article."""
        self._tell(Event(kind="notice", reason=text))

    @property
    def unacknowledged_count(self) -> int:
        """Return how many records Kafka has not acknowledged (above 0 only after a stop)."""
        return self._writer.pending_count if self._writer else 0

    def _take_article(
        self, parsed: ParsedArticle, source: Input, identity: Identity, options: IngestOptions
    ) -> bool:
        """Return whether the article is on its way."""
        if self._writer is not None:
            self._locks.acquire(identity.source_id)
            if self._writer.is_pending(identity.article_id.encode()):
                self.settle()  # two versions in one go: the second is compared with the first
        now = self._clock.now()
        due_at = embargo(parsed, now)
        if due_at is not None:
            self._hold(parsed, source, identity, is_backfill=options.is_backfill, due_at=due_at)
            return False
        planned = plan(
            parsed,
            identity,
            source,
            versions=self._state.versions(identity.article_id) if self._state else (),
            now=now,
            options=options,
        )
        if not isinstance(planned, Planned):
            self._count(planned, source.shown, identity.article_id)
            return False
        self._send(planned, source.shown)
        return True

    def _hold(
        self,
        parsed: ParsedArticle,
        source: Input,
        identity: Identity,
        *,
        is_backfill: bool,
        due_at: datetime,
    ) -> None:
        held = HeldArticle(
            article_id=identity.article_id,
            source_id=identity.source_id,
            key=identity.key,
            is_path=identity.is_path,
            due_at=due_at,
            content_sha256=content_sha256(parsed),
            is_backfill=is_backfill,
            parsed=parsed,
            shown=source.shown,
            origin=source.origin,
            format=source.format,
            relative=source.relative,
            mtime_ns=source.mtime_ns,
        )
        if self._state is not None and self._writer is not None:
            known = self._state.held.get(held.article_id)
            if known and (known.due_at, known.content_sha256) == (due_at, held.content_sha256):
                skip = Skip(reason=HELD_ALREADY, line=parsed.line)
                self._count(skip, source.shown, identity.article_id)
                return
            self._state.held.put(held)
        self.totals.held += 1
        self._tell(
            Event(
                kind="held",
                file=source.shown,
                line=parsed.line,
                reason=f"embargoed until {due_at.isoformat(timespec='seconds')}",
                article_id=identity.article_id,
                key=identity.key,
            )
        )

    def _drop_held(self, parsed: ParsedArticle, article_id: str) -> None:
        """Forget a held text when this one replaces or withdraws it."""
        if self._state is None or self._writer is None:
            return
        held = self._state.held.get(article_id)
        if held is None:
            return
        before, after = held.parsed.updated_at, parsed.updated_at
        if parsed.pub_status == "canceled" or before is None or after is None or after >= before:
            self._state.held.drop(article_id)

    def _send(self, planned: Planned, shown: str) -> None:
        if self._writer is None:
            self._count_sent(planned.row, shown)
            return
        self._writer.send(
            Outgoing(
                topic=self._topics[planned.record.origin],
                key=planned.row.article_id.encode(),
                payload=planned.payload,
                tag=(planned.row, shown),
            )
        )
        if (
            self._writer.pending_count >= MAX_PENDING
            or self._writer.pending_bytes >= MAX_PENDING_BYTES
        ):
            self.settle(keep=self._writer.pending_count // 2)
        elif time.monotonic() - self._recorded_at > MAX_UNRECORDED_SECONDS:
            self.settle()

    def _remember(self, delivered: list[Delivered[Tag]]) -> None:
        self._recorded_at = time.monotonic()
        if self._state is not None:
            self._state.record(
                replace(
                    each.outgoing.tag[0],
                    topic=each.topic,
                    partition=each.partition,
                    offset=each.offset,
                )
                for each in delivered
            )
        for each in delivered:
            self._count_sent(*each.outgoing.tag)

    def _count_sent(self, row: SentRecord, shown: str) -> None:
        self.totals.sent += 1
        self.totals.withdrawn += row.content_sha256 is None
        self._tell(
            Event(kind="sent", file=shown, line=row.line, article_id=row.article_id, key=row.key)
        )

    def _count_undeliverable(self, result: Undeliverable[Tag]) -> None:
        row, shown = result.outgoing.tag
        self.totals.refused += 1
        self.totals.refused_reasons[_group(result.reason)] += 1
        self._tell(Event(kind="refused", file=shown, line=row.line, reason=result.reason))

    def _count(self, problem: Refusal | Skip, shown: str, article_id: str | None = None) -> None:
        if isinstance(problem, Skip):
            self.totals.skipped += 1
            self.totals.skipped_reasons[_group(problem.reason)] += 1
            self._tell(
                Event(
                    kind="skipped",
                    file=shown,
                    line=problem.line,
                    reason=problem.reason,
                    article_id=article_id,
                )
            )
            return
        self.totals.refused += 1
        self.totals.refused_reasons[_group(problem.reason)] += 1
        self._tell(
            Event(
                kind="refused",
                file=shown,
                line=problem.line,
                reason=problem.reason,
                unit_sha256=problem.unit_sha256,
            )
        )


def _group(reason: str) -> str:
    """Return the part of a reason that is no position, name or size: those have no bound."""
    return reason.partition(":")[0]
