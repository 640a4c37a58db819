"""Return what a site's robots.txt allows (RFC 9309); kept for a day at most, over restarts too."""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dateline.clock import Clock, SystemClock
from dateline.outbound.retry_after import parse_retry_after
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.parse_http_url import origin_of
from producers.fetch.parse_robots import RobotsRules, parse_robots
from producers.fetch.robots_store import KeptRobots, RobotsStore

GetRobots = Callable[[str], Awaitable[Fetched]]

LONGEST_KEPT_SECONDS = 86_400.0  # RFC 9309, 2.4
SHORTEST_KEPT_SECONDS = 600.0  # our floor: a site that says max-age=0 is not asked at every fetch
UNREACHABLE_RETRY_SECONDS = 600.0
UNREACHABLE_DAYS = 30  # RFC 9309, 2.3.1.4
TOO_MANY_REQUESTS = 429
FIRST_SERVER_ERROR = 500
MAX_ORIGINS = 20_000
# Rules take about ten times the memory of their text.
MAX_KEPT_CHARS = 20_000_000
MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,10})", re.IGNORECASE | re.ASCII)
# Problems that say something of the address or of our own pace, nothing of the site's will.
PASSED_ON = frozenset({"address", "url", "busy"})


@dataclass(slots=True)
class _Entry:
    """``rules`` is the last good copy; ``problem`` says why there is none for now."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: RobotsRules | None = None
    expires_at: datetime | None = None
    problem: str | None = None
    unreachable_since: datetime | None = None
    is_forgotten: bool = False


class RobotsCache:
    """The rules of all origins (scheme, host and port), fetched when first needed.

    Args:
        get: fetches one robots.txt, redirects followed; `FetchProblem` is an answer too.
        user_agent_token: the product token our groups are named by; ``*`` is the fallback.
        clock: decides what is stale.
        max_origins: the least recently used ones beyond it are forgotten.
        store: remembers what was learned; None: memory alone does.
    """

    def __init__(
        self,
        get: GetRobots,
        *,
        user_agent_token: str = "dateline",  # noqa: S107 (a product name)
        clock: Clock | None = None,
        max_origins: int = MAX_ORIGINS,
        store: RobotsStore | None = None,
    ) -> None:
        self._get = get
        self._token = user_agent_token
        self._clock = clock or SystemClock()
        self._max_origins = max_origins
        self._store = store
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._kept_chars = 0

    async def may_fetch(self, url: str) -> bool:
        """Return whether the site lets us have ``url``.

        Raises:
            FetchProblem: ``robots``: its robots.txt cannot be had for now, so everything is
                forbidden (``retry_after_seconds`` says when to ask again); ``address``, ``url`` and
                ``busy`` as they came up.
        """
        entry = await self._fresh_entry(origin_of(url))
        if entry.problem is not None:
            left = (entry.expires_at or self._clock.now()) - self._clock.now()
            raise FetchProblem(
                "robots",
                f"robots.txt cannot be had for now ({entry.problem})",
                retry_after_seconds=max(left.total_seconds(), 0.0),
            )
        return entry.rules is None or entry.rules.may_fetch(url)

    def crawl_delay_seconds(self, url: str) -> float | None:
        """Return the spacing of requests the site asks for; None: no wish, or not known yet."""
        rules = self._known_rules(url)
        return None if rules is None else rules.crawl_delay_seconds

    def sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps the site names, absolute; () when none, or not known yet."""
        rules = self._known_rules(url)
        return () if rules is None else rules.sitemaps

    def is_known(self, url: str) -> bool:
        """Return whether the site's robots.txt was asked for, whatever came of it."""
        entry = self._entries.get(origin_of(url))
        return entry is not None and entry.expires_at is not None

    def raw(self, url: str) -> str | None:
        """Return the text of the last robots.txt received; None when there was none."""
        rules = self._known_rules(url)
        return None if rules is None else rules.text

    def _known_rules(self, url: str) -> RobotsRules | None:
        entry = self._entries.get(origin_of(url))
        return None if entry is None else entry.rules

    async def _fresh_entry(self, origin: str) -> _Entry:
        entry = self._entries.get(origin)
        if entry is None:
            entry = self._entries[origin] = self._remembered(origin)
        self._entries.move_to_end(origin)
        self._forget_oldest()
        async with entry.lock:
            if entry.expires_at is None or entry.expires_at <= self._clock.now():
                await self._refresh(origin, entry)
                self._store_entry(origin, entry)
        return entry

    def _remembered(self, origin: str) -> _Entry:
        """Return what the store knows of an origin that is not in memory."""
        kept = self._store.get(origin) if self._store is not None else None
        # Written by a clock that was ahead: its times mean nothing.
        if kept is None or kept.kept_at > self._clock.now():
            return _Entry()
        rules = None
        if kept.text is not None:
            rules = parse_robots(kept.text.encode(), origin=origin, token=self._token)
        self._kept_chars += _size(rules)
        return _Entry(
            rules=rules,
            expires_at=kept.expires_at,
            problem=kept.problem,
            unreachable_since=kept.unreachable_since,
        )

    def _store_entry(self, origin: str, entry: _Entry) -> None:
        if self._store is None or entry.expires_at is None:
            return
        kept = KeptRobots(
            kept_at=self._clock.now(),
            expires_at=entry.expires_at,
            text=entry.rules.text if entry.rules is not None else None,
            problem=entry.problem,
            unreachable_since=entry.unreachable_since,
        )
        self._store.put(origin, kept)

    async def _refresh(self, origin: str, entry: _Entry) -> None:
        try:
            answer = await self._get(f"{origin}/robots.txt")
        except FetchProblem as problem:
            if problem.kind in PASSED_ON:
                raise
            if problem.kind == "redirects":  # RFC 9309, 2.3.1.2: as if there were none
                self._keep(entry, None, LONGEST_KEPT_SECONDS)
            else:
                self._keep_unreachable(entry, problem.kind, problem.retry_after_seconds)
            return
        if answer.status >= FIRST_SERVER_ERROR or answer.status == TOO_MANY_REQUESTS:
            wanted = parse_retry_after(answer.headers.get("retry-after", ""), self._clock.now())
            self._keep_unreachable(entry, f"status {answer.status}", wanted)
        else:
            # 4xx means that there is none (RFC 9309, 2.3.1.3), so everything is allowed.
            is_given = answer.status // 100 == 2  # noqa: PLR2004
            rules = None
            if is_given:
                rules = parse_robots(answer.body, origin=origin, token=self._token)
            self._keep(entry, rules, _kept_seconds(answer))

    def _keep(self, entry: _Entry, rules: RobotsRules | None, seconds: float) -> None:
        if not entry.is_forgotten:
            self._kept_chars += _size(rules) - _size(entry.rules)
        entry.rules, entry.problem, entry.unreachable_since = rules, None, None
        entry.expires_at = self._clock.now() + timedelta(seconds=seconds)
        self._forget_oldest()

    def _keep_unreachable(
        self, entry: _Entry, problem: str, retry_after_seconds: float | None
    ) -> None:
        """Forbid everything for now; after 30 days the last copy counts again, or none."""
        now = self._clock.now()
        entry.unreachable_since = entry.unreachable_since or now
        is_given_up = now - entry.unreachable_since >= timedelta(days=UNREACHABLE_DAYS)
        entry.problem = None if is_given_up else problem
        wait_seconds = max(retry_after_seconds or 0.0, UNREACHABLE_RETRY_SECONDS)
        entry.expires_at = now + timedelta(seconds=wait_seconds)

    def _forget_oldest(self) -> None:
        while len(self._entries) > 1 and (
            len(self._entries) > self._max_origins or self._kept_chars > MAX_KEPT_CHARS
        ):
            _, entry = self._entries.popitem(last=False)
            entry.is_forgotten = True
            self._kept_chars -= _size(entry.rules)


def _kept_seconds(answer: Fetched) -> float:
    found = MAX_AGE.search(answer.headers.get("cache-control", ""))
    stated = float(found[1]) if found else LONGEST_KEPT_SECONDS
    return min(max(stated, SHORTEST_KEPT_SECONDS), LONGEST_KEPT_SECONDS)


def _size(rules: RobotsRules | None) -> int:
    return 0 if rules is None else len(rules.text)
