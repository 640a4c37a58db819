"""What a query means: true or not, and the places that an alert tells."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from watch_articles import Named, article_view

from dateline.watches.evaluate import evaluate, explain
from dateline.watches.parse_query import parse_query
from dateline.watches.query_tree import Near, Query

BAGHERI = Named(name="Ali Bagheri", aliases=("Bagheri",), holder_of="ir")
KHULAIFI = Named(name="Mohammed al-Khulaifi", aliases=("al-Khulaifi",), country_code="qa")
JCPOA = Named(name="JCPOA", entity_type="law", qid="Q576", aliases=("Iran nuclear deal",))
ENERGY = Named(name="Qatar Energy Co.", entity_type="organization", country_code="qa")
TEXT = (
    "Ali Bagheri met Mohammed al-Khulaifi in Doha. They spoke of sanctions relief and the JCPOA."
    " Qatar Energy Co. signs in Tehran.\n\nBagheri's visit ends on Monday; nuclear talks go on."
)
ARTICLE = article_view(
    TEXT, (BAGHERI, KHULAIFI, JCPOA, ENERGY), title="Iran nuclear deal: Bagheri in Doha"
)


@pytest.mark.parametrize(
    "query",
    [
        "doha",
        "DOHA'S",
        '"sanctions relief"',
        '"in Doha They"',  # a phrase may go on in the next sentence
        "sancti*",
        '"sanctions rel*"',
        "title:doha",
        "body:tehran",
        "doha tehran",
        "paris OR tehran",
        "doha NOT paris",
        'entity:"ali bagheri"',
        "entity:Bagheri",
        'entity:"Mohammed Al Khulaifi"',  # folded as a person's name
        'entity:"Qatar Energy"',  # folded as that of a body: without its legal form
        "entity:Q576",
        'entity:"Ali Bagheri" AND (paris OR "sanctions relief")',
        "entity:Q576 AND entity:Bagheri",
        "type:organization",
        "country:qa",
        "country:ir",  # by the office he holds
        "SENTENCE(type:organization country:qa)",
        "SENTENCE(entity:Bagheri entity:al-Khulaifi)",
        "SENTENCE(country:qa NOT type:organization)",
        "SENTENCE(bagheri deal)",  # the title is a sentence
        "SENTENCE(entity:Bagheri entity:Q576)",  # the title names both
        "sanctions NEAR/1 relief",
        "relief NEAR/1 sanctions",
        "tehran NEAR/2 signs",
        "sanctions NEAR/4 JCPOA",
        "entity:Q576 NEAR/5 sanctions",
        "type:person NEAR/3 doha",
        "(paris OR relief) NEAR/5 (jcpoa OR rome)",
        'visit NEAR/6 "nuclear talks"',
        "lang:en",
        "license:CC-BY-4.0",
        "license:cc",
        "source:wire.example",
        "title:doha NOT source:mehr lang:en",
    ],
)
def test_query_is_true(query: str) -> None:
    assert evaluate(parse_query(query), ARTICLE) is not None


@pytest.mark.parametrize(
    "query",
    [
        "paris",
        "sanction",
        '"relief sanctions"',
        '"deal Ali"',  # not from the title into the text
        "title:tehran",
        "body:deal",
        "doha paris",
        "doha NOT tehran",
        "entity:Ali",
        'entity:"Khulaifi Mohammed"',
        "entity:Q57",
        "country:fr",
        "type:event",
        "SENTENCE(doha tehran)",
        "SENTENCE(type:organization type:person)",
        "SENTENCE(type:organization NOT country:qa)",
        "SENTENCE(entity:al-Khulaifi entity:Q576)",
        '"monday nuclear tal*" NEAR/1 end',
        "sanctions NEAR/3 JCPOA",
        "sanctions NEAR/5 sanctions",  # no word is near itself
        "entity:Bagheri NEAR/9 ali",  # nor near a name that holds it
        "tehran NEAR/30 deal",  # one is in the text, the other in the title
        "(paris OR rome) NEAR/90 jcpoa",
        "lang:fr",
        "license:CC-BY-3.0",
        "source:wire",
    ],
)
def test_query_is_not_true(query: str) -> None:
    assert evaluate(parse_query(query), ARTICLE) is None


def test_reason_tells_where_a_phrase_stands() -> None:
    (reason,) = evaluate(parse_query('"sanctions relief"'), ARTICLE) or ()
    assert reason.term == '"sanctions relief"'
    assert reason.place == "body"
    assert TEXT[reason.start : reason.end] == "sanctions relief"
    assert (
        TEXT[reason.sentence_start : reason.sentence_end]
        == "They spoke of sanctions relief and the JCPOA."
    )


def test_reasons_of_an_entity_are_its_first_mention_and_its_name_in_the_title() -> None:
    body, title = evaluate(parse_query("entity:Bagheri"), ARTICLE) or ()
    assert (body.place, TEXT[body.start : body.end]) == ("body", "Ali Bagheri")
    assert (title.place, title.start, title.end) == ("title", 19, 26)
    assert (title.sentence_start, title.sentence_end) == (0, 34)
    assert {each.entity_name for each in (body, title)} == {"Ali Bagheri"}
    assert body.entity_id == ARTICLE.entities[0].entity_id


def test_reason_of_a_field_has_no_place() -> None:
    (reason,) = evaluate(parse_query("lang:en"), ARTICLE) or ()
    assert (reason.term, reason.place, reason.start) == ("lang:en", "field", None)


def test_sentence_that_holds_most_terms_comes_first() -> None:
    reasons = evaluate(parse_query("nuclear AND entity:Bagheri AND monday"), ARTICLE) or ()
    last = TEXT.index("Bagheri's")
    assert [each.sentence_start for each in reasons if each.place == "body"] == [last] * 3
    assert [each.term for each in reasons if each.place == "body"] == [
        "nuclear", "entity:Bagheri", "monday",
    ]  # fmt: skip


def test_reasons_name_only_the_alternatives_that_are_true() -> None:
    reasons = evaluate(parse_query("paris OR tehran OR (doha AND rome)"), ARTICLE) or ()
    assert {each.term for each in reasons} == {"tehran"}


def test_reasons_of_near_are_the_places_that_are_near() -> None:
    text = "Talks end. Far away from here and from all else stands a word. Doha hosts talks."
    reasons = evaluate(parse_query("doha NEAR/3 talks"), article_view(text)) or ()
    assert [text[each.start : each.end] for each in reasons] == ["Doha", "talks"]
    assert all((each.start or 0) > text.index("Doha") - 1 for each in reasons)


def test_reasons_of_sentence_are_places_of_that_sentence() -> None:
    text = "Doha waits. Rome waits. Doha meets Rome."
    reasons = evaluate(parse_query("SENTENCE(doha rome)"), article_view(text)) or ()
    assert [each.start for each in reasons] == [24, 35]


def test_query_that_only_leaves_out_has_no_reasons() -> None:
    query = parse_query("doha NOT paris")
    assert {each.term for each in evaluate(query, ARTICLE) or ()} == {"doha"}


def test_explain_says_of_every_part_whether_it_is_true() -> None:
    told = explain(parse_query("entity:Bagheri AND (paris OR rome)"), ARTICLE)
    assert not told.is_true
    entity, places = told.parts
    assert (entity.part, entity.is_true) == ("entity:Bagheri", True)
    assert entity.reasons[0].entity_name == "Ali Bagheri"
    assert (places.part, places.is_true) == ("(paris OR rome)", False)
    assert [(each.part, each.is_true) for each in places.parts] == [
        ("paris", False), ("rome", False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "note"),
    [
        ("SENTENCE(doha tehran)", "true of the article, but of no single sentence"),
        (
            "sanctions NEAR/3 jcpoa",
            "both are there, but nowhere within 3 words of each other",
        ),
    ],
)
def test_explain_says_why_true_parts_are_not_enough(query: str, note: str) -> None:
    told = explain(parse_query(query), ARTICLE)
    assert (told.is_true, told.note) == (False, note)
    assert explain(parse_query(f"{query} OR doha"), ARTICLE).note == ""


def test_explain_of_a_thing_that_must_not_be_there() -> None:
    told = explain(parse_query("doha NOT tehran"), ARTICLE)
    assert (told.is_true, told.parts[1].is_true, told.parts[1].note) == (
        False,
        False,
        "it is there",
    )
    assert told.parts[1].parts[0].reasons[0].start == TEXT.index("Tehran")


def test_near_is_quick_in_a_text_of_one_word() -> None:
    article = article_view("the " * 20_000 + "end")
    query = parse_query(
        '(the NEAR/50 "the the") AND ("the the the" NEAR/1 end) AND (the NEAR/1 paris)'
    )
    started = time.process_time()
    assert evaluate(query, article) is None
    assert evaluate(parse_query('the NEAR/50 "the the"'), article) is not None
    assert time.process_time() - started < 2


def test_largest_near_is_quick_however_many_of_its_words_are_there() -> None:
    lefts = [f"a{number}" for number in range(100)]
    rights = [f"b{number}" for number in range(100)]
    gap = " ".join(["the"] * 50)
    article = article_view(f" {gap} ".join([*lefts, *rights]))
    query = parse_query(f"({' OR '.join(lefts)}) NEAR/50 ({' OR '.join(rights)})")
    started = time.process_time()
    assert evaluate(query, article) is None
    assert evaluate(replace_distance(query, 51), article) is not None
    assert time.process_time() - started < 1


def replace_distance(query: Query, distance: int) -> Query:
    assert isinstance(query.tree, Near)
    return replace(query, tree=replace(query.tree, distance=distance))
