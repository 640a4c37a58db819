from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dateline.errors import ArticleInvalid
from dateline.ids import article_id, content_sha256
from dateline.records import RawArticle
from processors.enrich.build_mentions import build_mentions
from processors.enrich.clean_text import to_body_span
from processors.enrich.copy_signature import sign_text
from processors.enrich.document_entities.find_entities import MAX_ENTITIES
from processors.enrich.enrich_article import PIPELINE_VERSION, assemble, prepare
from processors.enrich.find_names import FoundNames
from processors.enrich.rights_reader import load_rights_reader

ROOT = Path(__file__).resolve().parents[3]
READER = load_rights_reader(ROOT / "config")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
NOTICE = "This article is licensed under CC BY 4.0."


def _article(body: str, **given: object) -> RawArticle:
    article = RawArticle(
        article_id=article_id("orchard", "1"),
        source_id="orchard",
        key="1",
        content_sha256=content_sha256(title=None, summary=None, body=body),
        body=body,
        media_type="text/plain",
        origin="live",
        observed_at=NOW,
        updated_at=NOW,
    )
    return dataclasses.replace(article, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "ner_start", "title", "last_words", "notice"),
    [
        pytest.param(
            "000_028804fa6c569b56.txt",
            9,
            "Iran's Deputy Foreign Minister for Political Affairs Ali Bagheri Kani held a meeting"
            " with Qatar's Deputy…",
            "it has played host to a round of talks.",
            (4587, 4694),
            id="en-dash",
        ),
        pytest.param(
            "002_8ed5c32099a933e7.txt",
            8,
            "A Qatari Foreign Ministry delegation headed by the country's Deputy Foreign Minister"
            " for Regional Affairs…",
            "U.S. nuclear negotiators in late June.",
            (2056, 2163),
            id="em-dash",
        ),
    ],
)
def test_prepare_reads_the_seeds(
    name: str, ner_start: int, title: str, last_words: str, notice: tuple[int, int]
) -> None:
    body = (ROOT / "seeds" / name).read_bytes().decode()
    prepared = prepare(_article(body), READER)
    assert prepared.dateline is not None
    assert prepared.dateline.place == "Tehran"
    assert prepared.dateline.agency is None
    assert prepared.ner_start == prepared.dateline.end == ner_start
    assert prepared.title == title
    assert prepared.is_title_derived
    assert prepared.is_summary_derived
    assert prepared.summary.startswith(title[:-1])
    assert len(prepared.summary) <= 300
    assert prepared.language.code == "en"
    assert prepared.language.confidence > 0.99
    assert prepared.rights.status == "granted"
    assert [(e.start, e.end) for e in prepared.rights.evidence] == [notice]
    assert prepared.text.endswith(last_words)
    assert "Creative Commons" not in prepared.text
    assert "Mehr" not in prepared.text
    assert to_body_span(prepared.offsets, 0, 6) == (0, 6)
    start, end = to_body_span(prepared.offsets, len(prepared.text) - 5, len(prepared.text))
    assert body[start:end] == prepared.text[-5:]


def test_prepare_keeps_what_the_source_gave() -> None:
    article = _article(
        f"DOHA – The dam held. It rained. {NOTICE}",
        title=" The ‘dam’\nheld ",
        summary="Short.",
        url="https://news.example/1",
        authors=("Jane  Roe",),
        publisher="Orchard Wire",
        language="en-GB",
    )
    prepared = prepare(article, READER)
    assert (prepared.title, prepared.is_title_derived) == ("The 'dam' held", False)
    assert (prepared.summary, prepared.is_summary_derived) == ("Short.", False)
    assert prepared.text == "DOHA – The dam held. It rained."
    assert prepared.language.code == "en"
    assert prepared.rights.attribution is not None
    assert prepared.rights.attribution.text == (
        '"The ‘dam’ held" by Jane Roe, Orchard Wire (https://news.example/1), licensed under'
        " Creative Commons Attribution 4.0 International"
        " (https://creativecommons.org/licenses/by/4.0/)."
    )


def test_prepare_derives_for_a_blank_title() -> None:
    prepared = prepare(_article("The dam held. It rained.", title=" \n", summary="\u200b"), READER)
    assert (prepared.title, prepared.is_title_derived) == ("The dam held", True)
    assert (prepared.summary, prepared.is_summary_derived) == ("The dam held. It rained.", True)
    assert (prepared.dateline, prepared.ner_start) == (None, 0)


