"""Kill the stages that tell people, again and again, and count what arrives and under which id."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from webhook_receiver import CUT, HANG, WebhookReceiver, webhook_receiver

from dateline.alert_records import Alert, Channel, Watch
from dateline.alerts.ledger import Ledger
from dateline.endpoints import async_search_client
from dateline.ids import delivery_id
from dateline.search.templates import articles_index
from dateline.topic_reader import open_reader
from dateline.watch_topic import send_records
from dateline.wire import from_wire
from faults.load import Sender
from faults.pipeline import Pipeline, wait_until
from faults.scenarios import Run, Size

STAGES = ("alerts", "deliver")
CHANNEL_IDS = ("first-desk", "second-desk")
WATCH_ID = "killed"
ASSIGNMENTS = (
    "channels.allow_networks=127.0.0.0/8",
    "channels.timeout_seconds=2",
    "deliver.retry_seconds=0, 0.2, 0.5, 1, 2, 4, 8, 16, 32, 32",
    "deliver.lease_seconds=4",
    "deliver.sweep_seconds=0.3",
)
FAULTS = {0: 500, 1: 429, 2: HANG, 3: 302, 4: CUT, 5: 503}
MAX_ALERTS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertReport:
    """What was told of a load while the stages were killed.

    Attributes:
        harm: which stages, how often.
        articles: that were watched.
        in_ledger: alerts in the ledger.
        unknown: articles without an alert in the ledger, and alerts that stand for none.
        not_arrived: messages that never came, as channel and alert id.
        second_ids: ids under which nothing should have come.
        not_on_topic: alerts of the ledger that are not on the topic for programs.
        repeated: messages that came again, under their id.
        failed: tries that the receiver failed.
        recovery_seconds: from the last kill until everything had arrived.
    """

    harm: str
    articles: int
    in_ledger: int
    unknown: tuple[str, ...]
    not_arrived: tuple[str, ...]
    second_ids: tuple[str, ...]
    not_on_topic: tuple[str, ...]
    repeated: int
    failed: int
    recovery_seconds: float
    seed: int

    @property
    def is_clean(self) -> bool:
        """Return whether every alert came under one id."""
        return not (self.unknown or self.not_arrived or self.second_ids or self.not_on_topic)

    def __str__(self) -> str:
        """Return the report in a line."""
        return (
            f"alerts ({self.harm}; seed {self.seed}): {self.articles} articles, {self.in_ledger} in"
            f" the ledger, {len(self.unknown)} unknown, {len(self.not_arrived)} not arrived,"
            f" {len(self.second_ids)} under a second id, {len(self.not_on_topic)} not on the topic,"
            f" {self.repeated} repeated, {self.failed} tries failed;"
            f" through after {self.recovery_seconds:.1f} s"
        )


def alerts_killed(pipeline: Pipeline, size: Size, seed: int) -> AlertReport:
    """``kill -9`` of alerts and deliver under load, with a receiver that fails in every way."""
    run = Run(pipeline, "alerts killed", seed=seed, articles=size.articles_aside)
    chance = random.Random(seed)  # noqa: S311 (seeded moments)
    with webhook_receiver() as receiver:
        receiver.behave = _failing
        send_records(pipeline.settings, _watched(receiver, run.source_id))
        pipeline.start(*STAGES, extra=ASSIGNMENTS)
        try:
            pipeline.wait_ready(*STAGES)
            sender = Sender(pipeline.settings, run.items, per_second=size.per_second)
            for _ in range(size.kills):
                for stage in STAGES:
                    _await_more(receiver, chance.randint(1, 8))
                    time.sleep(chance.uniform(0, 0.3))  # anywhere between two writes
                    pipeline.kill(stage)
                    pipeline.forgive()
            since = time.monotonic()
            journal = sender.finish()
            pipeline.wait_drained("enrich", "stories", "index", *STAGES)
            wanted = {
                version.article.article_id
                for _, version in journal.versions()
                if version.article.source_id == run.source_id
            }
            alerts = _ledger(pipeline)
            ids = {
                delivery_id(each.alert_id, channel_id): f"{channel_id} {each.alert_id}"
                for each in alerts
                for channel_id in CHANNEL_IDS
            }
            _await_settled(receiver, ids)
            recovery_seconds = time.monotonic() - since
        finally:
            pipeline.stop(*STAGES)
        came = [message_id for _, message_id, _ in receiver.taken]
        return AlertReport(
            harm=f"{size.kills} kills each of {' and '.join(STAGES)}",
            articles=len(wanted),
            in_ledger=len(alerts),
            unknown=tuple(sorted(wanted ^ {each.article_id for each in alerts})),
            not_arrived=tuple(sorted(ids[each] for each in ids.keys() - set(came))),
            second_ids=tuple(sorted((set(came) | set(receiver.tries)) - ids.keys())),
            not_on_topic=tuple(sorted(_missing_on_topic(pipeline, alerts))),
            repeated=len(came) - len(set(came)),
            failed=sum(receiver.tries.values()) - len(came),
            recovery_seconds=recovery_seconds,
            seed=seed,
        )


def _failing(_path: str, message_id: str, count: int) -> int:
    """Fail one message in ten, in one of the ways, once or twice."""
    kind = int(message_id[:8], 16) % 60
    return FAULTS.get(kind, 204) if count <= 1 + kind % 2 else 204


def _watched(receiver: WebhookReceiver, source_id: str) -> list[Channel | Watch]:
    now = datetime.now(UTC)
    # The load was first seen an hour ago.
    created_at = now - timedelta(days=1)
    channels = [
        Channel(
            channel_id=each, kind="webhook", created_at=created_at, address=receiver.url(f"/{each}")
        )
        for each in CHANNEL_IDS
    ]  # fmt: skip
    watch = Watch(
        watch_id=WATCH_ID, created_at=created_at, changed_at=now, query=f"source:{source_id}",
        repeat="every_article", channel_ids=CHANNEL_IDS,
    )  # fmt: skip
    return [*channels, watch]


def _await_more(receiver: WebhookReceiver, count: int) -> None:
    wanted = len(receiver.taken) + count
    # At the end of a short load nothing more may come.
    deadline = time.monotonic() + 5
    wait_until(
        lambda: len(receiver.taken) >= wanted or time.monotonic() > deadline, "webhooks to come"
    )


def _await_settled(receiver: WebhookReceiver, ids: Mapping[str, str]) -> None:
    """Wait until all have come; when some never do, the report says which."""
    deadline = time.monotonic() + 120
    wait_until(
        lambda: (
            ids.keys() <= {each for _, each, _ in list(receiver.taken)}
            or time.monotonic() > deadline
        ),
        "all webhooks",
    )


def _ledger(pipeline: Pipeline) -> list[Alert]:
    async def read() -> list[Alert]:
        client = async_search_client(pipeline.settings)
        try:
            index = articles_index(pipeline.settings).alerts
            await client.indices.refresh(index=index.alias)
            entries = await Ledger(client, index).find(watch_id=WATCH_ID, limit=MAX_ALERTS)
        finally:
            await client.close()
        assert {entry.channel_ids for entry in entries} <= {CHANNEL_IDS}
        return [entry.alert for entry in entries]

    return asyncio.run(read())


def _missing_on_topic(pipeline: Pipeline, alerts: Sequence[Alert]) -> set[str]:
    """Return what is in the ledger and not on the topic, or there with another content."""
    topic = pipeline.topics["alert"]
    found: defaultdict[str, set[str]] = defaultdict(set)
    wanted = {each.alert_id: each for each in alerts}
    with open_reader(pipeline.settings) as reader:
        for partition in range(topic.partitions):
            bounds = reader.bounds(topic.name, partition)
            for record in reader.scan(topic.name, partition, start=bounds.start, end=bounds.end):
                alert = from_wire(record.value, Alert)
                kept = wanted.get(alert.alert_id)
                if kept == replace(alert, channel_id=""):
                    found[alert.channel_id].add(alert.alert_id)
    return {each for channel_id in CHANNEL_IDS for each in wanted.keys() - found[channel_id]}
