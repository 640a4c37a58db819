"""Return what became of each alert in each channel, and change it safely from several processes.

A delivery is a message to one channel: about one alert, or, with ``member_ids``, about several that
waited together. Such a bundle is a delivery of its own; its members stay ``bundled``, and what
became of them is what became of the bundle that their ``message_id`` names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from elasticsearch import AsyncElasticsearch

from dateline.alert_records import Alert
from dateline.alerts.guarded_records import GuardedRecords, Stored
from dateline.ids import delivery_id
from dateline.search.templates import RecordIndex

# waiting             sent at next_attempt_at
# held                collects until next_attempt_at; without it until its channel is enabled
# no_channel          nobody knows the channel (yet), or it was removed
# forming             a bundle whose members are not settled yet
# bundled             a member of the bundle ``message_id``
# delivered           the receiver has said that it has the message
# withdrawn           the article was withdrawn before the message was sent
# nothing_to_correct  a correction of what was never sent
# failed              given up; kept, and can be sent again by hand
DeliveryStatus = Literal[
    "waiting", "held", "no_channel", "forming", "bundled", "delivered", "withdrawn",
    "nothing_to_correct", "failed",
]  # fmt: skip
HeldFor = Literal["", "quiet_hours", "digest", "rate", "channel"]
OPEN: tuple[DeliveryStatus, ...] = ("waiting", "held", "no_channel", "forming", "bundled")
MAX_ERROR_CHARS = 200
MAX_HISTORY = 50  # more than a schedule has; who sends again by hand keeps the newest
# Nothing waits longer: a pause of a day, at most, with a day of quiet hours behind it. What seems
# to was written by a clock that was ahead.
LONGEST_WAIT = timedelta(days=4)
LONGEST_LEASE = timedelta(hours=1)
_OLDEST_FIRST = ({"created_at": "asc"}, {"delivery_id": "asc"})
_NEWEST_FIRST = ({"created_at": "desc"}, {"delivery_id": "asc"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to send a message; neither an address nor a text is in it.

    ``status_code`` is None where the receiver did not answer: it may have read the message.
    """

    at: datetime
    outcome: Literal["delivered", "retry", "gone", "refused", "our_bug"]
    status_code: int | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message to one channel; ``message_id`` is fixed before it is first sent, for ever.

    Attributes:
        alert_id: empty for a bundle, as are watch_id and article_id.
        attempts: since it was made or sent again by hand; the schedule goes by it.
        bug_count: how often our own code failed with it in a row.
        next_attempt_at: not before; of what is held when it goes out.
        lease_until: a process is at it until then.
        note: what was left out, in words.
        member_ids: deliveries in this bundle, in the order in which they are told.
        history: newest last.
    """

    delivery_id: str
    channel_id: str
    alert_id: str = ""
    watch_id: str = ""
    article_id: str = ""
    status: DeliveryStatus
    held_for: HeldFor = ""
    attempts: int = 0
    bug_count: int = 0
    created_at: datetime
    next_attempt_at: datetime | None = None
    lease_until: datetime | None = None
    lease_owner: str = ""
    delivered_at: datetime | None = None
    message_id: str = ""
    last_status_code: int | None = None
    last_error: str = ""
    note: str = ""
    member_ids: tuple[str, ...] = ()
    history: tuple[Attempt, ...] = ()

    @property
    def is_bundle(self) -> bool:
        """Return whether this is one message about several alerts."""
        return not self.alert_id

    @property
    def may_be_told(self) -> bool:
        """Return whether the receiver may have read it: it has, or has not answered a try."""
        return self.status == "delivered" or any(
            each.outcome == "delivered" or (each.outcome == "retry" and each.status_code is None)
            for each in self.history
        )


def new_delivery(alert: Alert, now: datetime) -> Delivery:
    """Return the delivery of ``alert`` to its channel, due at once."""
    return Delivery(
        delivery_id=delivery_id(alert.alert_id, alert.channel_id),
        channel_id=alert.channel_id, alert_id=alert.alert_id, watch_id=alert.watch_id,
        article_id=alert.article_id, status="waiting", created_at=now, next_attempt_at=now,
    )  # fmt: skip


def new_bundle(members: Sequence[Delivery], *, due_at: datetime, now: datetime) -> Delivery:
    """Return a bundle of ``members`` (of one channel, not empty), to be settled.

    Its id is sha256 of channel, due time and first member: who makes it twice makes the same.
    """
    first = members[0]
    words = ("bundle", first.channel_id, due_at.isoformat(), first.delivery_id)
    bundle_id = hashlib.sha256("\n".join(words).encode()).hexdigest()
    return Delivery(
        delivery_id=bundle_id, message_id=bundle_id, channel_id=first.channel_id, status="forming",
        created_at=now, next_attempt_at=now,
        member_ids=tuple(each.delivery_id for each in members),
    )  # fmt: skip


def with_attempt(delivery: Delivery, attempt: Attempt) -> Delivery:
    """Return ``delivery`` with a try in its history, and nobody at it any more."""
    error = attempt.error[:MAX_ERROR_CHARS]
    history = (*delivery.history, replace(attempt, error=error))[-MAX_HISTORY:]
    return replace(
        delivery, history=history, lease_until=None, lease_owner="",
        last_status_code=attempt.status_code, last_error=error,
    )  # fmt: skip


class DeliveryStore:
    """All deliveries; ``DependencyUnavailable`` from every method means: try again."""

    def __init__(self, client: AsyncElasticsearch, index: RecordIndex) -> None:
        self._records = GuardedRecords(client, index, Delivery, lambda each: each.delivery_id)
        self.create = self._records.create
        self.get = self._records.get
        self.save = self._records.save

    async def due(
        self,
        now: datetime,
        *,
        max_channels: int,
        per_channel: int,
        without_channels: Iterable[str] = (),
    ) -> list[Stored[Delivery]]:
        """Return what is to be sent and nobody is at, as last refreshed.

        Of each channel the longest due, so that the backlog of one hides no other; of too many
        channels those that wait the longest.
        """
        return await self._records.search_groups(
            {
                "bool": {
                    "filter": [{"terms": {"status": ["waiting", "forming"]}}],
                    "must_not": [
                        _to_come("next_attempt_at", now, LONGEST_WAIT),
                        _to_come("lease_until", now, LONGEST_LEASE),
                        {"terms": {"channel_id": list(without_channels)}},
                    ],
                }
            },
            field="channel_id",
            sort=({"next_attempt_at": "asc"}, {"delivery_id": "asc"}),
            max_groups=max_channels,
            per_group=per_channel,
        )

    async def held_channels(self, now: datetime) -> frozenset[str]:
        """Return the channels with something that was held and is due, or waits for its channel.

        As last refreshed.
        """
        return await self._records.distinct("channel_id", _held_until(now))

    async def held(self, channel_id: str, now: datetime, *, limit: int) -> list[Stored[Delivery]]:
        """Return what is due of a channel that is open, or waited for it, oldest first, as of now.

        Messages whose identity is fixed are among them.
        """
        return await self._records.search(
            {"bool": {"filter": [{"term": {"channel_id": channel_id}}, _held_until(now)]}},
            sort=_OLDEST_FIRST,
            limit=limit,
            refresh=True,
        )

    async def delivered_since(self, channel_id: str, since: datetime) -> bool:
        """Return whether the channel has taken a message since then, as of now."""
        found = await self._records.search(
            {
                "bool": {
                    "filter": [
                        {"term": {"channel_id": channel_id}},
                        {"range": {"delivered_at": {"gte": since.isoformat()}}},
                    ]
                }
            },
            sort=_NEWEST_FIRST,
            limit=1,
            refresh=True,
        )
        return bool(found)

    async def of_alert(self, alert_id: str) -> list[Delivery]:
        """Return the deliveries of an alert, and the bundles that tell it, oldest first, as of now.

        The history of each says when it was tried and how the receiver answered.
        """
        own = [
            each.record
            for each in await self._records.search(
                {"term": {"alert_id": alert_id}}, sort=_OLDEST_FIRST, limit=1000, refresh=True
            )
        ]
        bundles = await self.get([each.message_id for each in own if each.status == "bundled"])
        return [*own, *(each.record for each in bundles.values())]

    async def find(
        self, *, status: DeliveryStatus | None = None, channel_id: str | None = None,
        limit: int = 100,
    ) -> list[Delivery]:  # fmt: skip
        """Return the newest deliveries that fit, bundles among them, as of now."""
        terms = {"status": status, "channel_id": channel_id}
        found = await self._records.search(
            {"bool": {"filter": [{"term": {k: v}} for k, v in terms.items() if v is not None]}},
            sort=_NEWEST_FIRST,
            limit=limit,
            refresh=True,
        )
        return [each.record for each in found]

    async def resend(self, delivery_id: str, now: datetime) -> Delivery | None:
        """Have a message sent again at once, under the same id; of a member its whole bundle.

        Returns:
            the delivery, or the bundle, as it is now; None: there is none of that id.
        """
        while True:
            found = (await self.get([delivery_id])).get(delivery_id)
            if found is None:
                return None
            if found.record.status == "bundled":
                return await self.resend(found.record.message_id, now)
            again = replace(
                found.record,
                status="forming" if found.record.status == "forming" else "waiting",
                held_for="", attempts=0, bug_count=0,
                next_attempt_at=now, lease_until=None, lease_owner="",
                message_id=found.record.message_id or found.record.delivery_id,
            )  # fmt: skip
            if await self.save(found, again) is not None:
                return again


_PARKED: dict[str, Any] = {
    "bool": {
        "should": [
            {"term": {"status": "no_channel"}},
            {"bool": {"filter": [{"term": {"status": "held"}}, {"term": {"held_for": "channel"}}]}},
        ]
    }
}


def _held_until(now: datetime) -> dict[str, Any]:
    due = {
        "bool": {
            "filter": [{"term": {"status": "held"}}, {"exists": {"field": "next_attempt_at"}}],
            "must_not": [_to_come("next_attempt_at", now, LONGEST_WAIT)],
        }
    }
    return {"bool": {"should": [due, _PARKED]}}


def _to_come(field: str, now: datetime, longest: timedelta) -> dict[str, Any]:
    """Return a filter for a time to come, unless it lies so far off that the clock has jumped."""
    return {"range": {field: {"gt": now.isoformat(), "lte": (now + longest).isoformat()}}}
