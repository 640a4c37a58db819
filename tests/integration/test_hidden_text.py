"""Text that may be searched but not shown, on the real Elasticsearch: found, never returned."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest
from elasticsearch import ApiError, AsyncElasticsearch, Elasticsearch
from sample_records import at, enriched_article

from dateline.document_records import DocumentEntity, KeyPhrase, Quotation
from dateline.endpoints import async_search_client, search_client
from dateline.outcomes import Outcome
from dateline.records import GroupedArticle, Mention, SearchDocument, VersionSeen
from dateline.rights.decide import decide_all
from dateline.rights.policy import load_policy
from dateline.rights.record import Access, Preferences, Rights, RightsEvidence, RightsObject
from dateline.search.article_queries import ArticleSearch
from dateline.search.expire_internal import Expired, expire_internal
from dateline.search.find_articles import SearchAnswer, find_articles
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import ArticlesIndex, articles_index
from dateline.settings import PROJECT_DIR, Settings
from processors.index.build_document import build_document

pytestmark = pytest.mark.integration
T = TypeVar("T")

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")
OPEN = "The harbour council met on Tuesday and heard the reports of its three committees. " * 4
HIDDEN = "quaggas munched zwieback beside vexed xylophonists"
TEXT = f"{OPEN}In the evening {HIDDEN} until dawn."
UNKNOWN = Rights(status="unknown")
FIRST_SEEN_AT = at(0)
DECIDED_AT = datetime(2020, 1, 1, tzinfo=UTC)  # what expires the day after has expired
AFTER = FIRST_SEEN_AT + timedelta(days=31)


HIDDEN_AT = TEXT.index(HIDDEN)
HIDDEN_SPAN = {"start": HIDDEN_AT, "end": HIDDEN_AT + len(HIDDEN)}
COUNCIL = "Harbour Council of Exampleville"
ENTITY = DocumentEntity(
    entity_id="c" * 64, entity_type="organization", name=COUNCIL, is_full_name=True,
    mention_indices=(0,), role=HIDDEN, roles=(HIDDEN,),
)  # fmt: skip


def article(rights: Rights = UNKNOWN, *, revision: int = 1, key: str = "k") -> SearchDocument:
    """Return an article as the stages make it; each field that quotes the text has hidden words."""
    enriched = enriched_article(
        TEXT, key=key, rights=rights, summary=TEXT, entities=(ENTITY,),
        mentions=(
            Mention(
                text=COUNCIL, label="ORG", entity_type="organization", entity_id=ENTITY.entity_id,
                start=4, end=19, sentence_start=0, sentence_end=len(TEXT), detector="m@1",
            ),
        ),
        quotations=(
            Quotation(kind="direct", **HIDDEN_SPAN, verb="munched", entity=0, reason="named"),
        ),
        key_phrases=(
            KeyPhrase(kind="event", text=HIDDEN, **HIDDEN_SPAN, score=1.0, entity=0),
        ),
    )  # fmt: skip
    raw = enriched.article
    return build_document(
        GroupedArticle(
            article_id=raw.article_id, source_id=raw.source_id, revision=revision,
            change="content", first_seen_at=FIRST_SEEN_AT, observed_at=raw.observed_at,
            origin="live", pub_status="usable", story_id="s" * 64,
            versions=(VersionSeen(content_sha256=raw.content_sha256, updated_at=raw.updated_at,
                                  revision=revision),),
            decisions=decide_all(rights, policy=POLICY, at=DECIDED_AT), enriched=enriched,
        )
    )  # fmt: skip


class Bench:
    """The index of one namespace."""

    def __init__(self, client: AsyncElasticsearch, settings: Settings) -> None:
        self.client = client
        self.index: ArticlesIndex = articles_index(settings)
        self._writer = IndexWriter(
            client, self.index, max_bulk_bytes=5_000_000, retry_ceiling_seconds=1.0,
            on_wait=lambda: None,
        )  # fmt: skip

    async def write(self, *documents: SearchDocument) -> list[Any]:
        results = await self._writer.write(documents)
        await self.refresh()
        return list(results)

    async def refresh(self) -> None:
        await self.client.indices.refresh(index=self.index.read_alias)

    async def search(self, **body: Any) -> Any:
        answer = await self.client.search(index=self.index.read_alias, body=body)
        return answer.body

    async def found_count(self) -> int:
        answer = await self.search(query={"match_phrase": {"body_internal": HIDDEN}})
        return int(answer["hits"]["total"]["value"])

    async def expire(self, now: datetime = AFTER) -> Expired:
        expired = await expire_internal(self.client, self.index, now=now)
        if await self.client.indices.exists_alias(name=self.index.read_alias):
            await self.refresh()
        return expired


def run(settings: Settings, work: Callable[[Bench], Awaitable[T]]) -> T:
    async def main() -> T:
        client = async_search_client(settings)
        try:
            return await asyncio.wait_for(work(Bench(client, settings)), 60)
        finally:
            await client.close()

    return asyncio.run(main())


def asked(settings: Settings, **search: Any) -> SearchAnswer:
    client: Elasticsearch = search_client(settings)
    try:
        return find_articles(client, articles_index(settings), ArticleSearch(**search))
    finally:
        client.close()


# ---- found, never returned -----------------------------------------------------------------------

PHRASE = {"match_phrase": {"body_internal": HIDDEN}}
LEAKS = {
    "source": {"_source": ["*"]},
    "fields": {"fields": ["*", "body_internal"], "_source": False},
    "stored_fields": {"stored_fields": ["*", "body_internal", "_recovery_source"]},
    "highlight": {
        "highlight": {"fields": {"*": {"require_field_match": False}, "body_internal": {}}}
    },
    "plain_highlight": {
        "highlight": {"type": "plain", "fields": {"body_internal": {"number_of_fragments": 0}}}
    },
    "significant_text": {
        "aggs": {"x": {"significant_text": {"field": "body_internal", "min_doc_count": 1}}}
    },
    "top_hits": {"aggs": {"x": {"top_hits": {"size": 10, "_source": True}}}},
    "collapse": {"collapse": {"field": "article_id", "inner_hits": {"name": "x", "fields": ["*"]}}},
    "nested_hits": {
        "query": {
            "bool": {
                "must": [PHRASE],
                "should": [
                    {"nested": {"path": path, "query": {"match_all": {}}, "inner_hits": {}}}
                    for path in ("document_entities", "quotations", "mentions")
                ],
            }
        }
    },
    "named_values": {
        "aggs": {
            "phrases": {"terms": {"field": "key_phrases"}},
            "roles": {
                "nested": {"path": "document_entities"},
                "aggs": {"x": {"terms": {"field": "document_entities.role"}}},
            },
            "verbs": {
                "nested": {"path": "quotations"},
                "aggs": {"x": {"terms": {"field": "quotations.verb"}}},
            },
        }
    },
    "docvalue_fields": {"docvalue_fields": ["body_internal"]},
    "terms": {"aggs": {"x": {"terms": {"field": "body_internal"}}}},
    "sort": {"sort": ["body_internal"]},
    "script_fields": {"script_fields": {"x": {"script": {"source": "params._source.toString()"}}}},
    "runtime_fields": {
        "runtime_mappings": {
            "x": {"type": "keyword", "script": {"source": "emit(params._source.toString())"}}
        },
        "fields": ["x"],
    },
    "completion": {"suggest": {"x": {"prefix": "qua", "completion": {"field": "body_internal"}}}},
}


@pytest.mark.parametrize("leak", LEAKS)
def test_hidden_phrase_is_found_and_never_returned(pipeline_settings: Settings, leak: str) -> None:
    async def work(bench: Bench) -> str:
        assert await bench.write(article()) == [Outcome.INDEXED]
        assert await bench.found_count() == 1  # the test would prove nothing without it
        try:
            answer = await bench.search(**{"query": PHRASE, **LEAKS[leak]})
        except ApiError as error:
            return json.dumps(error.body)
        # Elasticsearch repeats nothing of the question in an answer.
        return json.dumps(answer)

    told = run(pipeline_settings, work)

    assert "xylophonists" not in told
    assert "zwieback" not in told
    assert "munched" not in told


def test_what_quotes_the_text_returns_with_the_right_to_show_it(
    pipeline_settings: Settings,
) -> None:
    """The tests above would pass, too, if these fields were never filled."""

    async def work(bench: Bench) -> dict[str, Any]:
        free = Rights(status="granted", confidence=0.9, effective=("by",))
        await bench.write(article(free))
        (hit,) = (await bench.search(query={"match_all": {}}))["hits"]["hits"]
        source: dict[str, Any] = hit["_source"]
        return source

    source = run(pipeline_settings, work)

    assert source["key_phrases"] == [HIDDEN]
    assert source["quotations"][0]["text"] == HIDDEN
    assert source["quotations"][0]["verb"] == "munched"
    assert source["document_entities"][0]["role"] == HIDDEN
    assert HIDDEN in source["mentions"][0]["sentence"]


def test_names_are_found_in_an_article_of_which_only_a_snippet_may_be_shown(
    pipeline_settings: Settings,
) -> None:
    run(pipeline_settings, lambda bench: bench.write(article()))

    (hit,) = asked(pipeline_settings, words="Exampleville").hits

    assert hit.document.entity_names == (COUNCIL,)
    assert hit.document.entities.organization == (COUNCIL,)


def test_suggestions_give_single_words_and_no_text(pipeline_settings: Settings) -> None:
    """A spelling suggester reads words of the index: it can confirm one, as a search can."""

    async def work(bench: Bench) -> str:
        await bench.write(article())
        suggest = {
            "term": {"text": "xylophonsits", "term": {"field": "body_internal"}},
            "phrase": {"text": "quagas munched zwiebak", "phrase": {"field": "body_internal"}},
        }
        return json.dumps(await bench.search(suggest=suggest, size=0))

    assert "beside vexed" not in run(pipeline_settings, work)


def test_term_vectors_do_not_hold_the_hidden_text(pipeline_settings: Settings) -> None:
    async def work(bench: Bench) -> str:
        document = article()
        await bench.write(document)
        name = bench.index.index_name(bench.index.write_alias(FIRST_SEEN_AT))
        vectors = await bench.client.termvectors(
            index=name, id=document.article_id, fields=["body_internal", "body"]
        )
        whole = await bench.client.get(index=name, id=document.article_id)
        return json.dumps([vectors.body, whole.body])

    assert "xylophonists" not in run(pipeline_settings, work)


def test_search_finds_by_hidden_words_and_shows_the_snippet(pipeline_settings: Settings) -> None:
    run(pipeline_settings, lambda bench: bench.write(article()))

    (hit,) = asked(pipeline_settings, words=f'"{HIDDEN}"').hits

    shown = [hit.title, hit.summary, *hit.fragments]
    assert all(HIDDEN not in (text or "") for text in shown)
    assert hit.fragments
    assert all(len(text or "") <= 300 for text in shown)


def test_passage_that_no_snippet_may_show_is_found_and_not_shown(
    pipeline_settings: Settings,
) -> None:
    free = Rights(
        status="granted", confidence=0.9, effective=("by",),
        preferences=Preferences(nosnippet_texts=(HIDDEN,)),
    )  # fmt: skip
    run(pipeline_settings, lambda bench: bench.write(article(free)))

    (hit,) = asked(pipeline_settings, words=f'"{HIDDEN}"').hits

    assert hit.document.decision.public_search is not None
    assert hit.document.decision.public_search.display == "full"
    assert all("zwieback" not in (text or "") for text in [hit.summary, *hit.fragments])


@pytest.mark.parametrize(
    "rights",
    [
        pytest.param(replace(UNKNOWN, preferences=Preferences(noindex=True)), id="noindex"),
        pytest.param(
            replace(UNKNOWN, access=Access(expires_at=DECIDED_AT + timedelta(days=1))),
            id="expired-meanwhile",
        ),
        pytest.param(
            replace(UNKNOWN, access=Access(embargoed_until=datetime(9000, 1, 1, tzinfo=UTC))),
            id="embargo",
        ),
    ],
)  # fmt: skip
def test_articles_that_may_not_be_in_search_are_not_found(
    pipeline_settings: Settings, rights: Rights
) -> None:
    run(pipeline_settings, lambda bench: bench.write(article(rights), article(key="other")))

    assert len(asked(pipeline_settings).hits) == 1


# ---- the time limit ------------------------------------------------------------------------------


def test_hidden_text_is_dropped_when_its_time_is_over(pipeline_settings: Settings) -> None:
    async def work(bench: Bench) -> None:
        limited, free = article(), article(Rights(status="granted", confidence=0.9), key="free")
        await bench.write(limited, free)

        assert await bench.expire(AFTER - timedelta(days=2)) == Expired()
        assert await bench.found_count() == 1

        assert await bench.expire() == Expired(dropped_count=1)
        assert await bench.found_count() == 0
        assert await bench.expire() == Expired()

        hits = (await bench.search(query={"match_all": {}}, version=True))["hits"]["hits"]
        assert sorted(hit["_version"] for hit in hits) == [1, 1]
        kept = next(hit for hit in hits if hit["_id"] == limited.article_id)["_source"]
        assert kept["body"] == limited.body
        assert kept["title"] == "A title"
        # The same revision again does not bring it back; the next one does.
        assert await bench.write(limited) == [Outcome.DUPLICATE]
        assert await bench.found_count() == 0
        assert await bench.write(replace(limited, revision=2)) == [Outcome.INDEXED]
        assert await bench.found_count() == 1

    run(pipeline_settings, work)


def test_newer_revision_wins_over_the_time_limit(pipeline_settings: Settings) -> None:
    async def work(bench: Bench) -> None:
        await bench.write(article())
        bulk = bench.client.bulk

        async def overtaken(**request: Any) -> Any:
            bench.client.bulk = bulk  # type: ignore[method-assign]  # the race, made certain
            free = Rights(status="granted", confidence=0.9, effective=("by",))
            await bench.write(article(free, revision=2))
            return await bulk(**request)

        bench.client.bulk = overtaken  # type: ignore[method-assign,assignment]
        assert await bench.expire() == Expired(replaced_count=1)
        (hit,) = (await bench.search(query={"match_all": {}}))["hits"]["hits"]
        assert hit["_source"]["revision"] == 2
        assert HIDDEN in hit["_source"]["body"]

    run(pipeline_settings, work)


# aiohttp's advice for bodies over 1 MB: the client takes no file object.
@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
def test_more_documents_than_a_page_are_all_dropped(pipeline_settings: Settings) -> None:
    async def work(bench: Bench) -> None:
        await bench.write(*(article(key=str(number)) for number in range(450)))

        assert await bench.expire() == Expired(dropped_count=450)
        assert await bench.found_count() == 0

    run(pipeline_settings, work)


def test_without_an_index_there_is_nothing_to_drop(pipeline_settings: Settings) -> None:
    assert run(pipeline_settings, lambda bench: bench.expire()) == Expired()


# ---- rights as they can be asked for -------------------------------------------------------------


def test_rights_can_be_asked_by_flags_filters_and_nested_evidence(
    pipeline_settings: Settings,
) -> None:
    evidence = RightsEvidence(
        id="e1", object_id="text", layer="text", field="body", start=0, end=9, quote=HIDDEN,
        text_sha256="d" * 64, frame="grant_text", scope="this_object", rank=70, confidence=0.9,
        detector="notice.this_text", registry_version="1", spdx_expression="CC-BY-NC-4.0",
    )  # fmt: skip
    rights = Rights(
        status="granted", spdx_expression="CC-BY-NC-4.0", effective=("by", "nc"), confidence=0.9,
        evidence=(evidence,),
        objects=(RightsObject(id="i1", kind="image", spdx_expression="CC-BY-2.0"),),
    )  # fmt: skip
    wanted: list[dict[str, Any]] = [
        {"term": {"rights.flags.nc": True}},
        {"term": {"rights.flags.sa": False}},
        {"term": {"decision.public_search.display": "snippet"}},
        {"term": {"decision.ml_training.ai_use": "denied"}},
        {"term": {"decision.rag.policy_id": POLICY.stamp}},
        {"range": {"rights.confidence": {"gte": 0.85}}},
        _nested("rights.evidence", {"rights.evidence.frame": "grant_text",
                                    "rights.evidence.layer": "text"}),
        _nested("rights.objects", {"rights.objects.kind": "image",
                                   "rights.objects.spdx_expression": "CC-BY-2.0"}),
        _nested("decisions", {"decisions.purpose": "redistribution_nc",
                              "decisions.display": "full"}),
    ]  # fmt: skip
    unwanted = [
        _nested("decisions", {"decisions.purpose": "rag", "decisions.display": "full"}),
        {"term": {"rights.flags.nd": True}},
    ]

    async def work(bench: Bench) -> tuple[list[int], str]:
        await bench.write(article(rights))
        counts = []
        for query in [*wanted, *unwanted]:
            answer = await bench.search(query=query)
            counts.append(answer["hits"]["total"]["value"])
        charted = await bench.search(
            size=0, aggs={"x": {"terms": {"field": "decision.public_search.display"}}}
        )
        return counts, charted["aggregations"]["x"]["buckets"][0]["key"]

    counts, charted = run(pipeline_settings, work)

    assert counts == [1] * len(wanted) + [0] * len(unwanted)
    assert charted == "snippet"


def _nested(path: str, terms: dict[str, str]) -> dict[str, Any]:
    must = [{"term": {name: value}} for name, value in terms.items()]
    return {"nested": {"path": path, "query": {"bool": {"must": must}}}}
