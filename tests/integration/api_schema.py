"""Check an answer of the API against its own description."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from dateline.web.openapi import openapi_document

# Told before a route is looked for.
UNROUTED = {"403", "404", "405"}


def check_answer(
    method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
) -> None:
    """Assert that the answer is one that the document has, with no field more or less."""
    media_type = headers.get("content-type", "").partition(";")[0]
    is_of_the_protocol = status == 400 and media_type == "text/plain"
    if not path.startswith("/v1/") or is_of_the_protocol:
        return
    operation = operation_of(method, path)
    if operation is None:
        assert str(status) in UNROUTED, (method, path, status)
        return
    assert str(status) in operation["responses"], (method, path, status, body)
    content = operation["responses"][str(status)].get("content", {})
    if not content:
        assert body == b"", (method, path)
        return
    assert media_type in content, (method, path, media_type)
    if media_type.endswith("json"):
        name = content[media_type]["schema"]["$ref"].rpartition("/")[2]
        errors = [
            f"{'/'.join(map(str, each.absolute_path))}: {each.message[:300]}"
            for each in validator(name).iter_errors(json.loads(body))
        ]
        assert errors == [], (method, path, errors)


def operation_of(method: str, path: str) -> Any:
    """Return what the document says of a request; None: nothing."""
    paths = document()["paths"]
    fitting = [
        name for name in paths if re.fullmatch(re.sub(r"\\{.*?\\}", "[^/]+", re.escape(name)), path)
    ]
    # /v1/alerts/stream is no alert of that id.
    best = min(fitting, key=lambda name: name.count("{"), default="")
    return paths.get(best, {}).get(method.lower())


@cache
def document() -> Any:
    return json.loads(json.dumps(openapi_document()))


@cache
def validator(name: str) -> Draft202012Validator:
    components = strict(document()["components"])
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": components})


def strict(value: Any) -> Any:
    """Return schemas that take no field which they do not name."""
    if isinstance(value, list):
        return [strict(each) for each in value]
    if not isinstance(value, dict):
        return value
    closed = {name: strict(each) for name, each in value.items()}
    is_record = value.get("type") == "object" and "properties" in value
    return closed | ({"additionalProperties": False} if is_record else {})
