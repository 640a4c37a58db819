"""Hold what a caller of the embedded servers passes in and gets back."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

ServerName = Literal["kafka", "elasticsearch"]
SERVER_NAMES: tuple[ServerName, ...] = ("kafka", "elasticsearch")
TITLES: dict[ServerName, str] = {"kafka": "Kafka", "elasticsearch": "Elasticsearch"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How the servers are started; every value has a default that suits a laptop.

    Attributes:
        kafka_heap_mb: Java heap of the broker, MiB.
        elasticsearch_heap_mb: Java heap of Elasticsearch, MiB, minimum and maximum alike.
        kafka_port: the port to try first; another free one is taken when it is in use.
        elasticsearch_port: the same for Elasticsearch's HTTP port.
        java_home: the Java to try first (usually ``JAVA_HOME``).
        cache_dir: where downloads are kept; ``None`` is the user's cache folder.
        startup_timeout_seconds: how long both servers together may take to answer.
    """

    kafka_heap_mb: int = 256
    elasticsearch_heap_mb: int = 512
    kafka_port: int = 9092
    elasticsearch_port: int = 9200
    java_home: Path | None = None
    cache_dir: Path | None = None
    startup_timeout_seconds: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the running servers answer.

    Attributes:
        kafka_bootstrap: ``host:port`` for ``bootstrap_servers``.
        elasticsearch_url: ``http://host:port`` without a slash at the end.
    """

    kafka_bootstrap: str
    elasticsearch_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """What is known of one server.

    Attributes:
        state: ``running`` (recorded and alive), ``dead`` (recorded, but its process is gone),
            ``starting`` (alive, and its start has not ended) or ``stopped`` (nothing recorded).
        memory_bytes: resident memory of the server's processes together; 0 when not alive.
        uptime_seconds: since its process was created; 0 when not alive.
    """

    name: ServerName
    state: Literal["running", "starting", "dead", "stopped"]
    pid: int | None = None
    port: int | None = None
    version: str = ""
    memory_bytes: int = 0
    uptime_seconds: float = 0.0
    data_dir: str = ""
    log_path: str = ""


class Progress(Protocol):
    """Is told what a start is doing; the command line shows it, tests pass a silent one.

    The methods may be called from several threads.
    """

    def update(
        self, task: str, *, done: float, total: float | None, unit: Literal["bytes", "seconds"]
    ) -> None:
        """``task`` has come to ``done`` of ``total`` (``None``: unknown)."""

    def finish(self, task: str, *, outcome: str) -> None:
        """``task`` has ended well; ``outcome`` is a few words such as ``ready in 4.2 s``."""

    def note(self, message: str) -> None:
        """One line for the reader that belongs to no task."""


class SilentProgress:
    """A ``Progress`` that shows nothing."""

    def update(
        self, task: str, *, done: float, total: float | None, unit: Literal["bytes", "seconds"]
    ) -> None:
        """Show nothing."""

    def finish(self, task: str, *, outcome: str) -> None:
        """Show nothing."""

    def note(self, message: str) -> None:
        """Show nothing."""
