"""Write the wire samples that do not exist yet: ``python tests/contract/freeze_wire.py``.

A sample that exists is a promise to records already in topics. ``--force`` breaks it: only before
a first release, or together with a new version number.
"""

from __future__ import annotations

from pathlib import Path

import click
from wire_samples import FOLDER, SAMPLES

from dateline.wire import to_wire


def freeze(folder: Path, *, force: bool) -> tuple[list[str], list[str]]:
    """Write the samples; return the names written and those that differ and were left alone."""
    written: list[str] = []
    refused: list[str] = []
    for name, record in SAMPLES.items():
        path, payload = folder / name, to_wire(record)
        if path.exists() and path.read_bytes() == payload:
            continue
        if path.exists() and not force:
            refused.append(name)
            continue
        path.write_bytes(payload)
        written.append(name)
    return written, refused


@click.command()
@click.option("--force", is_flag=True, help="Replace samples that differ.")
@click.option("--folder", type=click.Path(path_type=Path), default=FOLDER, hidden=True)
@click.pass_context
def main(ctx: click.Context, *, force: bool, folder: Path) -> None:
    """Write missing wire samples; exit code 1 when one differs from the code."""
    written, refused = freeze(folder, force=force)
    for name in written:
        click.echo(f"wrote {name}")
    for name in refused:
        click.echo(f"{name} differs and is kept: the wire's shape has changed", err=True)
    if refused:
        ctx.exit(1)


if __name__ == "__main__":
    main()
