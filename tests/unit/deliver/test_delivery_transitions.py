"""What becomes of a delivery, and what a channel's failures mean."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from alert_samples import NOW, alert, channel, minutes

from dateline.alerts.channel_states import (
    ChannelState,
    after_failure,
    after_success,
    disabled,
    fails_for_days,
    in_force,
    with_slot,
)
from dateline.alerts.deliveries import MAX_HISTORY, Attempt, new_bundle, new_delivery, with_attempt
from dateline.channels.message import Sent
from processors.deliver.channel_health import pause_seconds
from processors.deliver.schedule import hold
from processors.deliver.transitions import after_bug, after_sent, as_created, leased

SCHEDULE = (0.0, 5.0, 300.0)
DELIVERY = leased(new_delivery(alert(), NOW), "me", NOW + minutes(1))
BLANK = ChannelState(channel_id="desk")


def sent(**values: object) -> Sent:
    return Sent(**{"outcome": "retry", **values})  # type: ignore[arg-type]


def test_message_keeps_its_id_and_its_schedule_until_it_is_given_up() -> None:
    delivery, due = DELIVERY, []
    for _ in SCHEDULE:
        delivery = after_sent(
            delivery, sent(status_code=500), NOW, schedule=SCHEDULE, jitter=0.0
        )  # fmt: skip
        due.append(delivery.next_attempt_at)

    assert due == [NOW + timedelta(seconds=5), NOW + timedelta(seconds=300), None]
    assert delivery.status == "failed"
    assert delivery.message_id == DELIVERY.message_id == DELIVERY.delivery_id
    assert [each.status_code for each in delivery.history] == [500, 500, 500]
    assert delivery.lease_until is None


def test_delivered_message_is_done() -> None:
    done = after_sent(
        DELIVERY, sent(outcome="delivered", status_code=204), NOW, schedule=SCHEDULE, jitter=0.0
    )

    assert (done.status, done.delivered_at, done.next_attempt_at) == ("delivered", NOW, None)


def test_message_to_a_receiver_that_is_gone_waits_for_its_channel() -> None:
    gone = after_sent(
        DELIVERY, sent(outcome="gone", status_code=410), NOW, schedule=SCHEDULE, jitter=0.0
    )

    assert (gone.status, gone.held_for, gone.next_attempt_at) == ("held", "channel", None)


def test_our_bug_is_tried_three_times() -> None:
    delivery = DELIVERY
    states = []
    for _ in range(3):
        delivery = after_bug(delivery, "ValueError", NOW)
        states.append(delivery.status)

    assert states == ["waiting", "waiting", "failed"]
    assert delivery.attempts == 0


@pytest.mark.parametrize(
    ("attempt", "expected"),
    [
        (Attempt(at=NOW, outcome="retry", status_code=500), False),
        (Attempt(at=NOW, outcome="retry"), True),
        (Attempt(at=NOW, outcome="refused"), False),
        (Attempt(at=NOW, outcome="our_bug"), False),
        (Attempt(at=NOW, outcome="delivered", status_code=200), True),
    ],
)
def test_receiver_may_have_read_what_it_did_not_answer(attempt: Attempt, expected: bool) -> None:
    assert with_attempt(DELIVERY, attempt).may_be_told is expected


def test_history_keeps_the_newest_and_cuts_errors() -> None:
    delivery = DELIVERY
    for number in range(MAX_HISTORY + 1):
        delivery = with_attempt(
            delivery, Attempt(at=NOW, outcome="retry", error=f"{number} " + "x" * 300)
        )

    assert len(delivery.history) == MAX_HISTORY
    assert delivery.history[0].error.startswith("1 ")
    assert len(delivery.last_error) == 200


def test_bundle_of_the_same_members_at_the_same_time_has_the_same_id() -> None:
    members = [new_delivery(alert(name), NOW) for name in ("one", "two")]

    first = new_bundle(members, due_at=NOW, now=NOW)

    assert new_bundle(members, due_at=NOW, now=NOW + minutes(1)).delivery_id == first.delivery_id
    assert new_bundle(members, due_at=NOW + minutes(60), now=NOW).delivery_id != first.delivery_id
    assert new_bundle(members[1:], due_at=NOW, now=NOW).delivery_id != first.delivery_id


def test_new_delivery_waits_for_a_channel_that_nobody_knows() -> None:
    assert as_created(DELIVERY, None, BLANK, NOW).status == "no_channel"


def test_new_delivery_waits_for_a_disabled_channel() -> None:
    state = disabled(BLANK, "gone", NOW - minutes(1))

    created = as_created(DELIVERY, channel(), state, NOW)

    assert (created.status, created.held_for) == ("held", "channel")


def test_new_delivery_of_a_digest_has_no_identity_of_its_own() -> None:
    created = as_created(DELIVERY, channel(digest="hourly"), BLANK, NOW)

    assert (created.status, created.held_for, created.message_id) == ("held", "digest", "")
    assert hold(channel(digest="hourly"), NOW) is not None


def test_channel_that_was_changed_after_it_was_disabled_begins_anew() -> None:
    state = disabled(replace(BLANK, failures_in_a_row=9), "gone", NOW)

    assert in_force(state, channel(changed_at=NOW)) == state
    assert in_force(state, channel(changed_at=NOW + minutes(1))) == BLANK


def test_channel_is_given_up_after_five_days_of_failures() -> None:
    state = BLANK
    for _ in range(5):
        state = after_failure(state, NOW)

    assert not fails_for_days(state, NOW + timedelta(days=4, hours=23))
    assert fails_for_days(state, NOW + timedelta(days=5))
    assert not fails_for_days(after_success(state), NOW + timedelta(days=5))


def test_clock_that_jumps_does_not_give_a_channel_up() -> None:
    state = after_failure(after_failure(BLANK, NOW), NOW + timedelta(days=400))

    assert not fails_for_days(state, NOW + timedelta(days=400))


def test_hour_takes_so_many_messages_and_the_next_one_again() -> None:
    state: ChannelState | None = BLANK
    for _ in range(2):
        assert state is not None
        state = with_slot(state, NOW, max_per_hour=2)
    assert state is not None

    assert with_slot(state, NOW + minutes(29), max_per_hour=2) is None
    assert with_slot(state, NOW + minutes(29), max_per_hour=2, is_forced=True) is not None
    assert with_slot(state, NOW + minutes(30), max_per_hour=2) is not None
    assert with_slot(state, NOW - timedelta(days=1), max_per_hour=2) is not None  # set back


def test_channel_that_fails_again_and_again_is_left_alone_longer_and_longer() -> None:
    pauses = [pause_seconds(sent(), failures, SCHEDULE) for failures in (1, 2, 3, 4, 5, 40)]

    assert pauses == [0, 0, 5, 10, 20, 300]
    assert pause_seconds(sent(retry_after_seconds=30.0), 1, SCHEDULE) == 30
