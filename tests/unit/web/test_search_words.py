from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import msgspec
import pytest
from sample_documents import document, snippet_document

from dateline.records import MentionField, PreferenceFields
from dateline.search.article_queries import HIGHLIGHT_END as END
from dateline.search.article_queries import HIGHLIGHT_START as START
from dateline.search.find_articles import ArticleHit, SearchAnswer, StorySize
from dateline.search.find_stories import FoundStory, story_of_articles
from dateline.web.article_values import body_pieces, withheld_words
from dateline.web.problems import RequestProblem
from dateline.web.search_answers import article_value, found_value, story_value
from dateline.web.search_cursor import Cursors, Place
from dateline.web.search_desk import Found
from dateline.web.search_feed import UNMARKED, search_feed_bytes
from dateline.web.search_question import (
    Question,
    address,
    article_search,
    read_question,
    refuse_unknown,
    with_value,
    without_value,
)
from dateline.web.search_requests import MAX_COUNTED, next_place, page_request, read_answer
from dateline.web.search_values import folded_words, hidden_fields
from dateline.web.shown_story import shown_story
from dateline.web.shown_words import Piece, badge, pieces, seen

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BEFORE = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (f"a {START}b{END} c", (Piece("a "), Piece("b", is_match=True), Piece(" c"))),
        (f"{START}b{END}{START}c{END}", (Piece("b", is_match=True), Piece("c", is_match=True))),
        (f"a{END}b{START}c", (Piece("a"), Piece("b"), Piece("c", is_match=True))),
        (f"{START}{END}", ()),
        ("<b>\u202e\x1b[31m", (Piece("<b>[31m"),)),
        ("", ()),
    ],
)
def test_matches_are_pieces_whatever_the_text_holds(
    marked: str, expected: tuple[Piece, ...]
) -> None:
    assert pieces(marked) == expected


def test_lines_stay_and_what_nobody_sees_goes() -> None:
    assert seen("a\n\u2066b\u2069\ud800\x00 \u200cc\U0001f600") == "a\nb \u200cc\U0001f600"


def test_names_are_marked_where_they_stand_behind_an_emoji() -> None:
    text = "\U0001f600\U0001f600 Doha \U0001f600"
    mention = MentionField(
        text="Doha", label="GPE", type="place", entity_id="e", start=3, end=7, sentence=None,
        detector="d",
    )  # fmt: skip
    one = document(body=text, body_chars=len(text), mentions=(mention,))
    assert [(each.text, each.kind) for each in body_pieces(one)] == [
        ("\U0001f600\U0001f600 ", ""), ("Doha", "place"), (" \U0001f600", ""),
    ]  # fmt: skip


def test_a_withheld_text_says_how_much_is_shown() -> None:
    assert withheld_words(document()) == ""
    short = snippet_document()
    told = f"{len((short.body or '').rstrip('…'))} of {short.body_chars} characters shown."
    assert withheld_words(short).endswith(told)
    assert "".join(each.text for each in body_pieces(short)) == short.body


def test_a_badge_links_to_the_web_only() -> None:
    rights = document().rights
    assert rights is not None
    assert badge(rights).url == "https://creativecommons.org/licenses/by/4.0/"
    assert badge(None).label == "no rights known"
    assert badge(snippet_document().rights).label == "licence unknown"


@pytest.mark.parametrize(
    "text",
    ["", "q=a+b&source=x&source=y", "entity=Q1&place=Doha&since=7d&sort=newest",
     "q=%22x%22&limit=5&collapse=false&story=abcdef&until=2026-11-20&license=CC+BY&lang=en"],
)  # fmt: skip
def test_an_address_comes_back_as_the_question_it_was(text: str) -> None:
    question = read_question(parse_qsl(text))
    again = address(question).partition("?")[2]
    assert read_question(parse_qsl(again)) == question
    assert sorted(parse_qsl(again)) == sorted(parse_qsl(text))


def test_the_form_keeps_what_is_not_written_in_it() -> None:
    question = read_question(
        parse_qsl("q=a&since=7d&until=x&source=s&story=abcdef&collapse=false&sort=newest&limit=5")
    )
    assert sorted(hidden_fields(question)) == [
        ("collapse", "false"), ("limit", "5"), ("sort", "newest"), ("source", "s"),
        ("story", "abcdef"),
    ]  # fmt: skip
    assert hidden_fields(Question(words="a", since="7d")) == []


def test_fragments_are_no_longer_than_the_page_of_the_article_allows() -> None:
    one = document()
    assert one.rights is not None
    limited = replace(
        one, rights=replace(one.rights, preferences=PreferenceFields(snippet_max_chars=7))
    )
    for article, expected in ((one, ("abc", "defg", "h")), (limited, ("abc", "defg"))):
        row = {
            "_source": msgspec.to_builtins(article),
            "highlight": {"body": ["abc", f"{START}de{END}fg", "h"]},
        }
        answer = {
            "hits": {"hits": [row, row], "total": {"value": 2}}, "took": 1, "timed_out": False,
            "_shards": {"total": 1, "failed": 0},
        }  # fmt: skip
        (hit,) = read_answer(answer, 1).hits
        assert [each.translate(UNMARKED) for each in hit.fragments] == list(expected)


