from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dateline.web import alert_api, openapi, search_api, watch_api
from dateline.web.openapi import openapi_document
from dateline.web.openapi_routes import OPERATIONS, PARAMETERS, WRITTEN
from dateline.web.search_api import FEED_PARAMETERS
from dateline.web.search_api import PARAMETERS as SEARCH_PARAMETERS

ROUTES = (*alert_api.ROUTES, *openapi.ROUTES, *search_api.ROUTES, *watch_api.ROUTES)
DOCUMENT: Any = json.loads(json.dumps(openapi_document()))


def test_every_route_is_described_and_nothing_else() -> None:
    served = {
        (route.path, method.lower())
        for route in ROUTES
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {(each.path, each.method) for each in OPERATIONS}
    assert described == served
    assert len(described) == len(OPERATIONS)
    assert {(path, method) for path, row in DOCUMENT["paths"].items() for method in row} == served


def test_names_of_operations_are_unique() -> None:
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)


def test_parameters_of_a_path_are_described() -> None:
    for each in OPERATIONS:
        in_path = {name for name in each.parameters if PARAMETERS[name].place == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", each.path)), each.path


@pytest.mark.parametrize(
    ("path", "known"), [("/v1/search", SEARCH_PARAMETERS), ("/v1/search.atom", FEED_PARAMETERS)]
)
def test_every_parameter_that_is_taken_is_described(path: str, known: frozenset[str]) -> None:
    (operation,) = (each for each in OPERATIONS if each.path == path)
    assert {WRITTEN.get(name, name) for name in operation.parameters} == known


@pytest.mark.parametrize("name", sorted(DOCUMENT["components"]["schemas"]))
def test_schemas_are_json_schema(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"][name]
    Draft202012Validator.check_schema(schema)
    assert r"\Z" not in json.dumps(schema)  # Python's; ECMA 262 has none


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    named = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)))
    assert named <= set(DOCUMENT["components"]["schemas"])
    assert set(DOCUMENT["components"]["schemas"]) - named <= {"SearchDocument", "Alert", "Delivery"}


def test_text_that_may_not_be_shown_has_no_place_in_an_answer() -> None:
    for name in ("Article", "Hit", "StoryArticle", "EntityArticle"):
        assert "body_internal" not in DOCUMENT["components"]["schemas"][name]["properties"]
    assert "body" not in DOCUMENT["components"]["schemas"]["Hit"]["properties"]
