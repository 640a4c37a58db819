from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from preference_signals import ARTICLE, header, meta, robots, tdm_file

from dateline.records import RightsSignal
from dateline.rights.signals.path_pattern import is_match
from dateline.rights.signals.preferences import read_preferences
from dateline.rights.signals.robots_lines import binding_lines, rights_lines

LINES = [
    "User-agent: *", "User-agent: dateline", "User-agent: GPTBot", "", "# note", "Disallow: /x",
    "License: https://o.example/a#b", "Content-Signal: ai-train=no", "Content-Usage: / search=y",
    "Sitemap: https://o.example/s.xml", "garbage",
]  # fmt: skip


@given(st.lists(st.sampled_from(LINES), max_size=14))
def test_the_lines_alone_bind_as_the_whole_file(lines: list[str]) -> None:
    text = "\n".join(lines)
    assert binding_lines(rights_lines(text)) == binding_lines(text)


def test_a_file_without_rights_lines_gives_nothing() -> None:
    assert rights_lines("User-agent: *\nDisallow: /admin/\n") == ""


def test_a_fragment_belongs_to_the_address() -> None:
    assert (
        binding_lines("License: https://o.example/r#x # ours")[0].value == "https://o.example/r#x"
    )


@given(st.text(alphabet="/a*b$", max_size=12), st.text(alphabet="/ab", max_size=12))
def test_a_pattern_fits_as_its_plain_reading_says(pattern: str, path: str) -> None:
    assert is_match(path, pattern) is (bool(pattern) and _reading(path, pattern))


def _reading(path: str, pattern: str) -> bool:
    """Read a pattern one character at a time; takes exponential time, so short ones only."""
    if not pattern:
        return True
    if pattern == "$":
        return not path
    if pattern[0] == "*":
        return any(_reading(path[start:], pattern[1:]) for start in range(len(path) + 1))
    return path[:1] == pattern[0] and _reading(path[1:], pattern[1:])


def test_every_protocol_is_read_and_named() -> None:
    signals = [
        header("tdm-reservation", "1"),
        header("content-usage", "train-ai=n"),
        robots("License: https://o.example/r\nUser-agent: *\nContent-Signal: search=yes"),
        meta("robots", "noarchive"),
    ]
    stated = read_preferences(signals, article_url=ARTICLE)
    assert [each.raw[0].protocol for each in stated] == [
        "tdmrep", "aipref", "content-signal", "rsl", "robots-meta",
    ]  # fmt: skip
    assert read_preferences([], article_url=None) == ()


FIELDS = [
    ("http", "link"), ("http", "tdm-reservation"), ("http", "x-robots-tag"),
    ("http", "content-usage"), ("html", "meta[name=robots]"),
    ("html", "script[type=application/rsl+xml]"), ("feed", "item/rsl:content"),
    ("robots", "robots.txt"), ("wellknown", "tdmrep.json"), ("rsl", "document"),
]  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.text(max_size=60)), max_size=6), st.text())
def test_no_value_breaks_the_readers(values: list[tuple[tuple[str, str], str]], url: str) -> None:
    signals = [RightsSignal(layer=layer, field=field, value=v) for (layer, field), v in values]
    assert len(read_preferences(signals, article_url=url)) <= 5


@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(robots("User-agent: *\n" + "License: x\n" * 50_000), id="robots lines"),
        pytest.param(robots("User-agent: a\n" * 40_000 + "License: x\n"), id="user agents"),
        pytest.param(robots("User-agent: *\n" * 20_000 + "License: x\n" * 30_000), id="both"),
        pytest.param(robots(" " * 600_000), id="spaces"),
        pytest.param(tdm_file("[" + '{"location":"/*a*b*c*d$"},' * 20_000 + "1]"), id="tdm rules"),
        pytest.param(header("x-robots-tag", "a:" * 500_000), id="robots header"),
        pytest.param(header("content-usage", "train-ai=" * 100_000), id="content usage"),
        pytest.param(RightsSignal(layer="rsl", field="document", value="<" * 1_000_000), id="rsl"),
    ],
)
def test_hostile_values_take_little_time(signal: RightsSignal) -> None:
    started = time.perf_counter()
    read_preferences([signal], article_url=ARTICLE)
    assert time.perf_counter() - started < 2.0
