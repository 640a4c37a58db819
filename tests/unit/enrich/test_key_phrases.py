"""Phrases for the title of a story: who did what, and topics."""

from __future__ import annotations

from document_samples import read

from processors.enrich.key_phrases import stop_words


def phrases(marked: str, kind: str, language: str = "en") -> list[str]:
    return [each.text for each in read(marked, language)[1].key_phrases if each.kind == kind]


def test_event_is_who_did_what_with_full_names_and_without_roles():
    found = phrases(
        "Foreign Minister [person:Brook] held talks with [country qa:Qatar]'s Deputy Prime Minister"
        " [person:Li Wei] on Monday. [person:Ada Brook] left.",
        "event",
    )

    assert found[0] == "Ada Brook held talks with Li Wei on Monday"


def test_verb_of_speech_makes_no_event():
    assert phrases("[person:Ada Brook] said the grain harvest was good.", "event") == []


def test_what_stands_behind_a_preposition_does_nothing():
    assert phrases("The talks with [person:Ada Brook] ended in a long dispute.", "event") == []


def test_topics_are_phrases_that_come_often_and_early():
    found = phrases(
        "The grain deal is near. Nobody likes the grain deal. A sunny morning brought the grain"
        " deal to an end.",
        "topic",
    )

    assert found[0] == "grain deal"


def test_spans_of_topics_are_exact():
    text, reading = read("A new grain deal is near.")

    assert [(text[each.start : each.end]) for each in reading.key_phrases] == [
        each.text for each in reading.key_phrases
    ]


def test_stop_words_are_known_for_many_languages_and_no_name_is_imported_that_is_none():
    assert all("und" in stop_words("de") and "the" in stop_words(code) for code in ("en",))
    assert "و" in stop_words("ar")
    assert stop_words("xx.evil") == stop_words("qq") == frozenset()
