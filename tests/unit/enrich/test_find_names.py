"""Names of a text: what a model saw, mended, and what only the gazetteer knows."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dateline.document_records import EntityType
from dateline.errors import ConfigError
from dateline.ids import entity_id
from dateline.records import Mention
from dateline.rights.sentences import split_sentences
from dateline.settings import PROJECT_DIR
from processors.enrich.entry import check_models
from processors.enrich.find_names import MAX_MENTIONS, FoundNames, load_name_finder

CONFIG = PROJECT_DIR / "config"
FINDER = load_name_finder(CONFIG / "gazetteer")


def seen(text: str, name: str, entity_type: EntityType, label: str = "ORG") -> Mention:
    start = text.index(name)
    return Mention(
        text=name, label=label, entity_type=entity_type, entity_id=entity_id(entity_type, name),
        start=start, end=start + len(name), sentence_start=0, sentence_end=len(text),
        detector="model@1",
    )  # fmt: skip


def find(text: str, *mentions: Mention, language: str = "en", story_start: int = 0) -> FoundNames:
    return FINDER.find(
        mentions, text, split_sentences(text), language=language, story_start=story_start
    )


def test_names_that_the_model_missed_are_added_with_their_sentence() -> None:
    text = "It rained. Ada Brook met the IAEA in Vienna."

    found = find(text, seen(text, "Ada Brook", "person", "PERSON"))

    assert [(m.text, m.label, m.entity_type) for m in found.mentions] == [
        ("Ada Brook", "PERSON", "person"),
        ("IAEA", "ORG", "organization"),
        ("Vienna", "GPE", "place"),
    ]
    added = found.mentions[1]
    assert re.fullmatch(r"gazetteer@[0-9a-f]{8}", added.detector)
    assert text[added.sentence_start : added.sentence_end] == "Ada Brook met the IAEA in Vienna."
    assert found.mentions[0].detector == "model@1"
    assert [link.qid for link in found.links] == [None, "Q41984", "Q1741"]


def test_type_that_the_model_got_wrong_is_mended_and_its_label_kept() -> None:
    text = "Then Hezbollah answered."

    (mention,) = find(text, seen(text, "Hezbollah", "place", "GPE")).mentions

    assert (mention.entity_type, mention.label) == ("organization", "GPE")
    assert mention.entity_id == entity_id("organization", "Hezbollah")


def test_body_of_a_state_is_one_name() -> None:
    text = "The Qatari foreign ministry answered."

    (mention,) = find(text, seen(text, "Qatari", "group", "NORP")).mentions

    assert (mention.text, mention.entity_type) == ("Qatari foreign ministry", "organization")


def test_name_inside_an_amount_is_none_and_a_date_inside_a_name_is_none() -> None:
    amount = "It paid US$5 million."
    deal = "They spoke of the 2015 nuclear deal."

    paid = find(amount, seen(amount, "US$5 million", "quantity", "MONEY")).mentions
    spoken = find(deal, seen(deal, "2015", "date", "DATE")).mentions

    assert [m.text for m in paid] == ["US$5 million"]
    assert [(m.text, m.entity_type) for m in spoken] == [("2015 nuclear deal", "law")]


def test_of_names_that_overlap_the_longest_stays() -> None:
    text = "They spoke of the May 2015 nuclear deal."

    (mention,) = find(text, seen(text, "May 2015", "date", "DATE")).mentions

    assert mention.text == "2015 nuclear deal"


def test_of_a_dateline_the_place_counts_and_the_agency_does_not() -> None:
    text = "TEHRAN (Reuters) - It rained in Vienna, Reuters reported."

    found = find(text, story_start=text.index("It rained"))

    assert [(m.text, m.start) for m in found.mentions] == [
        ("TEHRAN", 0), ("Vienna", text.index("Vienna")), ("Reuters", text.rindex("Reuters")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "qids"),
    [
        ("de", "Olaf Scholz reiste nach Katar und Polen.", ["Q61053", "Q846", "Q36"]),
        ("ar", "وأكدت قطر دعمها للمفاوضات بين إيران و عمان.", ["Q846", "Q794"]),
        ("und", "NATO 1 2 3", ["Q7184"]),
    ],
)
def test_languages_without_a_model_have_the_names_of_the_gazetteer(
    language: str, text: str, qids: list[str]
) -> None:
    assert [link.qid for link in find(text, language=language).links][: len(qids)] == qids


def test_thousands_of_mentions_are_cut_and_counted() -> None:
    text = "Qatar, Iran. " * MAX_MENTIONS

    found = find(text)

    assert len(found.mentions) == len(found.links) == MAX_MENTIONS
    assert found.left_out == MAX_MENTIONS
    assert found.mentions[-1].end < len(text) // 2


PIECES = ["Qatar", "Qatari", "foreign ministry", "US$5", "2015", "nuclear deal", "IAEA", ",",
          "Ada Brook", "Tehran", "\n", "الدوحة", "\N{GRINNING FACE}", "U.S.", "Paris"]  # fmt: skip
TYPES: list[EntityType] = ["person", "place", "organization", "group", "date", "quantity"]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(PIECES), st.sampled_from([None, *TYPES])), max_size=30),
       st.sampled_from(["en", "fr", "ar", "xx"]))  # fmt: skip
def test_names_of_any_text_are_sorted_and_apart(
    pieces: list[tuple[str, EntityType | None]], language: str
) -> None:
    text, mentions = "", []
    for piece, entity_type in pieces:
        if entity_type:
            mentions.append(seen(text + piece, piece, entity_type))
            mentions[-1] = _at(mentions[-1], len(text))
        text += f"{piece} "

    found = find(text, *mentions, language=language)

    assert len(found.links) == len(found.mentions)
    assert all(m.text == text[m.start : m.end] for m in found.mentions)
    assert all(m.sentence_start <= m.start < m.end <= m.sentence_end for m in found.mentions)
    ends = [0, *(m.end for m in found.mentions)]
    assert all(end <= m.start for end, m in zip(ends, found.mentions, strict=False))
    assert [(link.start, link.end) for link in found.links] == [
        (m.start, m.end) for m in found.mentions
    ]


def _at(mention: Mention, start: int) -> Mention:
    end = start + len(mention.text)
    return Mention(
        text=mention.text, label=mention.label, entity_type=mention.entity_type,
        entity_id=mention.entity_id, start=start, end=end, sentence_start=start, sentence_end=end,
        detector=mention.detector,
    )  # fmt: skip


@pytest.fixture
def config(tmp_path: Path) -> Path:
    shutil.copytree(CONFIG / "gazetteer", tmp_path / "gazetteer")
    return tmp_path


def test_version_is_that_of_the_rows(config: Path) -> None:
    folder = config / "gazetteer"
    assert load_name_finder(folder).detector == FINDER.detector

    with (folder / "people.toml").open("a", encoding="utf-8") as file:
        file.write("\n# one line more\n")

    assert load_name_finder(folder).detector != FINDER.detector


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("people.toml", "[broken"),
        ("people.toml", '[politics]\n"Ada Brook" = {colour = "red"}\n'),
        ("city_names.toml", "[names]\n"),
        ("cities.tsv", "head\nonly\tthree\tcells\n"),
        ("countries.tsv", "head\nqa\tQ846\t\tDoha\tno json\n"),
        ("countries.tsv", b"\xff\xfe"),
        ("offices.toml", None),
        ("titles.toml", None),
        ("titles.toml", "[broken"),
        ("quotation_verbs.toml", "[broken"),
    ],
)
def test_broken_gazetteer_stops_the_stage_at_its_start(
    config: Path, file: str, content: str | bytes | None
) -> None:
    path = config / "gazetteer" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    with pytest.raises(ConfigError, match=f"gazetteer .*{file}|gazetteer .*gazetteer"):
        check_models({}, config)


def test_missing_gazetteer_stops_the_stage_at_its_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gazetteer .*No such file"):
        check_models({}, tmp_path)


def test_whole_gazetteer_passes(config: Path) -> None:
    check_models({}, config)
