"""The deliver stage as a process: real Kafka and Elasticsearch, a real receiver of webhooks."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from alert_samples import alert, channel, entry
from deliver_desk import id_of
from kafka import KafkaProducer
from stages_on_servers import running_stages, until
from webhook_receiver import CUT, HANG, WebhookReceiver, webhook_receiver

from dateline.alert_records import Alert, Channel
from dateline.alerts.channel_states import ChannelState, ChannelStates
from dateline.alerts.deliveries import Delivery, DeliveryStore
from dateline.alerts.ledger import Ledger
from dateline.dead_letter_store import read_letters
from dateline.endpoints import async_search_client, kafka_bootstrap
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.topic_reader import open_reader
from dateline.topics import load_topics
from dateline.watch_topic import send_records
from dateline.wire import to_wire
from processors.waiting import Progress, wait_out

pytestmark = pytest.mark.integration

ENVIRONMENT = {
    "DATELINE_CHANNELS_ALLOW_NETWORKS": "127.0.0.0/8",
    "DATELINE_CHANNELS_TIMEOUT_SECONDS": "2",
    "DATELINE_DELIVER_RETRY_SECONDS": "0, 0.2, 0.5, 1, 2, 4, 8, 16",
    "DATELINE_DELIVER_LEASE_SECONDS": "4",
    "DATELINE_DELIVER_SWEEP_SECONDS": "0.3",
}


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    with webhook_receiver() as running:
        yield running


@pytest.fixture
def settings(pipeline_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return pipeline_settings


def hook(receiver: WebhookReceiver, channel_id: str = "hook", **values: object) -> Channel:
    return channel(channel_id, address=receiver.url(f"/{channel_id}"), **values)


def alerts_for(channel_id: str, count: int, name: str = "number") -> list[Alert]:
    return [alert(f"{name} {each}", channel_id=channel_id) for each in range(count)]


def publish(settings: Settings, *alerts: Alert, payloads: Sequence[bytes] = ()) -> None:
    """Write alerts as the alerts stage does: to the ledger, then to the topic."""

    async def write() -> None:
        client = async_search_client(settings)
        try:
            ledger = Ledger(client, articles_index(settings).alerts)
            await ledger.create([entry(each) for each in alerts])
        finally:
            await client.close()

    asyncio.run(write())
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    topic = load_topics(settings)["alert"].name
    try:
        for each in alerts:
            producer.send(topic, key=each.channel_id.encode(), value=to_wire(each))
        for payload in payloads:
            producer.send(topic, key=b"hook", value=payload)
        producer.flush(30)
    finally:
        producer.close()


def stored(settings: Settings, *alerts: Alert) -> list[Delivery]:
    """Return the deliveries of ``alerts`` that exist."""

    async def read() -> list[Delivery]:
        client = async_search_client(settings)
        try:
            store = DeliveryStore(client, articles_index(settings).deliveries)
            # The stage makes the index meanwhile.
            found = await wait_out(
                lambda: store.get([id_of(each) for each in alerts]),
                progress=Progress(),
                ceiling_seconds=1,
            )
            return [each.record for each in found.values()]
        finally:
            await client.close()

    return asyncio.run(read())


def are_delivered(settings: Settings, alerts: Sequence[Alert]) -> Callable[[], bool]:
    def condition() -> bool:
        found = stored(settings, *alerts)
        return len(found) == len(alerts) and all(each.status == "delivered" for each in found)

    return condition


def state_of(settings: Settings, channel_id: str) -> ChannelState:
    async def read() -> ChannelState:
        client = async_search_client(settings)
        try:
            states = ChannelStates(client, articles_index(settings).channel_states)
            return (await states.get([channel_id]))[channel_id]
        finally:
            await client.close()

    return asyncio.run(read())


def test_every_alert_arrives_at_a_receiver_that_fails_in_every_way(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    """Reliability.md A1: all distinct ids, the same id at every try, no redirect followed."""
    alerts = alerts_for("hook", 1000)
    faults = {0: 500, 1: 429, 2: HANG, 3: 302, 4: CUT, 5: 503}

    def behave(_path: str, message_id: str, count: int) -> int:
        # One in ten fails, in one of the ways, once or twice.
        kind = int(message_id[:8], 16) % 60
        return faults.get(kind, 204) if count <= 1 + kind % 2 else 204

    receiver.behave = behave
    send_records(settings, [hook(receiver)])
    publish(settings, *alerts)
    with running_stages(settings, tmp_path / "log", "deliver"):
        until(lambda: len(set(receiver.ids())) == 1000, "all ids to arrive")
        until(are_delivered(settings, alerts), "all to be marked")

    assert set(receiver.ids()) == {id_of(each) for each in alerts}
    assert set(receiver.tries) == {id_of(each) for each in alerts}
    failed = [each for each in receiver.tries if receiver.tries[each] > 1]
    assert len(failed) > 50
    assert len(receiver.ids()) == 1000  # nothing twice: it was refused or not answered before
    assert receiver.paths["/redirected"] == 0


def test_message_is_the_alert_and_arrives_soon(
    settings: Settings,
    receiver: WebhookReceiver,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    send_records(settings, [hook(receiver)])
    first = alert("first", channel_id="hook")
    with running_stages(settings, tmp_path / "log", "deliver"):
        publish(settings, first)
        until(lambda: bool(receiver.ids()), "the first alert")
        waits = []
        for each in alerts_for("hook", 10):
            sent_at = time.time()
            publish(settings, each)
            until(lambda each=each: id_of(each) in receiver.ids(), "an alert")  # type: ignore[misc]
            waits.append(receiver.times("/hook")[-1] - sent_at)

    record_property("topic_to_receiver_median_seconds", statistics.median(waits))
    assert statistics.median(waits) < 2
    assert receiver.bodies[id_of(first)]["type"] == "alert.match"


def test_dead_channels_delay_no_live_one(
    settings: Settings,
    receiver: WebhookReceiver,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    receiver.behave = lambda path, _id, _count: HANG if path.startswith("/dead") else 204
    dead = [f"dead{number}" for number in range(30)]
    send_records(settings, [hook(receiver, each) for each in ("live", *dead)])

    def waits(name: str) -> list[float]:
        seconds = []
        for each in alerts_for("live", 20, name):
            sent_at = time.time()
            publish(settings, each)
            until(lambda each=each: id_of(each) in receiver.ids("/live"), "a live alert")  # type: ignore[misc]
            seconds.append(receiver.times("/live")[-1] - sent_at)
        return seconds

    with running_stages(settings, tmp_path / "log", "deliver"):
        waits("first")
        alone = waits("alone")
        publish(settings, *(alert for each in dead for alert in alerts_for(each, 20, each)))
        until(lambda: sum(receiver.paths.values()) > 150, "120 sends to hang")
        beside = waits("beside")

    for name, found in (("alone", alone), ("beside_dead_channels", beside)):
        record_property(f"{name}_median_seconds", statistics.median(found))
        record_property(f"{name}_max_seconds", max(found))
        print(name, statistics.median(found), max(found))  # noqa: T201
    # What waits for a dead one waits up to 2 s; single ones may be late on a busy machine.
    assert statistics.median(beside) < statistics.median(alone) + 0.5
    assert sorted(beside)[-3] < 1.5


def test_killed_between_sending_and_marking_it_sends_the_same_id_again(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    send_records(settings, [hook(receiver)])
    alerts = alerts_for("hook", 5)
    publish(settings, *alerts)
    with running_stages(settings, tmp_path / "log", "deliver", failpoint="deliver.after_send") as (
        process,
    ):
        assert process.wait(60) == -9
    assert 1 <= len(receiver.ids()) <= 4
    assert all(each.status == "waiting" for each in stored(settings, *alerts))

    with running_stages(settings, tmp_path / "log", "deliver", "deliver"):
        until(are_delivered(settings, alerts), "all to be marked")

    assert set(receiver.ids()) == {id_of(each) for each in alerts}
    assert 6 <= len(receiver.ids()) <= 9


@pytest.mark.parametrize("point", ["after_create", "before_send"])
def test_killed_before_anything_is_sent_it_loses_and_repeats_nothing(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path, point: str
) -> None:
    send_records(settings, [hook(receiver)])
    alerts = alerts_for("hook", 5)
    publish(settings, *alerts)
    with running_stages(settings, tmp_path / "log", "deliver", failpoint=f"deliver.{point}") as (
        process,
    ):
        assert process.wait(60) == -9
    assert receiver.ids() == []

    with running_stages(settings, tmp_path / "log", "deliver"):
        until(are_delivered(settings, alerts), "all to be marked")

    assert sorted(receiver.ids()) == sorted(id_of(each) for each in alerts)


def test_killed_behind_the_mark_it_repeats_nothing_that_was_marked(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    send_records(settings, [hook(receiver)])
    alerts = alerts_for("hook", 5)
    publish(settings, *alerts)
    with running_stages(settings, tmp_path / "log", "deliver", failpoint="deliver.after_mark") as (
        process,
    ):
        assert process.wait(60) == -9
    marked = {each.delivery_id for each in stored(settings, *alerts) if each.status == "delivered"}
    assert marked

    with running_stages(settings, tmp_path / "log", "deliver"):
        until(are_delivered(settings, alerts), "all to be marked")

    assert set(receiver.ids()) == {id_of(each) for each in alerts}
    assert all(receiver.tries[each] == 1 for each in marked)


def test_two_workers_send_every_alert_once(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    channels = [hook(receiver, f"hook{number}") for number in range(8)]
    send_records(settings, channels)
    alerts = [each for one in channels for each in alerts_for(one.channel_id, 20)]
    receiver.behave = lambda _path, message_id, count: (
        500 if count == 1 and int(message_id[:8], 16) % 4 == 0 else 204
    )
    with running_stages(settings, tmp_path / "log", "deliver", "deliver"):
        publish(settings, *alerts)
        until(are_delivered(settings, alerts), "all to be marked")

    assert sorted(each for _, each, _ in receiver.taken) == sorted(id_of(each) for each in alerts)


def test_gone_receiver_is_disabled_until_its_channel_is_written_again(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    receiver.behave = lambda _path, _id, _count: 410
    send_records(settings, [hook(receiver)])
    alerts = alerts_for("hook", 3)
    log = tmp_path / "log"
    with running_stages(settings, log, "deliver"):
        publish(settings, alerts[0])
        until(lambda: state_of(settings, "hook").is_disabled, "the channel to be disabled")
        publish(settings, *alerts[1:])
        until(lambda: len(stored(settings, *alerts)) == 3, "the deliveries")
        assert {each.status for each in stored(settings, *alerts)} == {"held"}
        assert receiver.paths["/hook"] == 1

        receiver.behave = lambda _path, _id, _count: 204
        disabled_at = state_of(settings, "hook").disabled_at
        assert disabled_at is not None
        send_records(settings, [replace(hook(receiver), changed_at=disabled_at.replace(year=2090))])
        until(lambda: len(receiver.ids()) == 2, "what was held")

    assert id_of(alerts[0]) in receiver.ids()
    bundle = next(each for each in receiver.bodies.values() if each["type"] == "alert.digest")
    assert "number 1" in str(bundle)
    assert "number 2" in str(bundle)
    assert "ALARM deliver: channel hook is disabled" in log.read_text()


def test_channel_that_is_added_later_gets_what_waited(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    one = alert("one", channel_id="hook")
    with running_stages(settings, tmp_path / "log", "deliver"):
        publish(settings, one)
        until(lambda: len(stored(settings, one)) == 1, "the delivery")
        assert stored(settings, one)[0].status == "no_channel"

        send_records(settings, [hook(receiver)])
        until(lambda: len(receiver.ids()) == 1, "the alert")


def test_records_that_are_no_alerts_go_to_the_dead_letters(
    settings: Settings, receiver: WebhookReceiver, tmp_path: Path
) -> None:
    send_records(settings, [hook(receiver)])
    one = alert("one", channel_id="hook")
    with running_stages(settings, tmp_path / "log", "deliver"):
        publish(settings, payloads=[b"{not json", to_wire(hook(receiver))])
        publish(settings, one)
        until(are_delivered(settings, [one]), "the alert behind them")

    with open_reader(settings) as reader:
        letters = read_letters(reader, load_topics(settings)["dead_letter"].name)
    assert sorted(each.letter.code for each in letters.letters) == ["E201", "E202"]
