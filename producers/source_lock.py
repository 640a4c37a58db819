"""Let one process at a time send a source; the kernel frees the lock of a killed process."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from dateline.errors import ConfigError

Purpose = Literal["source", "watch", "poll"]


class SourceBusy(ConfigError):
    """Another process is sending this source."""


class SourceLocks:
    """The locks that this process holds; use as a context, or call ``release``."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "locks"
        self._held: dict[tuple[Purpose, str], FileLock] = {}

    def acquire(self, source_id: str, *, purpose: Purpose = "source") -> None:
        """Take the lock of ``source_id`` unless this object holds it; never waits.

        Args:
            source_id: the publisher.
            purpose: ``source`` while sending, ``watch`` for as long as its folder is watched,
                ``poll`` for as long as feeds are polled.

        Raises:
            SourceBusy: another process has it; names it and says what to do.
        """
        name = (purpose, source_id)
        if name in self._held:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{purpose}-{_file_name(source_id)}.lock"
        # A soft lock (no flock on this file system) would outlive a kill -9.
        lock = FileLock(path, timeout=0, fallback_to_soft=False, preserve_lock_file=True)
        holder = path.with_suffix(".pid")
        try:
            lock.acquire()
        except Timeout:
            raise SourceBusy(
                f"source {source_id!r} is being {_VERBS[purpose]} by process {_holder(holder)}.",
                hint="Wait for it, stop it, or name another publisher with --source.",
            ) from None
        holder.write_text(f"{os.getpid()}\n", encoding="ascii")
        self._held[name] = lock

    def release(self, *, purpose: Purpose | None = None) -> None:
        """Free all locks, or those of one purpose; safe to call twice."""
        for name in list(self._held):
            if purpose in (None, name[0]):
                self._held.pop(name).release()

    def __enter__(self) -> SourceLocks:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Free all locks."""
        self.release()


_VERBS: dict[Purpose, str] = {"source": "sent", "watch": "watched", "poll": "polled"}


def _file_name(source_id: str) -> str:
    safe = re.sub(r"[^A-Za-z0-9.-]+", "_", source_id)[:40]
    return f"{safe}-{hashlib.sha256(source_id.encode()).hexdigest()[:12]}"


def _holder(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip() or "(unknown)"
    except (OSError, UnicodeDecodeError):
        return "(unknown)"
