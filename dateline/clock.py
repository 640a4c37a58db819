"""Return the time; passed as an argument, so that tests decide what time it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows the time."""

    def now(self) -> datetime:
        """Return the time now, aware and in UTC."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """Return the time now, aware and in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock for tests: it shows the same time until it is moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self._at

    def advance(self, *, seconds: float) -> None:
        """Move the clock; a negative number moves it back."""
        self._at += timedelta(seconds=seconds)
