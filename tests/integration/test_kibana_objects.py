"""Every panel, search, list and rule of Kibana against the real Elasticsearch and its mapping."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from alert_samples import NOW, alert, entry
from cli_on_servers import index_documents, run_command
from elasticsearch import Elasticsearch
from sample_documents import FIRST_SEEN_AT, FULL, RIGHTS, document, snippet_document, tombstone

from dateline.alerts.deliveries import Attempt, DeliveryStore, new_delivery, with_attempt
from dateline.alerts.ledger import Ledger
from dateline.cli.kibana import kibana
from dateline.endpoints import async_search_client, search_client
from dateline.kibana.check_index import count_buckets, field_problems, panel_request
from dateline.kibana.conditions import Condition, query
from dateline.kibana.declarations import Panel, Search, load_declarations
from dateline.kibana.rules import rule_body
from dateline.kibana.saved_objects import Names
from dateline.kibana.used_fields import Use, used_fields
from dateline.local import Endpoints
from dateline.records import (
    DecisionFilter,
    DecisionFilters,
    EntityRecord,
    GeoPointField,
    SearchDocument,
    StoryRecord,
)
from dateline.rights.record import Access, Resolution
from dateline.search.templates import apply_templates, articles_index
from dateline.settings import Settings, load_settings

pytestmark = pytest.mark.integration

DECLARED = load_declarations()
ALLOWED = DecisionFilter(
    policy_id="default@1", store="full", display="full", export=True, ai_use="allowed"
)
DECISIONS = DecisionFilters(
    public_search=ALLOWED, redistribution_commercial=ALLOWED, ml_training=ALLOWED
)
CONFLICT = replace(
    RIGHTS, status="conflict", resolution=Resolution(rules=("R1",), has_disagreement=True)
)
LISBON = GeoPointField(lat=38.7, lon=-9.1)
DELAY_MINUTES = 30
SHOWN = 4
ALERT_SECONDS, DELIVERY_SECONDS = 3600, 120


def articles() -> list[SearchDocument]:
    """Four articles that search shows, two under embargo or out of search, one withdrawn."""
    common: dict[str, Any] = {
        "decision": DECISIONS, "geo_points": (LISBON,), "countries": ("pt",), "decisions": (FULL,),
        "published_at": FIRST_SEEN_AT - timedelta(minutes=DELAY_MINUTES),
    }  # fmt: skip
    embargo = replace(
        RIGHTS, access=Access(embargoed_until=datetime(2099, 1, 1, tzinfo=NOW.tzinfo))
    )
    unseen = replace(DECISIONS, public_search=replace(ALLOWED, display="no_index"))
    return [
        document("a.txt", rights=CONFLICT, **common),
        document("b.txt", role="copy", date_flags=("no_time",), **common),
        document("c.txt", source_id="hill-post", mentions_absent_reason="text too long", **common),
        snippet_document("d.txt", **{**common, "published_at": None}),
        document("embargoed.txt", **{**common, "rights": embargo}),
        document("unseen.txt", **{**common, "decision": unseen}),
        tombstone(),
    ]


STORY = StoryRecord(
    story_id="5a" * 32, root_article_id="a" * 64, revision=1, title="New pier", article_count=4,
    first_at=FIRST_SEEN_AT, last_at=FIRST_SEEN_AT,
)  # fmt: skip
ENTITY = EntityRecord(
    entity_id="Q1", revision=1, entity_type="place", name="Lisbon", names=("Lisboa",),
    member_ids=("Q1",), updated_at=FIRST_SEEN_AT,
)  # fmt: skip


def write_alerts(settings: Settings) -> None:
    """Write two alerts: one told in two minutes, one given up after two tries."""
    read_at = NOW - timedelta(seconds=ALERT_SECONDS)
    told, lost = (
        replace(each, content=replace(each.content, first_seen_at=read_at))
        for each in (alert("told"), alert("lost"))
    )
    delivered = replace(
        new_delivery(told, NOW), status="delivered", attempts=1,
        delivered_at=NOW + timedelta(seconds=DELIVERY_SECONDS),
    )  # fmt: skip
    refusal = Attempt(at=NOW, outcome="refused", status_code=410, error="gone")
    failed = replace(with_attempt(new_delivery(lost, NOW), refusal), status="failed", attempts=2)
    waiting = replace(new_delivery(replace(lost, channel_id="night"), NOW), attempts=3)

    async def write() -> None:
        client = async_search_client(settings)
        index = articles_index(settings)
        try:
            assert all(await Ledger(client, index.alerts).create([entry(told), entry(lost)]))
            await DeliveryStore(client, index.deliveries).create([delivered, failed, waiting])
            await client.indices.refresh(index=[index.alerts.alias, index.deliveries.alias])
        finally:
            await client.close()

    asyncio.run(write())


@dataclass
class Desk:
    """An index with documents for every panel."""

    settings: Settings
    client: Elasticsearch

    def index(self, view_id: str) -> str:
        return Names(self.settings.project.namespace).index(DECLARED.view(view_id))

    def ask(self, panel: Panel) -> Mapping[str, Any]:
        """Return the answer to the aggregation that stands beside a panel."""
        assert panel.aggregation is not None
        request = panel_request(DECLARED, panel, panel.aggregation)
        return self.client.search(index=self.index(panel.view), **request).body


@pytest.fixture(scope="module")
def desk(servers: Endpoints) -> Iterator[Desk]:
    """One namespace for all tests that only read."""
    assignments = [f"elasticsearch.url={servers.elasticsearch_url}", "project.namespace=kibanadesk"]
    settings = load_settings(environ={}, assignments=assignments)

    async def apply() -> None:
        writer = async_search_client(settings)
        try:
            await apply_templates(writer, settings)
        finally:
            await writer.close()

    asyncio.run(apply())
    index_documents(settings, [*articles(), STORY, ENTITY])
    write_alerts(settings)
    client = search_client(settings)
    yield Desk(settings, client)
    client.close()


def panel_of(path: str) -> Panel:
    return next(p for page, p in DECLARED.panels() if f"{page.id}/{p.id}" == path)


def test_every_field_is_in_the_live_mapping_and_fit_for_its_use(desk: Desk) -> None:
    live = {
        view.id: desk.client.field_caps(index=desk.index(view.id), fields="*")["fields"]
        for view in DECLARED.views
    }
    uses = list(used_fields(DECLARED))
    assert len(uses) > 150
    assert [(use, p) for use in uses for p in field_problems(use, live[use.view])] == []

    def problem(field: str, **changes: Any) -> list[str]:
        use = Use(where="x", view="articles", field=field, **changes)
        return list(field_problems(use, live["articles"]))

    assert problem("titel") == ["the index has no such field"]
    assert problem("body", is_counted=True) == ["it cannot be counted"]
    assert problem("source_id", types=frozenset({"date"})) == ["it is keyword, not date"]
    assert problem("rights.attribution.text") == ["it cannot be searched"]


def test_every_panel_gets_buckets_for_the_aggregation_beside_it(desk: Desk) -> None:
    asked, empty = 0, []
    for page, panel in DECLARED.panels():
        if panel.kind in {"search", "text"}:
            continue
        answer = desk.ask(panel)
        found = count_buckets(answer.get("aggregations", {}))
        asked += 1
        if not (found if panel.aggregation else answer["hits"]["total"]["value"]):
            empty.append(f"{page.id}/{panel.id}")
    assert asked > 40
    assert empty == []


def as_kibana_asks(conditions: Sequence[Condition]) -> dict[str, Any]:
    """Return what Kibana makes of the text of the conditions: values in quotes are phrases."""

    def clause(condition: Condition) -> dict[str, Any]:
        if condition.exists:
            return {"exists": {"field": condition.field}}
        if condition.bound:
            word, _, value = condition.bound
            return {"range": {condition.field: {word: value}}}
        phrases = [{"match_phrase": {condition.field: value}} for value in condition.any_of]
        return {"bool": {"should": phrases, "minimum_should_match": 1}}

    wanted = [clause(each) for each in conditions if not each.negate]
    unwanted = [{"bool": {"must_not": clause(each)}} for each in conditions if each.negate]
    return {"bool": {"filter": [*wanted, *unwanted]}}


def test_conditions_find_the_same_in_both_languages(desk: Desk) -> None:
    shown = [panel for _, panel in DECLARED.panels() if panel.view]
    for item in (*shown, *DECLARED.searches):
        conditions = DECLARED.conditions(item)
        index = desk.index(item.view)
        ours = desk.client.count(index=index, query=query(conditions))["count"]
        theirs = desk.client.count(index=index, query=as_kibana_asks(conditions))["count"]
        assert ours == theirs > 0, item.id


def test_pages_count_what_search_shows_and_the_others_everything(desk: Desk) -> None:
    def total(path: str) -> int:
        count: int = desk.ask(panel_of(path))["hits"]["total"]["value"]
        return count

    assert total("news/articles") == total("entity/articles") == SHOWN
    assert total("news/people") == SHOWN
    assert total("license/licenses") == total("pipeline/articles-per-hour") == len(articles())


def test_buckets_are_those_of_the_documents(desk: Desk) -> None:
    by_source = desk.ask(panel_of("license/by-source"))["aggregations"]["group1"]["buckets"]
    assert [(bucket["key"], bucket["doc_count"]) for bucket in by_source] == [
        ("coast-wire", 6), ("hill-post", 1),
    ]  # fmt: skip
    statuses = {each["key"] for each in by_source[0]["group2"]["buckets"]}
    assert statuses == {"granted", "conflict", "unknown"}
    (cell,) = desk.ask(panel_of("news/map"))["aggregations"]["grid"]["buckets"]
    assert cell["doc_count"] == SHOWN


@pytest.mark.parametrize(
    ("path", "seconds", "documents"),
    [
        ("pipeline/delay-published", DELAY_MINUTES * 60, 5),
        ("pipeline/delay-alerted", ALERT_SECONDS, 2),
        ("pipeline/delay-delivered", DELIVERY_SECONDS, 1),
    ],
)
def test_delay_is_the_time_between_both_dates(
    desk: Desk, path: str, seconds: float, documents: int
) -> None:
    timed = desk.ask(panel_of(path))["aggregations"]["timed"]
    (step,) = timed["steps"]["buckets"]
    assert timed["doc_count"] == documents  # those that have both
    assert step["ends"]["value"] - step["begins"]["value"] == pytest.approx(seconds * 1000)


def _hits(desk: Desk, search: Search) -> list[dict[str, Any]]:
    found = desk.client.search(
        index=desk.index(search.view), query=query(DECLARED.conditions(search)),
        sort=[{search.newest_by: "desc"}], fields=list(search.columns),
    )  # fmt: skip
    hits: list[dict[str, Any]] = found["hits"]["hits"]
    return hits


@pytest.mark.parametrize("search", DECLARED.searches, ids=lambda search: search.id)
def test_search_finds_documents_with_its_columns(desk: Desk, search: Search) -> None:
    hits = _hits(desk, search)
    assert hits
    assert {key for hit in hits for key in hit["fields"]} & set(search.columns)
    assert all("body_internal" not in hit["_source"] for hit in hits)


def test_latest_articles_are_those_that_search_may_show(desk: Desk) -> None:
    (search,) = (each for each in DECLARED.searches if each.id == "latest-articles")
    assert len(_hits(desk, search)) == SHOWN


def test_internal_text_cannot_be_read_or_counted(desk: Desk) -> None:
    # What Discover does with a field that is not hidden: ask for its values, and for its top terms.
    index = desk.index("articles")
    found = desk.client.search(index=index, fields=["body_internal", "title"], source=False)
    assert all("body_internal" not in hit.get("fields", {}) for hit in found["hits"]["hits"])
    assert any("title" in hit.get("fields", {}) for hit in found["hits"]["hits"])
    caps = desk.client.field_caps(index=index, fields="body_internal")["fields"]["body_internal"]
    assert caps["text"]["aggregatable"] is False


def test_lists_above_a_page_name_nobody_whom_search_hides(desk: Desk) -> None:
    (page,) = (each for each in DECLARED.dashboards if each.controls)
    for control in page.controls:
        values = {"values": {"terms": {"field": control.field, "size": 100}}}
        answer = desk.client.search(
            index=desk.index(control.view), size=0, query=query(page.where), aggregations=values
        )  # fmt: skip
        assert {row["doc_count"] for row in answer["aggregations"]["values"]["buckets"]} == {SHOWN}


def test_condition_of_the_page_leaves_other_indices_alone(desk: Desk) -> None:
    # A saved search about entities stands on the same page; its index has none of these fields.
    (page,) = (each for each in DECLARED.dashboards if each.controls)
    assert desk.client.count(index=desk.index("entities"), query=query(page.where))["count"] == 1


@pytest.mark.parametrize(
    ("rule_id", "matches"),
    [
        ("no-articles", {"": 7}),
        ("failed-deliveries", {"": 1}),
        ("waiting-deliveries", {"night": 1}),
        ("license-conflicts", {"coast-wire": 1}),
        ("withdrawn-articles", {"": 1}),
    ],
)
def test_rule_counts_what_it_says(desk: Desk, rule_id: str, matches: dict[str, int]) -> None:
    (rule,) = (each for each in DECLARED.rules if each.id == rule_id)
    params = rule_body(rule, DECLARED, Names(desk.settings.project.namespace))["params"]
    asked = json.loads(params["esQuery"])["query"] if "esQuery" in params else query(rule.where)
    when = {"range": {params["timeField"]: {"gte": "2026-11-01", "lt": "2026-12-01"}}}
    request: dict[str, Any] = {"query": {"bool": {"filter": [when, asked]}}, "size": 0}
    if rule.per:
        per = {"field": params["termField"], "size": params["termSize"]}
        request["aggregations"] = {"groups": {"terms": per}}

    answer = desk.client.search(index=params["index"], **request)

    groups = answer.get("aggregations", {"groups": {"buckets": []}})["groups"]["buckets"]
    found = {row["key"]: row["doc_count"] for row in groups}
    assert (found or {"": answer["hits"]["total"]["value"]}) == matches


def test_check_command_says_what_each_panel_gets(desk: Desk) -> None:
    done = run_command(desk.settings, kibana, "check", "--json")

    rows = json.loads(done.stdout)
    assert done.exit_code == 0, done.output
    assert [row for row in rows if row["problem"]] == []
    people = next(row for row in rows if (row["dashboard"], row["panel"]) == ("news", "people"))
    assert people == {
        "dashboard": "news", "panel": "people", "documents": SHOWN, "buckets": 2, "problem": "",
    }  # fmt: skip


def test_check_before_the_first_article_has_nothing_to_say(pipeline_settings: Settings) -> None:
    done = run_command(pipeline_settings, kibana, "check", "--json")
    assert (done.exit_code, json.loads(done.stdout)) == (0, [])


def test_check_names_a_field_that_an_index_lacks(pipeline_settings: Settings) -> None:
    client = search_client(pipeline_settings)
    names = articles_index(pipeline_settings)
    client.indices.create(
        index=names.entities.index_name, aliases={names.entities.alias: {}},
        mappings={"properties": {"updated_at": {"type": "keyword"}}},
    )  # fmt: skip
    client.close()

    done = run_command(pipeline_settings, kibana, "check")

    assert done.exit_code == 1
    assert "it is keyword, not date" in done.stdout
    assert "the index has no such field" in done.stdout
