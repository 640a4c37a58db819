"""The rules of the deliver stage on the real Elasticsearch, by a clock that the test moves."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from datetime import timedelta

import pytest
from alert_samples import BODY, NOW, alert, channel, entry
from deliver_desk import FAILED, TAKEN, Desk, id_of, on_desk

from dateline.alert_records import Alert, Channel, QuietHours
from dateline.alerts.deliveries import new_delivery
from dateline.alerts.ledger import Ledger
from dateline.channels.message import Message, Sent
from dateline.outcomes import Outcome
from dateline.records import Decision, SearchDocument
from dateline.settings import Settings

pytestmark = pytest.mark.integration

ONE, TWO, THREE = alert("one"), alert("two"), alert("three")
GONE = Sent(outcome="gone", status_code=410, error="answers 410")
SCHEDULE = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
NO_ANSWER = Sent(outcome="retry", error="no answer")


def many(count: int, channel_id: str = "desk") -> list[Alert]:
    return [alert(f"number {number}", channel_id=channel_id) for number in range(count)]


def titles(message: Message) -> set[str]:
    words = message.text
    return {f"number {number}" for number in range(20) if f"number {number}\n" in f"{words}\n"}


# ---- sending -------------------------------------------------------------------------------------


def test_alert_is_sent_at_once_and_once(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())

        assert await desk.tell(ONE) == [Outcome.PASSED]
        assert await desk.tell(ONE) == [Outcome.DUPLICATE]
        await desk.pass_time(days=10)

        assert desk.receiver.ids == [id_of(ONE)]
        delivery = await desk.delivery(ONE)
        assert (delivery.status, delivery.delivered_at, delivery.attempts) == ("delivered", NOW, 1)

    on_desk(pipeline_settings, work)


def test_alert_without_a_channel_needs_no_delivery(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        assert await desk.tell(alert(channel_id="")) == [Outcome.PASSED]
        await desk.sweep()
        assert await desk.store.find() == []

    on_desk(pipeline_settings, work)


def test_failures_are_repeated_by_the_schedule_under_the_same_id(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        desk.receiver.answers = [FAILED, FAILED]
        await desk.tell(ONE)
        await desk.pass_time(seconds=4)
        assert len(desk.receiver.tried) == 1
        await desk.pass_time(seconds=2)
        assert len(desk.receiver.tried) == 2
        await desk.pass_time(minutes=4)
        assert len(desk.receiver.tried) == 2
        await desk.pass_time(minutes=2)

        assert [each.message_id for each in desk.receiver.tried] == [id_of(ONE)] * 3
        delivery = await desk.delivery(ONE)
        assert [each.outcome for each in delivery.history] == ["retry", "retry", "delivered"]

    on_desk(pipeline_settings, work)


def test_receiver_that_asks_for_a_pause_is_left_alone(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        desk.receiver.answers = [
            Sent(outcome="retry", status_code=429, retry_after_seconds=600)
        ]  # fmt: skip
        await desk.tell(ONE)
        assert desk.lane_is_closed("desk")
        await desk.tell(TWO)  # waits as well: the pause is the channel's
        await desk.pass_time(minutes=9)
        assert len(desk.receiver.tried) == 1
        # The lane's pause goes by the machine's clock; another worker has none.
        other = desk.other()
        await other.pass_time(minutes=3)

        assert sorted(desk.receiver.ids) == sorted([id_of(ONE), id_of(TWO)])

    on_desk(pipeline_settings, work)


def test_message_that_is_given_up_is_kept_and_can_be_sent_again(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())

        async def fails(_channel: Channel, _message: Message) -> Sent:
            return FAILED

        desk.receiver.answer = fails
        await desk.tell(ONE)
        for seconds in SCHEDULE[1:]:
            other = desk.other()  # the pause after failures is a worker's own
            await other.pass_time(seconds=1.1 * seconds + 1)
        assert len(desk.receiver.tried) == 10
        assert await desk.status(ONE) == "failed"
        desk.receiver.answer = None

        assert await desk.store.resend(id_of(ONE), desk.clock.now()) is not None
        await desk.pass_time(seconds=10)

        assert desk.receiver.ids == [id_of(ONE)]
        assert len((await desk.delivery(ONE)).history) == 11
        assert await desk.store.resend("f" * 64, desk.clock.now()) is None

    on_desk(pipeline_settings, work)


def test_delivery_log_names_every_try_and_no_text(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(), channel("other"))
        desk.receiver.answers = [FAILED]
        await desk.tell(ONE)
        await desk.tell(replace(ONE, channel_id="other"))
        await desk.pass_time(seconds=10)

        log = await desk.store.of_alert(ONE.alert_id)

        assert {each.channel_id: len(each.history) for each in log} == {"desk": 2, "other": 1}
        assert "Doha" not in repr(log)
        assert len(await desk.store.find(status="delivered")) == 2
        assert len(await desk.store.find(status="delivered", channel_id="other")) == 1
        assert await desk.store.find(status="failed") == []

    on_desk(pipeline_settings, work)


# ---- channels that are not there -----------------------------------------------------------------


def test_alerts_of_an_unknown_channel_are_sent_when_it_appears(
    pipeline_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(desk: Desk) -> None:
        await desk.tell(ONE, TWO)
        assert await desk.status(ONE) == "no_channel"
        await desk.pass_time(minutes=5)
        assert desk.receiver.tried == []

        desk.know(channel())
        await desk.sweep()

        (message,) = desk.receiver.taken
        assert "one" in message.text
        assert "two" in message.text
        assert await desk.status(TWO) == "bundled"

    with caplog.at_level(logging.WARNING):
        on_desk(pipeline_settings, work)
    assert caplog.text.count("there is no channel desk") == 1


def test_channel_that_is_gone_is_disabled_and_gets_everything_when_it_is_enabled(
    pipeline_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(), channel("live"))
        desk.receiver.answers = [GONE]
        await desk.tell(ONE)
        await desk.tell(TWO, THREE)
        await desk.pass_time(days=3)
        assert len(desk.receiver.tried) == 1
        assert [await desk.status(each) for each in (ONE, TWO)] == ["held", "held"]
        await desk.tell(alert("other", channel_id="live"))
        assert len(desk.receiver.taken) == 1
        # A worker that has just started knows it, too.
        other = desk.other()
        await other.pass_time(seconds=1)
        assert len(desk.receiver.taken) == 1

        desk.know(channel(changed_at=desk.clock.now()))
        await desk.sweep()

        assert len(desk.receiver.taken) == 3
        assert id_of(ONE) in desk.receiver.ids  # its identity was fixed by the first try
        assert await desk.status(ONE) == "delivered"
        assert {await desk.status(each) for each in (TWO, THREE)} == {"bundled"}

    with caplog.at_level(logging.CRITICAL):
        on_desk(pipeline_settings, work)
    assert "ALARM deliver: channel desk is disabled: answers 410" in caplog.text


def test_channel_that_fails_for_five_days_is_disabled_and_loses_nothing(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())

        async def fails(_channel: Channel, _message: Message) -> Sent:
            return FAILED

        desk.receiver.answer = fails
        alerts = many(6)
        for each in alerts:
            other = desk.other()
            other.clock.advance(seconds=86_400)
            await other.tell(each)
        tried_count = len(desk.receiver.tried)
        late = alert("late")
        other = desk.other()
        await other.sweep(times=1)  # knows that the channel is disabled
        await other.tell(late)
        assert await desk.status(late) == "held"
        assert len(desk.receiver.tried) == tried_count

        desk.receiver.answer = None
        enabled = desk.other()
        enabled.know(channel(changed_at=desk.clock.now() + timedelta(seconds=1)))
        for _ in range(4):
            await enabled.pass_time(hours=26)

        text = "".join(each.text for each in desk.receiver.taken)
        assert all(f"number {number}" in text for number in range(6))
        assert "late" in text

    on_desk(pipeline_settings, work)


# ---- withdrawn articles --------------------------------------------------------------------------


def test_alert_of_a_killed_article_is_not_sent(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        await desk.kill(ONE)
        correction = alert("correction", trigger="correction", corrects=ONE)

        await desk.tell(ONE)
        await desk.tell(correction)

        assert desk.receiver.tried == []
        assert await desk.status(ONE) == "withdrawn"
        assert await desk.status(correction) == "nothing_to_correct"

    on_desk(pipeline_settings, work)


def test_correction_of_what_was_sent_is_sent(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        correction = alert("correction", trigger="correction", corrects=ONE)
        await desk.tell(ONE)
        await desk.kill(ONE)

        await desk.tell(correction)

        assert desk.receiver.ids == [id_of(ONE), id_of(correction)]

    on_desk(pipeline_settings, work)


@pytest.mark.parametrize("answer", [FAILED, NO_ANSWER], ids=["refused", "may-have-been-read"])
def test_correction_overtakes_an_alert_that_is_still_tried(
    pipeline_settings: Settings, answer: Sent
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        desk.receiver.answers = [answer]
        correction = alert("correction", trigger="correction", corrects=ONE)
        await desk.tell(ONE)

        await desk.tell(correction)
        if answer is NO_ANSWER:
            await desk.kill(ONE)
        await desk.pass_time(hours=1)

        assert await desk.status(ONE) == "withdrawn"
        assert desk.receiver.ids == ([id_of(correction)] if answer is NO_ANSWER else [])

    on_desk(pipeline_settings, work)


def test_digest_leaves_out_what_was_withdrawn_meanwhile(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(digest="hourly"))
        correction = alert("correction", trigger="correction", corrects=ONE)
        await desk.tell(ONE, TWO, THREE)
        await desk.kill(TWO)  # before its correction is there
        await desk.tell(correction)  # before the index knows of the kill

        await desk.pass_time(hours=1)

        (message,) = desk.receiver.taken
        assert "three" in message.text
        assert "one" not in message.text
        assert "two" not in message.text
        statuses = [await desk.status(each) for each in (ONE, TWO, THREE, correction)]
        assert statuses == ["withdrawn", "withdrawn", "bundled", "nothing_to_correct"]

    on_desk(pipeline_settings, work)


def test_text_is_cut_when_its_rights_shrank_after_the_alert(pipeline_settings: Settings) -> None:
    document = SearchDocument(
        article_id=ONE.article_id, source_id="wire.example", key="k", revision=2,
        pub_status="usable", origin="live", story_id="s", story_aliases=(), role="original",
        versions=(), first_seen_at=NOW, observed_at=NOW,
        updated_at=NOW, content_sha256="c" * 64, title="Talks go on: one", body=BODY[:20],
        decisions=(
            Decision(
                purpose="public_search", policy_id="p", store="snippet", display="snippet",
                export=False, ai_use=(), snippet_chars=20, attribution_required=False,
            ),
        ),
    )  # fmt: skip

    async def work(desk: Desk) -> None:
        desk.know(channel())
        await desk.index_documents(document)

        await desk.tell(ONE)

        (message,) = desk.receiver.taken
        assert "third day" not in message.text
        assert "no longer allows" in message.text
        assert "restricted after the alert" in (await desk.delivery(ONE)).note

    on_desk(pipeline_settings, work)


# ---- quiet hours, digests, limits ----------------------------------------------------------------

QUIET = QuietHours(starts_at="09:00", ends_at="11:00")


def test_quiet_hours_end_with_one_message(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(quiet_hours=QUIET))
        alerts = many(3)
        await desk.tell(*alerts)
        await desk.pass_time(minutes=89)
        assert desk.receiver.tried == []

        await desk.pass_time(minutes=1)
        await desk.pass_time(days=1)

        (message,) = desk.receiver.taken
        assert titles(message) == {"number 0", "number 1", "number 2"}

    on_desk(pipeline_settings, work)


def test_retry_waits_for_the_end_of_quiet_hours_under_its_own_id(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        desk.receiver.answers = [NO_ANSWER]
        await desk.tell(ONE)
        desk.know(channel(quiet_hours=QUIET))
        await desk.pass_time(minutes=60)
        assert len(desk.receiver.tried) == 1

        await desk.pass_time(minutes=31)

        assert desk.receiver.ids == [id_of(ONE)]

    on_desk(pipeline_settings, work)


def test_digest_is_one_message_with_all_and_the_same_at_every_try(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(digest="hourly"))
        desk.receiver.answers = [FAILED]
        await desk.tell(*many(3))
        await desk.pass_time(minutes=30)
        assert len(desk.receiver.tried) == 1
        await desk.tell(alert("number 9"))  # belongs to the next digest
        await desk.pass_time(minutes=1)

        first, second = desk.receiver.tried
        assert first.message_id == second.message_id
        assert titles(first) == titles(second) == {"number 0", "number 1", "number 2"}

        await desk.pass_time(hours=1)
        assert desk.receiver.taken[-1].message_id != first.message_id
        assert "number 9" in desk.receiver.taken[-1].text
        assert len(desk.receiver.taken) == 2

    on_desk(pipeline_settings, work)


def test_resent_member_of_a_digest_is_the_digest_again(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(digest="hourly"))
        await desk.tell(ONE, TWO)
        await desk.pass_time(minutes=30)

        again = await desk.store.resend(id_of(ONE), desk.clock.now())
        await desk.sweep()

        assert again is not None
        assert again.is_bundle
        assert desk.receiver.ids == [again.delivery_id] * 2
        (own, bundle) = await desk.store.of_alert(ONE.alert_id)
        assert (own.status, len(bundle.history)) == ("bundled", 2)

    on_desk(pipeline_settings, work)


def test_alerts_beyond_the_limit_of_an_hour_are_told_together(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(max_per_hour=2))
        alerts = many(7)
        for each in alerts:
            await desk.tell(each)
        assert len(desk.receiver.taken) == 2
        await desk.pass_time(minutes=29)
        assert len(desk.receiver.taken) == 2

        await desk.pass_time(minutes=1)

        assert len(desk.receiver.taken) == 3
        assert titles(desk.receiver.taken[-1]) == {f"number {n}" for n in range(2, 7)}
        assert desk.receiver.taken[-1].subject == "[desk] and 5 more alerts"
        # The message of the five counts for the new hour.
        await desk.tell(ONE, TWO)
        assert len(desk.receiver.taken) == 4

    on_desk(pipeline_settings, work)


def test_more_than_a_message_holds_are_told_in_several(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(digest="hourly"))
        await desk.tell(*many(120))
        await desk.pass_time(minutes=30)
        await desk.sweep(times=6)

        text = "".join(each.text for each in desk.receiver.taken)
        assert len(desk.receiver.taken) == 3
        assert all(text.count(f"number {number}\n") == 1 for number in range(120))

    on_desk(pipeline_settings, work)


# ---- several workers, crashes, clocks ------------------------------------------------------------


def test_two_workers_send_what_is_due_once(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(), channel("digest", digest="hourly"))
        desk.receiver.answers = [FAILED, FAILED]
        await desk.tell(ONE, TWO)
        await desk.tell(*many(5, "digest"))
        workers = [desk, *(desk.other() for _ in range(3))]
        desk.clock.advance(seconds=3600)

        for _ in range(4):
            await asyncio.gather(*(each.sweep(times=1) for each in workers))

        assert len(desk.receiver.taken) == 3
        assert len(set(desk.receiver.ids)) == 3

    on_desk(pipeline_settings, work)


def test_workers_that_see_different_alerts_put_each_into_one_digest(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(digest="hourly"))
        desk.clock.advance(seconds=60)
        await desk.tell(*many(4))
        other = desk.other()
        desk.clock.advance(seconds=-60)
        await desk.tell(alert("number 5"))  # created earlier by a clock that was set back
        desk.clock.advance(seconds=3600)
        held = desk.store.held

        async def incomplete(channel_id: str, now: object, *, limit: int) -> object:
            return (await held(channel_id, desk.clock.now(), limit=limit))[1:]

        desk.store.held = incomplete  # type: ignore[method-assign,assignment]
        await asyncio.gather(desk.sweep(times=1), other.sweep(times=1))
        desk.store.held = held  # type: ignore[method-assign]
        await desk.sweep()
        await other.sweep()

        told = [name for each in desk.receiver.taken for name in titles(each)]
        assert sorted(told) == sorted(set(told))
        assert len(told) == 5

    on_desk(pipeline_settings, work)


def test_crash_between_sending_and_marking_repeats_the_same_id_and_list(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(), channel("digest", digest="hourly"))
        dead = desk.other()

        async def dies(*_: object) -> None:
            raise asyncio.CancelledError

        # What was read is not marked: the worker is gone.
        dead.store.save = dies  # type: ignore[method-assign,assignment]
        await dead.tell(ONE)
        assert desk.receiver.ids == [id_of(ONE)]
        await desk.sweep()
        assert desk.receiver.ids == [id_of(ONE)]  # leased

        await desk.pass_time(seconds=46)

        assert desk.receiver.ids == [id_of(ONE), id_of(ONE)]
        assert (await desk.delivery(ONE)).status == "delivered"

    on_desk(pipeline_settings, work)


def test_clock_that_is_set_back_does_not_delay_a_retry_for_years(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        desk.receiver.answers = [FAILED]
        await desk.tell(ONE)

        await desk.pass_time(days=-365)

        assert desk.receiver.ids == [id_of(ONE)]

    on_desk(pipeline_settings, work)


def test_clock_that_jumps_ahead_and_back_repeats_and_loses_nothing(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel("digest", digest="hourly"), channel("limit", max_per_hour=1))
        await desk.tell(*many(2, "digest"), *many(3, "limit"))
        await desk.pass_time(hours=5)
        await desk.tell(alert("number 7", channel_id="digest"))
        await desk.pass_time(hours=-5)
        for _ in range(8):
            await desk.pass_time(hours=1)

        told = [name for each in desk.receiver.taken for name in sorted(titles(each))]
        assert sorted(told) == [
            "number 0", "number 0", "number 1", "number 1", "number 2", "number 7",
        ]  # fmt: skip
        assert len(set(desk.receiver.ids)) == len(desk.receiver.ids)

    on_desk(pipeline_settings, work)


# ---- backlogs -----------------------------------------------------------------------------------


def test_backlog_of_one_channel_hides_no_other(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel("dead"), channel("live"))
        backlog = [new_delivery(each, NOW) for each in many(600, "dead")]
        await desk.store.create(backlog)
        live = alert("live", channel_id="live")
        await desk.store.create([new_delivery(live, NOW + timedelta(seconds=1))])
        await Ledger(desk.client, desk.index.alerts).create([entry(live)])
        never = asyncio.Event()

        async def hangs(target: Channel, _message: Message) -> Sent:
            if target.channel_id == "dead":
                await never.wait()
            return TAKEN

        desk.receiver.answer = hangs
        desk.clock.advance(seconds=5)
        await desk.client.indices.refresh(index=desk.index.deliveries.alias)
        await desk._parts.sweep.once()
        while not desk.receiver.taken:
            await asyncio.sleep(0.01)

        assert desk.receiver.ids == [id_of(live)]

    on_desk(pipeline_settings, work)


def test_everything_that_waited_for_a_channel_goes_out_when_it_is_there(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        await desk.tell(*many(100))
        desk.know(channel())
        await desk.sweep(times=7)

        told = "".join(each.text for each in desk.receiver.taken)
        assert all(told.count(f"number {number}\n") == 1 for number in range(100))
        assert len(desk.receiver.taken) == 3

    on_desk(pipeline_settings, work)


# ---- our bugs and slow channels ------------------------------------------------------------------


def test_alert_that_we_cannot_tell_is_given_up_alone(
    pipeline_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel())
        await desk.tell(ONE, in_ledger=False)
        await desk.tell(TWO)
        assert desk.receiver.ids == [id_of(TWO)]
        for _ in range(3):
            await desk.pass_time(seconds=6)

        delivery = await desk.delivery(ONE)
        assert (delivery.status, delivery.bug_count, delivery.attempts) == ("failed", 3, 0)
        assert desk.receiver.ids == [id_of(TWO)]

    with caplog.at_level(logging.CRITICAL):
        on_desk(pipeline_settings, work)
    assert f"ALARM deliver: our bug, delivery {id_of(ONE)} is given up" in caplog.text


def test_alert_that_we_cannot_tell_does_not_take_its_digest_with_it(
    pipeline_settings: Settings,
) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(digest="hourly"))
        await desk.tell(ONE, in_ledger=False)
        await desk.tell(TWO, THREE)
        await desk.pass_time(minutes=30)
        for _ in range(8):
            await desk.pass_time(seconds=6)

        assert sorted(desk.receiver.ids) == sorted([id_of(TWO), id_of(THREE)])
        assert await desk.status(ONE) == "failed"

    on_desk(pipeline_settings, work)


def test_channel_that_hangs_delays_no_other(pipeline_settings: Settings) -> None:
    async def work(desk: Desk) -> None:
        desk.know(channel(), channel("dead"))
        never = asyncio.Event()

        async def hangs(target: Channel, _message: Message) -> Sent:
            if target.channel_id == "dead":
                await never.wait()
            return TAKEN

        desk.receiver.answer = hangs
        arrived = asyncio.create_task(desk.tell(*many(300, "dead")))
        while len(desk.receiver.tried) < 4:
            await asyncio.sleep(0.01)
        live = many(5)
        telling = asyncio.create_task(desk.tell(*live))
        while len(desk.receiver.taken) < 5:
            await asyncio.sleep(0.01)

        assert sorted(desk.receiver.ids) == sorted(id_of(each) for each in live)
        assert len(desk.receiver.tried) == 9  # four of the dead channel are under way
        for task in (arrived, telling):
            task.cancel()

    on_desk(pipeline_settings, work)
