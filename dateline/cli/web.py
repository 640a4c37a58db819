"""``dateline web``: search and alerts over HTTP, until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal

import click

from dateline.cli.context import current
from dateline.cli.terminal import print_text
from dateline.parent_watch import start_parent_watch


@click.command()
@click.option("--supervised-by", type=int, metavar="PID", hidden=True, help="End with it.")
def web(*, supervised_by: int | None) -> None:
    """Serve the pages of search and alerts, the API and feeds on this machine, until stopped.

    The address is web.bind and web.port; there is no login yet, so only a loopback address is
    taken. `dateline run` starts it. docs/web.md and docs/alerts.md describe the API.

    \b
    Examples:
      dateline web
      dateline --set web.port=8080 web
    """
    context = current()
    if supervised_by is not None:
        start_parent_watch(supervised_by)
    from dateline.web.server import run_web  # uvicorn and Starlette take a moment to load

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("aiokafka", "kafka", "elastic_transport", "uvicorn", "sse_starlette"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

    async def work() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await run_web(
            context.settings, stop=stop, tell=lambda line: print_text(context.console, line)
        )

    asyncio.run(work())
