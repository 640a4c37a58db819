"""Say what became of pushed articles, and why nothing was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from producers.parsed import Format

# "held": kept until the embargo is over; "skipped": known in an earlier version, or no text kind.
Outcome = Literal["accepted", "unchanged", "held", "skipped", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineOutcome:
    """What became of one article; ``line`` counts from 1, None where the body is the article."""

    outcome: Outcome
    line: int | None = None
    reason: str = ""
    article_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What became of every article of a request, in the order of their lines."""

    lines: tuple[LineOutcome, ...]

    def count(self, outcome: Outcome) -> int:
        """Return how many articles had this outcome."""
        return sum(line.outcome == outcome for line in self.lines)


class PushBusy(Exception):
    """Kafka is slow or away, or another process sends the source: nothing is promised."""

    def __init__(self, retry_after_seconds: float) -> None:
        self.retry_after_seconds = retry_after_seconds
        super().__init__(f"busy, again in {retry_after_seconds:.0f} s")


class PushClosed(Exception):
    """This process is ending; nothing is promised."""


class TooManyArticles(Exception):
    """The request holds more articles than allowed; none was taken."""


class Accept(Protocol):
    """Something that takes the articles of a request."""

    async def __call__(
        self, source_id: str, data: bytes, format_: Format, *, is_backfill: bool
    ) -> PushResult:
        """Return once Kafka has acknowledged every accepted article.

        Raises:
            PushBusy: try again later.
            PushClosed: this process is ending.
            TooManyArticles: none was taken.
        """
