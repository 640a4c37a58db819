from __future__ import annotations

from pathlib import Path

import pytest
from made_statements import grant

from dateline.errors import ConfigError
from dateline.rights.confidence import (
    PRIOR,
    Confidences,
    Counted,
    confidences_toml,
    kind_of,
    load_confidences,
)
from dateline.rights.statement import RANK_CONTRACT

MEASURED = Confidences(
    by_kind={
        ("text", "grant_text", "notice.this_text"): Counted(hits=8, n=8),
        ("html", "grant_text", "html.rel_license"): Counted(hits=0, n=2),
    },
    source="gold set, dev",
    counted_on="2026-11-23",
)
HEAD = 'source = "s"\ncounted_on = "2026-11-23"\n'
KIND = '[[kind]]\nlayer = "text"\nframe = "grant_text"\nrule = "a.b"\n'


def test_confidences_are_posterior_means_of_their_kind() -> None:
    assert MEASURED.of(grant()) == 0.9
    footer = grant(layer="html", rule_id="html.rel_license.footer")
    assert kind_of(footer) == ("html", "grant_text", "html.rel_license")
    assert MEASURED.of(footer) == 0.25


def test_confidences_know_nothing_of_what_was_never_counted() -> None:
    assert MEASURED.of(grant(rule_id="notice.other")) == PRIOR
    assert MEASURED.of(grant(layer="feed")) == PRIOR
    assert Confidences().of(grant()) == PRIOR


def test_confidences_do_not_doubt_a_contract() -> None:
    assert Confidences().of(grant(rank=RANK_CONTRACT, layer="config")) == 1.0


def test_load_confidences_reads_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "confidence.toml"
    path.write_text(confidences_toml(MEASURED), encoding="utf-8")
    assert load_confidences(path) == MEASURED


def test_confidences_toml_leaves_out_what_was_never_seen() -> None:
    empty = Confidences(
        by_kind={("text", "mention", "x"): Counted(hits=0, n=0)},
        source="s",
        counted_on="2026-11-23",
    )
    assert "[[kind]]" not in confidences_toml(empty)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(f"{HEAD}{KIND}hits = 3\nn = 2\n", "more hits than statements", id="hits"),
        pytest.param(f"{HEAD}{KIND}hits = 0\nn = 0\n", ">= 1", id="no-count"),
        pytest.param(f"{HEAD}{KIND}hits = 1\nn = 1\n{KIND}hits = 1\nn = 1\n", "twice", id="twice"),
        pytest.param(f"{HEAD}{KIND}hits = 1\nn = 1\nodd = 1\n", "odd", id="unknown-key"),
        pytest.param(f"{KIND}hits = 1\nn = 1\n", "source", id="no-source"),
        pytest.param("kind = [", "Invalid", id="no-toml"),
    ],
)
def test_load_confidences_refuses(tmp_path: Path, text: str, fault: str) -> None:
    path = tmp_path / "confidence.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=fault):
        load_confidences(path)


def test_load_confidences_says_how_to_make_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="make quality"):
        load_confidences(tmp_path / "none.toml")
