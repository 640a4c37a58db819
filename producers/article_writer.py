"""Put records on Kafka and tell which ones it has acknowledged; nothing is ever given up.

kafka-python drops a record after its delivery timeout, and its ``flush()`` succeeds all the same.
So every future is looked at, and what was dropped is sent again, same key and same bytes, until
Kafka acknowledges it or this process is told to stop.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from kafka import KafkaProducer
from kafka.errors import KafkaError

from dateline.endpoints import kafka_bootstrap
from dateline.errors import ArticleInvalid, ConfigError, DependencyUnavailable
from dateline.kafka_errors import translated
from dateline.settings import Settings
from dateline.topics import admin_client

# Largest request: a record of 5 MB (wire.MAX_RAW_BYTES) and its envelope; the topic allows as much.
MAX_REQUEST_BYTES = 5_300_000
# Fuller batches compress better; 10 ms is not noticed beside the 100 ms of each stage.
LINGER_MS = 10
BATCH_BYTES = 256 * 1024
REQUEST_TIMEOUT_SECONDS = 30.0
# A wait is cut into slices, so that a stop is noticed.
SLICE_SECONDS = 0.25
# Silence after which the reader of the terminal is told why nothing moves.
WARN_SECONDS = 5.0
FIRST_PAUSE_SECONDS = 0.5
CLOSE_SECONDS = 5.0
# kafka-python 3.0.12 leaves some futures without any answer when a broker dies with their batch in
# flight and the delivery timeout passes (seen with a killed broker); so we keep time ourselves.
OVERDUE_SECONDS = 5.0
BOOTSTRAP_SECONDS = 10.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing(Generic[T]):
    """A record to send; ``tag`` is the caller's and comes back with the acknowledgement."""

    topic: str
    key: bytes
    payload: bytes
    tag: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered(Generic[T]):
    """Kafka has the record, at this place."""

    outgoing: Outgoing[T]
    topic: str
    partition: int
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Undeliverable(Generic[T]):
    """Kafka will never take the record."""

    outgoing: Outgoing[T]
    reason: str


class ArticleWriter(Protocol[T]):
    """Something that takes records and says which ones are safe."""

    @property
    def pending_count(self) -> int:
        """Return how many records are sent and not yet collected."""

    @property
    def pending_bytes(self) -> int:
        """Return the size of the payloads not yet collected."""

    def is_pending(self, key: bytes) -> bool:
        """Return whether a record of this key is sent and not yet collected."""

    def send(self, outgoing: Outgoing[T]) -> None:
        """Take a record; it is on its way, not safe."""

    def collect(self, *, keep: int = 0) -> Iterator[Delivered[T] | Undeliverable[T]]:
        """Wait until at most ``keep`` records are pending and return the others, oldest first.

        Ends early when the process is told to stop and its grace is over; what is still pending
        then is not safe.
        """

    def close(self) -> None:
        """Free everything within a few seconds."""


