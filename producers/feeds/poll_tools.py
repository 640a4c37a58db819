"""What polls and rechecks share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dateline.clock import Clock
from producers.extract.pool import ExtractPool
from producers.feeds.document_store import DocumentStore
from producers.feeds.feed_state import FeedState
from producers.feeds.schedule import PollLimits
from producers.fetch.fetcher import Fetcher
from producers.fetch.host_rights import HostRights
from producers.push.intake import Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class PollTools:
    """Everything that leaves the machine, waits, or remembers; ``tell`` gets lines for people.

    ``host_rights`` None: what sites say of rights beside their pages is not asked for.
    """

    fetcher: Fetcher
    pool: ExtractPool
    intake: Intake
    state: FeedState
    documents: DocumentStore
    clock: Clock
    tell: Callable[[str], None]
    max_items_per_poll: int
    start_spread_seconds: float
    limits: PollLimits
    host_rights: HostRights | None = None
