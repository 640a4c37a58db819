"""Serve the web of a test's servers in a thread, and put alerts where it reads them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

from kafka import KafkaProducer

from dateline.alert_records import Alert
from dateline.alerts.deliveries import DeliveryStore, new_delivery
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.endpoints import async_search_client, kafka_bootstrap
from dateline.search.record_documents import refresh
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.topics import load_topics
from dateline.web.server import run_web
from dateline.wire import to_wire

START_SECONDS = 30.0


@contextmanager
def running_web(settings: Settings) -> Iterator[str]:
    """Serve on a free port until the end of the block; give the address."""
    settings = replace(settings, web=replace(settings.web, port=0))
    is_up = threading.Event()
    told: list[str] = []
    failed: list[BaseException] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def tell(line: str) -> None:
        told.append(line)
        is_up.set()

    def work() -> None:
        try:
            loop.run_until_complete(run_web(settings, stop=stop, tell=tell))
        except Exception as error:  # noqa: BLE001 (it belongs to the test's thread)
            failed.append(error)
        finally:
            is_up.set()
            loop.run_until_complete(loop.shutdown_default_executor())
            for task in asyncio.all_tasks(loop):
                task.cancel()
            loop.run_until_complete(asyncio.sleep(0))
            loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        assert is_up.wait(START_SECONDS)
        if failed:
            raise failed[0]
        yield told[0].removeprefix("Search and alerts are at ")
    finally:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
        thread.join(START_SECONDS)
    assert not thread.is_alive()
    if failed:
        raise failed[0]


def write_ledger(settings: Settings, *entries: LedgerEntry) -> None:
    """Write alerts and a delivery for each of their channels; searches find them then."""

    async def write() -> None:
        client = async_search_client(settings)
        try:
            index = articles_index(settings)
            assert all(await Ledger(client, index.alerts).create(entries))
            await DeliveryStore(client, index.deliveries).create(
                [
                    new_delivery(replace(entry.alert, channel_id=each), entry.alert.created_at)
                    for entry in entries
                    for each in entry.channel_ids
                ]
            )
            await refresh(client, index.alerts)
            await refresh(client, index.deliveries)
        finally:
            await client.close()

    # A test that drives a browser has a running loop in its own thread.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, write()).result()


def publish(settings: Settings, *alerts: Alert) -> None:
    """Write alerts to the topic, as the alerts stage does."""
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    topic = load_topics(settings)["alert"].name
    try:
        for each in alerts:
            producer.send(topic, key=each.channel_id.encode(), value=to_wire(each)).get(30)
    finally:
        producer.close()
