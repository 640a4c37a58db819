"""Read the sitemaps that an index names: the newest first, a few at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from producers.extract.pool import ExtractPool
from producers.feed_document import ChildSitemap, FeedDocument, FeedItem
from producers.feeds.feed_record import SeenItem
from producers.feeds.item_identity import item_key
from producers.fetch.fetched import FetchProblem
from producers.fetch.fetcher import Fetcher, Priority
from producers.parse_feed import parse_feed
from producers.parsed import Refusal

# A big site has a sitemap a month for twenty years, of 50,000 addresses each.
MAX_CHILDREN = 5
# Older parts of an index do not change; what they hold is for an archive, not for a poll.
MAX_AGE = timedelta(days=30)
KEY_PREFIX = "sitemap "
TODAY = timedelta(hours=48)  # somewhere on earth it is still that day
OK = 200
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Children:
    """The entries of the sitemaps that were read, as one document; rows to remember them by.

    ``is_more`` says that the index is needed again, changed or not.
    """

    document: FeedDocument
    seen_updates: tuple[SeenItem, ...]
    is_more: bool


def choose_children(
    index: FeedDocument, *, seen: Mapping[str, SeenItem], now: datetime
) -> list[ChildSitemap]:
    """Return the sitemaps to read, the newest first.

    One that states a time is read when that time is new and at most 30 days old; one that states
    a day only is read at every poll of that day and the next. Of those that state nothing the first
    and the last are always read: indexes grow at either end.

    Raises: Nothing.
    """
    timeless = [child for child in index.children if child.modified_at is None]
    ends = timeless if len(timeless) <= 2 else [timeless[0], timeless[-1]]  # noqa: PLR2004
    timed = [
        child
        for child in index.children
        if child.modified_at is not None
        and now - child.modified_at <= MAX_AGE
        and (_version(child) != _known_version(child, seen) or _is_of_today(child, now))
    ]
    timed.sort(key=lambda child: child.modified_at or _OLDEST, reverse=True)
    return [*timed, *ends]


async def collect_children(
    index: FeedDocument,
    *,
    seen: Mapping[str, SeenItem],
    now: datetime,
    enough: int,
    fetcher: Fetcher,
    pool: ExtractPool,
) -> Children:
    """Return what the chosen sitemaps hold; one that cannot be read is a refusal among the others.

    Args:
        index: what names them.
        seen: what was in them before, and which of them were read.
        now: the time of the poll.
        enough: no more is read after so many entries that were not taken yet; a poll takes no more.
        fetcher: gets them.
        pool: parses them.

    Raises: Nothing.
    """
    chosen = choose_children(index, seen=seen, now=now)
    is_more = len(chosen) > MAX_CHILDREN
    items: list[FeedItem] = []
    refusals: list[Refusal] = []
    rows: list[SeenItem] = []
    for child in chosen[:MAX_CHILDREN]:
        if _untaken_count(items, seen, enough) >= enough:
            is_more = True
            break
        parsed = await _read(child.url, fetcher, pool)
        if isinstance(parsed, Refusal):
            refusals.append(replace(parsed, reason=f"sitemap {child.url}: {parsed.reason}"))
            is_more = True
            continue
        is_more = is_more or child.modified_at is None or _is_of_today(child, now)
        items.extend(parsed.items)
        refusals.extend(parsed.refusals)
        rows.append(_row(child, seen, now))
    return Children(
        document=replace(index, kind="sitemap", items=tuple(items), refusals=tuple(refusals)),
        seen_updates=tuple(rows),
        is_more=is_more,
    )


async def _read(url: str, fetcher: Fetcher, pool: ExtractPool) -> FeedDocument | Refusal:
    try:
        answer = await fetcher.fetch(url, priority=Priority.FEED)
    except FetchProblem as problem:
        return Refusal(reason=f"{problem.kind}: {problem.message}")
    if answer.status != OK:
        return Refusal(reason=f"status: {answer.status}")
    parsed = await pool.run(
        parse_feed,
        answer.body,
        base_url=answer.final_url,
        content_type=answer.headers.get("content-type"),
    )
    if isinstance(parsed, FeedDocument) and parsed.kind == "sitemap_index":
        return Refusal(reason="an index inside an index: the protocol does not allow it")
    return parsed


def _untaken_count(items: list[FeedItem], seen: Mapping[str, SeenItem], enough: int) -> int:
    """Return how many entries wait to be taken, counted up to ``enough``."""
    count = 0
    for item in items:
        key = item_key(item.article)
        row = seen.get(key) if key else None
        count += key is not None and (row is None or row.is_pending)
        if count >= enough:
            break
    return count


def _is_of_today(child: ChildSitemap, now: datetime) -> bool:
    """Return whether the index gives a day without a time, and that day is hardly over."""
    at = child.modified_at
    return at is not None and at.time() == time() and now - at < TODAY


def _version(child: ChildSitemap) -> str:
    return child.modified_at.isoformat() if child.modified_at else "always"


def _known_version(child: ChildSitemap, seen: Mapping[str, SeenItem]) -> str | None:
    row = seen.get(KEY_PREFIX + child.url)
    return row.fingerprint if row else None


def _row(child: ChildSitemap, seen: Mapping[str, SeenItem], now: datetime) -> SeenItem:
    key = KEY_PREFIX + child.url
    known = seen.get(key)
    return SeenItem(
        key=key,
        fingerprint=_version(child),
        first_seen_at=known.first_seen_at if known else now,
        last_seen_at=now,
        taken_at=now,
    )
