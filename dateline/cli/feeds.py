"""``dateline feeds``: poll the sources and take pushes until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from datetime import UTC, datetime

import click

from dateline.cli.context import current
from dateline.cli.terminal import one_line, print_text
from dateline.parent_watch import start_parent_watch


@click.command()
@click.option("--supervised-by", type=int, metavar="PID", hidden=True, help="End with it.")
def feeds(*, supervised_by: int | None) -> None:
    """Poll the sources of config/sources.toml and send what is new, until stopped.

    Also looks again at articles after 1 h, 24 h and 7 days, sends what was under embargo, and, when
    push.api_keys is set, takes articles over HTTP. `dateline run` starts it; `dateline sources`
    shows what it does.

    \b
    Example:
      dateline feeds
    """
    context = current()
    if supervised_by is not None:
        start_parent_watch(supervised_by)
    from producers.run_feeds import run_feeds  # the parsers take a second to load

    # kafka-python warns of every reconnection; what matters comes as a line.
    logging.getLogger("kafka").setLevel(logging.CRITICAL)

    async def work() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run_feeds(
            context.settings,
            stop=stop,
            tell=lambda line: print_text(
                context.console, f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {one_line(line)}"
            ),
        )

    asyncio.run(work())
