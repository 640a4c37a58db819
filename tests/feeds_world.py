"""Run feed ingestion and the stages as real processes against a simulated web, and compare."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from elasticsearch import ApiError
from faults.pipeline import Pipeline, wait_until
from web.oracle import Found, Result, compare
from web.process import WebProcess
from web.publisher import Expected
from web.site import Request

from dateline.endpoints import search_client
from dateline.records import KillNotice, RawArticle
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR
from dateline.topic_reader import open_reader
from dateline.wire import from_wire
from producers.article_writer import read_cluster
from producers.feeds.feed_record import FeedRecord
from producers.feeds.feed_state import FeedState, feeds_state_path

# A feed that lies is asked for in full after nine 304: that must not take minutes here.
MAX_INTERVAL_SECONDS = 2
HOST_DELAY_SECONDS = 0.5
FETCH_SECONDS = 6.0
PATIENCE_SECONDS = 150.0
SITEMAP_PUBLISHER = "mixed-paper-1"
PUSH_PLACE = re.compile(r"taking articles at (http://\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A record of a raw topic."""

    at: datetime
    role: str
    record: RawArticle | KillNotice

    @property
    def found(self) -> Found:
        """Return what the oracle wants to know of it."""
        text = self.record.body if isinstance(self.record, RawArticle) else None
        return Found(source_id=self.record.source_id, key=self.record.key, text=text)