@dataclass(slots=True, kw_only=True)
class _Pending(Generic[T]):
    outgoing: Outgoing[T]
    future: Any = None
    submitted_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What has to be known of Kafka before the first record."""

    cluster_id: str
    topics: frozenset[str]


def read_cluster(settings: Settings) -> Cluster:
    """Return the cluster's id and topics.

    Raises:
        ConfigError: no address, or Kafka refuses this client.
        BrokerUnavailable: Kafka does not answer.
    """
    admin = admin_client(settings)
    try:
        return Cluster(
            cluster_id=str(admin.describe_cluster()["cluster_id"]),
            topics=frozenset(admin.list_topics()),
        )
    except KafkaError as error:
        raise translated(error) from error
    finally:
        admin.close()


class KafkaArticleWriter(Generic[T]):
    """An ``ArticleWriter`` on kafka-python: idempotent, acks=all, gzip.

    Args:
        settings: where Kafka is, and how long one delivery may take before it is begun again.
        cluster_id: the cluster that the caller's state belongs to; another one is refused.
        stop: set when the process must end; from then on waits last ``grace_seconds`` at most.
        notice: is told, once a silence, why nothing moves.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        cluster_id: str,
        stop: threading.Event,
        notice: Callable[[str], None],
        grace_seconds: float = 5.0,
    ) -> None:
        self._settings = settings
        self._cluster_id = cluster_id
        self._stop = stop
        self._notice = notice
        self._grace_seconds = grace_seconds
        self._give_up_at: float | None = None
        self._silent_since: float | None = None
        self._has_warned = False
        self._pending: deque[_Pending[T]] = deque()
        self._keys: Counter[bytes] = Counter()
        self._bytes = 0
        self._producer: Any = _open_producer(settings)

    @property
    def pending_count(self) -> int:
        """Return how many records are sent and not yet collected."""
        return len(self._pending)

    @property
    def pending_bytes(self) -> int:
        """Return the size of the payloads not yet collected."""
        return self._bytes

    def is_pending(self, key: bytes) -> bool:
        """Return whether a record of this key is sent and not yet collected."""
        return key in self._keys

    def send(self, outgoing: Outgoing[T]) -> None:
        """Take a record; it is on its way, not safe."""
        pending = _Pending(outgoing=outgoing)
        self._pending.append(pending)
        self._keys[outgoing.key] += 1
        self._bytes += len(outgoing.payload)
        self._submit(pending)

    def collect(self, *, keep: int = 0) -> Iterator[Delivered[T] | Undeliverable[T]]:
        """Wait until at most ``keep`` records are pending and return the others, oldest first.

        Raises:
            ConfigError: Kafka refuses this client; nothing pending is safe.
        """
        while len(self._pending) > keep:
            result = self._settle(self._pending[0])
            if result is None:
                return
            outgoing = self._pending.popleft().outgoing
            self._bytes -= len(outgoing.payload)
            self._keys[outgoing.key] -= 1
            if not self._keys[outgoing.key]:
                del self._keys[outgoing.key]
            yield result

    def close(self) -> None:
        """Free everything within a few seconds; pending records may or may not arrive."""
        self._discard_producer(CLOSE_SECONDS if not self._pending else 0)

    def _settle(self, pending: _Pending[T]) -> Delivered[T] | Undeliverable[T] | None:
        """Return what became of one record, or None when the grace after a stop is over."""
        pause = FIRST_PAUSE_SECONDS
        while True:
            error = self._wait(pending)
            if error is None:
                self._has_answered()
                found = pending.future.value
                return Delivered(
                    outgoing=pending.outgoing,
                    topic=found.topic,
                    partition=found.partition,
                    offset=found.offset,
                )
            if self._is_over():
                return None
            if isinstance(error, _Unanswered):
                continue
            ours = translated(error)
            if isinstance(ours, ArticleInvalid):
                return Undeliverable(outgoing=pending.outgoing, reason=ours.message)
            if isinstance(ours, ConfigError):
                raise ours
            self._warn(ours.message)
            if not self._all_done():
                return None
            self._stop.wait(pause) if not self._stop.is_set() else time.sleep(SLICE_SECONDS)
            pause = min(pause * 2, self._settings.stages.retry_ceiling_seconds)
            self._send_again()

    def _wait(self, pending: _Pending[T]) -> KafkaError | None:
        if pending.future is None:
            self._submit(pending)
        if pending.future is None:
            return _NotSubmitted("Kafka took no record")
        is_overdue = self._is_overdue(pending)
        try:
            pending.future.get(timeout=0 if is_overdue else SLICE_SECONDS)
        except KafkaError as error:
            if pending.future.succeeded():
                return None  # it came just after the slice
            if pending.future.is_done:
                return error
            if is_overdue:
                return _Overdue("the client has lost track of a record")
            return _Unanswered("no answer yet")
        return None

    def _is_overdue(self, pending: _Pending[T]) -> bool:
        limit_seconds = self._settings.producer.delivery_timeout_seconds + OVERDUE_SECONDS
        return time.monotonic() - pending.submitted_at > limit_seconds

    def _all_done(self) -> bool:
        """Wait until the client has an answer for everything; False when the grace is over.

        A client with records in flight should not be closed: each may arrive all the same.
        What waits here was sent together with what failed, and expires soon after it.
        """
        for pending in self._pending:
            while pending.future is not None and isinstance(self._wait(pending), _Unanswered):
                if self._is_over():
                    return False
        return True

    def _submit(self, pending: _Pending[T]) -> None:
        """Hand the record to the client; ``future`` stays None when it has no metadata."""
        outgoing = pending.outgoing
        pending.submitted_at = time.monotonic()
        if self._producer is None:
            return
        try:
            pending.future = self._producer.send(
                outgoing.topic, key=outgoing.key, value=outgoing.payload
            )
        except KafkaError as error:
            pending.future = _Failed(error)

    def _send_again(self) -> None:
        """Begin anew with a fresh client, in order: the old one may have lost its sequence."""
        self._discard_producer(CLOSE_SECONDS)
        for pending in self._pending:
            if pending.future is None or not pending.future.succeeded():
                pending.future = None
        try:
            # The address is read again: an embedded server may come back on another port.
            producer = _open_producer(self._settings)
            cluster_id = read_cluster(self._settings).cluster_id
        except (DependencyUnavailable, ConfigError):
            return
        self._producer = producer
        if cluster_id != self._cluster_id:
            raise ConfigError(
                f"Kafka came back as another cluster ({cluster_id}, was {self._cluster_id}).",
                hint="Run the command again: the new cluster gets everything.",
            )
        for pending in self._pending:
            if pending.future is None:
                self._submit(pending)

    def _discard_producer(self, timeout_seconds: float) -> None:
        producer, self._producer = self._producer, None
        if producer is None:
            return
        try:
            producer.close(timeout=timeout_seconds)
        except KafkaError:
            # Its flush timed out, and it leaves its thread running; we know what was pending.
            producer._sender.force_close()  # noqa: SLF001 (there is no public way)

    def _is_over(self) -> bool:
        now = time.monotonic()
        self._silent_since = self._silent_since or now
        if now - self._silent_since > WARN_SECONDS:
            self._warn(f"no acknowledgement for {WARN_SECONDS:.0f} s")
        if not self._stop.is_set():
            return False
        self._give_up_at = self._give_up_at or now + self._grace_seconds
        return now >= self._give_up_at

    def _warn(self, reason: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            self._notice(f"waiting for Kafka, nothing is lost: {reason}")

    def _has_answered(self) -> None:
        self._silent_since = None
        if self._has_warned:
            self._has_warned = False
            self._notice("Kafka acknowledges again")


class _Unanswered(KafkaError):  # type: ignore[misc]  # kafka-python has no types
    """The slice is over, the record is still on its way."""


class _Overdue(KafkaError):  # type: ignore[misc]  # kafka-python has no types
    """The client should have answered long ago, well or not."""


class _NotSubmitted(KafkaError):  # type: ignore[misc]  # kafka-python has no types
    """There is no client to hand the record to."""


class _Failed:
    """A future that has failed before it was one."""

    is_done = True

    def __init__(self, error: KafkaError) -> None:
        self._error = error

    def get(self, timeout: float | None = None) -> None:  # noqa: ARG002 (a future's signature)
        raise self._error

    def succeeded(self) -> bool:
        return False


def _open_producer(settings: Settings) -> Any:
    """Return a connected client.

    Raises:
        ConfigError: no address, or Kafka refuses this client.
        BrokerUnavailable: Kafka does not answer.
    """
    delivery_seconds = settings.producer.delivery_timeout_seconds
    try:
        return KafkaProducer(
            bootstrap_servers=kafka_bootstrap(settings),
            client_id="dateline-producer",
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",  # the only codec without a further dependency
            linger_ms=LINGER_MS,
            batch_size=BATCH_BYTES,
            max_request_size=MAX_REQUEST_BYTES,
            delivery_timeout_ms=int(delivery_seconds * 1000),
            # The client wants it below the delivery timeout less the linger.
            request_timeout_ms=int(min(REQUEST_TIMEOUT_SECONDS, delivery_seconds / 2) * 1000),
            max_block_ms=int(BOOTSTRAP_SECONDS * 1000),
            bootstrap_timeout_ms=int(BOOTSTRAP_SECONDS * 1000),
            reconnect_backoff_max_ms=1000,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
    except KafkaError as error:
        raise translated(error) from error