@pytest.mark.parametrize("body", ["", " \n\u200b\x00", NOTICE])
def test_prepare_refuses_an_empty_text(body: str) -> None:
    with pytest.raises(ArticleInvalid, match="the text is empty after cleaning"):
        prepare(_article(body), READER)


def _names(text: str, *spans: tuple[str, str], start: int = 0) -> FoundNames:
    placed = [(text.index(name), text.index(name) + len(name), label) for name, label in spans]
    mentions = build_mentions(placed, text, [(start, len(text))], "m@1")
    return FoundNames(mentions, ())


def test_assemble_puts_names_into_the_record() -> None:
    prepared = prepare(_article(f"DOHA – Jane Roe  met Kim Li. Roe spoke. {NOTICE}"), READER)
    names = _names(prepared.text, ("Jane Roe", "PERSON"), ("Kim Li", "PERSON"))
    enriched = assemble(prepared, names)
    assert [m.text for m in enriched.mentions] == ["Jane Roe", "Kim Li"]
    assert [(e.name, e.mention_indices) for e in enriched.entities] == [
        ("Jane Roe", (0,)), ("Kim Li", (1,)),
    ]  # fmt: skip
    assert [m.entity_id for m in enriched.mentions] == [e.entity_id for e in enriched.entities]
    assert enriched.pipeline_version == PIPELINE_VERSION == "enrich@4"
    assert enriched.mentions_absent_reason is None
    assert enriched.language == prepared.language.code
    assert enriched.story_terms is not None
    assert enriched.story_terms.name.ids
    assert enriched.text_signature is None  # too short to be a copy of anything
    for mention in enriched.mentions:
        start, end = to_body_span(enriched.offsets, mention.start, mention.end)
        assert enriched.article.body[start:end] == mention.text


def test_assemble_signs_the_clean_text() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    prepared = prepare(_article(f"DOHA – Jane  {words}. {NOTICE}"), READER)
    signature = assemble(prepared, None).text_signature
    expected = sign_text(prepared.text)
    assert signature is not None
    assert expected is not None
    assert (signature.shingle_count, signature.hashes) == (
        expected.shingle_count, expected.hashes,
    )  # fmt: skip


def test_mentions_of_one_entity_have_its_id_and_type() -> None:
    prepared = prepare(_article("Jane Roe came at noon. Later Roe left."), READER)
    at = prepared.text.rindex("Roe")
    spans = [(0, 8, "PERSON"), (17, 21, "TIME"), (at, at + 3, "ORG")]
    mentions = build_mentions(spans, prepared.text, [(0, len(prepared.text))], "m@1")
    first, noon, later = assemble(prepared, FoundNames(mentions, ())).mentions
    assert (later.entity_id, later.entity_type, later.label) == (first.entity_id, "person", "ORG")
    assert noon == mentions[1]


def test_assemble_says_why_mentions_are_absent() -> None:
    prepared = prepare(_article("وزیر با کشاورزان دره گفت‌وگو کرد و از آنان تشکر کرد."), READER)
    reason = f"no entity model for {prepared.language.code}"
    enriched = assemble(prepared, FoundNames((), ()), reason)
    assert enriched.mentions == ()
    assert enriched.mentions_absent_reason == "no entity model for fa"
    assert "گفت‌وگو" in enriched.text
    cut = assemble(prepared, FoundNames((), (), left_out=7), reason)
    assert cut.mentions_absent_reason == (
        "no entity model for fa; only the first 5000 of 7 mentions are kept"
    )


def test_text_that_is_too_long_has_terms_and_nothing_else() -> None:
    prepared = prepare(_article('Jane Roe said: "The dam held for many years."'), READER)
    enriched = assemble(prepared, None, "too long")
    assert enriched.story_terms == assemble(prepared, FoundNames((), ())).story_terms
    assert (enriched.mentions, enriched.entities) == ((), ())
    assert (enriched.quotations, enriched.key_phrases) == ((), ())
    assert enriched.mentions_absent_reason == "too long"


def test_thousands_of_entities_are_cut_with_a_reason() -> None:
    names = [f"Ada{_letters(n)} Brook{_letters(7 * n)}" for n in range(2_500)]
    prepared = prepare(_article(", ".join(names) + " met."), READER)
    found = _names(prepared.text, *((name, "PERSON") for name in names))
    enriched = assemble(prepared, found)
    assert len(enriched.mentions) == 2_500
    assert len(enriched.entities) == MAX_ENTITIES
    assert enriched.mentions_absent_reason is not None
    # Some spellings are near enough to be one name.
    assert re.fullmatch(
        r"only the first 2000 of 24\d\d entities are kept", enriched.mentions_absent_reason
    )


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))
