"""The faults, each from one definition for both sizes.

A scenario sends a load of its own through the running pipeline, does its harm, waits until
everything is acknowledged, and asks the oracle. Nobody restarts anything by hand: what was killed
comes back through the supervisor.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import signal
import string
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
from aiokafka import AIOKafkaProducer

from dateline import ids
from dateline.records import EnrichedArticle, GroupedArticle, KillNotice, Origin
from dateline.topic_reader import open_reader
from dateline.wire import from_wire, to_wire
from faults.load import NOTICE, Item, Journal, Poison, Sender, Sent, Version, make_load, send
from faults.oracle import Result, expected_documents
from faults.pipeline import CORE, Pipeline, run_python, wait_until
from faults.proxy import DisturbingProxy
from processors.stories.state import read_state

REFUSAL = "InvalidTimestamp"

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much of everything."""

    articles: int
    articles_aside: int  # where the harm does not need a long load
    poison: int
    poison_of_all_kinds: int
    kills: int
    outage_seconds: float
    per_second: float  # of a load that is sent while a server restarts


SHORT = Size(
    articles=120,
    articles_aside=60,
    poison=4,
    poison_of_all_kinds=32,
    kills=2,
    outage_seconds=5,
    per_second=30,
)
LONG = Size(
    articles=2000,
    articles_aside=1000,
    poison=20,
    poison_of_all_kinds=50,
    kills=10,
    outage_seconds=60,
    per_second=60,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a scenario did and what the oracle said."""

    fault: str
    harm: str
    result: Result
    recovery_seconds: float
    seed: int


Scenario = Callable[[Pipeline, Size, int], Report]


class Run:
    """One scenario: its load, its source, and where its dead letters begin."""

    def __init__(
        self,
        pipeline: Pipeline,
        name: str,
        *,
        seed: int,
        articles: int,
        poison: int = 0,
        origin: Origin = "live",
    ) -> None:
        pipeline.restore()
        self.pipeline = pipeline
        self.name = name
        self.seed = seed
        self.source_id = f"{name.replace(' ', '-')}-{next(_numbers)}"
        self.letters_from = pipeline.dead_letter_end()
        self.started_at = time.monotonic()
        self.items: list[Item] = make_load(
            f"{name}/{seed}",
            source_id=self.source_id,
            articles=articles,
            poison=poison,
            origin=origin,
        )
        self.committed = {stage: pipeline.position(stage).committed for stage in CORE}

    def progress(self, stage: str) -> float:
        """Return roughly which part of the load a stage has acknowledged."""
        done = self.pipeline.position(stage).committed - self.committed[stage]
        return done / len(self.items)

    def examine(self, journal: Journal) -> Result:
        """Return what the oracle says now."""
        return self.pipeline.examine(journal, self.source_id, self.letters_from)

    def report(self, journal: Journal, harm: str, since: float) -> Report:
        """Wait until all is through, and return the report; ``since``: when the harm was over."""
        self.pipeline.wait_drained()
        recovery_seconds = time.monotonic() - since
        return Report(
            fault=self.name,
            harm=harm,
            result=self.examine(journal),
            recovery_seconds=recovery_seconds,
            seed=self.seed,
        )

    def endings(self) -> list[str]:
        """Return which processes have ended during this run."""
        return self.pipeline.endings(self.started_at)


def random_kills(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """``kill -9`` of workers at random moments of their work."""
    run = Run(pipeline, "kill -9", seed=seed, articles=size.articles, poison=size.poison)
    chance = random.Random(seed)  # noqa: S311 (seeded moments)
    journal = send(pipeline.settings, run.items)
    moments = sorted(chance.uniform(0.02, 0.6) for _ in range(size.kills))
    stages = [*CORE, *chance.choices(CORE, k=max(0, size.kills - len(CORE)))][: size.kills]
    chance.shuffle(stages)
    for stage, moment in zip(stages, moments, strict=True):
        wait_until(
            lambda stage=stage, moment=moment: run.progress(stage) >= moment,
            f"{stage} to have done {moment:.0%}",
        )
        time.sleep(chance.uniform(0, 0.5))  # anywhere inside a batch
        pipeline.kill(stage)
    since = time.monotonic()
    report = run.report(journal, f"{size.kills} kills: {', '.join(sorted(stages))}", since)
    assert sum("SIGKILL" in line for line in run.endings()) == size.kills
    return report


def kill_before_ack(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """``kill -9`` when a batch is written and not yet acknowledged, in every stage."""
    points = {
        "enrich": "enrich.before_ack",
        "stories": "stories.after_commit",
        "index": "index.after_write",
    }
    run = Run(
        pipeline, "kill -9 between write and ack", seed=seed, articles=size.articles_aside,
        poison=size.poison,
    )  # fmt: skip
    pipeline.stop(*points)
    with contextlib.ExitStack() as stack:
        workers = {
            stage: stack.enter_context(pipeline.by_hand(stage, point))
            for stage, point in points.items()
        }
        journal = send(pipeline.settings, run.items)
        for stage, worker in workers.items():
            wait_until(lambda worker=worker: worker.poll() is not None, f"{stage} to be killed")
            assert worker.returncode == -signal.SIGKILL, pipeline.log(f"{stage}-failpoint")
            # At once: what the killed batch held may not be enough to bring the next one to its
            # point (a record that is dead gives nothing to the next stage).
            pipeline.start(stage)
    since = time.monotonic()
    return run.report(journal, ", ".join(points.values()), since)


def terminate(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """SIGTERM in the middle of a batch, one stage after another."""
    run = Run(
        pipeline, "SIGTERM in mid-batch", seed=seed, articles=size.articles, poison=size.poison
    )
    journal = send(pipeline.settings, run.items)
    slowest = 0.0
    for stage, moment in zip(CORE, (0.05, 0.2, 0.4), strict=True):
        wait_until(
            lambda stage=stage, moment=moment: run.progress(stage) >= moment,
            f"{stage} to have done {moment:.0%}",
        )
        process = pipeline.kill(stage, signal.SIGTERM)
        slowest = max(slowest, wait_until(lambda p=process: _is_gone(p), f"{stage} to end"))
    assert slowest < 10, f"a stage took {slowest:.1f} s to end"
    since = time.monotonic()
    return run.report(journal, f"each stage once, gone within {slowest:.1f} s", since)


def search_down(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Elasticsearch away; the index stage is killed as well while it waits."""
    run = Run(pipeline, "Elasticsearch down", seed=seed, articles=size.articles, poison=size.poison)
    sender = Sender(pipeline.settings, run.items, per_second=size.per_second)
    wait_until(lambda: run.progress("index") > 0.05, "some articles to be indexed")
    down_at = time.monotonic()
    with pipeline.server_down("elasticsearch"):
        wait_until(
            lambda: time.monotonic() - down_at >= size.outage_seconds, "the outage to be long"
        )
        assert not run.endings(), "a stage ended because Elasticsearch is away"
        pipeline.kill("index")
        wait_until(lambda: bool(run.endings()), "the supervisor to see it")
        pipeline.pid("index")
    since = time.monotonic()
    journal = sender.finish()
    report = run.report(journal, f"{since - down_at:.0f} s; index killed meanwhile", since)
    assert len(run.endings()) == 1, run.endings()
    return report


def broker_restart(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Kafka killed and restarted while producer and stages are at work."""
    return _broker_restart(pipeline, size, seed, signal.SIGKILL)


def broker_stopped(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Kafka stopped in order and restarted."""
    return _broker_restart(pipeline, size, seed, signal.SIGTERM)


def _broker_restart(pipeline: Pipeline, size: Size, seed: int, number: signal.Signals) -> Report:
    run = Run(pipeline, "broker restarted", seed=seed, articles=size.articles, poison=size.poison)
    sender = Sender(pipeline.settings, run.items, per_second=size.per_second)
    wait_until(lambda: run.progress("index") > 0.05, "some articles to be indexed")
    down_at = time.monotonic()
    with pipeline.server_down("kafka", number):
        pass
    since = time.monotonic()
    journal = sender.finish()
    sent_seconds = time.monotonic() - since
    report = run.report(journal, "", since)
    harm = (
        f"{number.name}, {since - down_at:.0f} s; {len(run.endings())} stages restarted themselves;"
        f" the load was all sent {sent_seconds:.0f} s later"
    )
    return replace(report, harm=harm)


def poison(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Records that no stage can read, of every kind, in the topics of all stages."""
    run = Run(
        pipeline, "poison", seed=seed, articles=size.articles, poison=size.poison_of_all_kinds
    )
    journal = send(pipeline.settings, run.items)
    report = run.report(journal, f"{size.poison_of_all_kinds} records", time.monotonic())
    assert not run.endings(), run.endings()
    return report


def dead_letters_unwritable(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """The dead letter topic refuses writes; a worker that waits for it is killed, too."""
    run = Run(
        pipeline, "dead letter topic unwritable", seed=seed, articles=size.articles_aside,
        poison=size.poison * 3,
    )  # fmt: skip
    before = pipeline.log("enrich").count(REFUSAL)
    # Whatever is older than 0 ms is refused. (Kafka 4 caps min.insync.replicas at the number of
    # copies, so that asking for two does not make a topic with one copy unwritable.)
    pipeline.configure_topic("dead_letter", message_timestamp_before_max_ms="0")
    try:
        journal = send(pipeline.settings, run.items)
        _wait_for_refusals(pipeline, before)
        _nothing_passes_poison(pipeline, journal)
        seen = pipeline.log("enrich").count(REFUSAL)
        pipeline.kill("enrich")
        _wait_for_refusals(pipeline, seen)
        _nothing_passes_poison(pipeline, journal)
    finally:
        pipeline.configure_topic(
            "dead_letter", message_timestamp_before_max_ms="9223372036854775807"
        )
    since = time.monotonic()
    return run.report(journal, f"{since - run.started_at:.0f} s; enrich killed meanwhile", since)


def _wait_for_refusals(pipeline: Pipeline, before: int) -> None:
    # Two: the first may be older than the acknowledgements that a broken guard would send.
    wait_until(
        lambda: pipeline.log("enrich").count(REFUSAL) >= before + 2,
        "Kafka to refuse a dead letter",
    )


def _nothing_passes_poison(pipeline: Pipeline, journal: Journal) -> None:
    topic = pipeline.topics["raw"].name
    first: dict[int, int] = {}
    for sent, _ in journal.poison():
        if sent.topic == topic:
            first[sent.partition] = min(sent.offset, first.get(sent.partition, sent.offset))
    assert first
    with open_reader(pipeline.settings) as reader:
        for partition, offset in first.items():
            committed = reader.committed(pipeline.group("enrich"), topic, partition) or 0
            assert committed <= offset, f"{topic}[{partition}]: {committed} is behind poison"


def paused_writer(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """A stories writer stopped before its commit, and woken when another has taken over."""
    run = Run(
        pipeline,
        "paused stories writer",
        seed=seed,
        articles=size.articles_aside,
        poison=size.poison,
    )
    pipeline.stop("stories")
    with pipeline.by_hand("stories", "stories.before_commit:stop") as zombie:
        journal = send(pipeline.settings, run.items)
        process = psutil.Process(zombie.pid)
        wait_until(lambda: process.status() == psutil.STATUS_STOPPED, "the writer to be paused")
        paused_at = time.monotonic()
        pipeline.start("stories")
        pipeline.wait_drained()
        paused_seconds = time.monotonic() - paused_at
        assert paused_seconds > pipeline.settings.stages.session_timeout_seconds
        process.send_signal(signal.SIGCONT)
        since = time.monotonic()
        wait_until(lambda: zombie.poll() is not None, "the woken writer to end")
    said = pipeline.log("stories-failpoint")
    assert zombie.returncode == 70, said
    assert "a newer stories writer has taken over" in said
    report = run.report(journal, f"{paused_seconds:.0f} s; fenced, exit code 70", since)
    assert_state(pipeline, journal)
    return report


def assert_state(pipeline: Pipeline, journal: Journal) -> None:
    """Read the stories stage's own topic back: its revisions and roles are the oracle's."""
    state = asyncio.run(
        read_state(pipeline.settings.kafka.bootstrap_servers, pipeline.topics["story"].name)
    ).articles
    expected = expected_documents(journal)
    assert expected.keys() <= state.keys()
    places = {key: (state[key].role, state[key].origin_article_id) for key in expected}
    assert places == {key: document.place for key, document in expected.items()}
    # Of a group it depends on the order of arrival.
    alone = {key: document for key, document in expected.items() if document.group_id is None}
    found = {key: state[key].revision for key in alone}
    assert found == {key: document.revision for key, document in alone.items()}


def two_writers_paused(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Of two stories workers the one that has the partition is paused at any moment, and woken."""
    run = Run(
        pipeline, "stories worker paused at random", seed=seed, articles=size.articles,
        poison=size.poison,
    )  # fmt: skip
    names = ("stories", "stories-2")
    before = sum(pipeline.log(name).count("read back") for name in names)
    pipeline.start("stories-2")
    sender = Sender(pipeline.settings, run.items, per_second=size.per_second)
    # Whoever gets the partition when the second one has joined begins a new reign.
    wait_until(
        lambda: sum(pipeline.log(name).count("read back") for name in names) > before,
        "the two writers to have shared the work",
        seconds=120,
    )
    holder = max(names, key=lambda name: _last_reign(pipeline.log(name)))
    other = next(name for name in names if name != holder)
    reigns = pipeline.log(other).count("read back")
    pipeline.kill(holder, signal.SIGSTOP)
    paused_at = time.monotonic()
    wait_until(lambda: pipeline.log(other).count("read back") > reigns, "the other to take over")
    moved = pipeline.position("stories").committed
    wait_until(lambda: pipeline.position("stories").committed > moved, "the other to acknowledge")
    pipeline.kill(holder, signal.SIGCONT)
    since = time.monotonic()
    journal = sender.finish()
    report = run.report(journal, f"{since - paused_at:.0f} s", since)
    assert_state(pipeline, journal)
    pipeline.stop("stories-2")
    return report


def _last_reign(log: str) -> str:
    return max((line[:23] for line in log.splitlines() if "read back" in line), default="")


def backfill_waits(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Backfill is enriched after the live articles, though it was there before them."""
    live = Run(pipeline, "live before backfill", seed=seed, articles=size.articles)
    old = Run(pipeline, "backfill", seed=seed, articles=size.articles_aside, origin="backfill")
    pipeline.stop("enrich")
    old_journal = send(pipeline.settings, old.items)
    live_journal = send(pipeline.settings, live.items)
    pipeline.start("enrich-backfill")
    pipeline.wait_ready("enrich-backfill")
    pipeline.start("enrich")
    since = time.monotonic()
    pipeline.wait_drained("enrich", "enrich-backfill", "stories", "index")
    pipeline.stop("enrich-backfill")
    offsets = _offsets_by_origin(pipeline, {live.source_id, old.source_id})
    assert len(offsets["live"]) >= len(live_journal.sent)
    assert len(offsets["backfill"]) >= len(old_journal.sent)
    assert max(offsets["live"]) < min(offsets["backfill"])
    assert old.examine(old_journal).is_clean, old.examine(old_journal)
    return live.report(live_journal, f"{len(old_journal.sent)} backfill records waited", since)


def _offsets_by_origin(pipeline: Pipeline, sources: set[str]) -> dict[str, list[int]]:
    topic = pipeline.topics["enriched"].name
    found: dict[str, list[int]] = {"live": [], "backfill": []}
    with open_reader(pipeline.settings) as reader:
        bounds = reader.bounds(topic, 0)
        for record in reader.scan(topic, 0, start=bounds.start, end=bounds.end):
            with contextlib.suppress(Exception):  # the poison of other scenarios
                article = from_wire(record.value, EnrichedArticle).article
                if article.source_id.partition(".copier-")[0] in sources:
                    found[article.origin].append(record.offset)
    return found


def disturbed_search(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Elasticsearch behind a proxy that loses answers and makes up failures."""
    run = Run(
        pipeline, "Elasticsearch answers badly", seed=seed, articles=size.articles,
        poison=size.poison,
    )  # fmt: skip
    pipeline.stop("index")
    with DisturbingProxy(pipeline.settings.elasticsearch.url, seed=seed) as proxy:
        pipeline.start("index", extra=(f"elasticsearch.url={proxy.url}",))
        journal = send(pipeline.settings, run.items)
        since = time.monotonic()
        report = run.report(journal, "", since)
        harm = ", ".join(f"{kind} {count}" for kind, count in sorted(proxy.done.items()))
        assert len(proxy.done) == len(proxy.kinds), proxy.done
        assert not run.endings(), run.endings()
        pipeline.stop("index")
    pipeline.start("index")
    return replace(report, harm=harm)


def aborted_transaction(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """Kills of articles stand in the grouped topic in a transaction that was never committed."""
    run = Run(pipeline, "aborted transaction", seed=seed, articles=size.articles_aside // 2)
    journal = send(pipeline.settings, run.items)
    pipeline.wait_drained()
    articles = [version.article for _, version in journal.versions()]
    moment = datetime.now(UTC)
    records = [
        GroupedArticle(
            article_id=article.article_id, source_id=article.source_id, revision=99, change="kill",
            first_seen_at=moment, observed_at=moment, origin="live", pub_status="canceled",
            story_id="none", versions=(),
            kill=KillNotice(
                article_id=article.article_id, source_id=article.source_id, key=article.key,
                reason="never committed", origin="live", observed_at=moment, updated_at=moment,
            ),
        )
        for article in articles
    ]  # fmt: skip
    asyncio.run(_send_and_abort(pipeline, records))
    # A load behind it: the stage has to come past the aborted records.
    behind = make_load(seed + 1, source_id=run.source_id, articles=0, poison=8)
    journal.sent.extend(send(pipeline.settings, behind).sent)
    return run.report(journal, f"{len(records)} records aborted", time.monotonic())


async def _send_and_abort(pipeline: Pipeline, records: Sequence[GroupedArticle]) -> None:
    producer = AIOKafkaProducer(
        bootstrap_servers=pipeline.settings.kafka.bootstrap_servers,
        transactional_id=pipeline.settings.scoped("faults-abort"),
    )
    await producer.start()
    try:
        await producer.begin_transaction()
        for record in records:
            await producer.send_and_wait(
                pipeline.topics["grouped"].name, key=record.article_id.encode(),
                value=to_wire(record),
            )  # fmt: skip
        await producer.abort_transaction()
    finally:
        await producer.stop()


def too_large_for_next_topic(pipeline: Pipeline, size: Size, seed: int) -> Report:
    """An article that enrich takes and that the next topic refuses as too large."""
    run = Run(
        pipeline, "too large for the next topic", seed=seed, articles=size.articles_aside // 2
    )
    big = _incompressible(run, 120_000)
    pipeline.configure_topic("grouped", max_message_bytes="60000")
    try:
        half = len(run.items) // 2
        journal = send(pipeline.settings, [*run.items[:half], big, *run.items[half:]])
        pipeline.wait_drained()
    finally:
        pipeline.configure_topic("grouped", max_message_bytes="16500000")
    since = time.monotonic()
    journal = Journal([sent for sent in journal.sent if sent.item is not big])
    journal.sent.append(_as_poison(pipeline, big))
    report = run.report(journal, "one article", since)
    assert_state(pipeline, journal)
    return report


def _incompressible(run: Run, size_bytes: int) -> Version:
    chance = random.Random(run.seed)  # noqa: S311 (a seeded load)
    template = next(
        item for item in run.items if isinstance(item, Version) and item.group_id is None
    )
    letters = string.ascii_letters + string.digits
    text = " ".join("".join(chance.choices(letters, k=9)) for _ in range(size_bytes // 10))
    body = f"{text} {NOTICE}"
    article = replace(
        template.article,
        key="big",
        article_id=ids.article_id(run.source_id, "big"),
        body=body,
        content_sha256=ids.content_sha256(title=None, summary=None, body=body),
    )
    return Version(article=article, shown=text)


def _as_poison(pipeline: Pipeline, big: Version) -> Sent:
    """Return where the enriched record of ``big`` stands, as a record that must be dead."""
    topic = pipeline.topics["enriched"].name
    with open_reader(pipeline.settings) as reader:
        end = reader.bounds(topic, 0).end
        for record in reader.scan(topic, 0, start=reader.bounds(topic, 0).start, end=end):
            if record.key == big.article.article_id.encode():
                item = Poison(
                    kind="too large", payload=record.value, code="E203", role="enriched",
                    stage="stories",
                )  # fmt: skip
                return Sent(item=item, topic=topic, partition=0, offset=record.offset)
    raise AssertionError("the big article was not enriched")


def unsafe_shape(pipeline: Pipeline, size: Size, seed: int) -> tuple[Report, Report]:
    """Index with ``take()`` and one exception, then safely: the oracle must see the difference."""
    run = Run(pipeline, "unsafe shape", seed=seed, articles=size.articles_aside)
    pipeline.stop("index")
    pipeline.place_group("unsafe", at="index")
    journal = send(pipeline.settings, run.items)
    pipeline.wait_drained("enrich", "stories")
    group = pipeline.settings.scoped("dateline-unsafe")
    started_at = pipeline.position("index")
    script = Path(__file__).with_name("unsafe_worker.py")
    with pipeline.log_path("unsafe").open("ab") as log:
        for is_failing in ("fail", "normal"):
            worker = run_python(script, is_failing, *pipeline.assignments, log=log)
            try:
                wait_until(
                    lambda group=group, f=is_failing, w=worker: _has_passed(pipeline, group, f, w),
                    f"the unsafe worker ({is_failing})",
                )
            finally:
                _end(worker)
    assert pipeline.position("index") == started_at
    unsafe = Report(
        fault="the unsafe shape (take() and one exception)",
        harm="the oracle must report loss",
        result=run.examine(journal),
        recovery_seconds=0.0,
        seed=seed,
    )
    since = time.monotonic()
    pipeline.start("index")
    return unsafe, run.report(journal, "the same load through the real stage", since)


def _has_passed(pipeline: Pipeline, group: str, mode: str, worker: subprocess.Popen[bytes]) -> bool:
    assert worker.poll() is None, pipeline.log("unsafe")[-2000:]
    if mode == "fail":
        return "injected failure" in pipeline.log("unsafe") and _has_committed(pipeline, group)
    return pipeline.position("index", group).is_drained


def _has_committed(pipeline: Pipeline, group: str) -> bool:
    return pipeline.position("index", group).committed > pipeline.position("index").committed


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(timeout=15)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _is_gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


SCENARIOS: dict[str, Scenario] = {
    "poison": poison,
    "random_kills": random_kills,
    "kill_before_ack": kill_before_ack,
    "terminate": terminate,
    "search_down": search_down,
    "broker_restart": broker_restart,
    "dead_letters_unwritable": dead_letters_unwritable,
    "paused_writer": paused_writer,
    "disturbed_search": disturbed_search,
    "aborted_transaction": aborted_transaction,
    "too_large_for_next_topic": too_large_for_next_topic,
    "backfill_waits": backfill_waits,
}


# In every `make test`; the others in `make test-faults`.
SHORT_SCENARIOS = (
    "poison", "random_kills", "kill_before_ack", "search_down", "dead_letters_unwritable",
    "paused_writer", "aborted_transaction",
)  # fmt: skip
# Too slow, or too much a matter of chance, for every run.
LONG_SCENARIOS: dict[str, Scenario] = {
    "two_writers_paused": two_writers_paused,
    "broker_stopped": broker_stopped,
}


def describe(report: Report) -> str:
    """Return a printable line."""
    return (
        f"{report.fault} ({report.harm}; seed {report.seed}): {report.result};"
        f" through after {report.recovery_seconds:.1f} s"
    )
