"""``dateline license``: what an article's rights are, why, and what changes about them."""

from __future__ import annotations

import click

from dateline.cli.license_check import check
from dateline.cli.license_drift import drift, watch
from dateline.cli.license_explain import explain
from dateline.cli.license_redecide import redecide


@click.group("license")
def license_command() -> None:
    """Say which licence an article has, why, and what may be done with it.

    \b
    Examples:
      dateline license check https://news.example/2026/11/opening
      dateline license explain 3f9ac01b22d4
      dateline license re-decide --dry-run
      dateline license drift
    """


license_command.add_command(check)
license_command.add_command(explain)
license_command.add_command(redecide)
license_command.add_command(drift)
license_command.add_command(watch)
