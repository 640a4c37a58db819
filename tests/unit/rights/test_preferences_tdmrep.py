from __future__ import annotations

import json

import pytest
from preference_signals import ARTICLE, header, meta, tdm_file

from dateline.records import RightsSignal
from dateline.rights.signals.tdmrep import read_tdmrep

PREMIUM_FIRST = [
    {"location": "/premium/", "tdm-reservation": 0},
    {"location": "/news/*", "tdm-reservation": 1, "tdm-policy": "/tdm.json"},
    {"location": "/", "tdm-reservation": 0},
]


def reservation(*signals: RightsSignal, url: str | None = ARTICLE) -> bool | None:
    (stated,) = read_tdmrep(signals, article_url=url)
    return stated.tdm_reservation


def test_the_first_rule_that_fits_counts_with_its_policy() -> None:
    (stated,) = read_tdmrep([tdm_file(json.dumps(PREMIUM_FIRST))], article_url=ARTICLE)
    assert stated.tdm_reservation is True
    assert stated.tdm_policy_url == "https://post.example/tdm.json"


@pytest.mark.parametrize(
    ("location", "is_reserved"),
    [
        ("/", True),
        ("/news/*/mill", True),
        ("/news/open/mill$", None),
        ("/news/*page=2$", True),
        ("/NEWS/", None),
        ("", None),
        ("/%6eews/", True),
    ],
)
def test_a_location_is_a_prefix_with_stars_and_an_end(
    location: str, is_reserved: bool | None
) -> None:
    rules = json.dumps([{"location": location, "tdm-reservation": 1}])
    assert reservation(tdm_file(rules)) is is_reserved


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"location": "/", "tdm-reservation": 1}', id="no array"),
        pytest.param('[{"location": "/", "tdm-reservation": 2}]', id="neither 0 nor 1"),
        pytest.param('[{"location": "/", "tdm-reservation": true}]', id="a truth value"),
        pytest.param('[{"location": "/", "tdm-reservation": 1', id="broken"),
        pytest.param("[" * 100_000, id="nested"),
        pytest.param('[1, null, {"location": 7, "tdm-reservation": 1}]', id="wrong types"),
        pytest.param('[{"location":"/","tdm-reservation":7},{"location":"/","tdm-reservation":1}]',
                     id="only the first that fits is asked"),
    ],
)  # fmt: skip
def test_what_is_no_valid_file_states_nothing_and_is_kept(text: str) -> None:
    (stated,) = read_tdmrep([tdm_file(text)], article_url=ARTICLE)
    assert stated.tdm_reservation is None
    assert stated.raw[0].value == text


def test_of_an_unknown_address_only_the_whole_site_is_known() -> None:
    rules = '[{"location":"/news/","tdm-reservation":0},{"location":"/*","tdm-reservation":1}]'
    assert reservation(tdm_file(rules), url=None) is True


@pytest.mark.parametrize(("first", "second"), [("1", "0"), ("0", "1")])
def test_the_later_level_supersedes_even_if_looser(first: str, second: str) -> None:
    file = tdm_file(f'[{{"location":"/","tdm-reservation":{first}}}]')
    feed = RightsSignal(layer="feed", field="item/tdm:reservation", value=second)
    assert reservation(file, header("tdm-reservation", second)) is (second == "1")
    assert reservation(meta("tdm-reservation", second), header("tdm-reservation", first)) is (
        second == "1"
    )
    assert reservation(feed, file) is (second == "1")


def test_an_invalid_later_level_supersedes_nothing() -> None:
    assert reservation(header("tdm-reservation", "1"), meta("tdm-reservation", "maybe")) is True


def test_a_header_sent_with_both_values_reserves() -> None:
    assert reservation(header("tdm-reservation", "0, 1")) is True


def test_the_policy_is_that_of_the_level_that_counts() -> None:
    signals = [
        header("tdm-reservation", "1"),
        header("tdm-policy", "https://post.example/a"),
        meta("tdm-reservation", "1"),
    ]
    (stated,) = read_tdmrep(signals, article_url=ARTICLE)
    assert stated.tdm_policy_url is None
    (stated,) = read_tdmrep(signals[:2], article_url=ARTICLE)
    assert stated.tdm_policy_url == "https://post.example/a"
    bad = [header("tdm-reservation", "1"), header("tdm-policy", "javascript:alert(1)")]
    assert read_tdmrep(bad, article_url=ARTICLE)[0].tdm_policy_url is None


def test_nothing_stated_is_no_preference() -> None:
    assert read_tdmrep([meta("description", "1")], article_url=ARTICLE) == ()
