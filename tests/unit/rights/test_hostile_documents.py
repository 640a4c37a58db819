"""Feeds, files of the host and texts made to stop us: no crash, no grant, bounded time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_everything import STORY, bounded, is_grant, rights_of, rights_of_feed

from dateline.records import RightsSignal

BY = "https://creativecommons.org/licenses/by/4.0/"
BOMB = (
    '<!DOCTYPE x [<!ENTITY a "CC BY 4.0 CC BY 4.0 CC BY 4.0 CC BY 4.0 CC BY 4.0">'
    + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + '<!ENTITY file SYSTEM "file:///etc/passwd">]>'
)
RSL = (
    '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>{}</license></content>'
    "</rsl>"
)


def feed(item: str, *, prolog: str = "") -> str:
    return (
        f'{prolog}<rss version="2.0" xmlns:cc="http://creativecommons.org/ns#" '
        'xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule" '
        'xmlns:media="http://search.yahoo.com/mrss/" xmlns:rsl="https://rslstandard.org/rsl">'
        f"<channel><title>Paper</title><item><title>Dredging</title><guid>1</guid>"
        f"<description>{STORY}</description>{item}</item></channel></rss>"
    )


def test_the_same_element_in_a_sound_feed_is_a_grant() -> None:
    """So that the tests below fail if feeds were not read at all."""
    item = f"<creativeCommons:license>{BY}</creativeCommons:license>"
    assert rights_of_feed(feed(item)).spdx_expression == "CC-BY-4.0"


@pytest.mark.parametrize(
    "xml",
    [
        feed("<cc:license>&i;</cc:license>", prolog=BOMB),
        feed("<creativeCommons:license>&file;</creativeCommons:license>", prolog=BOMB),
        feed(f"<media:content><media:license href='{BY}'>CC BY</media:license></media:content>"),
        feed(f"<x:license xmlns:x='urn:creativeCommons'>{BY}</x:license>"),
        feed("<creativeCommons:license>https://creativecommons.org.evil.example/licenses/by/4.0/"
             "</creativeCommons:license>"),
        feed(f"<link rel='license' type='application/rsl+xml' href='{BY}'/>"),
        feed("<rsl:content>" * 500 + BY),
        feed("<cc:license>" * 5_000 + BY),
    ],
)  # fmt: skip
def test_a_hostile_feed_grants_nothing(xml: str) -> None:
    with bounded():
        assert not is_grant(rights_of_feed(xml))


def test_ten_thousand_licences_of_one_item_are_read_in_bounded_time() -> None:
    item = f"<creativeCommons:license>{BY}</creativeCommons:license>" * 10_000
    with bounded():
        rights_of_feed(feed(item))


@pytest.mark.parametrize(
    "xml",
    [
        BOMB + RSL.format("<permits type='usage'>&i;</permits>"),
        BOMB + RSL.format("<standard>&file;</standard>"),
        RSL.format(f"<standard>{BY}</standard><payment type='free'/>"),
        RSL.format("<license>" * 20_000),
        RSL.format("<permits type='usage'>all</permits>" * 50_000),
        "<rsl" + " a='b'" * 100_000 + "/>",
        "\ud800<rsl>",
        "",
    ],
)
@pytest.mark.parametrize(
    ("layer", "field"),
    [
        ("rsl", "document"),
        ("html", "script[type=application/rsl+xml]"),
        ("feed", "item/rsl:content"),
    ],
)
def test_a_hostile_rsl_document_grants_nothing(layer: str, field: str, xml: str) -> None:
    with bounded():
        assert not is_grant(rights_of(STORY, RightsSignal(layer=layer, field=field, value=xml)))


@pytest.mark.parametrize(
    ("layer", "field", "value"),
    [
        ("wellknown", "tdmrep.json", "[" * 100_000),
        ("wellknown", "tdmrep.json", json.dumps([{"location": "/" + "*" * 2_000 + "x"}])),
        ("wellknown", "tdmrep.json", json.dumps([{"location": "*" * 40}] * 5_000)),
        ("robots", "robots.txt", "User-agent: *\n" + f"License: {BY}\n" * 20_000),
        ("robots", "robots.txt", "Content-Usage: /" + "*" * 5_000 + "x train-ai=y\n"),
        ("robots", "robots.txt", "Content-Signal: " + "search=yes, " * 50_000),
        ("http", "link", f'<{BY[:-4]}>; rel="license' + '" ' * 100_000),
        ("http", "content-usage", "train-ai=y, " * 50_000),
        ("http", "x-robots-tag", "max-snippet:" * 50_000),
        ("html", "meta[name=robots]", "max-snippet:" + "9" * 100_000),
        ("ninjs", "usageterms", "under CC " * 100_000),
        ("ninjs", "rightsinfo.encodedrights", "<o:Policy>" * 50_000),
        ("ninjs", "rightsinfo.encodedrights", '{"permission":' * 50_000),
        ("jsonld", "script[type=application/ld+json]", '{"license":' * 50_000),
        ("unheard of", "field", f"This article is licensed under {BY}"),
    ],
)  # fmt: skip
def test_a_hostile_value_is_read_in_bounded_time_and_grants_nothing(layer, field, value) -> None:
    with bounded():
        assert not is_grant(rights_of(STORY, RightsSignal(layer=layer, field=field, value=value)))


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("word " * 2_000_000, id="ten-megabytes"),
        pytest.param("CC BY " * 100_000, id="names"),
        pytest.param("Creative Commons Attribution " * 50_000, id="elements"),
        pytest.param("c\u00adc\u200b " * 300_000, id="invisible-signs"),
        pytest.param("https://creativecommons.org/licenses/by/4.0/ " * 20_000, id="addresses"),
        pytest.param("://" * 1_000_000 + "cc by 4.0", id="schemes"),
        pytest.param("(" * 1_000_000, id="brackets"),
        pytest.param("\u201c" * 500_000 + "This article is licensed under CC BY 4.0.", id="quotes"),
        pytest.param("\u202e" * 500_000, id="right-to-left"),
        pytest.param("\n" * 1_000_000, id="lines"),
        pytest.param("This article is not licensed under CC BY 4.0. " * 10_000, id="denials"),
    ],
)
def test_a_huge_body_is_read_in_bounded_time_and_grants_nothing(body: str) -> None:
    with bounded():
        assert not is_grant(rights_of(body))


@given(
    st.lists(
        st.builds(
            RightsSignal,
            layer=st.sampled_from(["html", "http", "jsonld", "feed", "ninjs", "robots", "wellknown",
                                   "rsl", "json", "newsml_g2"]),
            field=st.sampled_from(["link", "document", "robots.txt", "tdmrep.json", "usageterms",
                                   "item/creativeCommons:license", "link[rel=license]@head",
                                   "a[rel=license]@footer", "meta[name=copyright]",
                                   "channel/copyright",
                                   "script[type=application/ld+json]", "hidden-text", "x", ""]),
            value=st.text(max_size=60) | st.sampled_from([BY[:-4], "[]", "{}", "<rsl/>", "\n\n"]),
        ),
        max_size=4,
    ),
    st.text(max_size=60),
)  # fmt: skip
def test_any_signals_are_read_without_an_error_or_a_grant(signals, body: str) -> None:
    assert not is_grant(rights_of(body, *signals))
