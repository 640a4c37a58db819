"""Take the articles of a push request into the intake, under the publisher of its key."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from producers.build_record import UNCHANGED
from producers.fetch.host_signals import HostFiles, host_signals
from producers.ingest import Event, Ingest
from producers.parse_input import Input, parse_input
from producers.parsed import Format, Parsed, ParsedArticle, Refusal
from producers.push.intake import Intake, IntakeBusy, IntakeEnded
from producers.push.push_result import (
    LineOutcome,
    Outcome,
    PushBusy,
    PushClosed,
    PushResult,
    TooManyArticles,
)
from producers.source_lock import SourceBusy

# A source that another process sends is free again when that command ends.
SOURCE_BUSY_SECONDS = 30.0

# What is known already of the site of an address; it must not ask anybody.
KnownFiles = Callable[[str], HostFiles | None]


class IntakeAccept:
    """An ``Accept`` on an `Intake`.

    Args:
        intake: started.
        max_line_bytes: limit of one line of JSON lines.
        max_articles: limit of one request.
        known_files: tells what sites say of the rights in the articles at their addresses. Nothing
            is fetched for it: whoever pushes must not choose whom we ask. None: it is not known.
    """

    def __init__(
        self,
        intake: Intake,
        *,
        max_line_bytes: int,
        max_articles: int,
        known_files: KnownFiles | None = None,
    ) -> None:
        self._intake = intake
        self._max_line_bytes = max_line_bytes
        self._max_articles = max_articles
        self._known_files = known_files

    async def __call__(
        self, source_id: str, data: bytes, format_: Format, *, is_backfill: bool
    ) -> PushResult:
        """Return once Kafka has acknowledged every accepted article (see `Accept`)."""
        source = pushed_input(source_id, data, format_)
        parsed = await asyncio.to_thread(self._parse, source)
        if sites := self._sites(parsed):
            parsed = await asyncio.to_thread(_with_host_signals, parsed, sites)

        def job(ingest: Ingest, name: str) -> None:
            _offer(ingest, parsed, replace(source, shown=name), is_backfill=is_backfill)

        try:
            reported = await self._intake.submit_reporting(job, label=f"push:{source_id}")
        except IntakeBusy as busy:
            raise PushBusy(busy.retry_after_seconds) from busy
        except SourceBusy as busy:
            raise PushBusy(SOURCE_BUSY_SECONDS) from busy
        except IntakeEnded as ended:
            raise PushClosed from ended
        return push_result(parsed, reported.events)

    def _sites(self, parsed: Sequence[Parsed]) -> dict[str, HostFiles]:
        """Return what is known of the sites of articles, by the articles' addresses."""
        if self._known_files is None:
            return {}
        urls = {
            each.url
            for each in parsed
            if isinstance(each, ParsedArticle) and each.url and each.pub_status != "canceled"
        }
        found = ((url, self._known_files(url)) for url in urls)
        return {url: files for url, files in found if files is not None}

    def _parse(self, source: Input) -> list[Parsed]:
        found = parse_input(source, max_bytes=self._max_line_bytes)
        parsed = list(itertools.islice(found, self._max_articles + 1))
        if len(parsed) > self._max_articles:
            raise TooManyArticles
        return parsed


def pushed_input(source_id: str, data: bytes, format_: Format) -> Input:
    """Return the body of a request as an input of the publisher ``source_id``."""
    return Input(
        shown="push",
        origin=f"push:{source_id}",
        format=format_,
        source_id=source_id,
        mtime_ns=time.time_ns(),  # tells one request from the next
        size_bytes=len(data),
        data=data,
        lines=_numbered(data) if format_ == "jsonl" else None,
    )


def push_result(parsed: Sequence[Parsed], events: Sequence[Event]) -> PushResult:
    """Return the outcomes of one request: what the parser refused and what became of the rest."""
    outcomes = [_not_offered(each) for each in parsed if not isinstance(each, ParsedArticle)]
    outcomes.extend(_of_event(event) for event in events if event.kind != "notice")
    return PushResult(lines=tuple(sorted(outcomes, key=lambda outcome: outcome.line or 0)))


def _with_host_signals(parsed: Sequence[Parsed], sites: Mapping[str, HostFiles]) -> list[Parsed]:
    """Return the articles, each with what its site says of it."""
    found: list[Parsed] = []
    for each in parsed:
        files = sites.get(each.url or "") if isinstance(each, ParsedArticle) else None
        if isinstance(each, ParsedArticle) and files is not None:
            beside = host_signals(files, each.url or "")
            found.append(replace(each, rights_signals=(*each.rights_signals, *beside)))
        else:
            found.append(each)
    return found


def _offer(ingest: Ingest, parsed: Sequence[Parsed], source: Input, *, is_backfill: bool) -> None:
    # The parsed articles are all there is; the bytes are not needed in the thread.
    bare = replace(source, data=b"", lines=None)
    for each in parsed:
        if isinstance(each, ParsedArticle):
            # The key decides whose article it is, not what the client writes into `source`.
            ingest.offer(replace(each, source=None), bare, is_backfill=is_backfill)


def _not_offered(problem: Parsed) -> LineOutcome:
    outcome: Outcome = "refused" if isinstance(problem, Refusal) else "skipped"
    reason = "" if isinstance(problem, ParsedArticle) else problem.reason
    return LineOutcome(outcome=outcome, line=problem.line, reason=reason)


def _of_event(event: Event) -> LineOutcome:
    outcome: Outcome = "skipped"
    if event.kind == "sent":
        outcome = "accepted"
    elif event.kind == "held":
        outcome = "held"
    elif event.kind == "refused":
        outcome = "refused"
    elif event.reason == UNCHANGED:
        outcome = "unchanged"
    reason = "" if outcome == "unchanged" else event.reason
    return LineOutcome(outcome=outcome, line=event.line, reason=reason, article_id=event.article_id)


def _numbered(data: bytes) -> Iterator[tuple[int, bytes]]:
    return enumerate(data.split(b"\n"), start=1)
