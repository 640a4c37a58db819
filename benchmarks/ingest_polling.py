"""Parts a and c: CPU, lateness and memory of the poller over many feeds for a long time."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from benchmarks.ingest_process import Command, Sampler, poller_words, sampling
from benchmarks.ingest_results import PartResult, Row, at_least, at_most, stamped
from benchmarks.ingest_topics import record_count
from dateline.settings import Settings
from tests.web.plans import sources_toml
from tests.web.process import WebProcess, start_web
from tests.web.script import Script
from tests.web.site import Request, min_gap_seconds

INTERVAL_SECONDS = 60
JITTER = 0.1  # a poll may be due that much later than the interval says
WARM_UP_SECONDS = 90  # first polls are spread over the first minute
CPU_MINUTES = 5
# What publishers do: mostly new articles; everything that a feed alone can show.
SCRIPT = Script(publish=70, burst=0, edit=25, cancel=3, revive=1, new_guids=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PollingOptions:
    """How long and how much; ``poller_sets`` are further settings of the poller."""

    feeds: int = 500
    minutes: float = 7
    changes_per_minute: int = 50
    poller_sets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CpuSpan:
    """CPU seconds used in a span of wall time."""

    wall_seconds: float
    cpu_seconds: float
    started_at: float


def measure_polling(
    settings: Settings, folder: Path, options: PollingOptions, parts: Iterable[str]
) -> list[PartResult]:
    """Return the results of the parts asked for, from one run."""
    words = ["--plain", str(options.feeds)]
    sets = (
        f"feeds.min_interval_seconds={INTERVAL_SECONDS}",
        f"feeds.max_interval_seconds={INTERVAL_SECONDS}",
        *options.poller_sets,
    )
    with start_web(words) as web:
        sources = folder / "polled.toml"
        sources.write_text(sources_toml(web.feeds()), encoding="utf-8")
        started_at = time.monotonic()
        command = Command(poller_words(settings, sources, sets), folder / "polling.log")
        try:
            with sampling(command) as sampler:
                span = _run(web, command, options, started_at)
        finally:
            command.stop()
        requests = web.requests(since_seconds=started_at)
        records = record_count(settings)
    found = []
    if "a" in parts:
        found.append(_polling_result(requests, span, options, records))
    if "c" in parts:
        found.append(memory_result(sampler, started_at, options.minutes, feeds=options.feeds))
    return found


def _run(web: WebProcess, command: Command, options: PollingOptions, started_at: float) -> CpuSpan:
    """Let publishers publish for the whole time and measure CPU after the warm-up."""
    end = started_at + options.minutes * 60
    cpu_from = min(started_at + WARM_UP_SECONDS, started_at + options.minutes * 20)
    cpu_to = min(cpu_from + CPU_MINUTES * 60, end)
    first: tuple[float, float] | None = None
    last: tuple[float, float] | None = None
    due = started_at
    while (now := time.monotonic()) < end:
        command.require_running()
        if first is None and now >= cpu_from:
            first = (now, command.cpu_seconds())
        if last is None and now >= cpu_to:
            last = (now, command.cpu_seconds())
        web.advance(1, SCRIPT)
        due += 60 / options.changes_per_minute
        time.sleep(max(0.0, due - time.monotonic()))
    last = last or (time.monotonic(), command.cpu_seconds())
    first = first or (started_at, 0.0)
    return CpuSpan(
        wall_seconds=last[0] - first[0], cpu_seconds=last[1] - first[1], started_at=first[0]
    )


def poll_gaps(requests: Sequence[Request], since: float) -> list[float]:
    """Return the seconds between the polls of each feed, from a moment on, smallest first."""
    by_feed: defaultdict[str, list[float]] = defaultdict(list)
    for request in requests:
        if request.path == "/feed" and request.at_seconds >= since:
            by_feed[request.host].append(request.at_seconds)
    return sorted(
        later - earlier for moments in by_feed.values() for earlier, later in pairwise(moments)
    )


def _polling_result(
    requests: Sequence[Request], span: CpuSpan, options: PollingOptions, records: int
) -> PartResult:
    in_span = [
        request
        for request in requests
        if span.started_at <= request.at_seconds < span.started_at + span.wall_seconds
    ]
    polls = [request for request in in_span if request.path == "/feed"]
    gaps = poll_gaps(requests, span.started_at) or [float("nan")]
    by_host: defaultdict[str, list[float]] = defaultdict(list)
    for request in requests:
        by_host[request.host].append(request.at_seconds)
    wanted = options.feeds * span.wall_seconds / (INTERVAL_SECONDS * (1 + JITTER))
    worst = max(0.0, gaps[-1] - INTERVAL_SECONDS * (1 + JITTER))
    first_at = min((request.at_seconds for request in requests), default=span.started_at)
    rows = [
        at_most(
            f"CPU of the poller and its children, {options.feeds} feeds polled once a minute",
            span.cpu_seconds / span.wall_seconds, 1.0, digits=3, unit=" cores",
        ),
        at_least("polls done / polls due", len(polls) / wanted, 1.0),
        Row(measure="time between two polls of a feed, median / p99 / longest",
            value=f"{_share(gaps, 0.5):.1f} / {_share(gaps, 0.99):.1f} / {gaps[-1]:.1f} s"),
        Row(measure=f"worst lateness (beyond {INTERVAL_SECONDS * (1 + JITTER):.0f} s)",
            value=f"{worst:.1f} s"),
        Row(measure="shortest time between two requests to one host",
            value=f"{min(min_gap_seconds(moments) for moments in by_host.values()):.2f} s"),
        Row(measure="answers 304 / feeds / other requests",
            value=f"{sum(r.status == 304 for r in polls)} / {len(polls)} /"
                  f" {len(in_span) - len(polls)}"),
    ]  # fmt: skip
    return stamped(
        "a",
        f"{options.feeds} hosts with one feed each (RSS 2.0, Atom, JSON Feed, RSS 1.0, ninjs; a"
        f" fifth of the others with teasers, so pages are fetched),"
        f" {options.changes_per_minute} changes a minute; CPU over {span.wall_seconds:.0f} s after"
        f" {span.started_at - first_at:.0f} s of warm-up; {records} records in Kafka at the end.",
        rows,
    )


def memory_result(sampler: Sampler, started_at: float, minutes: float, *, feeds: int) -> PartResult:
    """Return the memory of the last minute against that of the middle."""
    middle = started_at + minutes / 2 * 60
    end = started_at + minutes * 60
    own_middle, tree_middle = sampler.medians(middle - 60, middle)
    own_end, tree_end = sampler.medians(end - 60, end)
    minute = f"{minutes / 2:g}"
    per_minute = [
        sampler.medians(started_at + number * 60, started_at + number * 60 + 60)
        for number in range(int(minutes))
    ][:: max(1, int(minutes) // 10)]
    own, tree = (
        ", ".join(f"{value:.0f}" for value in values) for values in zip(*per_minute, strict=True)
    )
    rows = [
        at_most(f"median memory of the last minute / of minute {minute}, poller and children",
                tree_end / tree_middle, 1.01, digits=3),
        at_most("the same, the poller's own process", own_end / own_middle, 1.01, digits=3),
        Row(measure="resident memory at the end, own / with children",
            value=f"{own_end:.0f} / {tree_end:.0f} MiB"),
    ]  # fmt: skip
    return stamped(
        "c",
        f"{feeds} feeds for {minutes:g} minutes, resident memory once a second; medians of single"
        f" minutes along the run: {tree} MiB, the poller's own process {own} MiB.",
        rows,
    )


def _share(ordered: Sequence[float], share: float) -> float:
    if len(ordered) < 2:
        return ordered[0]
    return statistics.quantiles(ordered, n=1000, method="inclusive")[round(share * 1000) - 1]
