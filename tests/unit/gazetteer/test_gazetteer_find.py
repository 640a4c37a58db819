from __future__ import annotations

import itertools
import random
import time
from pathlib import Path

import pytest

from dateline.gazetteer.find import Gazetteer


def found(gazetteer: Gazetteer, text: str, language: str = "en") -> list[str]:
    return [span.name for span in gazetteer.find(text, language=language)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("Iranians left Iran.", ["Iranians", "Iran"], id="whole-words"),
        pytest.param("He told us that US troops left.", ["US"], id="acronym-in-capitals"),
        pytest.param("who? The WHO.", ["WHO"], id="word-or-acronym"),
        pytest.param("US-led talks in non-Iranian hands", ["US", "Iranian"], id="hyphens"),
        pytest.param("Qatar's capital, Doha", ["Qatar", "Doha"], id="possessive"),
        pytest.param("the UN Security Council met", ["UN Security Council"], id="longest"),
        pytest.param("TEHRAN, Nov. 3 (MNA)", ["TEHRAN", "MNA"], id="capitals"),
        pytest.param("in Guinea-Bissau and Guinea", ["Guinea-Bissau", "Guinea"], id="country-pair"),
        pytest.param("Newcastle-under-Lyme", [], id="hyphenated-name"),
        pytest.param("xIran IranX Iran_ 9Iran", [], id="inside-words"),
        pytest.param("🇮🇷 Iran 🎉 قطر Qatar", ["Iran", "Qatar"], id="emoji-and-right-to-left"),
        pytest.param("", [], id="empty"),
    ],
)
def test_find_returns_whole_names_only(gazetteer: Gazetteer, text: str, names: list[str]) -> None:
    assert found(gazetteer, text) == names


def test_find_returns_offsets_of_the_text(gazetteer: Gazetteer) -> None:
    text = "🎉 In Doha, the IAEA said."
    assert all(text[s.start : s.end] == s.name for s in gazetteer.find(text))
    assert [(s.start, s.end) for s in gazetteer.find(text)] == [(5, 9), (15, 19)]


@pytest.mark.parametrize(
    ("language", "text", "qid"),
    [("de", "aus Katar", "Q846"), ("fr", "en Allemagne", "Q183"), ("ar", "في قطر اليوم", "Q846"),
     ("fa", "در ایران", "Q794"), ("ru", "Катар и Иран", "Q846")],
)  # fmt: skip
def test_find_knows_countries_in_the_language_of_the_text(
    gazetteer: Gazetteer, language: str, text: str, qid: str
) -> None:
    spans = gazetteer.find(text, language=language)
    assert spans[0].entries[0].row.qid == qid


def test_find_leaves_names_of_other_languages(gazetteer: Gazetteer) -> None:
    # "Island" is Iceland in German.
    assert found(gazetteer, "An Island in the sea") == []
    assert found(gazetteer, "Eine Reise nach Island", "de") == ["Island"]


def test_line_of_capitals_has_no_short_acronyms(gazetteer: Gazetteer) -> None:
    assert found(gazetteer, "WHO IS NEXT, ASKS US SENATOR IN TEHRAN") == ["TEHRAN"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 1_000_000, id="no-spaces"),
        pytest.param("Iran " * 200_000, id="one-name-200000-times"),
        pytest.param("🎉" * 1_000_000, id="emoji"),
        pytest.param("قطر" * 300_000, id="right-to-left"),
        pytest.param("US" * 500_000, id="acronym-without-end"),
        pytest.param("US " * 300_000, id="acronyms"),
    ],
)
def test_time_to_find_is_bounded(gazetteer: Gazetteer, text: str) -> None:
    start = time.perf_counter()
    spans = gazetteer.find(text)
    assert time.perf_counter() - start < 20
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_any_text_gives_names_in_order(gazetteer: Gazetteer) -> None:
    pieces = [
        "Iran",
        "US",
        "-",
        " ",
        "'",
        "’s",
        ", ",
        "(AP)",
        "New York",
        "é",
        "\n",
        "x",
        "🎉",
        "ا",
    ]
    generator = random.Random(20261123)  # noqa: S311  # no secret
    for _ in range(500):
        text = "".join(generator.choices(pieces, k=30))
        spans = gazetteer.find(text)
        assert all(text[s.start : s.end] == s.name for s in spans)
        assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_seeds_name_their_countries_and_bodies(gazetteer: Gazetteer) -> None:
    seeds = sorted((Path(__file__).parents[3] / "seeds").glob("*.txt"))
    spans = [gazetteer.find(each.read_text(encoding="utf-8")) for each in seeds]
    rows = [{entry.row.row_id for span in found for entry in span.entries} for found in spans]
    iran, qatar, usa, jcpoa = (
        "Q794",
        "Q846",
        "Q30",
        "organisation:Joint Comprehensive Plan of Action",
    )
    assert len(rows) == 2
    assert all({iran, qatar, usa, jcpoa} <= each for each in rows)
    assert all("Kani" not in {span.name for span in found} for found in spans)
