"""Print the feeds and how they do, and what was discovered of a site."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console

from dateline.cli.source_rows import SourceRow, Totals, ago, until
from dateline.cli.terminal import one_line, print_field, print_table, print_text
from producers.feeds.candidate import Candidate
from producers.feeds.discover import Discovery

HEADINGS = (
    "source", "feed", "kind", "status", "last poll", "last new", "next poll", "errors", "today",
    "silent since",
)  # fmt: skip
MAX_ERROR_CHARS = 60
MAX_TITLE_CHARS = 120
MAX_VALUE_CHARS = 200
SHOWN_UNCHECKED = 10
INDENT = "   "


def print_rows(
    console: Console, rows: Sequence[SourceRow], of: Totals, *, now: datetime, shows_removed: bool
) -> None:
    """Print a table and the sums."""
    shown = [row for row in rows if shows_removed or row.status != "removed"]
    if shown:
        print_table(console, HEADINGS, [row_cells(row, now) for row in shown])
        print_text(console, "")
    print_text(console, totals_line(of), "bold")
    removed = of.by_status.get("removed", 0)
    if removed and not shows_removed:
        print_text(console, f"{_count(removed, 'feed')} no longer listed: --all shows them.", "dim")
    if of.is_poller_away:
        print_text(
            console,
            f"Feeds are due, and none was polled since {ago(of.last_poll_at, now)}:"
            " is `dateline run` running?"
            if of.last_poll_at
            else "Feeds are due, and none was ever polled: is `dateline run` running?",
            "yellow",
        )


def print_held_kills(console: Console, counts: Mapping[str, int]) -> None:
    """Print a line for each publisher whose articles are gone with their site."""
    for source_id, count in counts.items():
        verb = "seems" if count == 1 else "seem"
        print_text(
            console,
            one_line(
                f"{source_id}: {_count(count, 'article')} {verb} deleted, but so does the site:"
                " held back and looked at again"
            ),
            "yellow",
        )


def row_cells(row: SourceRow, now: datetime) -> tuple[str, ...]:
    """Return one row of the table; times are relative."""
    errors = str(row.error_count) if row.error_count else "-"
    if row.last_error:
        errors += f": {_short(row.last_error, MAX_ERROR_CHARS)}"
    return (
        row.source_id,
        row.url,
        row.kind or "-",
        row.status,
        ago(row.last_poll_at, now),
        ago(row.last_new_at, now),
        until(row.next_poll_at, now),
        errors,
        str(row.articles_today),
        ago(row.silent_since, now),
    )


def totals_line(of: Totals) -> str:
    """Return the sums in one line."""
    parts = [
        f"{_count(of.feeds, 'feed')} of {_count(of.sources, 'source')}",
        *(
            f"{of.by_status[status]} {status}"
            for status in ("active", "waiting", "paused", "retired")
            if of.by_status.get(status)
        ),
        f"{of.failing} with errors" if of.failing else "",
        f"{of.silent} silent" if of.silent else "",
        f"{_count(of.articles_today, 'article')} today",
    ]
    return ", ".join(part for part in parts if part)


def print_discovery(
    console: Console, found: Discovery, *, chosen: Sequence[Candidate], now: datetime
) -> None:
    """Print what each feed and sitemap would give, the chosen ones marked."""
    for number, candidate in enumerate(found.candidates, start=1):
        print_candidate(
            console, number, candidate, is_chosen=candidate in chosen,
            numbers={c.url: at for at, c in enumerate(found.candidates, start=1)}, now=now,
        )  # fmt: skip
    for problem in found.problems:
        print_text(console, one_line(f"{problem.url}: {problem.reason}"), "yellow")
    for url in found.comment_feeds:
        print_text(console, one_line(f"{url}: readers' comments, left out"), "dim")
    if found.unchecked:
        shown = ", ".join(found.unchecked[:SHOWN_UNCHECKED])
        rest = len(found.unchecked) - SHOWN_UNCHECKED
        more = f" and {rest} more" if rest > 0 else ""
        print_text(
            console,
            one_line(
                f"Not looked at, {found.request_count} requests are enough for a preview:"
                f" {shown}{more}"
            ),
            "dim",
        )
    print_text(
        console,
        f"{_count(len(found.feeds), 'feed')} and {_count(len(found.sitemaps), 'sitemap')} found"
        f" with {_count(found.request_count, 'request')}; nothing was stored.",
        "bold",
    )


def print_candidate(
    console: Console,
    number: int,
    candidate: Candidate,
    *,
    is_chosen: bool,
    numbers: dict[str, int],
    now: datetime,
) -> None:
    """Print one feed or sitemap: what it is, what it holds, its licence and first titles."""
    mark = " (chosen)" if is_chosen else ""
    print_text(console, one_line(f"{number}. {candidate.url}{mark}"), "bold" if is_chosen else "")
    for label, value in _facts(candidate, numbers, now).items():
        if value:
            print_field(console, f"{INDENT}{label}", value)
    titles = [_short(title, MAX_TITLE_CHARS) for title in candidate.titles]
    print_field(console, f"{INDENT}titles", titles)
    print_text(console, "")


def _facts(candidate: Candidate, numbers: dict[str, int], now: datetime) -> dict[str, Any]:
    kind = candidate.kind.replace("_", " ")
    kind += f" ({candidate.version})" if candidate.version else ""
    return {
        "kind": f"{kind}, found in: {candidate.found_in}",
        "title": _short(candidate.title, MAX_TITLE_CHARS) if candidate.title else "",
        "entries": _entries(candidate, now),
        "text": _text_kind(candidate),
        "licence": [
            f"{signal.field}: {_short(signal.value, MAX_VALUE_CHARS)}"
            for signal in candidate.licences
        ],
        "hub": ", ".join(candidate.hub_urls),
        "notes": _notes(candidate, numbers),
    }


def _entries(candidate: Candidate, now: datetime) -> str:
    parts = [f"{candidate.entry_count:,}"]
    if candidate.part_count:
        where = f" in {candidate.sample_url}" if candidate.sample_url else ""
        parts = [f"{candidate.part_count:,} sitemaps; {candidate.entry_count:,} entries{where}"]
    if candidate.refused_count:
        parts.append(f"{candidate.refused_count:,} unusable")
    if candidate.newest_at:
        parts.append(f"newest {ago(candidate.newest_at, now)}")
    return ", ".join(parts)


def _text_kind(candidate: Candidate) -> str:
    if not candidate.entry_count:
        return ""
    if candidate.full_text_count == candidate.entry_count:
        return "full text"
    if candidate.full_text_count:
        return f"full text in {candidate.full_text_count:,} of {candidate.entry_count:,} entries"
    if candidate.kind.startswith("sitemap"):
        return "addresses only: each page is fetched for its text"
    return "summaries only: each page is fetched for its text"


def _notes(candidate: Candidate, numbers: dict[str, int]) -> list[str]:
    notes = []
    if candidate.duplicates:
        others = ", ".join(str(numbers[url]) for url in candidate.duplicates if url in numbers)
        notes.append(f"the same entries as {others}")
    if not candidate.is_same_site:
        notes.append(f"on another site; {candidate.own_share:.0%} of its entries lead to this one")
    if candidate.is_comments:
        notes.append("readers' comments")
    if not candidate.entry_count and not candidate.part_count:
        notes.append("no entries now")
    return notes


def discovery_value(found: Discovery) -> dict[str, Any]:
    """Return what was found as plain values."""
    return {
        "url": found.url,
        "is_direct": found.is_direct,
        "request_count": found.request_count,
        "candidates": [_candidate_value(candidate) for candidate in found.candidates],
        "problems": [{"url": p.url, "reason": p.reason} for p in found.problems],
        "comment_feeds": list(found.comment_feeds),
        "unchecked": list(found.unchecked),
    }


def _candidate_value(candidate: Candidate) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(candidate, name) for name in Candidate.__slots__ if name != "item_keys"
    }
    return values | {
        "newest_at": candidate.newest_at.isoformat() if candidate.newest_at else None,
        "licences": [
            {"layer": s.layer, "field": s.field, "value": s.value} for s in candidate.licences
        ],
    }


def _short(text: str, max_chars: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= max_chars else words[: max_chars - 1] + "…"


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
