from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from elastic_transport import ConnectionError as TransportConnectionError
from elasticsearch import BadRequestError, NotFoundError
from sample_documents import RIGHTS, document, tombstone

from dateline.errors import ConfigError, InvariantBroken, SearchUnavailable
from dateline.records import ArticleState, PreferenceFields, SearchDocument
from dateline.rights.decide import decisions_sha256
from dateline.search.archive import FIELDS, find_archived
from dateline.search.templates import ArticlesIndex, apply_templates, index_template, load_mapping
from dateline.settings import load_settings

INDEX = ArticlesIndex(read_alias="blue-news-articles")


def meta(status: int) -> ApiResponseMeta:
    return ApiResponseMeta(
        status=status, http_version="1.1", headers=HttpHeaders(), duration=0.1,
        node=NodeConfig("http", "localhost", 9200),
    )  # fmt: skip


def test_names_of_a_month() -> None:
    alias = INDEX.write_alias(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))

    assert alias == "blue-news-articles-2026.03"
    assert INDEX.index_name(alias) == "blue-news-articles-v2-2026.03"


def test_stories_and_entities_have_an_index_each_beside_the_articles() -> None:
    assert (INDEX.stories.alias, INDEX.entities.alias) == (
        "blue-news-stories",
        "blue-news-entities",
    )
    assert INDEX.stories.index_name == "blue-news-stories-v1"
    assert ArticlesIndex(read_alias="news-articles").entities.alias == "news-entities"


def test_template_matches_its_own_namespace_only() -> None:
    template = index_template(INDEX, load_mapping(), analyzer="standard", refresh_interval_ms=250)

    assert template["index_patterns"] == ["blue-news-articles-v2-*"]
    assert template["template"]["aliases"] == {"blue-news-articles": {}}
    assert template["template"]["settings"]["refresh_interval"] == "250ms"
    analyzer = template["template"]["settings"]["analysis"]["analyzer"]
    assert analyzer == {"dateline_text": {"type": "standard"}}


def test_template_leaves_the_mapping_as_it_was_read() -> None:
    mapping = load_mapping()

    index_template(INDEX, mapping, analyzer="standard", refresh_interval_ms=250)

    assert mapping == load_mapping()


def test_mapping_has_the_fields_of_the_document_and_no_other() -> None:
    mapped = set(load_mapping()["mappings"]["properties"])

    assert mapped == {field.name for field in fields(SearchDocument)}


def test_mapping_guesses_nothing_and_hides_what_may_not_be_shown() -> None:
    mappings = load_mapping()["mappings"]

    assert mappings["dynamic"] == "strict"
    assert mappings["_source"] == {"excludes": ["body_internal"]}
    assert load_mapping()["settings"]["index.translog.durability"] == "request"


@pytest.mark.parametrize("content", [None, "{", "\ufeff{}"])
def test_unreadable_mapping_is_an_error(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "articles.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigError, match=r"index mapping .*articles\.json: "):
        load_mapping(path)


class Refusing:
    """A client whose template calls fail."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.indices = self

    def options(self, **_options: Any) -> Refusing:
        return self

    async def get_index_template(self, **_request: Any) -> Any:
        raise self._error


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadRequestError("illegal_argument_exception", meta(400), {}), ConfigError),
        (NotFoundError("no handler", meta(404), {}), SearchUnavailable),
        (TransportConnectionError("refused"), SearchUnavailable),
    ],
)
def test_refused_template_is_the_operators_and_an_absent_server_is_waited_for(
    error: Exception, expected: type[Exception]
) -> None:
    client: Any = Refusing(error)

    with pytest.raises(expected):
        asyncio.run(apply_templates(client, load_settings(environ={})))


# ---- the archive, which is read through the same index -------------------------------------------


def state_fields() -> set[str]:
    derived = {"current_sha256", "current_updated_at", "last_changed_at", "decisions_sha256"}
    # Of what is older than the window no copies are looked for, and no text can be read back.
    window_only = {
        "revived_at", "canonical_url", "text_sha256", "enriched_offset", "decided_at", "event_at",
        "lane", "copy_sign", "member", "story_entities", "resolved_sha256",
    }  # fmt: skip
    return {field.name for field in fields(ArticleState)} - derived - window_only


def test_archive_asks_for_every_field_of_the_state() -> None:
    assert state_fields() <= {name.partition(".")[0] for name in FIELDS}


class Archive:
    """A client that answers one search."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self.request: dict[str, Any] = {}

    async def search(self, **request: Any) -> Any:
        self.request = request
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def find(answer: Any) -> tuple[Mapping[str, ArticleState], dict[str, Any]]:
    client: Any = Archive(answer)
    return asyncio.run(find_archived(client, INDEX, ["a" * 64])), client.request


def test_archived_article_comes_back_as_state() -> None:
    source = {
        "article_id": "a" * 64, "source_id": "wire.example", "revision": 4, "story_id": "s",
        "story_aliases": ["t"], "first_seen_at": "2026-03-01T08:00:00Z",
        "observed_at": "2026-03-02T08:00:00Z", "updated_at": "2026-03-02T07:00:00Z",
        "content_sha256": "c" * 64, "pub_status": "usable",
        "versions": [{"content_sha256": "c" * 64, "updated_at": "2026-03-02T07:00:00Z",
                      "revision": 4}],
    }  # fmt: skip

    states, _ = find({"hits": {"hits": [{"_source": source}]}})

    state = states["a" * 64]
    assert (state.revision, state.current_sha256, state.pub_status) == (4, "c" * 64, "usable")
    assert state.first_seen_at == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert state.current_updated_at == datetime(2026, 3, 2, 7, tzinfo=UTC)
    assert state.versions[0].revision == 4


def archived(document: SearchDocument) -> ArticleState:
    source = msgspec.to_builtins(document)
    states, _ = find({"hits": {"hits": [{"_source": source}]}})
    return states[document.article_id]


def test_archived_article_comes_back_with_its_decisions_and_rights() -> None:
    known = document(origin_article_id="b" * 64)

    state = archived(known)

    assert state.decisions_sha256 == decisions_sha256(known.decisions)
    assert state.rights is not None
    assert (state.rights.status, state.rights.spdx_expression) == ("granted", "CC-BY-4.0")
    assert (state.url, state.origin_article_id) == (known.url, "b" * 64)


def test_archived_origin_whose_passages_are_not_indexed_allows_no_snippet() -> None:
    rights = replace(RIGHTS, preferences=PreferenceFields(has_nosnippet=True))

    state = archived(document(rights=rights))

    assert state.rights is not None
    assert state.rights.preferences.snippet_max_chars == 0


def test_archived_tombstone_has_no_rights() -> None:
    state = archived(tombstone())

    assert (state.rights, state.decisions_sha256) == (None, None)


def test_hidden_part_of_the_index_is_no_answer() -> None:
    """An old article on a shard that is away would begin again at revision 1."""
    _, request = find({"hits": {"hits": []}})

    assert request["allow_partial_search_results"] is False
    assert request["size"] == 1


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (BadRequestError("parsing_exception", meta(400), {}), InvariantBroken),
        (TransportConnectionError("refused"), SearchUnavailable),
    ],
)
def test_failed_lookup_rejects_no_record(error: Exception, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        find(error)
