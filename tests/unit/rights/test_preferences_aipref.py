from __future__ import annotations

import time

import pytest
from preference_signals import ARTICLE, header, meta, robots

from dateline.records import RightsSignal
from dateline.rights.record import Preference
from dateline.rights.signals.aipref import read_aipref
from dateline.rights.signals.content_signal import read_content_signals

Answer = tuple[Preference | None, Preference | None, Preference | None]


def aipref(*signals: RightsSignal, url: str | None = ARTICLE) -> Answer:
    (stated,) = read_aipref(signals, article_url=url)
    return stated.ai_train, stated.ai_input, stated.search


def content_signal(*signals: RightsSignal) -> Answer:
    (stated,) = read_content_signals(signals, article_url=ARTICLE)
    return stated.ai_train, stated.ai_input, stated.search


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("train-ai=n, search=y", ("disallowed", None, "allowed")),
        ("ai-use=n", (None, "disallowed", None)),
        ("train-ai=y;exceptions=cc, colour=n", ("allowed", None, None)),
        ("TRAIN-AI=N", ("disallowed", None, None)),
        ("train-ai", (None, None, None)),
        ("train-ai=maybe", (None, None, None)),
        ("bots=n, search=y", ("disallowed", "disallowed", "allowed")),
        ("train-genai=n", ("disallowed", None, None)),
        ("train-genai=y", (None, None, None)),
        ("train-ai=y, train-genai=n", ("disallowed", None, None)),
        ("train-ai=y, train-ai=n", ("disallowed", None, None)),
    ],
)
def test_labels_say_what_the_drafts_say(value: str, expected: Answer) -> None:
    assert aipref(header("content-usage", value)) == expected


def test_unknown_labels_are_kept_as_stated() -> None:
    (stated,) = read_aipref([header("content-usage", "colour=n")], article_url=ARTICLE)
    assert (stated.raw[0].protocol, stated.raw[0].value) == ("aipref", "colour=n")


@pytest.mark.parametrize("order", [1, -1])
def test_the_longest_path_counts_whatever_the_order(order: int) -> None:
    lines = ["/ train-ai=n", "/news/ train-ai=n, search=n", "/news/open/ train-ai=y"][::order]
    text = "User-agent: *\n" + "".join(f"Content-Usage: {line}\n" for line in lines)
    assert aipref(robots(text)) == ("allowed", None, None)


@pytest.mark.parametrize("order", [1, -1])
def test_one_path_said_twice_is_combined_strictly(order: int) -> None:
    lines = ["/news/ train-ai=y", "/news/ train-ai=n, search=y"][::order]
    text = "User-agent: *\n" + "".join(f"Content-Usage: {line}\n" for line in lines)
    assert aipref(robots(text)) == ("disallowed", None, "allowed")


def test_of_all_statements_disallow_wins() -> None:
    text = "User-agent: *\nContent-Usage: train-ai=n\n"
    assert aipref(robots(text), header("content-usage", "train-ai=y, search=y")) == (
        "disallowed", None, "allowed",
    )  # fmt: skip
    assert aipref(meta("content-usage", "train-ai=y")) == ("allowed", None, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("User-agent: *\n{}: ai-train=no", "disallowed", id="everybody"),
        pytest.param("{}: ai-train=no\nUser-agent: *\nAllow: /", "disallowed", id="global"),
        pytest.param("User-agent: Dateline/1\n{}: ai-train=no", "disallowed", id="our name"),
        pytest.param("User-agent: GPTBot\nUser-agent: *\n{}: ai-train=no", "disallowed",
                     id="group of two"),
        pytest.param("User-agent: *\nAllow: /\nUser-agent: dateline\nAllow: /\nuser-agent: *\n"
                     "{}: ai-train=no", None, id="our group says nothing"),
        pytest.param("User-agent: GPTBot\n{}: ai-train=no\n", None, id="another robot"),
        pytest.param("User-agent: datelinebot\n{}: ai-train=no\n", None, id="a longer name"),
        pytest.param("User-agent: *\n# {}: ai-train=no\n", None, id="comment"),
        pytest.param("User-agent: *\n{}: ai-train=no # as agreed\n", "disallowed",
                     id="comment behind"),
        pytest.param("User-agent: *\n{}: /news/ ai-train=no", "disallowed", id="our path"),
        pytest.param("User-agent: *\n{}: /sport/ ai-train=no", None, id="another path"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", ["Content-Usage", "Content-Signal"])
def test_the_group_that_binds_us_counts(field: str, text: str, expected: Preference | None) -> None:
    read = read_aipref if field == "Content-Usage" else read_content_signals
    stated = read([robots(text.format(field))], article_url=ARTICLE)
    assert (stated[0].ai_train if stated else None) == expected


def test_of_an_unknown_address_the_lines_for_all_paths_count() -> None:
    text = "User-agent: *\nContent-Usage: /news/ train-ai=y\nContent-Usage: / train-ai=n\n"
    assert aipref(robots(text), url=None) == ("disallowed", None, None)


def test_content_signals_that_differ_are_taken_strictly() -> None:
    text = "User-agent: *\nContent-Signal: search=yes, ai-input=no, ai-train=no\n"
    assert content_signal(robots(text)) == ("disallowed", "disallowed", "allowed")
    assert content_signal(robots(text), header("content-signal", "ai-train=yes, search=no")) == (
        "disallowed", "disallowed", "disallowed",
    )  # fmt: skip
    assert content_signal(header("content-signal", "ai-train=yes")) == ("allowed", None, None)


def test_a_hostile_path_takes_no_time() -> None:
    text = "User-agent: *\n" + f"Content-Usage: /{'*a' * 900}b train-ai=n\n" * 60
    started = time.perf_counter()
    url = "https://post.example/" + "a" * 5000
    assert aipref(robots(text), url=url) == (None, None, None)
    assert time.perf_counter() - started < 2.0


def test_nothing_stated_is_no_preference() -> None:
    signals = [robots("User-agent: *\nDisallow: /admin/\n"), meta("robots", "noindex")]
    assert read_aipref(signals, article_url=ARTICLE) == ()
    assert read_content_signals(signals, article_url=ARTICLE) == ()