def test_text_that_may_not_be_shown_is_in_no_value_even_if_the_index_gave_it() -> None:
    secret = snippet_document(body_internal="quaggas munched zwieback")
    hit = ArticleHit(document=secret, title="t", summary=None, fragments=())
    answer = SearchAnswer(
        hits=(hit,), total_count=1, took_ms=1, is_empty_index=False, is_partial=False
    )
    found = Found(answer=answer, sizes={}, facets={}, first=1, next_cursor=None, is_cut=False)
    story = FoundStory(
        record=story_of_articles(secret.story_id, [secret], 1), has_record=True, asked_id=None,
        articles=(secret,), article_total=1,
    )  # fmt: skip
    told = (article_value(secret), found_value(found), story_value(story), body_pieces(secret))
    assert "zwieback" not in repr(told)
    feed = search_feed_bytes(Question(), [hit], base_url="http://127.0.0.1")
    assert b"zwieback" not in feed


def test_filters_are_added_replaced_and_removed() -> None:
    question = with_value(Question(sources=("a",), entities=("Q1",)), "sources", "b")
    assert question.sources == ("b",)
    question = with_value(question, "entities", "Q2")
    assert question.entities == ("Q1", "Q2")
    assert without_value(question, "entities", "Q1").entities == ("Q2",)


def test_a_misspelled_parameter_is_refused() -> None:
    with pytest.raises(RequestProblem, match="no parameter 'soruce'"):
        refuse_unknown(["q", "soruce"], {"q", "source"})


def test_a_time_that_is_none_is_told() -> None:
    with pytest.raises(RequestProblem, match="'soon' is no time") as caught:
        article_search(Question(since="soon"), NOW)
    assert caught.value.status == 422


def test_a_cursor_is_ours_and_of_one_question() -> None:
    place = Place(question="q", before=BEFORE, offset=20, after=(1, "x"), pit_id="p")
    cursors = Cursors()
    cursor = cursors.write(place)
    assert cursors.read(cursor, question="q") == place
    for other, text in ((cursors, cursor[:-1]), (cursors, ""), (Cursors(), cursor)):
        with pytest.raises(RequestProblem, match="not known"):
            other.read(text, question="q")
    with pytest.raises(RequestProblem, match="not known"):
        cursors.read(cursor, question="another")


@pytest.mark.parametrize(
    ("question", "counted"),
    [
        (Question(words="pier"), True),
        (Question(words="pier", is_collapsed=False), True),
        (Question(words="pier", is_collapsed=False, order="newest"), False),
        (Question(is_collapsed=False), False),
        (Question(), True),
    ],
)
def test_pages_are_counted_so_far_or_follow_a_hit_for_ever(
    question: Question, counted: bool
) -> None:
    search = article_search(question, NOW)
    rows = [{"sort": [number, "id", 7]} for number in range(search.size + 1)]
    answer = {"hits": {"hits": rows}, "aggregations": {"newest": {"value": 1.0}}}
    first = next_place(answer, search, None, question="q", pit_id="")
    assert first is not None
    assert first.before == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=2)
    assert first.after == (() if counted else (search.size - 1, "id"))
    request = page_request(search, first)
    assert ("search_after" in request, "from" in request) == (not counted, counted)
    last = Place(question="q", before=BEFORE, offset=MAX_COUNTED - search.size, after=first.after)
    behind = next_place(answer, search, last, question="q", pit_id="")
    assert (behind is None) is counted
    full = {"hits": {"hits": rows[:-1]}}
    assert next_place(full, search, None, question="q", pit_id="") is None


def test_a_story_tells_nothing_of_a_main_article_that_is_not_shown() -> None:
    one, other = document("one", title="Shown"), document("other", title="Hidden")
    record = story_of_articles(one.story_id, [other, one], 2)
    found = FoundStory(
        record=record, has_record=True, asked_id=None, articles=(one,), article_total=1
    )
    shown = shown_story(found)
    assert shown is not None
    assert (shown.record.title, shown.record.main_article_id) == ("Shown", one.article_id)
    assert shown.record.article_count == 1
    none = FoundStory(record=record, has_record=True, asked_id=None, articles=(), article_total=0)
    assert shown_story(none) is None


def test_folded_articles_are_counted() -> None:
    assert folded_words(None) == ""
    assert folded_words(StorySize(article_count=1, copy_count=0)) == ""
    assert folded_words(StorySize(article_count=2, copy_count=0)) == "2 articles in this story"
