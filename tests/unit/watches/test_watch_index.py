"""The index of watches finds what asking every single watch finds, and nothing else."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_up_queries import articles, is_true, queries
from watch_articles import Named, article_view

from dateline.alert_records import MatchReason, Watch
from dateline.errors import QueryInvalid
from dateline.watches.anchors import find_anchor
from dateline.watches.article_view import ArticleView
from dateline.watches.compile_query import compile_query
from dateline.watches.evaluate import evaluate
from dateline.watches.key_rates import KeyRates
from dateline.watches.parse_query import parse_query
from dateline.watches.query_tree import Query
from dateline.watches.watch_index import WatchIndex

WATCH_IDS = tuple("abcde")
steps = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(WATCH_IDS), queries),
    st.tuples(st.just("put"), st.sampled_from(WATCH_IDS), queries),
    st.tuples(st.just("remove"), st.sampled_from(WATCH_IDS)),
    st.tuples(st.just("match"), articles()),
)


def watch(watch_id: str, query: str) -> Watch:
    return Watch(watch_id=watch_id, query=query, created_at=datetime(2026, 1, 1, tzinfo=UTC))


def found(index: WatchIndex, view: ArticleView) -> dict[str, tuple[MatchReason, ...]]:
    matches = index.match(view)
    assert len(matches) == len({each.watch_id for each in matches})
    return {each.watch_id: each.reasons for each in matches}


def brute_force(
    watches: Mapping[str, Query], view: ArticleView
) -> dict[str, tuple[MatchReason, ...]]:
    answers = {watch_id: evaluate(query, view) for watch_id, query in watches.items()}
    return {watch_id: reasons for watch_id, reasons in answers.items() if reasons is not None}


@settings(max_examples=300, deadline=None)
@given(query=queries, view=articles())
def test_evaluate_says_what_looking_everywhere_says(query: Query, view: ArticleView) -> None:
    assert (evaluate(query, view) is not None) == is_true(query.tree, view)


@settings(max_examples=300, deadline=None)
@given(found=st.lists(queries, max_size=12), views=st.lists(articles(), min_size=1, max_size=5))
def test_index_finds_what_asking_every_watch_finds(
    found: list[Query], views: list[ArticleView]
) -> None:
    index = WatchIndex(refiled_at={2, 3})
    watches = {f"w{number}": query for number, query in enumerate(found)}
    for watch_id, query in watches.items():
        index.put_query(watch_id, query)
    for view in views:
        answer = {each.watch_id: each.reasons for each in index.match(view)}
        assert answer == brute_force(watches, view)


@settings(max_examples=200, deadline=None)
@given(todo=st.lists(steps, max_size=25))
def test_watches_come_and_go(todo: list[tuple[Any, ...]]) -> None:
    index = WatchIndex(refiled_at={1, 4})
    watches: dict[str, Query] = {}
    for step in todo:
        match step:
            case ("put", watch_id, query):
                index.put_query(watch_id, query)
                watches[watch_id] = query
            case ("remove", watch_id):
                index.remove(watch_id)
                watches.pop(watch_id, None)
            case ("match", view):
                assert found(index, view) == brute_force(watches, view)
        assert len(index) == len(watches)


@settings(max_examples=200, deadline=None)
@given(query=queries, view=articles())
def test_a_query_that_is_true_has_one_of_its_keys(query: Query, view: ArticleView) -> None:
    anchor = find_anchor(compile_query(query), KeyRates().rate)
    if anchor is not None and evaluate(query, view) is not None:
        words = view.words
        assert any(
            key in view.keys or any(f"{word[: len(key) - 1]}*" == key for word in words)
            for key in anchor.keys
        )


def test_put_replaces_the_watch_with_the_same_id() -> None:
    index, article = WatchIndex(), article_view("Talks in Doha.")
    index.put(watch("a", "doha"))
    index.put(watch("a", "rome"))
    assert (len(index), index.match(article)) == (1, [])


def test_watches_with_one_query_are_told_each() -> None:
    index, article = WatchIndex(), article_view("Talks in Doha.")
    for watch_id in "abc":
        index.put(watch(watch_id, "doha"))
    index.remove("b")
    assert {each.watch_id for each in index.match(article)} == {"a", "c"}
    assert index.count_candidates(article) == 1


def test_query_that_cannot_be_read_leaves_what_was_there() -> None:
    index, article = WatchIndex(), article_view("Talks in Doha.")
    index.put(watch("a", "doha"))
    with pytest.raises(QueryInvalid):
        index.put(watch("a", '"doha'))
    assert [each.watch_id for each in index.match(article)] == ["a"]


def test_removed_watches_leave_nothing() -> None:
    index, article = WatchIndex(), article_view("Talks in Doha.")
    for number, query in enumerate(("doha OR rome*", "entity:Doha", "the NEAR/3 doha")):
        index.put(watch(str(number), query))
    for number in range(3):
        index.remove(str(number))
    index.remove("unknown")
    assert (len(index), index.count_candidates(article)) == (0, 0)
    gc.collect()
    kept = [vars(index)[name] for name in ("_by_text", "_by_watch", "_by_key", "_prefix_lengths")]
    assert not any(kept)


def test_few_queries_are_looked_at() -> None:
    index = WatchIndex()
    for number in range(1_000):
        index.put(watch(f"phrase{number}", f'"the word{number} of"'))
        index.put(watch(f"entity{number}", f'entity:"Person{number} Family{number}"'))
        index.put(watch(f"near{number}", f"the NEAR/5 other{number}"))
    article = article_view(
        "The word7 of Person5 Family5, and the other3.", (Named(name="Person5 Family5"),)
    )
    assert index.count_candidates(article) == 3
    assert {each.watch_id for each in index.match(article)} == {"phrase7", "entity5", "near3"}


def test_rare_words_are_learnt() -> None:
    index = WatchIndex(refiled_at={10})
    index.put(watch("a", '"xi conference"'))  # the short word is the rarer one
    article = article_view("A conference.")
    assert index.count_candidates(article) == 1
    for _ in range(10):
        assert index.match(article) == []
    assert index.count_candidates(article) == 0
    assert [each.watch_id for each in index.match(article_view("Xi conference."))] == ["a"]


def test_evaluate_of_a_parsed_query_is_that_of_the_index() -> None:
    index, article = WatchIndex(), article_view("Nuclear talks in Doha.", title="Doha")
    index.put(watch("a", "(nucl* NEAR/3 doha) AND title:doha"))
    query = parse_query("(nucl* NEAR/3 doha) AND title:doha")
    assert index.match(article)[0].reasons == evaluate(query, article)
