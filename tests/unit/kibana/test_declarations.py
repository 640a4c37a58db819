"""Declarations: what is wrong in a file is named with its place."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from dateline.cli import cli
from dateline.cli import kibana as command
from dateline.errors import ConfigError
from dateline.kibana.conditions import Condition, kql, query
from dateline.kibana.declarations import FOLDER, load_declarations
from dateline.kibana.saved_objects import build_objects


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(FOLDER, tmp_path / "kibana"))


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "number"', 'kind = "gauge"', r"news\.toml: Invalid enum value 'gauge'.*panel"),
        ('title = "Articles"', 'titel = "Articles"', r"news\.toml: Object contains unknown field"),
        ("place = [0, 0, 12, 6]", "place = [0, 0]", r"news\.toml: Expected `array` of length 4"),
        ("[[panel]]", "[[panel", r"news\.toml: "),
    ],
)
def test_fault_in_a_page_is_named(folder: Path, old: str, new: str, message: str) -> None:
    spoil(folder / "dashboards" / "news.toml", old, new)
    with pytest.raises(ConfigError, match=message):
        load_declarations(folder)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('view = "articles"', 'view = "article"', "there is no data view 'article'"),
        ('search = "latest-stories"', 'search = "latest"', "there is no saved search 'latest'"),
        ('"source_id", label', '"source", label', "volume-by-source: the index has no field 'sou"),
    ],
)
def test_reference_that_leads_nowhere_is_named(
    folder: Path, old: str, new: str, message: str
) -> None:
    spoil(folder / "dashboards" / "news.toml", old, new)
    with pytest.raises(ConfigError, match=message):
        build_objects(load_declarations(folder))


def test_missing_file_is_named(folder: Path) -> None:
    (folder / "rules.toml").unlink()
    with pytest.raises(ConfigError, match=r"rules\.toml: .*No such file"):
        load_declarations(folder)


@pytest.mark.parametrize(
    ("condition", "text", "clause"),
    [
        (Condition(field="a", any_of=("x",)), 'a : "x"', {"terms": {"a": ["x"]}}),
        (
            Condition(field="a", any_of=("x", 'y"')),
            'a : ("x" or "y\\"")',
            {"terms": {"a": ["x", 'y"']}},
        ),
        (Condition(field="a", exists=True), "a : *", {"exists": {"field": "a"}}),
        (Condition(field="a", above="now"), 'a > "now"', {"range": {"a": {"gt": "now"}}}),
        (Condition(field="a", at_least="2"), 'a >= "2"', {"range": {"a": {"gte": "2"}}}),
        (Condition(field="a", at_most="now"), 'a <= "now"', {"range": {"a": {"lte": "now"}}}),
    ],
)
def test_condition_in_both_languages(condition: Condition, text: str, clause: object) -> None:
    assert kql([condition]) == text
    assert query([condition]) == {"bool": {"filter": [clause], "must_not": []}}


def test_conditions_are_joined_and_negated() -> None:
    both = [Condition(field="a", exists=True), Condition(field="b", any_of=("x",), negate=True)]
    assert kql(both) == 'a : * and not b : "x"'
    assert query(both) == {
        "bool": {"filter": [{"exists": {"field": "a"}}], "must_not": [{"terms": {"b": ["x"]}}]}
    }
    assert (kql([]), query([])) == ("", {"match_all": {}})


def test_build_command_notices_a_stale_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dateline.ndjson"
    monkeypatch.setattr(command, "NDJSON_PATH", path)

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["kibana", "build", *words])
        return done.exit_code, done.output

    stale = (1, "dateline.ndjson is not current; run `dateline kibana build`.\n")
    assert run("--check") == stale
    assert run() == (0, "dateline.ndjson is written.\n")
    assert run("--check") == (0, "dateline.ndjson is current.\n")
    path.write_text("{}\n", "utf-8")
    assert run("--check") == stale
