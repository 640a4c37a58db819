"""Answers of the server as typed documents, and its errors as ours."""

from __future__ import annotations

from typing import Any, cast

import msgspec
import pytest
from elastic_transport import ApiResponseMeta, ConnectionError, HttpHeaders, NodeConfig
from elasticsearch import BadRequestError, Elasticsearch
from sample_documents import document

from dateline.errors import ConfigError, SchemaMismatch, SearchUnavailable
from dateline.search.article_queries import ArticleSearch
from dateline.search.find_articles import find_article, find_articles, find_by_origin
from dateline.search.templates import ArticlesIndex

INDEX = ArticlesIndex(read_alias="news-articles")


class FakeClient:
    """Gives one prepared answer and remembers the question."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self._answer = answer
        self.asked: dict[str, Any] = {}

    def search(self, **question: Any) -> dict[str, Any]:
        self.asked = question
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def _client(answer: dict[str, Any] | Exception) -> Elasticsearch:
    return cast(Elasticsearch, FakeClient(answer))


def _answer(*rows: dict[str, Any], shards: int = 1, **changes: Any) -> dict[str, Any]:
    hits = {"total": {"value": len(rows)}, "hits": list(rows)}
    failed = changes.pop("failed", 0)
    counts = {"total": shards, "failed": failed}
    return {"took": 3, "timed_out": False, "_shards": counts, "hits": hits, **changes}


def _row(key: str = "pier.txt", **extra: Any) -> dict[str, Any]:
    source = msgspec.to_builtins(document(key))
    del source["body_internal"]
    return {"_id": source["article_id"], "_source": source, **extra}


def test_find_articles_returns_marked_and_plain_fields() -> None:
    row = _row(highlight={"title": ["New \ue000pier\ue001"], "body": ["the \ue000pier\ue001"]})

    answer = find_articles(_client(_answer(row)), INDEX, ArticleSearch(words="pier"))

    hit = answer.hits[0]
    assert hit.title == "New \ue000pier\ue001"
    assert hit.summary == document().summary
    assert hit.fragments == ("the \ue000pier\ue001",)
    assert hit.document.article_id == document().article_id
    assert (answer.total_count, answer.took_ms, answer.is_partial) == (1, 3, False)


@pytest.mark.parametrize(
    ("limit", "kept"),
    [(None, 2), (300, 2), (10, 2), (9, 1), (5, 1), (4, 0), (0, 0)],
)
def test_fragments_are_together_no_longer_than_a_snippet_may_be(
    limit: int | None, kept: int
) -> None:
    fragments = ["a \ue000bc\ue001d", "efghi"]
    row = _row(highlight={"body": fragments})
    row["_source"]["rights"]["preferences"]["snippet_max_chars"] = limit

    answer = find_articles(_client(_answer(row)), INDEX, ArticleSearch(words="bc"))

    assert answer.hits[0].fragments == tuple(fragments[:kept])


def test_find_articles_says_when_nothing_is_indexed_yet() -> None:
    assert find_articles(_client(_answer(shards=0)), INDEX, ArticleSearch()).is_empty_index


@pytest.mark.parametrize("change", [{"timed_out": True}, {"failed": 1}])
def test_find_articles_says_when_hits_may_be_missing(change: dict[str, Any]) -> None:
    assert find_articles(_client(_answer(**change)), INDEX, ArticleSearch()).is_partial


def test_find_article_asks_the_read_alias_for_a_whole_id() -> None:
    client = FakeClient(_answer(_row()))
    article_id = document().article_id

    found = find_article(cast(Elasticsearch, client), INDEX, article_id.upper())

    assert found is not None
    assert client.asked["index"] == "news-articles"
    assert client.asked["allow_partial_search_results"] is False
    assert client.asked["body"]["query"] == {"ids": {"values": [article_id]}}


def test_find_article_returns_none_when_there_is_none() -> None:
    assert find_article(_client(_answer()), INDEX, "abcdef") is None


def test_find_article_refuses_an_ambiguous_prefix() -> None:
    rows = [{**_row(), "_id": "abcdef0" + "0" * 57}, {**_row(), "_id": "abcdef1" + "0" * 57}]

    with pytest.raises(ConfigError) as caught:
        find_article(_client(_answer(*rows)), INDEX, "abcdef")

    assert str(caught.value) == (
        "several articles begin with 'abcdef': abcdef000000, abcdef100000. Give more characters."
    )


@pytest.mark.parametrize("given", ["", "xyz", "abcde", "a" * 65, "abc def"])
def test_find_article_refuses_what_is_no_id(given: str) -> None:
    with pytest.raises(ConfigError, match=r"is no article id|too short"):
        find_article(_client(_answer()), INDEX, given)


def test_find_by_origin_returns_all_that_match() -> None:
    found = find_by_origin(_client(_answer(_row("a"), _row("b"))), INDEX, "a", "b")

    assert [one.key for one in found] == ["a", "b"]


def test_a_server_that_is_away_is_unavailable() -> None:
    with pytest.raises(SearchUnavailable):
        find_articles(_client(ConnectionError("refused")), INDEX, ArticleSearch())


def test_a_refused_request_says_what_to_do() -> None:
    node = NodeConfig(scheme="http", host="localhost", port=9200)
    meta = ApiResponseMeta(400, "1.1", HttpHeaders(), 0.1, node)
    error = BadRequestError("parsing_exception", meta, {})

    with pytest.raises(ConfigError, match=r"refuses the request.*dateline index apply"):
        find_articles(_client(error), INDEX, ArticleSearch())


def test_a_document_of_another_shape_is_named() -> None:
    row = {"_source": {"article_id": "a" * 64}}

    with pytest.raises(SchemaMismatch, match="another shape \\(aaaa"):
        find_articles(_client(_answer(row)), INDEX, ArticleSearch())
