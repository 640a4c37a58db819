from __future__ import annotations

from datetime import UTC, datetime

import pytest
from preference_signals import header, meta

from dateline.records import RightsSignal
from dateline.rights.signals.robots_meta import read_robots_access, read_robots_meta
from dateline.rights.statement import StatedPreference


def read(*signals: RightsSignal) -> StatedPreference:
    (stated,) = read_robots_meta(signals)
    return stated


@pytest.mark.parametrize(
    ("value", "limit", "is_nosnippet"),
    [
        ("max-snippet:120", 120, False),
        ("index, max-snippet: 50, max-image-preview:large", 50, False),
        ("max-snippet:-1", None, False),
        ("max-snippet:50, max-snippet:-1, max-snippet:200", 50, False),
        ("max-snippet:0", 0, False),
        ("nosnippet, max-snippet:120", 0, True),
        ("MAX-SNIPPET:7", 7, False),
        ("max-snippet:many", None, False),
    ],
)
def test_a_snippet_is_as_long_as_the_strictest_rule(
    value: str, limit: int | None, is_nosnippet: bool
) -> None:
    stated = read(meta("robots", value))
    assert (stated.snippet_max_chars, stated.is_nosnippet) == (limit, is_nosnippet)


def test_header_and_meta_together_are_strict() -> None:
    stated = read(header("x-robots-tag", "max-snippet:200, noarchive"), meta("robots", "none"))
    assert (stated.snippet_max_chars, stated.noarchive, stated.noindex) == (200, True, True)


@pytest.mark.parametrize(
    ("value", "noindex"),
    [
        ("noindex", True),
        ("dateline: noindex", True),
        ("Dateline/2.1: NoIndex", True),
        ("*: noindex", True),
        ("googlebot: noindex", False),
        ("googlebot: noindex\notherbot: noindex", False),
        ("googlebot: nosnippet\nnoindex", True),
        ("noindex, googlebot: nosnippet", True),
        ("googlebot: nosnippet, dateline: noindex", True),
        ("max-snippet:5, noindex", True),
        ("googlebot: max-snippet: 5, otherbot: noindex", False),
    ],
)
def test_rules_that_name_another_robot_do_not_bind(value: str, noindex: bool) -> None:
    stated = read(header("x-robots-tag", value))
    assert (stated.noindex, stated.raw[0].value) == (noindex, value)


@pytest.mark.parametrize(
    ("value", "limit", "is_nosnippet", "noarchive"),
    [
        ("googlebot: noarchive, otherbot: max-snippet:50, nosnippet", 0, True, False),
        ("otherbot: nosnippet, max-snippet:50", 50, False, False),
        ("otherbot: max-snippet:0, dateline: max-snippet:50, noarchive", 50, False, True),
        ("noarchive, otherbot: nosnippet", None, False, True),
    ],
)
def test_a_rule_without_a_name_behind_one_of_another_robot_binds(
    value: str, limit: int | None, is_nosnippet: bool, noarchive: bool
) -> None:
    """It is the other robot's in one header, and everybody's in two that were joined."""
    stated = read(header("x-robots-tag", value))
    assert (stated.snippet_max_chars, stated.is_nosnippet, stated.noarchive) == (
        limit,
        is_nosnippet,
        noarchive,
    )


@pytest.mark.parametrize("robot", ["googlebot", "googlebot-news", "bingbot"])
def test_a_meta_element_of_another_robot_is_kept_and_does_not_bind(robot: str) -> None:
    stated = read(meta(robot, "nosnippet, noarchive"))
    assert (stated.is_nosnippet, stated.noarchive) == (False, False)
    assert stated.raw[0].field == f"meta[name={robot}]"


def test_noai_is_taken_as_it_says_and_noimageai_kept() -> None:
    assert read(meta("robots", "noai, noimageai")).ai_train == "disallowed"
    stated = read(meta("robots", "noimageai"))
    assert (stated.ai_train, stated.raw[0].value) == (None, "noimageai")


def test_passages_that_no_snippet_may_show_are_kept() -> None:
    passages = [
        RightsSignal(layer="html", field="data-nosnippet", value=text) for text in ("one", "two")
    ]
    stated = read(*passages)
    assert (stated.nosnippet_texts, stated.is_nosnippet) == (("one", "two"), False)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("unavailable_after: 25 Jun 2030 15:00:00 PST", datetime(2030, 6, 25, 23, tzinfo=UTC)),
        ("noarchive, unavailable_after: Tue, 25 Jun 2030 15:00:00 GMT, noindex",
         datetime(2030, 6, 25, 15, tzinfo=UTC)),
        ("unavailable_after: 2030-06-25", datetime(2030, 6, 25, tzinfo=UTC)),
        ("unavailable_after: 2030-06-25T15:00:00+02:00", datetime(2030, 6, 25, 13, tzinfo=UTC)),
        ("unavailable_after: tomorrow", None),
        ("googlebot: unavailable_after: 2030-06-25", None),
        ("googlebot: unavailable_after: Tue, 25 Jun 2030 15:00:00 GMT", None),
        ("googlebot: unavailable_after: 2030-01-01, unavailable_after: 2031-01-01",
         datetime(2031, 1, 1, tzinfo=UTC)),
        ("otherbot: noindex, Unavailable_After: Tuesday, 25-Jun-30 15:00:00 GMT",
         datetime(2030, 6, 25, 15, tzinfo=UTC)),
        ("noindex", None),
    ],
)  # fmt: skip
def test_a_page_says_when_it_is_over(value: str, expected: datetime | None) -> None:
    found = read_robots_access([header("x-robots-tag", value)])
    assert (found[0].expires_at if found else None) == expected


def test_a_date_that_is_a_word_takes_no_rule_with_it() -> None:
    assert read(header("x-robots-tag", "unavailable_after: tomorrow, noindex")).noindex


def test_the_earliest_end_counts() -> None:
    signals = [
        meta("robots", "unavailable_after: 2031-01-01"),
        header("x-robots-tag", "unavailable_after: 2030-01-01"),
    ]
    assert read_robots_access(signals)[0].expires_at == datetime(2030, 1, 1, tzinfo=UTC)


def test_no_rules_are_no_preference() -> None:
    assert read_robots_meta([header("tdm-reservation", "1"), meta("copyright", "noindex")]) == ()
