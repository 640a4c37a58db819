"""The open notices of licence drift, as `dateline status` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from rich.console import Console

from dateline.cli.terminal import one_line, print_table, print_text, short_id
from dateline.endpoints import search_client
from dateline.errors import ConfigError, DependencyUnavailable
from dateline.license_notices import LicenseNotice, read_notices
from dateline.license_watch import KIND_WORDS
from dateline.settings import Settings

# Somebody waits for the status, perhaps because a server is ill.
TIMEOUT_SECONDS = 5.0
SHOWN_NOTICES = 20


def open_notices(settings: Settings) -> Sequence[LicenseNotice] | None:
    """Return the notices that nobody has closed, the youngest first; None: nobody can be asked."""
    try:
        with search_client(settings) as client:
            return read_notices(
                client.options(request_timeout=TIMEOUT_SECONDS), settings, is_open=True
            )
    except (ConfigError, DependencyUnavailable):
        return None


def notice_value(notice: LicenseNotice) -> dict[str, Any]:
    """Return a notice as plain values, with what to do about it."""
    value: dict[str, Any] = msgspec.to_builtins(notice)
    return {**value, "closed_at": value.get("closed_at"), "what_to_do": notice.what_to_do}


def print_open_notices(console: Console, notices: Sequence[LicenseNotice] | None) -> None:
    """Print what drifted, since when, and what to do about it."""
    if notices is None:
        print_text(console, "Licence drift: not known, Elasticsearch cannot be asked.", "dim")
        return
    if not notices:
        print_text(console, "Licence drift: no open notice.", "dim")
        return
    print_text(console, f"Licence drift: {len(notices):,} open", "yellow")
    headings = ("notice", "source", "since", "what changed", "what to do")
    print_table(console, headings, [_row(notice) for notice in notices[:SHOWN_NOTICES]])
    if len(notices) > SHOWN_NOTICES:
        print_text(console, f"... and {len(notices) - SHOWN_NOTICES:,} more.")
    print_text(console, "When it is dealt with: dateline license drift --close NOTICE", "dim")


def _row(notice: LicenseNotice) -> tuple[str, ...]:
    change = f"{notice.before} -> {notice.after}" if notice.before else notice.after
    return (
        short_id(notice.notice_id),
        one_line(notice.source_id),
        notice.day.isoformat(),
        f"{KIND_WORDS[notice.kind]} ({change})",
        notice.what_to_do,
    )
