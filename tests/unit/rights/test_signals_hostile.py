from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import REGISTRY
from signals_beside import ARTICLE, BY, GRANTS, html, jsonld

from dateline.ids import text_sha256
from dateline.records import RightsSignal
from dateline.rights.signals import read_signals
from dateline.rights.statement import RANK_NOTHING

FIELDS = {
    "html": [
        "a[rel=license]@article", "a[href]@footer", "[class*=copyright]@footer", "hidden-text",
        "meta[name=copyright]", "[itemprop=license]@article", "[rel=cc:license]@body", "@", "[[[",
    ],
    "jsonld": ["script[type=application/ld+json]"],
    "http": ["link", "license", "copyright"],
    "feed": ["item/cc:license", "entry/link[@rel=license]", "item/media:license", "/", ""],
    "ninjs": ["rightsinfo.encodedrights", "associations[a].usageterms", "usageterms"],
    "newsml_g2": ["rightsInfo[idrefs=x].link", "rightsInfo.rightsExpressionXML"],
    "elsewhere": ["license"],
}  # fmt: skip
PIECES = st.sampled_from(
    [BY, "CC BY 4.0", "\n", "about=", "itemtype=https://schema.org/Article", "Photo", "{", '"', "<",
     '{"@type":"Article","license":', "All rights reserved", "licensed under", "\u202e", "\ud800"]
)  # fmt: skip
VALUES = st.lists(PIECES | st.text(max_size=10), max_size=12).map("".join)
SIGNALS = st.sampled_from([(layer, field) for layer, names in FIELDS.items() for field in names])


@given(st.lists(st.tuples(SIGNALS, VALUES), max_size=6), st.sampled_from([ARTICLE, None, "x:"]))
def test_any_value_is_read_with_exact_offsets_and_without_an_error(
    given_signals: list[tuple[tuple[str, str], str]], url: str | None
) -> None:
    signals = [RightsSignal(layer=a, field=b, value=value) for (a, b), value in given_signals]
    values = {text_sha256(signal.value): signal.value for signal in signals}
    for found in read_signals(signals, REGISTRY, article_url=url).statements:
        assert values[found.value_sha256][found.start : found.end] == found.quote
        if found.frame in GRANTS:
            assert found.license is not None
            assert found.rank > RANK_NOTHING


@given(st.text(alphabet=st.characters(blacklist_characters="{}"), max_size=60))
def test_a_link_to_anywhere_else_grants_nothing(target: str) -> None:
    signals = [html("a[rel=license]@article", target.replace("\n", "")), html("meta[name=license]")]
    found = read_signals(signals, REGISTRY, article_url=ARTICLE).statements
    assert [s for s in found if s.frame in GRANTS] == []


@pytest.mark.parametrize(
    "value",
    [
        "[" * 1_000_000,
        json.dumps({"@type": "Article", "license": ["x"] * 100_000}),
        '{"a":' * 500 + "{}" + "}" * 500,
        json.dumps({"@type": "Article", "image": [{"license": BY, "url": "a"}] * 5000}),
    ],
    ids=["brackets", "many values", "deep", "many nodes"],
)
def test_hostile_json_is_read_in_time(value: str) -> None:
    started = time.process_time()
    read_signals([jsonld(value)], REGISTRY, article_url=ARTICLE)
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    "value", [f"{BY}\n" * 20_000, "(c) " * 200_000, f"{BY}\nCC BY\n" + "All content " * 50_000]
)
def test_hostile_prose_is_read_in_time(value: str) -> None:
    fields = ("a[rel=license]@footer", "[class*=copyright]@footer", "meta[name=copyright]")
    started = time.process_time()
    read_signals([html(field, value) for field in fields], REGISTRY, article_url=ARTICLE)
    assert time.process_time() - started < 2