@dataclass(slots=True)
class FeedsProcess:
    """``dateline feeds`` of one namespace, run again and again; a log a start."""

    settings_words: Sequence[str]
    log_dir: Path
    api_keys: str
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = field(default_factory=list)

    def command(self, *words: str) -> list[str]:
        """Return the command line of a ``dateline`` command with the same settings."""
        options = [word for assignment in self.settings_words for word in ("--set", assignment)]
        return [sys.executable, "-m", "dateline", *options, *words]

    def start(self, *, at_seconds: float) -> None:
        """Start it; ``at_seconds`` is kept in ``starts``."""
        self.starts.append(at_seconds)
        self.log_dir.mkdir(parents=True, exist_ok=True)
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                self.command("feeds"),
                cwd=PROJECT_DIR,
                env={**os.environ, "DATELINE_PUSH_API_KEYS": self.api_keys},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def end(self, number: signal.Signals, *, within_seconds: float = 20) -> int:
        """Send a signal and return the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(within_seconds)

    def close(self) -> None:
        """End it, whatever it does."""
        if self.process is not None and self.process.poll() is None:
            self.end(signal.SIGKILL)

    @property
    def pid(self) -> int:
        """Return the process that runs, and fail where none does."""
        assert self.process is not None
        assert self.process.poll() is None, self.log()
        return self.process.pid

    @property
    def log_path(self) -> Path:
        """Return the log of the last start."""
        return self.log_dir / f"feeds-{len(self.starts)}.log"

    def log(self) -> str:
        """Return what the last start has printed."""
        return self.log_path.read_text("utf-8", "replace")

    def logs(self) -> list[str]:
        """Return what each start has printed."""
        return [
            (self.log_dir / f"feeds-{number + 1}.log").read_text("utf-8", "replace")
            for number in range(len(self.starts))
        ]


class World:
    """A simulated web, feed ingestion, and the stages behind it."""

    def __init__(self, web: WebProcess, pipeline: Pipeline, feeds: FeedsProcess) -> None:
        self.web = web
        self.pipeline = pipeline
        self.feeds = feeds
        self.settings = pipeline.settings

    # What is done to it

    def wind_up_the_bomb(self) -> None:
        """Have the web make its bomb now: it takes a second, in which nobody else is answered."""
        url = next(url for url, name in self.web.feeds() if name == "trick-gzip-bomb")
        with urllib.request.urlopen(url, timeout=60):  # noqa: S310 (our own web)
            pass

    def publish_under_embargo(self, publisher: str, *, seconds: float) -> int:
        """Let an agency publish what is due so many seconds from now."""
        # The web's own clock runs hours behind; its next tick is a second after the last change.
        last = json.loads(self.web.journal().splitlines()[-1])["at"]
        # Whole seconds: the feed tells no finer time, and so nobody waits for one.
        until = (datetime.now(UTC) + timedelta(seconds=seconds)).replace(microsecond=0)
        held = (until - datetime.fromisoformat(last)).total_seconds() - 1
        number = self.web.act("publish", publisher, embargo_seconds=held)
        assert number is not None
        return number

    def push(self, article: Mapping[str, str], key: str) -> tuple[int, Mapping[str, str], Any]:
        """Return status, headers and content of the answer to a pushed article."""
        wait_until(lambda: self._push_place() is not None, "the push endpoint", seconds=60)
        request = urllib.request.Request(  # noqa: S310 (the process under test)
            str(self._push_place()),
            data=json.dumps(article).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {key}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, dict(answer.headers), json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), json.load(error)

    def _push_place(self) -> str | None:
        match = PUSH_PLACE.search(self.feeds.log())
        return match[1] if match else None

    # What it shows

    def expected(self) -> list[Expected]:
        """Return what must be known in the end.

        A sitemap gives no text: an edit is believed an hour after the page was got, not here.
        """
        return [
            replace(wanted, current=wanted.tokens)
            if wanted.source_id == SITEMAP_PUBLISHER
            else wanted
            for wanted in self.web.expected()
        ]

    def sent(self) -> list[Sent]:
        """Return the records of both raw topics by time."""
        found: list[Sent] = []
        with open_reader(self.settings) as reader:
            for role in ("raw", "raw_backfill"):
                topic = self.pipeline.topics[role]
                for partition in range(topic.partitions):
                    bounds = reader.bounds(topic.name, partition)
                    found += [
                        Sent(
                            at=each.at,
                            role=role,
                            record=from_wire(each.value, RawArticle, KillNotice),
                        )
                        for each in reader.scan(
                            topic.name, partition, start=bounds.start, end=bounds.end
                        )
                    ]
        return sorted(found, key=lambda each: each.at)

    def compared(self) -> Result:
        """Return what the oracle says of the raw topics."""
        # Asked before the records are read: what is expected now may be on its way only.
        expected, now = self.expected(), datetime.now(UTC)
        published = {wanted.source_id for wanted in expected}
        records = [each.found for each in self.sent() if each.record.source_id in published]
        return compare(expected, records, now=now)

    def documents(self) -> list[dict[str, Any]]:
        """Return every document with what names it and its status."""
        client = search_client(self.settings)
        alias = articles_index(self.settings).read_alias
        fields = ["article_id", "source_id", "key", "pub_status", "origin", "title", "body"]
        try:
            client.indices.refresh(index=alias, ignore_unavailable=True)
            answer = client.search(
                index=alias, size=5000, source_includes=fields, ignore_unavailable=True
            )
            return [{**hit["_source"], "_id": hit["_id"]} for hit in answer["hits"]["hits"]]
        finally:
            client.close()

    def ids_with(self, tokens: Sequence[str]) -> list[set[str]]:
        """Return for each token the documents in whose text it can be searched."""
        client = search_client(self.settings)
        alias = articles_index(self.settings).read_alias
        searches: list[dict[str, Any]] = []
        for token in tokens:
            query = {"multi_match": {"query": token, "fields": ["body", "body_internal"]}}
            searches += [
                {"index": alias, "ignore_unavailable": True},
                {"query": query, "_source": False},
            ]
        try:
            answers = client.msearch(searches=searches)["responses"]
            return [{hit["_id"] for hit in each["hits"]["hits"]} for each in answers]
        finally:
            client.close()

    def index_faults(self) -> list[str]:
        """Return what is wrong with the index; empty when all is as the publishers show it."""
        expected, now = self.expected(), datetime.now(UTC)
        published = {wanted.source_id for wanted in expected}
        documents = [each for each in self.documents() if each["source_id"] in published]
        places = Counter((each["source_id"], each["key"]) for each in documents)
        faults = [f"doubled: {place}" for place, count in places.items() if count > 1]
        wanted_places = {(each.source_id, each.key) for each in expected}
        faults += [f"unexpected: {place}" for place in places.keys() - wanted_places]
        by_place = {(each["source_id"], each["key"]): each for each in documents}
        for wanted in expected:
            document = by_place.get((wanted.source_id, wanted.key))
            faults += _document_faults(wanted, document, now)
        return faults + self._text_faults(expected, by_place)

    def _text_faults(
        self, expected: Iterable[Expected], by_place: Mapping[tuple[str, str], dict[str, Any]]
    ) -> list[str]:
        rows = [(wanted, token) for wanted in expected for token in wanted.tokens]
        faults = []
        has_text: dict[str, bool] = {}
        for (wanted, token), ids in zip(rows, self.ids_with([t for _, t in rows]), strict=True):
            document = by_place.get((wanted.source_id, wanted.key))
            own = {document["_id"]} if document else set()
            is_usable = wanted.state == "usable" and document is not None
            if ids - own or (ids and not (is_usable and token in wanted.current)):
                faults.append(f"wrong text: {wanted.key} has {token}")
            if is_usable:
                has_text[wanted.key] = has_text.get(wanted.key, False) or ids == own
        return faults + [f"no text: {key}" for key, is_there in has_text.items() if not is_there]

    def feed_records(self) -> dict[str, FeedRecord]:
        """Return what is remembered of each feed."""
        path = feeds_state_path(self.settings, read_cluster(self.settings).cluster_id)
        with FeedState(path, is_read_only=True) as state:
            return {record.feed_id: record for record in state.feeds()}

    def requests(self, publisher: str) -> list[Request]:
        """Return the requests to a publisher."""
        return self.web.requests(host=self.host(publisher))

    def host(self, publisher: str) -> str:
        """Return ``address:port`` of a publisher."""
        return next(url.split("/")[2] for url, name in self.web.feeds() if name == publisher)

    # Waiting

    def wait_polled(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until every readable site was asked since the last start; others are let be."""
        since = self.feeds.starts[-1]
        wanted = {url.split("/", 3)[2] for url, _ in self.web.feeds(is_readable_only=True)}

        def is_asked() -> bool:
            return wanted <= {each.host for each in self.web.requests(since_seconds=since)}

        wait_until(is_asked, "every site to be asked", seconds=seconds)

    def wait_caught_up(self, *, seconds: float = PATIENCE_SECONDS) -> Result:
        """Wait until every version that is shown is on the raw topics."""
        results: list[Result] = []

        def is_caught_up() -> bool:
            _ = self.feeds.pid
            results[:] = [self.compared()]
            return results[0].is_caught_up

        try:
            wait_until(is_caught_up, "the feeds to be caught up", seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {results}\n{self.feeds.log()}") from None
        return results[0]

    def wait_indexed(self, *, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until the index is as the publishers show it."""
        faults: list[str] = []

        def is_right() -> bool:
            try:
                faults[:] = self.index_faults()
            except ApiError as error:  # between the making of an index and its shard's start
                faults[:] = [str(error)]
            return not faults

        try:
            wait_until(is_right, "the index", seconds=seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}: {len(faults)}: {faults[:10]}") from None


def _document_faults(
    wanted: Expected, document: Mapping[str, Any] | None, now: datetime
) -> list[str]:
    if wanted.embargoed_until is not None and wanted.embargoed_until > now:
        return [f"too early: {wanted.key}"] if document else []
    if wanted.state == "usable":
        status = document["pub_status"] if document else "no document"
        return [] if status == "usable" else [f"not usable: {wanted.key}: {status}"]
    # What came and went between two polls was never known.
    if document is None:
        return []
    if document["pub_status"] != "canceled" or document.get("body"):
        return [f"stands: {wanted.source_id} {wanted.key}: {document['pub_status']}"]
    return []


@contextmanager
def started_feeds(feeds: FeedsProcess, *, at_seconds: float) -> Iterator[FeedsProcess]:
    """Run feed ingestion for the block."""
    feeds.start(at_seconds=at_seconds)
    try:
        yield feeds
    finally:
        feeds.close()
