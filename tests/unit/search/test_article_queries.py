"""The request of a search, filter by filter."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dateline.errors import QueryInvalid as WordsInvalid
from dateline.search.article_queries import (
    HIDDEN,
    HIGHLIGHT_END,
    HIGHLIGHT_START,
    ArticleSearch,
    QueryInvalid,
    origin_request,
    prefix_request,
    search_request,
    story_sizes_request,
)
from dateline.search.ranked_words import words_clause
from dateline.search.templates import load_mapping
from dateline.watches.parse_query import parse_query

USABLE = {"term": {"pub_status": "usable"}}


def _query(**parts: Any) -> dict[str, Any]:
    query: dict[str, Any] = search_request(ArticleSearch(**parts))["query"]["bool"]
    return query


def test_age_lowers_the_score_of_words_by_a_fifth_at_most() -> None:
    scored = _query(words="harbour")["must"][0]["function_score"]

    assert scored["query"] == words_clause(parse_query("harbour"))
    weights = [each["weight"] for each in scored["functions"]]
    assert weights == [0.8, 0.2]
    assert scored["functions"][1]["exp"] == {"first_seen_at": {"scale": "30d", "decay": 0.5}}
    assert (scored["score_mode"], scored["boost_mode"]) == ("sum", "multiply")


def test_all_words_are_needed_unless_told_otherwise() -> None:
    strict, loose = (
        json.dumps(_query(words="one two three", is_most_enough=is_most_enough)["must"])
        for is_most_enough in (False, True)
    )

    assert '"minimum_should_match": 2' not in strict
    assert '"minimum_should_match": 2' in loose


def test_words_that_are_no_query_are_refused_at_the_place() -> None:
    with pytest.raises(WordsInvalid, match="unclosed quote") as refused:
        search_request(ArticleSearch(words='pier "harbour'))

    assert refused.value.position == 5


def test_without_words_only_filters_remain() -> None:
    assert _query(words="  ") == {"filter": [USABLE], "must_not": list(HIDDEN)}


def test_articles_under_embargo_expired_or_not_for_search_are_never_found() -> None:
    assert _query(words="pier")["must_not"] == [
        {"term": {"decision.public_search.display": "no_index"}},
        {"range": {"rights.access.expires_at": {"lte": "now"}}},
        {"range": {"rights.access.embargoed_until": {"gt": "now"}}},
    ]


def test_killed_and_withheld_articles_are_never_found() -> None:
    assert USABLE in _query(words="pier")["filter"]


def test_all_words_of_a_person_stand_in_one_name() -> None:
    rule = {"query": "Anna Miller", "max_gaps": 20, "ordered": False}

    assert {"intervals": {"entities.person.words": {"match": rule}}} in _query(
        persons=("Anna Miller",)
    )["filter"]


def test_each_person_must_be_named() -> None:
    assert len(_query(persons=("Anna", "Marta"), organizations=("Trust",))["filter"]) == 4


def test_a_place_may_be_named_or_be_the_dateline() -> None:
    clause = _query(places=("New York",))["filter"][1]["bool"]

    assert clause["minimum_should_match"] == 1
    assert {"term": {"dateline_place": {"value": "New York", "case_insensitive": True}}} in (
        clause["should"]
    )


@pytest.mark.parametrize(
    ("given", "clause"),
    [
        ("granted", {"term": {"rights.status": "granted"}}),
        ("UNKNOWN", {"term": {"rights.status": "unknown"}}),
        ("public-domain", {"term": {"rights.status": "public_domain"}}),
        (
            "cc-by-4.0",
            {"term": {"rights.spdx_expression": {"value": "cc-by-4.0", "case_insensitive": True}}},
        ),
        (
            "CC BY 4.0",
            {"term": {"rights.spdx_expression": {"value": "CC-BY-4.0", "case_insensitive": True}}},
        ),
    ],
)
def test_license_is_an_expression_or_a_status(given: str, clause: dict[str, Any]) -> None:
    assert _query(licenses=(given,))["filter"][1]["bool"]["should"] == [clause]


def test_one_of_several_licenses_sources_and_languages_suffices() -> None:
    filters = _query(licenses=("granted", "MIT"), sources=("a", "b"), languages=("EN",))["filter"]

    assert len(filters[1]["bool"]["should"]) == 2
    assert {"terms": {"source_id": ["a", "b"]}} in filters
    assert {"terms": {"language": ["en"]}} in filters


def test_every_entity_must_be_named_under_one_of_its_ids() -> None:
    filters = _query(entities=(("Q1", "a" * 64), ("Q2",)))["filter"]

    assert filters[1:] == [
        {"terms": {"entity_ids": ["Q1", "a" * 64]}}, {"terms": {"entity_ids": ["Q2"]}},
    ]  # fmt: skip


def test_countries_and_stories_are_filters() -> None:
    filters = _query(countries=("QA", "ir"), story_ids=("s", "t"))["filter"]

    assert filters[1:] == [
        {"terms": {"countries": ["qa", "ir"]}}, {"terms": {"story_id": ["s", "t"]}},
    ]  # fmt: skip


def test_collapsed_hits_are_counted_as_stories() -> None:
    request = search_request(ArticleSearch(is_collapsed=True))

    assert request["collapse"] == {"field": "story_id"}
    assert request["aggs"] == {"stories": {"cardinality": {"field": "story_id"}}}
    assert "collapse" not in search_request(ArticleSearch())


def test_story_sizes_count_only_what_search_may_show() -> None:
    query = story_sizes_request(["s"])["query"]["bool"]

    assert USABLE in query["filter"]
    assert query["must_not"] == list(HIDDEN)


def test_hits_hold_nothing_that_quotes_the_text() -> None:
    excluded = search_request(ArticleSearch())["_source"]["excludes"]

    assert set(excluded) == {"body", "mentions", "quotations", "key_phrases"}


def test_time_includes_the_beginning_and_excludes_the_end() -> None:
    filters = _query(
        since=datetime(2026, 11, 1, tzinfo=UTC), until=datetime(2026, 11, 2, tzinfo=UTC)
    )["filter"]

    limits = {"gte": "2026-11-01T00:00:00+00:00", "lt": "2026-11-02T00:00:00+00:00"}
    assert filters[1:] == [{"range": {"first_seen_at": limits}}]


def test_only_fields_that_may_be_shown_are_highlighted() -> None:
    request = search_request(ArticleSearch(words="pier"))

    assert set(request["highlight"]["fields"]) == {"title", "summary", "body"}
    assert request["highlight"]["pre_tags"] == [HIGHLIGHT_START]
    assert request["highlight"]["post_tags"] == [HIGHLIGHT_END]


def test_request_is_bounded_and_counts_exactly() -> None:
    request = search_request(ArticleSearch(size=100))

    assert request["timeout"] == "10s"
    assert request["track_total_hits"] is True
    assert request["size"] == 100
    assert request["sort"] == ["_score", {"first_seen_at": "desc"}]


def test_newest_first_is_a_choice() -> None:
    request = search_request(ArticleSearch(words="pier", is_newest_first=True))

    assert request["sort"] == [{"first_seen_at": "desc"}, "_score"]


def test_every_field_that_is_asked_for_is_in_the_mapping() -> None:
    search = ArticleSearch(
        words='a b "c d" entity:e', persons=("b",), organizations=("c",), places=("d",),
        licenses=("e", "granted"),
        sources=("f",), languages=("g",), since=datetime(2026, 1, 1, tzinfo=UTC),
        entities=(("h",),), countries=("i",), story_ids=("j",), is_collapsed=True,
    )  # fmt: skip
    asked = json.dumps(
        [search_request(search), origin_request(["u"], size=1), story_sizes_request(["s"])]
    )
    mapping = load_mapping()["mappings"]["properties"]

    for path in _paths(mapping):
        for boost in ("", "^2"):
            asked = asked.replace(f'"{path}{boost}"', "")
    for name in (
        "entities.", "rights.", "_at", "title", "body_internal", "dateline_place", "entity_",
        "countries", "story_id", "quotations", "key_phrases",
    ):  # fmt: skip
        assert name not in asked


def _paths(properties: dict[str, Any], prefix: str = "") -> list[str]:
    found: list[str] = []
    for name, field in properties.items():
        found.append(prefix + name)
        found.extend(_paths(field.get("properties", {}), f"{prefix}{name}."))
        found.extend(_paths(field.get("fields", {}), f"{prefix}{name}."))
    return found


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param({"words": "a" * 501}, id="long"),
        pytest.param({"words": "a " * 65}, id="many-words"),
        pytest.param({"persons": ("a" * 301,)}, id="long-name"),
        pytest.param({"sources": ("a",) * 65}, id="many-sources"),
        pytest.param({"countries": ("a" * 301,)}, id="long-country"),
        pytest.param({"size": 0}, id="size-0"),
        pytest.param({"size": 101}, id="size-101"),
    ],
)
def test_a_question_out_of_bounds_is_refused(parts: dict[str, Any]) -> None:
    with pytest.raises(QueryInvalid, match=r"too long|out of range"):
        search_request(ArticleSearch(**parts))


def test_a_short_prefix_is_refused() -> None:
    with pytest.raises(QueryInvalid, match="at least 6 characters"):
        prefix_request("abcde", size=2)


def test_queries_import_no_client() -> None:
    import dateline.search.article_queries as module

    source = Path(module.__file__).read_text(encoding="utf-8")
    assert "import elasticsearch" not in source
    assert "from elasticsearch" not in source
