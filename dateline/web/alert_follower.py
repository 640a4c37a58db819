"""Follow ``news.alert.v1`` from now on."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence

from aiokafka import ConsumerRecord

from dateline.alert_records import Alert
from dateline.errors import RecordRejected
from dateline.topic_follower import TopicFollower
from dateline.wire import from_wire

log = logging.getLogger(__name__)

MAX_BATCH = 200


def follow_alerts(
    bootstrap_servers: str,
    topic: str,
    *,
    take: Callable[[Sequence[Alert]], Awaitable[None]],
) -> TopicFollower:
    """Return what hands the alerts that are published from now on to ``take``, in batches."""

    async def take_records(records: Sequence[ConsumerRecord]) -> None:
        read = [_alert(record.value) for record in records]
        await take([each for each in read if each is not None])

    return TopicFollower(
        bootstrap_servers, topic, take=take_records, is_whole=False, max_records=MAX_BATCH
    )


def _alert(payload: bytes | None) -> Alert | None:
    try:
        return from_wire(payload, Alert)
    except RecordRejected as error:
        log.critical("ALARM news.alert.v1: a record is not ours: %s", error)
        return None
