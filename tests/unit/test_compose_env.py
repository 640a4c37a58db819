"""Passwords of the Docker stack."""

from __future__ import annotations

import re
import stat
from pathlib import Path

import pytest

from dateline.compose_env import secret_names, write_env
from dateline.errors import ConfigError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text("# meaning\nONE_PASSWORD=\n\n# other\nTWO_KEY=\n")
    return tmp_path


def values(path: Path) -> dict[str, str]:
    rows = (line.partition("=") for line in path.read_text(encoding="utf-8").splitlines())
    return {name: value for name, _, value in rows}


def test_write_env_gives_each_name_a_long_random_value(folder: Path) -> None:
    first = values(write_env(folder))
    second = values(write_env(folder, force=True))

    assert list(first) == ["ONE_PASSWORD", "TWO_KEY"]
    found = [*first.values(), *second.values()]
    assert len(set(found)) == 4
    for value in found:
        # What the set-up script and an .env file take as it is; Kibana wants 32 characters.
        assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]{42}", value)


def test_write_env_is_readable_by_its_owner_only(folder: Path) -> None:
    path = write_env(folder)
    path.chmod(0o644)
    path = write_env(folder, force=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_write_env_keeps_an_existing_file(folder: Path) -> None:
    (folder / ".env").write_text("ONE_PASSWORD=mine\n")

    with pytest.raises(ConfigError) as caught:
        write_env(folder)

    assert caught.value.message == f"{folder / '.env'} exists."
    assert "--force" in caught.value.hint
    assert (folder / ".env").read_text() == "ONE_PASSWORD=mine\n"


def test_write_env_leaves_no_draft(folder: Path) -> None:
    write_env(folder)
    with pytest.raises(ConfigError):
        write_env(folder)
    assert sorted(path.name for path in folder.iterdir()) == [".env", ".env.example", "inbox"]


def test_write_env_makes_the_inbox_of_the_producer(folder: Path) -> None:
    write_env(folder)
    write_env(folder, force=True)
    assert (folder / "inbox").is_dir()


@pytest.mark.parametrize("text", ["", "# only words\n", "ONE=value\n", "one=\n", "export ONE=\n"])
def test_secret_names_refuses_what_is_no_list_of_names(tmp_path: Path, text: str) -> None:
    example = tmp_path / ".env.example"
    example.write_text(text)
    with pytest.raises(ConfigError, match=r"every line must be a comment or NAME="):
        secret_names(example)


def test_secret_names_needs_the_example(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"cannot be read"):
        secret_names(tmp_path / ".env.example")
