"""What a search prints."""

from __future__ import annotations

import json

import pytest
from cli_doubles import console, invoke, written
from sample_documents import document, snippet_document

from dateline.cli import search as module
from dateline.cli.search import answer_as_json, names_line, print_answer, search
from dateline.records import EntityFields
from dateline.search.article_queries import ArticleSearch, QueryInvalid, search_request
from dateline.search.find_articles import ArticleHit, SearchAnswer, StorySize

HOSTILE = "\x1b[31mRed\x07 [red]alert[/red] \u202etxt"


def _hit(**changes: object) -> ArticleHit:
    of = document()
    fields: dict[str, object] = {
        "document": of, "title": of.title, "summary": of.summary,
        "fragments": ("opened the new \ue000pier\ue001",),
    }  # fmt: skip
    return ArticleHit(**(fields | changes))  # type: ignore[arg-type]


def _answer(*hits: ArticleHit, **changes: object) -> SearchAnswer:
    fields: dict[str, object] = {
        "hits": hits, "total_count": len(hits), "took_ms": 7, "is_empty_index": False,
        "is_partial": False,
    }  # fmt: skip
    return SearchAnswer(**(fields | changes))  # type: ignore[arg-type]


def _printed(answer: SearchAnswer, *, colours: bool = False) -> str:
    terminal = console(colours=colours)
    print_answer(terminal, answer)
    return written(terminal)


def test_a_hit_shows_origin_licence_attribution_names_and_fragment() -> None:
    assert _printed(_answer(_hit())) == (
        f"1. New pier opens in Lisbon  {document().article_id[:12]}\n"
        "   coast-wire · 2026-11-20 08:30 UTC · CC-BY-4.0 (granted), Coast Wire\n"
        "   “New pier” by Coast Wire, CC BY 4.0\n"
        "   person Marta Oliveira, Oliveira · organization Harbour Trust · place LISBON, Lisbon\n"
        "   … opened the new pier\n"
        "\n"
        "1 hit in 7 ms\n"
    )


def test_a_derived_title_and_an_unknown_licence_are_marked() -> None:
    derived = snippet_document(is_title_derived=True)

    printed = _printed(_answer(_hit(document=derived)))

    assert "New pier opens in Lisbon (title derived)" in printed
    assert "licence unknown" in printed


def test_matches_are_coloured_on_a_terminal() -> None:
    assert "\x1b[1;33mpier\x1b[0m" in _printed(_answer(_hit()), colours=True)


def test_a_hostile_article_cannot_act_on_the_terminal() -> None:
    of = document(
        source_id=HOSTILE, title=HOSTILE, entities=EntityFields(person=(HOSTILE,)),
    )  # fmt: skip
    hit = _hit(document=of, title=HOSTILE, fragments=(f"\ue000{HOSTILE}\ue001",))

    printed = _printed(_answer(hit))

    assert not set(printed) & set("\x1b\x07\u202e")
    assert printed.count("␛[31mRed␇ [red]alert[/red] �txt") == 4


def test_no_hits_say_what_to_try() -> None:
    printed = _printed(_answer())

    assert printed.startswith("0 hits in 7 ms\nNo article matches.")
    assert "--since 30d" in printed


def test_an_empty_index_says_how_to_fill_it() -> None:
    assert _printed(_answer(is_empty_index=True)) == (
        "Nothing is indexed yet: no article has reached the index.\n"
        "Start the stages with `dateline run`, and send articles with `dateline ingest seeds/`.\n"
    )


def test_a_partial_answer_and_a_cut_list_say_so() -> None:
    printed = _printed(_answer(_hit(), total_count=12, is_partial=True))

    assert "12 hits in 7 ms, 1 shown" in printed
    assert "The search ran out of time: there may be more." in printed


def test_many_names_are_cut() -> None:
    names = names_line(EntityFields(person=("a", "b", "c", "d", "e", "f")))

    assert names == "person a, b, c, d +2"


