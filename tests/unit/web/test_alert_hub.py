from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from channel_samples import ALERT, NOW

from dateline.alert_records import Alert
from dateline.alerts.ledger import LedgerEntry
from dateline.web.alert_hub import MAX_WAITING, AlertEvent, AlertHub
from dateline.web.alert_stream import MAX_REPLAY, AlertTeller, Since


def event(number: int, watch_id: str = "w") -> AlertEvent:
    return AlertEvent(f"{number:064x}", watch_id, "{}")


def entry(number: int, seconds: float = 0) -> LedgerEntry:
    at = NOW + timedelta(seconds=seconds)
    alert = replace(ALERT, alert_id=f"{number:064x}", channel_id="", created_at=at)
    return LedgerEntry(alert=alert, channel_ids=("desk",))


class FakeLedger:
    """A ledger in memory; it counts what it is asked."""

    def __init__(self, entries: Sequence[LedgerEntry]) -> None:
        self.entries = {each.alert.alert_id: each for each in entries}
        self.asked = 0

    async def get(self, alert_ids: Sequence[str]) -> dict[str, LedgerEntry]:
        self.asked += 1
        return {each: self.entries[each] for each in alert_ids if each in self.entries}

    async def told_since(
        self, since: datetime, *, watch_id: str | None = None, limit: int
    ) -> list[LedgerEntry]:
        assert watch_id is None
        rows = sorted(self.entries.values(), key=lambda each: each.alert.created_at)
        return [each for each in rows if each.alert.created_at >= since][:limit]


def teller(*entries: LedgerEntry) -> tuple[AlertTeller, FakeLedger]:
    ledger = FakeLedger(entries)
    return AlertTeller(AlertHub(max_readers=5), ledger), ledger  # type: ignore[arg-type]


def test_hub_tells_each_alert_once_to_whom_it_concerns() -> None:
    async def play() -> None:
        hub = AlertHub(max_readers=5)
        with hub.reader(None) as every, hub.reader("b") as some:
            hub.tell([event(1), event(2, "b"), event(1)])
            hub.tell([event(2, "b"), event(3)])
            told = [await every.next() for _ in range(3)]
            assert told == [event(1), event(2, "b"), event(3)]
            assert await some.next() == event(2, "b")
            hub.tell([event(4, "b")])
            assert await some.next() == event(4, "b")
            hub.close()
            assert some.is_ended
            assert await every.next() is None  # let go: nothing waits any more
        assert hub.unknown(["x", f"{1:064x}", "x"]) == ["x"]

    asyncio.run(play())


def test_hub_gives_events_in_order_and_wakes_who_waits() -> None:
    async def play() -> None:
        hub = AlertHub(max_readers=5)
        with hub.reader(None) as reader:
            waiting = asyncio.create_task(reader.next())
            await asyncio.sleep(0)
            hub.tell([event(1), event(2)])
            assert [await waiting, await reader.next()] == [event(1), event(2)]

    asyncio.run(play())


def test_hub_lets_go_who_does_not_read_and_nobody_else() -> None:
    async def play() -> None:
        hub = AlertHub(max_readers=5)
        with hub.reader(None) as slow, hub.reader(None) as quick:
            for number in range(MAX_WAITING + 1):
                hub.tell([event(number)])
                assert await quick.next() == event(number)
            assert (slow.is_ended, quick.is_ended) == (True, False)
            assert await slow.next() is None

    asyncio.run(play())


def test_hub_has_so_many_places() -> None:
    async def play() -> None:
        hub = AlertHub(max_readers=1)
        with hub.reader(None):
            assert hub.is_full
            with hub.reader(None) as second:
                assert await second.next() is None
        assert hub.is_idle

    asyncio.run(play())


def test_hub_remembers_so_many_alerts() -> None:
    hub = AlertHub(max_readers=1, max_remembered=2)
    hub.tell([event(1), event(2), event(3)])
    assert not hub.was_told_by(event(1).alert_id, event(3).alert_id)
    assert hub.was_told_by(event(2).alert_id, event(3).alert_id)
    assert not hub.was_told_by(event(3).alert_id, event(2).alert_id)
    assert hub.was_told_by("x", "x")


def test_teller_reads_the_ledger_only_for_somebody() -> None:
    async def play() -> None:
        tells, ledger = teller(entry(1), entry(2))
        await tells.take([entry(1).alert])
        assert ledger.asked == 0
        with tells.hub.reader(None) as reader:
            desk: Alert = replace(entry(2).alert, channel_id="other")
            gone = replace(entry(9).alert, channel_id="hook")
            await tells.take([desk, desk, entry(1).alert, gone])
            assert ledger.asked == 1
            first, second = await reader.next(), await reader.next()
            assert first is not None
            assert second is not None
            assert '"channel_ids":["desk"]' in first.data
            assert '"channel_ids":["hook"]' in second.data  # as the topic has it

    asyncio.run(play())


def test_teller_tells_what_was_missed_and_not_what_was_told() -> None:
    async def play() -> None:
        # The clock of the second's writer was behind: it was told after the third.
        rows = [entry(1, 0), entry(2, 10), entry(3, 20), entry(4, 30)]
        tells, _ = teller(*rows)
        for number in (0, 2, 1, 3):
            await tells.take([rows[number].alert])
        missed = await tells.missed(Since(alert_id=rows[2].alert.alert_id), None)
        assert missed == [rows[1], rows[3]]
        assert await tells.missed(Since(alert_id="f" * 64), None) == []
        assert await tells.missed(Since(), None) == []
        assert await tells.missed(Since(at=NOW + timedelta(seconds=75)), None) == rows[2:]

    asyncio.run(play())


def test_teller_says_when_more_was_missed_than_it_tells() -> None:
    async def play() -> None:
        tells, _ = teller(*(entry(number, number) for number in range(MAX_REPLAY + 5)))
        events = tells.events(Since(at=NOW), None)
        names = [(await anext(events)).event for _ in range(MAX_REPLAY + 2)]
        assert names == [None, *["alert"] * MAX_REPLAY, "reload"]
        await events.aclose()  # type: ignore[attr-defined]
        assert tells.hub.is_idle

    asyncio.run(play())
