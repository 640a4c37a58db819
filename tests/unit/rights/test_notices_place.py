"""Where a notice stands, and whose words read it."""

from __future__ import annotations

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices
from dateline.rights.notices.language import lexicon_of
from dateline.rights.notices.place import PlacedBody, sentences_about

STORY = "The dam held. The ministers met on Saturday. They spoke about water. Rain is near."
JAPANESE = "ダムは持ちこたえた。大臣らは土曜日に会談した。水位は下がった。"
INDONESIAN = "Bendungan itu bertahan. Para menteri bertemu pada hari Sabtu dengan warga."
PERSIAN = "سد ماند. وزیران روز شنبه دیدار کردند. باران نزدیک است."
SWEDISH = "Dammen höll. Ministrarna möttes på lördagen. De talade om vattnet och regnet."
FRENCH = "Le barrage a tenu. Les ministres se sont réunis samedi. La pluie est proche."


def frames(body: str, language: str = "en") -> list[str]:
    return [each.frame for each in find_notices(body, REGISTRY, language=language)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"Text: CC BY 4.0 | Subscribe | Donate\n\n{STORY * 4}", id="links-behind"),
        pytest.param(
            f"{STORY}\n\nThe text is under CC BY 4.0. Subscribe | Donate\n\n{STORY * 4}",
            id="links-behind-a-sentence",
        ),
        pytest.param(f"{STORY}\nHome | Licence: CC BY 4.0\n{STORY * 4}", id="links-before"),
        pytest.param(f"Lakeside Wire. The text is under CC BY 4.0.\n{STORY * 4}", id="first-line"),
        pytest.param(f"{STORY}\nEditor's note:\nThis text is under CC BY 4.0.", id="editors-note"),
        pytest.param(f"{STORY}\nHow to republish:\nThis text is under CC BY 4.0.", id="heading"),
        pytest.param("OLMGATE - This story may be republished under CC BY 4.0.", id="dateline"),
    ],
)
def test_places_where_notices_stand(body: str) -> None:
    assert "grant_text" in frames(body)


@pytest.mark.parametrize(
    "body",
    [
        f"{STORY}\nThe note on the door read:\nThis text is under CC BY 4.0.",
        f"{STORY}\nA reader writes:\n> This text is under CC BY 4.0.",
        f"{STORY}\n> This text is under CC BY 4.0.",
    ],
)
def test_what_is_announced_as_anothers_is_quoted(body: str) -> None:
    assert frames(body) == ["quoted"]


@pytest.mark.parametrize(
    ("before", "sentence", "told", "expected"),
    [
        (JAPANESE, "This article is licensed under CC BY 4.0.", "ja", "en"),
        (JAPANESE, "© The Coral Society. Open access under CC BY 4.0.", "ja", "en"),
        (INDONESIAN, "Licensed under CC BY 4.0.", "id", "en"),
        (INDONESIAN, "Artikel ini dilisensikan dengan CC BY 4.0.", "id", "other"),
        (PERSIAN, "Photo by N. Roe, licensed CC BY 4.0.", "fa", "en"),
        (PERSIAN, "متن این خبر با مجوز CC BY 4.0 است.", None, "fa"),
        (FRENCH, "Photo by N. Roe, licensed under CC BY 4.0.", "fr", "en"),
        (FRENCH, "Textes sans copyright mais pas sans licence : CC BY 4.0.", "fr", "fr"),
        (SWEDISH, "Bild: N. Roe / CC BY 4.0", "sv", "other"),
        (STORY, "この記事は CC BY 4.0 です。", "en", "other"),
    ],
)
def test_a_statement_is_read_in_the_language_it_is_written_in(
    before: str, sentence: str, told: str | None, expected: str
) -> None:
    text = f"{before}\n\n{sentence}"
    named = REGISTRY.find(text)
    anchor = (named[0].start, named[0].end)
    body = PlacedBody(text, sentences_about(text, [anchor]))
    assert lexicon_of(body, anchor, named, told).language == expected


@pytest.mark.parametrize("language", ["fa", "ar", "ru", "ja"])
def test_latin_words_alone_are_not_read_in_another_script(language: str) -> None:
    text = "Lorem Ipsum Wire: CC BY 4.0"
    named = REGISTRY.find(text)
    anchor = (named[0].start, named[0].end)
    body = PlacedBody(text, sentences_about(text, [anchor]))
    assert lexicon_of(body, anchor, named, language).language not in ("fa", "ar", "ru")


def test_an_english_sentence_is_not_read_by_the_words_of_another_language() -> None:
    body = "The dam held. Rain is near.\nPlease cite as: Roe, N., Orchard Wire, 2026."
    assert frames(body) == []
