"""What is known of an article besides statements about rights, all as it was supplied."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dateline.rights.contracts import Contract


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Whose text it may be, and when and by whom it was observed.

    ``credits`` are the words that the source supplied about whose text it is: credit and bylines;
    ``agency`` stands in the dateline; ``body_credits`` are those words of the body's first and last
    lines that may be a credit; ``host`` is that of the article's address.
    """

    publisher: str | None = None
    credits: tuple[str, ...] = ()
    agency: str | None = None
    body_credits: tuple[str, ...] = ()
    host: str | None = None
    observed_at: datetime | None = None
    contract: Contract | None = None
    registry_version: str = ""

    @property
    def names(self) -> Iterator[str]:
        """Whose text it is by what is surely a name: publisher, credits, agency of the dateline."""
        return filter(None, (self.publisher, *self.credits, self.agency))

    @property
    def lines(self) -> Iterator[str]:
        """All words that may name whose text it is."""
        return filter(None, (*self.credits, self.publisher, *self.body_credits))


NO_FACTS = Facts()