def test_json_has_no_marks_and_no_fields_that_were_not_fetched() -> None:
    plain = answer_as_json(_answer(_hit()))

    assert plain["total"] == 1
    assert plain["hits"][0]["fragments"] == ["opened the new pier"]
    assert not {"body", "mentions", "quotations", "key_phrases"} & set(plain["hits"][0])
    json.dumps(plain)


def test_a_story_of_several_articles_is_named_with_its_copies() -> None:
    of = document(role="excerpt")
    terminal = console()
    sizes = {of.story_id: StorySize(article_count=4, copy_count=2)}

    print_answer(terminal, _answer(_hit(document=of), total_count=9, story_count=3), sizes)

    printed = written(terminal)
    assert f"   story {of.story_id[:12]}: 4 articles, 2 copied · excerpt\n" in printed
    assert "9 hits of 3 stories in 7 ms, 1 shown\n" in printed


def test_a_story_of_one_article_is_not_worth_a_line() -> None:
    of = document()
    terminal = console()
    sizes = {of.story_id: StorySize(article_count=1, copy_count=0)}

    print_answer(terminal, _answer(_hit(document=of)), sizes)

    assert "story" not in written(terminal)


class _Client:
    def __enter__(self) -> _Client:
        return self

    def __exit__(self, *_exception: object) -> None: ...


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[ArticleSearch]:
    questions: list[ArticleSearch] = []

    def find(_client: object, _index: object, question: ArticleSearch) -> SearchAnswer:
        questions.append(question)
        if len(question.words) > 500:
            raise QueryInvalid("the words are too long")
        return _answer(_hit())

    monkeypatch.setattr(module, "search_client", lambda _settings: _Client())
    monkeypatch.setattr(module, "find_articles", find)
    monkeypatch.setattr(module, "count_stories", lambda *_asked: {})
    return questions


def test_options_become_a_question(asked: list[ArticleSearch]) -> None:
    result = invoke(
        search, "new", "pier", "--person", "Oliveira", "--org", "Trust", "--place", "Lisbon",
        "--license", "granted", "--license", "MIT", "--source", "s", "--lang", "en",
        "--since", "2026-11-01", "--until", "2026-11-02", "--size", "3", "--json",
        "--country", "pt", "--collapse",
    )  # fmt: skip

    assert result.exit_code == 0
    question = asked[0]
    assert question.words == "new pier"
    assert question.licenses == ("granted", "MIT")
    assert question.since is not None
    assert question.until is not None
    assert (question.until - question.since).days == 2
    assert question.size == 3
    assert (question.countries, question.is_collapsed) == (("pt",), True)
    assert (question.is_newest_first, question.is_most_enough) == (False, True)
    assert json.loads(result.stdout)["total"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--since", "soon"], "'soon' is no time"),
        (["--size", "101"], "101 is not in the range"),
        (["a" * 501], "the words are too long"),
    ],
)
def test_a_bad_question_ends_with_code_2(
    asked: list[ArticleSearch], arguments: list[str], message: str
) -> None:
    result = invoke(search, *arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_newest_first_needs_all_words(asked: list[ArticleSearch]) -> None:
    invoke(search, "new", "pier", "--sort", "newest")

    assert (asked[0].is_newest_first, asked[0].is_most_enough) == (True, False)


def test_words_that_are_no_query_are_shown_with_the_place(
    asked: list[ArticleSearch], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_client: object, _index: object, question: ArticleSearch) -> SearchAnswer:
        search_request(question)
        raise AssertionError

    monkeypatch.setattr(module, "find_articles", refuse)

    result = invoke(search, "pier", "(harbour")

    assert result.exit_code == 2
    assert (
        "unclosed bracket: `)` is missing (character 6):\n  pier (harbour\n       ^"
        in result.stderr
    )


def test_help_has_examples() -> None:
    assert "dateline search Khulaifi --license CC-BY-4.0" in invoke(search, "--help").stdout
