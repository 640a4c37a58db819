"""Return watches and channels as lines, rows and plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from dateline.alert_records import Channel, Surge, Watch

LIST_HEADINGS = ("watch", "query", "fires", "channels", "since")
CHANNEL_HEADINGS = ("channel", "kind", "address", "when", "state")
MAX_QUERY_CHARS = 60
REPEATS = {
    "every_article": "every article",
    "every_story": "once a story",
    "story_and_updates": "once a story and its updates",
}


def list_row(watch: Watch) -> tuple[str, ...]:
    """Return the row of a list of watches."""
    query = watch.query
    if len(query) > MAX_QUERY_CHARS:
        query = query[: MAX_QUERY_CHARS - 1] + "…"
    return (
        watch.watch_id, query, fires(watch), ", ".join(watch.channel_ids) or "(feed only)",
        f"{watch.created_at:%Y-%m-%d %H:%M}" if watch.is_active else "off",
    )  # fmt: skip


def fires(watch: Watch) -> str:
    """Return in words what makes a watch fire."""
    match watch.trigger:
        case "match":
            return REPEATS[watch.repeat]
        case "new_story":
            return "on a new story"
        case "first_mention":
            scope = {"all": "", "source": " by a source", "country": " with a country"}
            return f"on a first mention{scope[watch.scope]}"
        case "silence":
            return f"after {watch.silence_days} days of silence"
        case "surge":
            return surge_words(watch.surge or Surge())


def surge_words(surge: Surge) -> str:
    """Return in words what a surge is."""
    return (
        f"on a surge: {surge.min_articles} articles or more in {surge.window_hours} h,"
        f" {surge.min_ratio:g} times the mean of {surge.baseline_days} days"
    )


def watch_fields(watch: Watch) -> Iterator[tuple[str, str]]:
    """Yield labels and values of everything that a watch says."""
    yield "watch", watch.watch_id
    yield "query", watch.query
    yield "fires", fires(watch)
    if watch.is_license_told:
        yield "", "also when the licence of an alerted article changes"
    yield "channels", ", ".join(watch.channel_ids) or "none: index, feed and topic alone"
    yield "since", f"{watch.created_at:%Y-%m-%d %H:%M} UTC; nothing first seen before"
    if watch.changed_at and watch.changed_at != watch.created_at:
        yield "changed", f"{watch.changed_at:%Y-%m-%d %H:%M} UTC"
    yield (
        "made by",
        {"cli": "command line", "file": "watchlist file"}.get(watch.came_from, watch.came_from),
    )
    yield "state", "in force" if watch.is_active else "off"


def watch_as_json(watch: Watch) -> dict[str, Any]:
    """Return a watch as plain values."""
    plain: dict[str, Any] = msgspec.to_builtins(watch)
    return plain


def channel_row(channel: Channel, state: str) -> tuple[str, ...]:
    """Return the row of a list of channels."""
    return (
        channel.channel_id, channel.kind, channel.address or f"in ${channel.secret_env}",
        when(channel), state,
    )  # fmt: skip


def when(channel: Channel) -> str:
    """Return in words when a channel is told."""
    words = {"none": "at once", "hourly": "hourly digest"}.get(
        channel.digest, f"daily digest at {channel.digest_hour}:00 {channel.time_zone}"
    )
    quiet = channel.quiet_hours
    if quiet is not None:
        words += f", quiet {quiet.starts_at} to {quiet.ends_at} {quiet.time_zone}"
    if channel.max_per_hour is not None:
        words += f", at most {channel.max_per_hour} an hour"
    return words


def channel_as_json(channel: Channel) -> dict[str, Any]:
    """Return a channel as plain values; it holds no secret."""
    plain: dict[str, Any] = msgspec.to_builtins(channel)
    return plain
