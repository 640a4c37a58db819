from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import IllegalOperation

from dateline.errors import BrokerUnavailable, DatelineError, WriterFenced
from processors.kafka_out import Outgoing, TransactionalWriter


class EndedTransaction:
    """A producer whose background task ends the transaction before the second record."""

    def __init__(self, *, is_fatal: bool) -> None:
        self._txn_manager = SimpleNamespace(is_fatal_error=lambda: is_fatal)
        self._sent_count = 0

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        yield

    async def send(self, *_: Any, **__: Any) -> asyncio.Future[None]:
        self._sent_count += 1
        if self._sent_count > 1:
            raise IllegalOperation("Can't send messages while not in transaction")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future


@pytest.mark.parametrize(
    ("is_fatal", "expected"),
    [
        pytest.param(True, WriterFenced, id="fenced-between-two-records"),
        pytest.param(False, BrokerUnavailable, id="ended-for-another-reason"),
    ],
)
def test_transaction_ended_in_the_background(is_fatal: bool, expected: type[DatelineError]) -> None:
    async def write() -> None:
        writer = TransactionalWriter.__new__(TransactionalWriter)
        writer._is_fenced = False
        writer._producer = EndedTransaction(is_fatal=is_fatal)
        record = Outgoing(topic="t", key=b"k", value=b"v")
        await writer.write([record, record])

    with pytest.raises(expected):
        asyncio.run(write())
