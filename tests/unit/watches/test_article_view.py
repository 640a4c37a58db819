"""What of an article watches may see: no more than the index may hold, at the right places."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sample_records import kill_notice
from watch_articles import RIGHTS, Named, article_view, decision, grouped_article

from dateline.document_records import ResolvedEntity
from dateline.rights.record import Preferences
from dateline.watches.article_view import view_article
from dateline.watches.evaluate import evaluate
from dateline.watches.parse_query import parse_query
from dateline.watches.text_view import NOWHERE

TEXT = "Ali Bagheri met envoys in Doha. He then left for Rome with a secret plan."
PEOPLE = (Named(name="Ali Bagheri"), Named(name="Rome", entity_type="place", qid="Q220"))


def finds(query: str, **fields: Any) -> bool:
    view = article_view(fields.pop("text", TEXT), fields.pop("names", PEOPLE), **fields)
    return evaluate(parse_query(query), view) is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"enriched_is": None, "kill": kill_notice(), "pub_status": "canceled"},
        {"pub_status": "withheld"},
        {"pub_status": "canceled"},
        {"decisions": (decision("no_index", "no_index"),)},
        {"decisions": (decision("full", "no_index"),)},
        {"decisions": ()},
        {"decisions": (replace(decision(), purpose="ml_training"),)},
    ],
)
def test_nothing_may_be_matched(fields: dict[str, Any]) -> None:
    grouped = grouped_article(TEXT, PEOPLE)
    given = {name.removesuffix("_is"): value for name, value in fields.items()}
    assert view_article(replace(grouped, **given)) is None


@pytest.mark.parametrize(
    ("store", "display", "is_found"),
    [
        ("full", "full", True),
        ("full_internal", "snippet", True),  # searched, though not shown
        ("full_internal", "metadata_only", True),
        ("snippet", "snippet", False),
        ("metadata_only", "metadata_only", False),
    ],
)
def test_text_is_matched_as_far_as_the_index_holds_it(
    store: str, display: str, *, is_found: bool
) -> None:
    decisions = (decision(store, display, snippet_chars=40),)
    assert finds("body:secret", decisions=decisions) == is_found
    assert finds("body:envoys", decisions=decisions) == (store != "metadata_only")


def test_names_are_matched_wherever_the_article_may_be_found() -> None:
    decisions = (decision("metadata_only", "metadata_only"),)
    assert finds("entity:Q220 AND title:title", decisions=decisions)
    assert finds('SENTENCE(entity:"Ali Bagheri")', decisions=decisions)
    assert not finds('SENTENCE(entity:"Ali Bagheri" entity:Q220)', decisions=decisions)
    assert not finds("entity:Q220 NEAR/3 secret", decisions=decisions)


def test_name_behind_the_snippet_keeps_its_place() -> None:
    view = article_view(TEXT, PEOPLE, decisions=(decision("snippet", "snippet", 20),))
    (reason,) = evaluate(parse_query("entity:Q220"), view) or ()
    assert TEXT[reason.start : reason.end] == "Rome"
    assert TEXT[reason.sentence_start : reason.sentence_end].startswith("He then left")
    assert view.places["#Q220"][0].first == NOWHERE


def test_passages_that_no_snippet_may_show_are_not_matched_in_one() -> None:
    rights = replace(RIGHTS, preferences=Preferences(nosnippet_texts=("envoys in Doha",)))
    given = {"decisions": (decision("snippet", "snippet"),), "enriched": {"rights": rights}}
    assert not finds("envoys", **given)
    assert finds("secret", **given)


def test_derived_title_is_text() -> None:
    given: dict[str, Any] = {"title": "Secret", "enriched": {"is_title_derived": True}}
    hidden = (decision("metadata_only", "metadata_only"),)
    assert finds("title:secret", **given)
    assert not finds("title:secret", decisions=hidden, **given)
    assert finds("title:secret", title="Secret", decisions=hidden)


def test_entity_is_known_by_all_its_ids_and_names() -> None:
    grouped = grouped_article(TEXT, PEOPLE)
    own = grouped.enriched.entities[0].entity_id if grouped.enriched else ""
    member = "a" * 64
    resolved = ResolvedEntity(
        document_entity_id=own, entity_id="Q999", name="Ali Bagheri Kani",
        aliases=("Ali Baqeri",), member_ids=(member,),
    )  # fmt: skip
    view = view_article(replace(grouped, resolved=(resolved,)))
    assert view is not None
    for query in (own, "Q999", member, '"Ali Baqeri"', '"ali bagheri"', '"Ali Bagheri Kani"'):
        (reason,) = evaluate(parse_query(f"entity:{query}"), view) or ()
        assert (reason.entity_id, reason.entity_name) == ("Q999", "Ali Bagheri Kani")


def test_entities_without_a_mention_have_no_place() -> None:
    grouped = grouped_article("Nobody is named here.", (Named(name="Somebody Else"),))
    view = view_article(grouped)
    assert view is not None
    (reason,) = evaluate(parse_query('entity:"Somebody Else"'), view) or ()
    assert (reason.place, reason.start, reason.entity_name) == ("body", None, "Somebody Else")


@pytest.mark.parametrize(
    ("title", "is_found"),
    [("US and EU talk", True), ("U.S. talks", True), ("What it means for us", False)],
)
def test_acronym_is_no_word_of_a_title(title: str, *, is_found: bool) -> None:
    names = (Named(name="US", entity_type="place"),)
    view = article_view("The US spoke.", names, title=title)
    reasons = evaluate(parse_query("entity:US"), view) or ()
    assert any(each.place == "title" for each in reasons) == is_found


def test_longest_name_in_the_title_is_one_place() -> None:
    names = (Named(name="Ali Bagheri", aliases=("Bagheri",)),)
    view = article_view(TEXT, names, title="Bagheri: who is Ali Bagheri?")
    places = [each for each in view.places["type:person"] if each.text == "title"]
    assert [(each.start, each.end) for each in places] == [(0, 7), (16, 27)]


def test_amounts_and_dates_are_no_entities() -> None:
    names = (Named(name="Monday", entity_type="date"), Named(name="5", entity_type="quantity"))
    view = article_view("On Monday 5 came.", names)
    assert view.entities == ()
    assert evaluate(parse_query("entity:Monday OR rome"), view) is None


def test_fields_are_keys() -> None:
    view = article_view(TEXT, source_id="Wire.example")
    assert {"source:wire.example", "lang:en", "license:cc-by-4.0", "license:cc"} <= view.keys


def test_sentences_cover_every_word_once() -> None:
    text = "Rome waits. Who? Nobody knows.\n\nAli Bagheri left. Then Rome slept"
    view = article_view(text, PEOPLE)
    spans = view.body.sentences
    assert [text[start:end] for start, end in spans] == [
        "Rome waits.", "Who?", "Nobody knows.", "Ali Bagheri left.", "Then Rome slept",
    ]  # fmt: skip


def test_article_without_words() -> None:
    view = article_view("…", title="")
    assert (view.body.words, view.title.words, view.sentence_count) == ((), (), 1)
    assert evaluate(parse_query("doha NEAR/2 rome OR lang:fr"), view) is None
