"""Make the message of a delivery from the ledger, checked against what is known now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from dateline.alert_records import Alert, Channel
from dateline.alerts.deliveries import OPEN, Delivery, DeliveryStore
from dateline.alerts.guarded_records import Stored
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.channels.message import Message
from dateline.channels.render import render_alert, render_digest
from dateline.errors import InvariantBroken
from dateline.ids import delivery_id
from processors.deliver.current_article import (
    CUT_NOTE,
    WITHHELD,
    CurrentArticle,
    still_showable,
)
from processors.deliver.transitions import SettledStatus, settled

# How soon a correction asks again whether its alert was told.
ASKED_AGAIN_AFTER = timedelta(seconds=10)
ReadArticles = Callable[
    [Sequence[tuple[str, datetime]]], Awaitable[Mapping[str, CurrentArticle]]
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A message to send; ``note`` says what was left out."""

    message: Message
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """There is nothing to tell any more, and why."""

    status: SettledStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NotYet:
    """Whether there is anything to tell is not known before then."""

    until: datetime


Prepared = Ready | NotSent | NotYet
_Verdict = Alert | SettledStatus | NotYet


class Preparer:
    """Prepare deliveries; safe to repeat, ``DependencyUnavailable`` means: try again."""

    def __init__(
        self,
        store: DeliveryStore,
        ledger: Ledger,
        read_articles: ReadArticles,
        *,
        public_url: str,
    ) -> None:
        self._store = store
        self._ledger = ledger
        self._read_articles = read_articles
        self._public_url = public_url

    async def prepare(self, delivery: Delivery, channel: Channel, now: datetime) -> Prepared:
        """Return the message of a delivery or of a bundle, under its id.

        Raises:
            InvariantBroken: the ledger does not have the alert.
        """
        if delivery.is_bundle:
            return await self._prepare_bundle(delivery, channel, now)
        (verdict,) = await self._verdicts([delivery], delivery, now)
        if isinstance(verdict, NotYet):
            return verdict
        if isinstance(verdict, str):
            return NotSent(status=verdict)
        return self._one(verdict, delivery)

    async def _prepare_bundle(self, bundle: Delivery, channel: Channel, now: datetime) -> Prepared:
        members = await self.members(bundle)
        verdicts = await self._verdicts([each.record for each in members], bundle, now)
        for verdict in verdicts:
            if isinstance(verdict, NotYet):
                return verdict
        alerts: list[Alert] = []
        for member, verdict in zip(members, verdicts, strict=True):
            if isinstance(verdict, Alert):
                alerts.append(verdict)
            elif isinstance(verdict, str):
                await self._store.save(member, settled(member.record, verdict))
        if not alerts:
            return NotSent(status="withdrawn")
        if len(alerts) == 1:
            return self._one(alerts[0], bundle)
        message = render_digest(
            channel, alerts, more_count=0, message_id=bundle.message_id,
            public_url=self._public_url,
            is_rest=all(each.record.held_for == "rate" for each in members),
        )  # fmt: skip
        return Ready(message=message, note=_note(alerts))

    async def members(self, bundle: Delivery) -> list[Stored[Delivery]]:
        """Return the deliveries that belong to a bundle and are to be told, in its order."""
        found = await self._store.get(bundle.member_ids)
        return [
            found[each]
            for each in bundle.member_ids
            if each in found
            and found[each].record.status == "bundled"
            and found[each].record.message_id == bundle.delivery_id
        ]

    def _one(self, alert: Alert, delivery: Delivery) -> Ready:
        message = render_alert(alert, public_url=self._public_url)
        return Ready(message=replace(message, message_id=delivery.message_id), note=_note([alert]))

    async def _verdicts(
        self, deliveries: Sequence[Delivery], message: Delivery, now: datetime
    ) -> list[_Verdict]:
        """Return of each delivery what is told, or why it is not, in order."""
        entries = await self._entries(deliveries)
        corrected = {
            entry.alert.corrects_alert_id
            for entry in entries
            if entry.alert.trigger == "correction"
        }
        current = await self._read_articles(
            [
                (entry.alert.article_id, entry.alert.content.first_seen_at)
                for entry in entries
                if entry.alert.content is not None
            ]
        )
        verdicts: list[_Verdict] = []
        for entry, delivery in zip(entries, deliveries, strict=True):
            article = current.get(entry.alert.article_id)
            if entry.alert.trigger == "correction":
                verdicts.append(await self._correction(entry, delivery, message, now))
            elif (article and article.is_withdrawn) or entry.alert.alert_id in corrected:
                verdicts.append("withdrawn")
            else:
                alert = still_showable(entry, article)
                verdicts.append(replace(alert, channel_id=delivery.channel_id))
        return verdicts

    async def _entries(self, deliveries: Sequence[Delivery]) -> list[LedgerEntry]:
        found = await self._ledger.get([each.alert_id for each in deliveries])
        missing = [each.alert_id for each in deliveries if each.alert_id not in found]
        if missing:
            raise InvariantBroken(f"the ledger does not have alert {missing[0]}")
        return [found[each.alert_id] for each in deliveries]

    async def _correction(
        self, entry: LedgerEntry, delivery: Delivery, message: Delivery, now: datetime
    ) -> _Verdict:
        """Return a correction, unless nobody was told what it corrects."""
        told = replace(entry.alert, channel_id=delivery.channel_id)
        first = await self._corrected(entry.alert, delivery.channel_id)
        if first is None:
            return "nothing_to_correct"
        if first.record.message_id == message.delivery_id:
            return told if message.may_be_told else "nothing_to_correct"
        bundle_id = first.record.message_id
        bundle = (await self._store.get([bundle_id])).get(bundle_id) if bundle_id else None
        carriers = [first.record, *([bundle.record] if bundle else [])]
        if any(each.may_be_told for each in carriers):
            return told
        if any(each.status not in OPEN for each in carriers):
            return "nothing_to_correct"
        return await self._overtaken(first, now)

    async def _corrected(self, alert: Alert, channel_id: str) -> Stored[Delivery] | None:
        if alert.corrects_alert_id is None:
            return None
        first_id = delivery_id(alert.corrects_alert_id, channel_id)
        return (await self._store.get([first_id])).get(first_id)

    async def _overtaken(self, first: Stored[Delivery], now: datetime) -> _Verdict:
        """Withdraw an alert that was not sent yet, so that it need not be corrected."""
        record = first.record
        is_at_work = record.lease_until is not None and record.lease_until > now
        if record.status == "bundled" or is_at_work:
            return NotYet(until=now + ASKED_AGAIN_AFTER)
        if await self._store.save(first, settled(record, "withdrawn")) is None:
            return NotYet(until=now + ASKED_AGAIN_AFTER)
        return "nothing_to_correct"


def _note(alerts: Sequence[Alert]) -> str:
    cut = any(each.content and each.content.withheld_reason == WITHHELD for each in alerts)
    return CUT_NOTE if cut else ""
