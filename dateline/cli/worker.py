"""``dateline worker STAGE``: run one stage in this process."""

from __future__ import annotations

import logging

import click

from dateline.cli.context import current
from dateline.parent_watch import start_parent_watch
from dateline.settings import limit_blas_threads


@click.command()
@click.argument("stage")
@click.option("--supervised-by", type=int, metavar="PID", hidden=True, help="End with it.")
def worker(stage: str, *, supervised_by: int | None) -> None:
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

    if stage not in STAGES:
        raise click.BadParameter(f"{stage!r} is none of {', '.join(STAGES)}", param_hint="STAGE")
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for noisy in ("faust", "mode", "aiokafka", "kafka", "elastic_transport"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if supervised_by is not None:
        start_parent_watch(supervised_by)
    run_stage(context.settings, STAGES[stage])
