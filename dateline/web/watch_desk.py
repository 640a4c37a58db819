"""Know all watches and channels, and put watches in force: by ``news.watch.v1`` alone."""

from __future__ import annotations

import asyncio
import http
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Literal

from dateline.alert_records import Watch
from dateline.clock import Clock
from dateline.errors import ConfigError
from dateline.search.watch_queries import Estimate
from dateline.watches.new_watch import read_query
from dateline.watches.query_tree import Query
from dateline.watches.watch_file import begun_anew, refuse_unknown_channels
from dateline.watches.watchlist import WatchChange, Watchlist, record_key
from dateline.web.problems import RequestProblem, refusal
from dateline.web.watch_request import WatchRequest, wanted_watch

BROAD_HINT = "Narrow it with NEAR, a phrase, title: or another word, or force it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A watch that was put in force (or would be), and how often it would have matched lately."""

    watch: Watch
    estimate: Estimate
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """How a watch is written.

    Attributes:
        came_from: which door it came through.
        may_replace: an active watch of that id may be there.
        is_forced: also where it would tell very often.
        is_dry_run: check and estimate, and write nothing.
    """

    came_from: Literal["api", "web"] = "api"
    may_replace: bool = False
    is_forced: bool = False
    is_dry_run: bool = False


class WatchDesk:
    """All watches, kept up to date by ``apply``; one is written at a time.

    Args:
        send: writes a record to the topic.
        estimate: asks the index how often a query matched.
        max_matches_per_day: a match above it must be forced.
        clock: when watches begin.
    """

    def __init__(
        self,
        *,
        send: Callable[[Watch], Awaitable[None]],
        estimate: Callable[[Query], Awaitable[Estimate]],
        max_matches_per_day: int,
        clock: Clock,
    ) -> None:
        self.kept = Watchlist()
        self.max_matches_per_day = max_matches_per_day
        self._send = send
        self._estimate = estimate
        self._clock = clock
        self._lock = asyncio.Lock()

    def apply(self, change: WatchChange) -> None:
        """Take in a record of the topic."""
        self.kept.apply(change)

    def find(self, watch_id: str) -> Watch:
        """Return the watch, also one that is off.

        Raises:
            RequestProblem: 404, there is none.
        """
        found = self.kept.watches.get(watch_id)
        if found is None:
            raise RequestProblem(http.HTTPStatus.NOT_FOUND, "There is no watch of that id.")
        return found

    async def write(self, request: WatchRequest, options: WriteOptions) -> Written:
        """Check a watch and put it in force.

        Raises:
            RequestProblem: 409, the id is taken; 422, it cannot be in force.
            DependencyUnavailable: try again.
        """
        async with self._lock:
            now = self._clock.now()
            wanted = wanted_watch(
                request, taken=list(self.kept.watches), at=now, came_from=options.came_from
            )
            before = self.kept.watches.get(wanted.watch_id)
            _refuse_taken(before, options)
            query = self._checked(wanted)
            estimate = await self._estimate(query)
            if not options.is_forced:
                self._refuse_broad(wanted, estimate)
            watch = begun_anew(wanted, before, at=now)
            if not options.is_dry_run:
                await self._put(watch)
        return Written(
            watch=watch, estimate=estimate, is_new=before is None or not before.is_active
        )

    async def remove(self, watch_id: str) -> None:
        """Take a watch out of force; what is off stays so.

        Raises:
            RequestProblem: 404, there is none; 409, the watchlist file made it.
            DependencyUnavailable: try again.
        """
        async with self._lock:
            before = self.find(watch_id)
            _refuse_of_file(before)
            if before.is_active:
                await self._put(replace(before, is_active=False, changed_at=self._clock.now()))

    def _checked(self, watch: Watch) -> Query:
        try:
            query = read_query(watch)
            channels = self.kept.channels.items()
            refuse_unknown_channels(watch, [key for key, each in channels if each.is_active])
        except ConfigError as error:
            raise refusal(error) from error
        return query

    def _refuse_broad(self, watch: Watch, estimate: Estimate) -> None:
        limit = self.max_matches_per_day
        if watch.trigger == "match" and estimate.per_day > limit:
            raise RequestProblem(
                http.HTTPStatus.UNPROCESSABLE_ENTITY,
                f"It would have matched about {estimate.per_day:.0f} articles a day lately, more"
                f" than {limit}.",
                extra={
                    "code": "E103", "hint": BROAD_HINT, "matches_per_day": estimate.per_day,
                },
            )  # fmt: skip

    async def _put(self, watch: Watch) -> None:
        await self._send(watch)
        # Who asks next is told of it, before it has come back by the topic.
        self.kept.apply(WatchChange(key=record_key(watch), record=watch))


def _refuse_taken(before: Watch | None, options: WriteOptions) -> None:
    if before is None:
        return
    if before.is_active and not options.may_replace:
        raise RequestProblem(
            http.HTTPStatus.CONFLICT, f"There is a watch {before.watch_id!r} already."
        )
    _refuse_of_file(before)


def _refuse_of_file(before: Watch) -> None:
    """Keep what the file says: it would be written anew, or stand against the next import."""
    if before.came_from == "file" and before.is_active:
        raise RequestProblem(
            http.HTTPStatus.CONFLICT,
            f"The watch {before.watch_id!r} stands in the watchlist file; change it there.",
        )
