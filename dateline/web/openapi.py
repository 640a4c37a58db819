"""Describe the API as OpenAPI 3.1 (``/v1/openapi.json``)."""

from __future__ import annotations

import http
from functools import cache
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dateline.web.etags import tagged_response
from dateline.web.openapi_routes import (
    JSON,
    OPENAPI,
    OPERATIONS,
    PARAMETERS,
    WRITTEN,
    Operation,
)
from dateline.web.openapi_schemas import ref, schemas

PROBLEM = "application/problem+json"
ABOUT = (
    "Search over licensed news, watches and alerts. Texts are shown as far as their licence"
    " decision for public search allows. Errors are problems of RFC 9457."
)
# Of every request: the host or the page it comes from is not ours; something failed inside.
ALWAYS = (403, 500)


def openapi_document() -> dict[str, Any]:
    """Return the document as plain values."""
    paths: dict[str, Any] = {}
    for each in OPERATIONS:
        paths.setdefault(each.path, {})[each.method] = _operation(each)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Dateline", "version": "1", "description": ABOUT},
        "paths": paths,
        "components": {"schemas": schemas()},
    }


async def show_document(request: Request) -> Response:
    """Return the document."""
    return tagged_response(request, _written(), media_type=OPENAPI)


@cache
def _written() -> bytes:
    return msgspec.json.encode(openapi_document())


def _operation(operation: Operation) -> dict[str, Any]:
    tag = ("If-None-Match",) if operation.is_tagged else ()
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.meaning,
        "parameters": [_parameter(name) for name in (*operation.parameters, *tag)],
        "responses": _responses(operation),
    }
    if operation.body:
        content = {JSON: {"schema": ref(operation.body)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameter(name: str) -> dict[str, Any]:
    parameter = PARAMETERS[name]
    described = {
        "name": WRITTEN.get(name, name), "in": parameter.place, "description": parameter.meaning,
        "schema": parameter.schema,
    }  # fmt: skip
    return described | ({"required": True} if parameter.place == "path" else {})


def _responses(operation: Operation) -> dict[str, Any]:
    answers = operation.answers
    found = {str(status): _response(status, *(kind or ())) for status, kind in answers.good.items()}
    if operation.is_tagged:
        found["304"] = _response(304)
    for status in sorted({*answers.problems, *ALWAYS}):
        found[str(status)] = _response(status, PROBLEM, "Problem")
    return found


def _response(status: int, media_type: str = "", schema: str = "") -> dict[str, Any]:
    described: dict[str, Any] = {"description": http.HTTPStatus(status).phrase}
    if media_type:
        shape = ref(schema) if schema else {"type": "string"}
        described["content"] = {media_type: {"schema": shape}}
    return described


ROUTES = (Route("/v1/openapi.json", show_document, methods=["GET"]),)
