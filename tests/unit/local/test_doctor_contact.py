"""`dateline doctor` says where the contact of the fetcher is to be set."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from dateline.local.doctor import CONTACT_LINE, check_contact


def test_a_contact_is_shown(tmp_path: Path) -> None:
    check = check_contact("desk@news.example", tmp_path / "dateline.toml")
    assert (check.verdict, check.detail, check.remedy) == ("ok", "desk@news.example", "")


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        pytest.param('[fetch]\n# who\ncontact = ""\n', "Set line 3 of {path}: {line}.", id="empty"),
        pytest.param('fetch.contact = " "\n', "Set line 1 of {path}: {line}.", id="dotted"),
        pytest.param(
            "[push]\nport = 0\n\n[ fetch ]  # pages\nmin_host_delay_seconds = 2\n[index]\n",
            "Add a line below line 4 of {path}: {line}.",
            id="section",
        ),
        pytest.param(
            '[push]\ncontact = "not here"\n',
            "Add two lines at the end of {path}, line 3: [fetch] and {line}.",
            id="no section",
        ),
        pytest.param(
            "", "Add two lines at the end of {path}, line 1: [fetch] and {line}.", id="no line"
        ),
        pytest.param(None, "Write two lines into {path}: [fetch] and {line}.", id="no file"),
    ],
)
def test_an_empty_contact_names_file_and_line(
    tmp_path: Path, text: str | None, remedy: str
) -> None:
    path = tmp_path / "dateline.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    check = check_contact(" ", path)
    assert check.verdict == "note"
    assert check.detail == (
        "fetch.contact is empty: the user agent does not tell sites whom to ask"
    )
    assert check.remedy == remedy.format(path=path, line=CONTACT_LINE)


def test_the_line_to_write_is_a_setting() -> None:
    assert "@" in tomllib.loads(f"[fetch]\n{CONTACT_LINE}")["fetch"]["contact"]


def test_what_stands_over_the_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "dateline.toml"
    check = check_contact("", path, set_by="environment DATELINE_FETCH_CONTACT")
    assert check.remedy == (
        "It is empty by environment DATELINE_FETCH_CONTACT: give an address there."
    )
    assert check_contact("", path, set_by=str(path)).remedy.startswith("Write")
