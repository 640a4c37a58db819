"""Read the older pages of a JSON Feed, where its first page may not show all that is new."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from producers.feed_document import FeedDocument, FeedItem
from producers.feeds.feed_record import SeenItem
from producers.feeds.item_identity import item_key
from producers.feeds.poll_tools import PollTools
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.fetcher import Priority
from producers.parse_feed import parse_feed
from producers.parsed import Refusal
from producers.sources.json_feed import next_page_url

# A feed has ten or twenty entries a page: what was published in a night, not an archive.
MAX_PAGES = 5
OK = 200


async def with_next_pages(
    first: FeedDocument,
    answer: Fetched,
    *,
    seen: Mapping[str, SeenItem],
    pending_count: int,
    cap: int,
    tools: PollTools,
) -> FeedDocument:
    """Return the feed with the entries of its further pages behind its own.

    Pages are read while nothing that was taken before has come (at the first poll, and after an
    absence in which the first page was overtaken), and while an entry that waits for its turn is
    missing. A page that cannot be read is a refusal, and the last.

    Args:
        first: the first page.
        answer: what it was read from.
        seen: what was in the feed before.
        pending_count: how many of these were left for this poll.
        cap: no more entries are returned, unless the first page has more itself.
        tools: to fetch and to parse with.

    Raises: Nothing.
    """
    items, refusals = list(first.items), list(first.refusals)
    asked = {answer.url, answer.final_url}
    for _ in range(MAX_PAGES):
        if len(items) >= cap or not _is_more_wanted(items, seen, pending_count):
            break
        url = await tools.pool.run(next_page_url, answer.body, base_url=answer.final_url)
        if not isinstance(url, str) or url in asked or not _is_same_host(url, answer.final_url):
            break
        asked.add(url)
        page = await _read(url, tools)
        if isinstance(page, Refusal):
            refusals.append(replace(page, reason=f"next page {url}: {page.reason}"))
            break
        answer, document = page
        items.extend(document.items)
        refusals.extend(document.refusals)
    # What is cut off was never seen, so nothing waits for a turn that does not come.
    kept = items[: max(cap, len(first.items))]
    return replace(first, items=tuple(kept), refusals=tuple(refusals))


async def _read(url: str, tools: PollTools) -> tuple[Fetched, FeedDocument] | Refusal:
    try:
        answer = await tools.fetcher.fetch(url, priority=Priority.FEED)
    except FetchProblem as problem:
        return Refusal(reason=f"{problem.kind}: {problem.message}")
    if answer.status != OK:
        return Refusal(reason=f"status: {answer.status}")
    parsed = await tools.pool.run(parse_feed, answer.body, base_url=answer.final_url)
    if isinstance(parsed, Refusal):
        return parsed
    if parsed.kind != "json_feed":
        return Refusal(reason=f"kind: {parsed.kind}")
    return answer, parsed


def _is_more_wanted(
    items: Iterable[FeedItem], seen: Mapping[str, SeenItem], pending_count: int
) -> bool:
    keys = {key for item in items if (key := item_key(item.article)) is not None}
    known = [seen[key] for key in keys & seen.keys()]
    waiting = sum(row.is_pending for row in known)
    return len(known) == waiting or waiting < pending_count


def _is_same_host(url: str, other: str) -> bool:
    return urlsplit(url).netloc == urlsplit(other).netloc
