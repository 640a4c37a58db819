"""What `index apply` says."""

from __future__ import annotations

import json

import pytest
from cli_doubles import invoke

from dateline.cli import index as module
from dateline.cli.index import index
from dateline.search.templates import Applied
from dateline.settings import Settings


def _applied(**changes: object) -> Applied:
    fields: dict[str, object] = {
        "template": "news-articles", "analyzer": "standard", "change": "created", "indices": (),
    }  # fmt: skip
    return Applied(**(fields | changes))  # type: ignore[arg-type]


def _prepare(monkeypatch: pytest.MonkeyPatch, applied: Applied) -> None:
    async def apply(_settings: Settings) -> Applied:
        return applied

    monkeypatch.setattr(module, "_applied", apply)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "analyzer      standard: the server has no `english` analyzer"),
        ({"analyzer": "english"}, "analyzer      english: the server has it"),
        ({"change": "unchanged"}, "analyzer      standard: decided when the template was created"),
    ],
)
def test_the_choice_of_analyzer_is_explained(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object], line: str
) -> None:
    _prepare(monkeypatch, _applied(**changes))

    assert line in invoke(index, "apply").stdout.splitlines()


def test_indices_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    _prepare(monkeypatch, _applied(change="updated", indices=("a",), record_indices=("b",)))

    assert invoke(index, "apply").stdout == (
        "template      news-articles  updated\n"
        "analyzer      standard: decided when the template was created\n"
        "indices       a\n"
        "              b\n"
    )


def test_json(monkeypatch: pytest.MonkeyPatch) -> None:
    _prepare(monkeypatch, _applied())

    assert json.loads(invoke(index, "apply", "--json").stdout)["change"] == "created"
