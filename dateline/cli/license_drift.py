"""``dateline license drift`` and ``watch``: sources whose licences are no longer what they were."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import click
from elasticsearch import Elasticsearch

from dateline.cli.context import current
from dateline.cli.open_notices import notice_value
from dateline.cli.run import stop_requested
from dateline.cli.terminal import json_text, one_line, print_table, print_text, short_id
from dateline.clock import Clock, SystemClock
from dateline.endpoints import search_client
from dateline.errors import DependencyUnavailable
from dateline.license_history import read_history
from dateline.license_notices import (
    LicenseNotice,
    all_drifts,
    close_notice,
    close_returned,
    raise_notices,
    read_notices,
)
from dateline.license_watch import DayCounts, LicenseKey
from dateline.parent_watch import start_parent_watch
from dateline.search.templates import articles_index
from dateline.settings import Settings

log = logging.getLogger("dateline.license_watch")
EVERY_SECONDS = 900.0
SHOWN_DAYS = 14


@click.command()
@click.option("--source", "source_id", metavar="ID", help="Of this publisher only.")
@click.option("--close", "closed_id", metavar="ID", help="Close a notice: it is dealt with.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, with every day.")
def drift(*, source_id: str | None, closed_id: str | None, as_json: bool) -> None:
    """Show how the licences of each source were lately, and what has changed about them.

    A notice is raised once when the usual licence of a source (90 % of its last 50 articles) is
    gone from more than half of the last 10, when it has another code or version or is stricter,
    when the usual notice is gone from the texts, and when another agency is credited for the first
    time (3 articles). `dateline license watch`, which `dateline run` starts, raises them; nothing
    is changed about the articles themselves.

    A notice is open, and shown by `dateline status`, until what was lost is usual again or
    somebody closes it. What is lost once more after that is a notice of its own.

    \b
    Examples:
      dateline license drift
      dateline license drift --source coast.example --json
      dateline license drift --close 5b1fa9c04d7e
    """
    context = current()
    settings = context.settings
    with search_client(settings) as client:
        if closed_id is not None:
            close_notice(
                client, settings, chosen_notice(read_notices(client, settings), closed_id),
                now=SystemClock().now(),
            )  # fmt: skip
        history = read_history(
            client, articles_index(settings), now=SystemClock().now(), source_id=source_id
        )
        notices = read_notices(client, settings, source_id=source_id)
    if as_json:
        click.echo(json_text(_as_json(history, notices)))
        return
    if not history:
        print_text(context.console, "No articles of the last 90 days are indexed.")
        return
    print_table(
        context.console, ("source", "articles", "licences of the last days", "notice in text"),
        [_row(name, days) for name, days in history.items()],
    )  # fmt: skip
    print_text(context.console, "")
    if notices:
        print_table(
            context.console, ("notice", "raised", "state", "what changed"),
            [_notice_row(notice) for notice in notices],
        )  # fmt: skip
    else:
        print_text(context.console, "No drift was noticed.", "dim")


def chosen_notice(notices: Sequence[LicenseNotice], id_prefix: str) -> LicenseNotice:
    """Return the notice whose id begins so.

    Raises:
        click.ClickException: there is none, or several.
    """
    found = [notice for notice in notices if notice.notice_id.startswith(id_prefix)]
    if len(found) != 1:
        what = "several notices have" if found else "no notice has"
        raise click.ClickException(f"{what} an id that begins with {id_prefix!r}.")
    return found[0]


@click.command()
@click.option("--once", is_flag=True, help="Look once and end.")
@click.option(
    "--every", "every_seconds", default=EVERY_SECONDS, type=click.FloatRange(1), show_default=True,
    metavar="SECONDS",
)  # fmt: skip
@click.option("--supervised-by", type=int, metavar="PID", hidden=True, help="End with it.")
def watch(*, once: bool, every_seconds: float, supervised_by: int | None) -> None:
    """Look for drifts of licences now and then, and raise a notice of each once.

    `dateline run` starts it; `dateline license drift` shows what was raised.

    \b
    Examples:
      dateline license watch
      dateline license watch --once
    """
    context = current()
    if supervised_by is not None:
        start_parent_watch(supervised_by)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("elastic_transport").setLevel(logging.WARNING)
    with stop_requested() as stop, search_client(context.settings) as client:
        while True:
            look(client, context.settings, SystemClock())
            if once or stop.wait(every_seconds):
                return


def look(client: Elasticsearch, settings: Settings, clock: Clock) -> None:
    """Look for drifts once: log a warning of each that is new, close what is over.

    A server may be away.
    """
    now = clock.now()
    try:
        history = read_history(client, articles_index(settings), now=now)
        for each in raise_notices(client, settings, all_drifts(history), now=now):
            log.warning("licence drift: %s", one_line(each.message))
        for notice in close_returned(client, settings, history, now=now):
            log.info("licence drift is over: %s", one_line(notice.message))
    except DependencyUnavailable as error:
        log.warning("licences were not looked at: %s", error)


def _row(name: str, days: Sequence[DayCounts]) -> tuple[str, ...]:
    lately = days[-SHOWN_DAYS:]
    counts: Counter[LicenseKey] = Counter()
    for day in lately:
        counts.update(day.licenses)
    total = counts.total()
    shares = (f"{key.words} {count / total:.0%}" for key, count in counts.most_common(3))
    notices = sum(day.notice_count for day in lately)
    return name, f"{total:,}", ", ".join(shares), f"{notices / total:.0%}"


def _notice_row(notice: LicenseNotice) -> tuple[str, ...]:
    closed_at = notice.closed_at
    state = f"closed {closed_at:%Y-%m-%d}" if closed_at else "open"
    raised = f"{notice.raised_at:%Y-%m-%d %H:%M}"
    return short_id(notice.notice_id), raised, state, notice.message


def _as_json(
    history: Mapping[str, Sequence[DayCounts]], notices: Sequence[LicenseNotice]
) -> dict[str, Any]:
    return {
        "sources": [
            {
                "source_id": name,
                "days": [
                    {
                        "day": day.day.isoformat(),
                        "articles": day.total,
                        "licenses": {key.words: count for key, count in day.licenses.items()},
                        "notices_in_text": day.notice_count,
                        "credits": dict(day.credits),
                    }
                    for day in days
                ],
            }
            for name, days in history.items()
        ],
        "notices": [notice_value(notice) for notice in notices],
    }
