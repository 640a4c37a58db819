"""``dateline worker STAGE``: run one stage in this process."""

from __future__ import annotations

import logging

import click

from dateline.cli.context import current
from dateline.settings import limit_blas_threads


@click.command()
@click.argument("stage")
@click.option("--supervised", is_flag=True, hidden=True, help="End when the parent process ends.")
def worker(stage: str, *, supervised: bool) -> None:
    """Run one stage until it is stopped: enrich, enrich-backfill, stories or index.

    Several workers of one stage share its partitions. `dateline run` starts all of them.

    \b
    Example:
      dateline worker enrich
    """
    context = current()
    limit_blas_threads()
    from processors.registry import STAGES
    from processors.stage import run_stage
    from processors.watchdog import start_parent_watch

    if stage not in STAGES:
        raise click.BadParameter(f"{stage!r} is none of {', '.join(STAGES)}", param_hint="STAGE")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("faust", "mode", "aiokafka", "kafka", "elastic_transport"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if supervised:
        start_parent_watch()
    run_stage(context.settings, STAGES[stage])
