"""Watch folders and send what appears or changes in them, until told to stop."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchfiles import Change, watch

from dateline.clock import Clock, SystemClock
from dateline.errors import ConfigError, DependencyUnavailable
from dateline.settings import Settings
from producers.build_record import IngestOptions
from producers.ingest import Event, Ingest
from producers.read_paths import Root, make_root, open_input, walk
from producers.session import open_ingest
from producers.source_lock import SourceBusy, SourceLocks

# A file whose size and time stand still for so long is taken for complete.
SETTLE_SECONDS = 0.5
# Wake-ups while nothing happens: unsettled files, a folder that was replaced.
TICK_MS = 200
# Safety net for lost events (queue overflow, network shares).
RESCAN_SECONDS = 30.0
BUSY_RETRY_SECONDS = 2.0
KAFKA_RETRY_SECONDS = 2.0

Signature = tuple[int, int, int]


@dataclass(slots=True, kw_only=True)
class _Unsettled:
    root: Root
    signature: Signature
    due_at: float


class FolderWatch:
    """What is known of the files of some folders; pure bookkeeping around one `Ingest`.

    Args:
        roots: folders, each with its source.
        monotonic: seconds, for settling.
        wall: seconds since the epoch, to see how old a file's time is.
    """

    def __init__(
        self,
        roots: Sequence[Root],
        *,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._roots = roots
        self._monotonic = monotonic
        self._wall = wall
        self._taken: dict[Path, Signature] = {}
        self._unsettled: dict[Path, _Unsettled] = {}

    def scan(self) -> Iterator[tuple[Path, Root]]:
        """Return the files that are complete and new, streamed; the others settle first."""
        for root in self._roots:
            for path in walk(root):
                if self.note(path) and self._is_due(path):
                    yield path, root

    def note(self, path: Path) -> bool:
        """Look at a file that may have changed; return whether it is now waiting to settle."""
        root = self._root_of(path)
        signature = _signature(path)
        if root is None or signature is None:
            self._unsettled.pop(path, None)
            return False
        if self._taken.get(path) == signature:
            return False
        known = self._unsettled.get(path)
        if known is None or known.signature != signature:
            # Renamed into place, or copied with its old time: complete already.
            is_old = self._wall() - signature[1] / 1e9 >= SETTLE_SECONDS and known is None
            due_at = self._monotonic() + (0.0 if is_old else SETTLE_SECONDS)
            self._unsettled[path] = _Unsettled(root=root, signature=signature, due_at=due_at)
        return True

    def settled(self) -> Iterator[tuple[Path, Root]]:
        """Return the files that have stood still for long enough."""
        for path in list(self._unsettled):
            if self.note(path) and self._is_due(path):
                yield path, self._unsettled[path].root

    def taken(self, path: Path) -> None:
        """Remember that the file was dealt with as it was last seen."""
        self._taken[path] = self._unsettled.pop(path).signature

    def postpone(self, path: Path, *, seconds: float) -> None:
        """Leave the file for later."""
        self._unsettled[path].due_at = self._monotonic() + seconds

    def _is_due(self, path: Path) -> bool:
        return self._unsettled[path].due_at <= self._monotonic()

    def _root_of(self, path: Path) -> Root | None:
        for root in self._roots:
            if path.is_relative_to(root.folder):
                parts = path.relative_to(root.folder).parts
                return None if any(part.startswith(".") for part in parts) else root
        return None


def watch_folders(
    settings: Settings,
    paths: Sequence[Path],
    *,
    stop_event: threading.Event,
    tell: Callable[[Event], None],
    options: IngestOptions | None = None,
    clock: Clock | None = None,
) -> None:
    """Send everything in ``paths``, then everything that appears or changes, until stopped.

    Args:
        settings: where Kafka and the state are.
        paths: folders; missing ones are made. ``options.publisher``, else each folder's name, is
            its source.
        stop_event: set it to end; what is in flight is settled first.
        tell: is told about each article and refusal, a refused content once; called in this thread.
        options: as for one run.
        clock: the time of observation.

    Raises:
        SourceBusy: another process watches one of the folders' sources.
        ConfigError: a path is a file, the topic is missing, Kafka refuses this client.

    Effects: runs until ``stop_event``; Kafka away at the start or later is waited for. The lock of
    a source is held while sending only, so that `dateline ingest` can run beside it.
    """
    options = options or IngestOptions()
    roots = [_make_folder(path, options.publisher) for path in paths]
    once = _RefusedOnce(tell)
    with SourceLocks(settings.state_dir) as locks:
        for root in roots:
            locks.acquire(root.source_id, purpose="watch")
        while not stop_event.is_set():
            try:
                with open_ingest(
                    settings,
                    options=options,
                    locks=locks,
                    tell=once.tell,
                    stop=stop_event,
                    clock=clock or SystemClock(),
                ) as ingest:
                    _Watcher(settings, roots, ingest, locks, options).run(stop_event)
            except DependencyUnavailable as error:
                tell(Event(kind="notice", reason=f"waiting for Kafka: {error.message}"))
                stop_event.wait(KAFKA_RETRY_SECONDS)


class _Watcher:
    """Join the events of the file system, the bookkeeping and one `Ingest`."""

    def __init__(
        self,
        settings: Settings,
        roots: Sequence[Root],
        ingest: Ingest,
        locks: SourceLocks,
        options: IngestOptions,
    ) -> None:
        self._max_bytes = settings.producer.max_file_bytes
        self._format = options.format_
        self._roots = roots
        self._ingest = ingest
        self._locks = locks
        self._folders = FolderWatch(roots)
        self._busy: set[str] = set()

    def run(self, stop: threading.Event) -> None:
        """Watch until ``stop``; begin again when a folder was taken away or replaced."""
        while not stop.is_set():
            present = _present(self._roots)
            events = watch(
                *present,
                watch_filter=None,
                debounce=50,
                step=20,
                rust_timeout=TICK_MS,
                yield_on_timeout=True,
                stop_event=stop,
                raise_interrupt=False,
            )
            # The first step of the generator starts the watching: what comes later is not missed.
            next(events, None)
            self._take(self._folders.scan(), stop)
            scanned_at = time.monotonic()
            for changes in events:
                for path in _changed_files(changes):
                    self._folders.note(path)
                self._take(self._folders.settled(), stop)
                if _has_lost(changes, present) or _present(self._roots) != present:
                    break
                if time.monotonic() - scanned_at > RESCAN_SECONDS:
                    self._take(self._folders.scan(), stop)
                    scanned_at = time.monotonic()

    def _take(self, found: Iterator[tuple[Path, Root]], stop: threading.Event) -> None:
        for path, root in found:
            if stop.is_set():
                break
            opened = open_input(path, root, max_bytes=self._max_bytes, format_=self._format)
            try:
                self._ingest.take(opened)
            except SourceBusy as error:
                self._folders.postpone(path, seconds=BUSY_RETRY_SECONDS)
                if error.message not in self._busy:
                    self._busy.add(error.message)
                    self._ingest.notice(f"{error.message} Its files wait.")
            else:
                self._folders.taken(path)
        self._ingest.release_due()
        self._ingest.settle()
        self._locks.release(purpose="source")


def _changed_files(changes: set[tuple[Change, str]]) -> Iterator[Path]:
    for change, name in sorted(changes, key=lambda each: each[1]):
        path = Path(name)
        if change is Change.deleted:
            continue
        if path.is_dir() and not path.is_symlink():
            # A folder moved into place: no event comes for the files in it.
            for parent, _, files in os.walk(path):
                yield from (Path(parent, file) for file in sorted(files))
        else:
            yield path


def _has_lost(changes: set[tuple[Change, str]], present: dict[Path, int]) -> bool:
    """Return whether a watched folder was taken away; a new one may have its inode number."""
    gone = {Path(name) for change, name in changes if change is Change.deleted}
    return not gone.isdisjoint(present) or not all(folder.is_dir() for folder in present)


def _present(roots: Sequence[Root]) -> dict[Path, int]:
    """Return the folders with their inode numbers; those that were taken away are made again."""
    present = {}
    for root in roots:
        root.folder.mkdir(parents=True, exist_ok=True)
        present[root.folder] = root.folder.stat().st_ino
    return present


def _make_folder(path: Path, publisher: str | None) -> Root:
    if path.exists() and not path.is_dir():
        raise ConfigError(f"{path} is a file; only folders can be watched.")
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path} cannot be made: {error.strerror}.") from error
    return make_root(path, source=publisher)


def _signature(path: Path) -> Signature | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


class _RefusedOnce:
    """Pass events on, but a refusal of the same content in the same place once only."""

    def __init__(self, tell: Callable[[Event], None]) -> None:
        self._tell = tell
        self._refused: dict[str, set[tuple[str, str]]] = {}

    def tell(self, event: Event) -> None:
        """Pass ``event`` on unless it repeats a refusal."""
        if event.kind == "refused":
            told = self._refused.setdefault(event.place, set())
            content = (event.reason, event.unit_sha256)
            if content in told:
                return
            told.add(content)
        self._tell(event)
