"""Write ``.env``, the passwords of the Docker stack: ``python -m dateline.compose_env``.

The names come from ``.env.example``, so that both files always agree.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from dateline.errors import ConfigError, DatelineError
from dateline.settings import PROJECT_DIR

# 256 bits, 43 characters: Kibana's keys must have at least 32 characters.
SECRET_BYTES = 32
OWNER_ONLY = 0o600
_NAME = re.compile(r"^([A-Z][A-Z0-9_]*)=$")


def secret_names(example: Path) -> Sequence[str]:
    """Return the names that ``.env`` must have, in the order of the example.

    Raises:
        ConfigError: the file cannot be read, names nothing, or has a line that is no ``NAME=``.
    """
    try:
        lines = example.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"{example} cannot be read: {error}.") from error
    rows = [line for line in lines if line.strip() and not line.startswith("#")]
    matches = [_NAME.match(row) for row in rows]
    if not rows or None in matches:
        raise ConfigError(f"{example}: every line must be a comment or NAME= without a value.")
    return [match[1] for match in matches if match]


def write_env(folder: Path, *, force: bool = False) -> Path:
    """Write ``.env`` with new random values, and return its path.

    Effects: the file is complete or absent, and never readable by others, not even while it is
    written. The folder ``inbox`` is made, which the producer's container reads.

    Raises:
        ConfigError: it exists and ``force`` is not set, or it cannot be written.
    """
    path = folder / ".env"
    text = "".join(f"{name}={_random_value()}\n" for name in secret_names(folder / ".env.example"))
    draft = folder / f".env.{os.getpid()}.new"
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        if force:
            draft.replace(path)
        else:
            os.link(draft, path)  # unlike a rename, it fails when the file exists
        (folder / "inbox").mkdir(exist_ok=True)
    except FileExistsError as error:
        raise ConfigError(
            f"{path} exists.",
            hint="New passwords lock out a running stack, which keeps its old ones;"
            " --force writes them all the same.",
        ) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error}.") from error
    finally:
        draft.unlink(missing_ok=True)
    return path


def _random_value() -> str:
    # A leading dash could be taken for an option by a tool that gets the value as an argument.
    value = "-"
    while value.startswith("-"):
        value = secrets.token_urlsafe(SECRET_BYTES)
    return value


@click.command()
@click.option("--force", is_flag=True, help="Replace an existing .env.")
def main(*, force: bool) -> None:
    """Write .env with random passwords for docker-compose.yml, readable by you only.

    \b
    Example:
      python -m dateline.compose_env
    """  # noqa: D301 (\b is click's mark for kept lines)
    try:
        path = write_env(PROJECT_DIR, force=force)
    except DatelineError as error:
        click.echo(f"error {error.code}: {error}", err=True)
        sys.exit(error.exit_code)
    click.echo(f"Wrote {path} (mode 0600). Next: docker compose up --detach")


if __name__ == "__main__":
    main()
