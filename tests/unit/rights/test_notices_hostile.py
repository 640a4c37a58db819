"""Hostile text: linear time, no exception, exact offsets, and no grant by trickery."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices, read_notice

MEHR = "All Content by Mehr is licensed under CC BY 4.0."


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("All content by " * 100_000, id="subjects"),
        pytest.param(f"{MEHR} " * 20_000, id="notices"),
        pytest.param(f"{MEHR}\n" * 20_000, id="lines"),
        pytest.param("creative commons " * 60_000, id="names"),
        pytest.param("creative \n" * 100_000, id="half-names"),
        pytest.param("CC BY" + " " * 1_000_000 + "CC BY 4.0", id="spaces"),
        pytest.param("\n   " * 250_000 + "CC BY 4.0.", id="blank-lines"),
        pytest.param('"' * 999_000 + " CC BY 4.0. " * 150, id="quotes"),
        pytest.param("“" + f"{MEHR} " * 20_000, id="quotation-never-closed"),
        pytest.param("© 2024 A" + " A" * 500_000 + ". CC BY 4.0", id="licensors"),
        pytest.param("https://creativecommons.org/licenses/by/" * 25_000, id="addresses"),
        pytest.param("creativecommons.org/licenses/" + "-" * 1_000_000, id="long-code"),
        pytest.param(
            "This article is " + "very " * 200_000 + "licensed under CC BY 4.0.", id="line"
        ),
        pytest.param("\u202e\u200f" * 300_000 + "CC BY 4.0", id="bidi"),
        pytest.param("\u00ad".join(MEHR) * 5_000, id="soft-hyphens"),
        pytest.param("copying " * 130_000 + "is forbidden.", id="copying"),
        pytest.param(" | ".join([MEHR] * 20_000), id="pipes"),
        pytest.param(f"{MEHR} |   a" + " |   a" * 120 + "." + f"\n{MEHR}" * 9_000, id="links"),
        pytest.param("(" * 50_000 + MEHR + ")" * 50_000 + f" ({MEHR})" * 5_000, id="brackets"),
        pytest.param("Is it ours? Yes. It is CC BY 4.0. " * 20_000, id="questions"),
        pytest.param("Creative Commons License\n" * 20_000, id="headings"),
    ],
)
def test_a_hostile_text_takes_linear_time_and_grants_nothing(body: str) -> None:
    began = time.process_time()
    found = find_notices(body, REGISTRY)
    assert time.process_time() - began < 5
    assert all(each.frame in ("mention", "quoted") for each in found)
    assert len(found) <= 40
    assert all(len(each.quote) <= 500 for each in found)


def test_ten_megabytes_of_story_keep_their_notice() -> None:
    body = "The dam held. The ministers met. " * 320_000 + MEHR
    began = time.process_time()
    (found,) = find_notices(body, REGISTRY)
    assert time.process_time() - began < 10
    assert (found.frame, found.start, found.quote) == ("grant_text", len(body) - len(MEHR), MEHR)


PIECES = st.sampled_from(
    [
        "This article", "All content by Mehr", " is licensed under ", "CC BY 4.0", "CC BY-NC 4.0",
        "Creative Commons", "All rights reserved", ". ", "\n", "\n\n", "“", "”", '"', "«", "»", "(",
        ")", " not ", "Photo: N. Roe", "©", " | ", "Comments (2)", "Dieser Text steht unter ",
        "Cet article est sous licence ", "این گزارش با مجوز ", "\u202e", "\u200c",
        "\u00ad", "İ", "ß",
        "https://creativecommons.org/licenses/by/4.0/", "?", ": ", "; ", "\r\n", "\t", "\x1a",
        "Rain is near. ", "無断転載を禁じます", "\U0001f600", "[", "]", "（", "）",
        "{", "▲ ", "OLMGATE - ", "Licence: ", "Yes. ", "2. ", "> ", "• ", "。", "」と", "It is ",
        "may be republished", "Creative Commons License\n", "| Donate", "Words: Ada Fenn. ",
        "\u2028", "\x85",
    ]
)  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=12), max_size=14).map("".join))
def test_any_text_is_read_with_exact_ordered_offsets(body: str) -> None:
    end = 0
    for each in find_notices(body, REGISTRY):
        assert end <= each.start < each.end <= len(body)
        assert each.quote == body[each.start : each.end] == each.quote.strip()
        assert each.license is not None or each.frame not in ("grant_text", "grant_media")
        end = each.end
    assert all(each.quote in body for each in read_notice(body, REGISTRY))


@given(st.lists(PIECES, max_size=8).map("".join))
def test_a_text_is_read_the_same_twice(body: str) -> None:
    assert find_notices(body, REGISTRY) == find_notices(body, REGISTRY)


@given(st.text(alphabet="“”„«»‘’\"'", min_size=1, max_size=6))
def test_a_notice_inside_open_curly_quotation_marks_grants_nothing(marks: str) -> None:
    body = f"She read it out: “We share. {MEHR} Take it.” {marks}"
    assert all(each.frame != "grant_text" for each in find_notices(body, REGISTRY))
