"""Return the schemas of all that ``/v1`` answers: those of our records, and of the answers; pure.

OpenAPI 3.1 takes JSON Schema 2020-12 as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import msgspec

from dateline.alert_records import Alert, Watch
from dateline.alerts.deliveries import Delivery
from dateline.cli import entity_view, search, story
from dateline.records import SearchDocument, StoryRecord
from dateline.search.find_articles import StorySize
from dateline.search.find_entities import Entity
from dateline.search.read_entity import EntityView
from dateline.search.watch_queries import Estimate
from dateline.web.alert_value import INTERNAL
from dateline.web.search_answers import UNSHOWN
from dateline.web.search_question import NAMES
from dateline.web.search_requests import FACET_FIELDS, FacetCount
from dateline.web.watch_request import WatchRequest

RECORDS = (
    SearchDocument, StoryRecord, Watch, Alert, Delivery, Entity, Estimate, StorySize, FacetCount,
    WatchRequest,
)  # fmt: skip
SENT = frozenset({"WatchRequest", "Surge"})
CANDIDATE = (
    "entity_id", "entity_type", "name", "names", "article_count", "qid", "row_id", "country_codes",
)  # fmt: skip
TEXT = {"type": "string"}
COUNT = {"type": "integer", "minimum": 0}
FLAG = {"type": "boolean"}
ANY_OBJECT = {"type": "object"}
Json = dict[str, Any]


def schemas() -> dict[str, Json]:
    """Return every schema by name."""
    _, found = msgspec.json.schema_components(RECORDS, ref_template="#/components/schemas/{name}")
    records = {name: _plain(schema) for name, schema in found.items()}
    # What we send has all fields; of what we are sent, some may be missing.
    told = {
        name: schema if name in SENT else schema | {"required": [*schema["properties"]]}
        for name, schema in records.items()
        if "properties" in schema
    }
    return records | told | _made(told) | _answers()


def ref(name: str) -> Json:
    """Return where the schema of that name stands."""
    return {"$ref": f"#/components/schemas/{name}"}


def _made(records: Mapping[str, Json]) -> dict[str, Json]:
    """Return records as answers have them: with less, or with more."""
    document, entity, alert = (records[each] for each in ("SearchDocument", "Entity", "Alert"))
    hit = {"story_size": _or_null(ref("StorySize")), "fragments": _list(TEXT)}
    return {
        "Article": _without(document, [UNSHOWN]),
        "Hit": _with(_without(document, search.NOT_FETCHED), hit),
        "StoryArticle": _without(document, story.NOT_FETCHED),
        "EntityArticle": _without(document, entity_view.NOT_FETCHED),
        "AlertEntry": _with(_without(alert, ["channel_id"]), {"channel_ids": _list(TEXT)}),
        "DeliveryEntry": _without(records["Delivery"], INTERNAL),
        "Candidate": _without(entity, set(entity["required"]) - {*CANDIDATE}),
    }  # fmt: skip


def _answers() -> dict[str, Json]:
    names = [NAMES[field] for field in (*FACET_FIELDS, "entities")]
    facets = _object({name: _list(ref("FacetCount")) for name in names})
    written = {"watch": ref("Watch"), "is_written": FLAG, "estimate": ref("Estimate")}
    found = {
        "total": COUNT, "stories": _or_null(COUNT), "is_partial": FLAG, "is_empty_index": FLAG,
        "hits": _list(ref("Hit")), "facets": facets, "next_cursor": _or_null(TEXT),
    }  # fmt: skip
    one_story = {
        "story": ref("StoryRecord"), "has_record": FLAG, "asked_id": _or_null(TEXT),
        "article_total": COUNT, "articles": _list(ref("StoryArticle")),
    }  # fmt: skip
    return {
        "SearchAnswer": _object(found),
        "ArticleAnswer": _object({"article": ref("Article")}),
        "StoryAnswer": _object(one_story),
        "EntityAnswer": _object(_entity()),
        "WatchesAnswer": _object({"watches": _list(ref("Watch"))}),
        "WatchAnswer": _object({"watch": ref("Watch")}),
        "WrittenAnswer": _object(written),
        "AlertsAnswer": _object(
            {"alerts": _list(ref("AlertEntry")), "next_cursor": _or_null(TEXT)}
        ),
        "AlertAnswer": _object(
            {"alert": ref("AlertEntry"), "deliveries": _list(ref("DeliveryEntry"))}
        ),
        "AnyObject": ANY_OBJECT,
        "Problem": _problem(),
    }


def _entity() -> dict[str, Json]:
    counts = _list(_object({"value": TEXT, "articles": COUNT}))
    told: dict[str, Json] = {
        "entity": ref("Entity"), "article_count": COUNT, "together": _list(ref("Candidate")),
        "latest": _list(ref("EntityArticle")), "stories": _list(ref("Hit")),
    }  # fmt: skip
    return {each.name: counts for each in fields(EntityView)} | told


def _problem() -> Json:
    """Return the schema of RFC 9457 with our members, which only some problems have."""
    always = _object({"type": TEXT, "title": TEXT, "status": COUNT, "detail": TEXT})
    of_query = {
        "code": TEXT,
        "hint": TEXT,
        "position": COUNT,
        "matches_per_day": {"type": "number"},
    }
    withdrawn = {
        "article_id": TEXT, "source_id": TEXT, "pub_status": TEXT, "updated_at": TEXT,
        "kill_reason": _or_null(TEXT),
    }  # fmt: skip
    return always | {"properties": {**always["properties"], **of_query, **withdrawn}}


def _object(properties: Mapping[str, Json]) -> Json:
    return {"type": "object", "properties": dict(properties), "required": [*properties]}


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _without(schema: Json, names: Iterable[str]) -> Json:
    left_out = set(names)
    kept = {name: value for name, value in schema["properties"].items() if name not in left_out}
    return _object(kept)


def _with(schema: Json, more: Mapping[str, Json]) -> Json:
    return _object({**schema["properties"], **more})


def _plain(value: Any) -> Any:
    """Return a schema whose patterns are those of ECMA 262, without words about our code."""
    if isinstance(value, Mapping):
        return {
            name: each.replace(r"\Z", "$") if name == "pattern" and isinstance(each, str)
            else _plain(each)
            for name, each in value.items()
            if not (name == "description" and isinstance(each, str))
        }  # fmt: skip
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(each) for each in value]
    return value
