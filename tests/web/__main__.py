"""Serve a simulated web until standard input ends: ``python -m tests.web --mixed 12``.

Prints one line of JSON when it is ready: the port of the sites and the address of the control API.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace

from aiohttp import web

from .control import control_app
from .plans import SitePlan, hostile_sites, mixed_sites, plain_sites
from .site import SimulatedWeb


def main() -> None:
    """Run until whoever started this closes the pipe, or dies."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plain", type=int, default=0, help="honest publishers, one feed each")
    parser.add_argument("--mixed", type=int, default=0, help="publishers with bad habits")
    parser.add_argument("--hostile", action="store_true", help="one publisher for each trick")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    plans = [
        *plain_sites(options.plain),
        *(hostile_sites() if options.hostile else []),
        *_renamed(mixed_sites(options.mixed, seed=options.seed)),
    ]
    if not plans:
        parser.error("no publishers: give --plain, --mixed or --hostile")
    asyncio.run(_run(SimulatedWeb(plans, seed=options.seed, port=options.port)))


async def _run(simulated: SimulatedWeb) -> None:
    runner = web.AppRunner(control_app(simulated))
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        control_port = runner.addresses[0][1]
        async with simulated.serve():
            ready = {"port": simulated.port, "control": f"http://127.0.0.1:{control_port}"}
            sys.stdout.write(json.dumps(ready) + "\n")
            sys.stdout.flush()
            await asyncio.to_thread(sys.stdin.buffer.read)
    finally:
        await runner.cleanup()


def _renamed(plans: Sequence[SitePlan]) -> list[SitePlan]:
    """Keep the names of mixed publishers apart from those of plain ones."""
    return [replace(plan, name=f"mixed-{plan.name}") for plan in plans]


if __name__ == "__main__":
    main()
