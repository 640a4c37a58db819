"""The part of IPTC ninjs 3.3 that exports write, as a JSON schema that knows nothing else.

Compared by hand with IPTC's own schema (draft 2020-12): names, types, values and formats of these
properties, which of them are required, and that objects and the item itself take no others.
"""

from __future__ import annotations

import re
from typing import Any

import jsonschema

# `jsonschema` checks neither without further packages. RFC 3339, RFC 3986.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ADDRESS = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:([A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+"
)


def _object(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object", "additionalProperties": False, "required": list(required),
        "properties": properties,
    }  # fmt: skip


def _array(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


TEXT = {"type": "string"}
TIME = {"type": "string", "format": "date-time"}
ADDRESS = {"type": "string", "format": "uri"}
VALUE = _object(("value",), role=TEXT, contentType=TEXT, value=TEXT)
# The properties of ninjs 3.3 that we write, and nothing else: IPTC's own schema knows more.
SUBSET = _object(
    ("uri",),
    uri=ADDRESS, type={"enum": ["text"]}, representationType={"enum": ["full", "partial"]},
    version=TEXT, firstCreated=TIME, versionCreated=TIME, contentCreated=TIME, expires=TIME,
    pubStatus={"enum": ["usable", "withheld", "canceled"]}, language=TEXT, by=TEXT,
    headlines=_array(VALUE), descriptions=_array(VALUE), copyrightHolder=TEXT,
    copyrightNotice=TEXT, usageTerms=TEXT,
    bodies=_array(
        _object(("value",), role=TEXT, contentType=TEXT, charCount={"type": "integer"}, value=TEXT)
    ),
    infoSources=_array(_object(name=TEXT, role=TEXT, uri=ADDRESS, literal=TEXT)),
    renditions=_array(_object(("name",), name=TEXT, href=ADDRESS)),
    standard=_object(name=TEXT, version=TEXT, schema=ADDRESS),
    rightsInfo=_object(
        langId=ADDRESS, linkedRights=ADDRESS, encodedRights=TEXT
    ) | {"oneOf": [{"required": ["linkedRights"]}, {"required": ["encodedRights"]}]},
)  # fmt: skip
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    return not isinstance(value, str) or bool(_TIME.fullmatch(value))


@FORMATS.checks("uri")
def _is_address(value: object) -> bool:
    return not isinstance(value, str) or bool(_ADDRESS.fullmatch(value))


VALIDATOR = jsonschema.Draft202012Validator(SUBSET, format_checker=FORMATS)


def faults(item: Any) -> list[str]:
    """Return what is wrong with a ninjs item, in words."""
    return [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(item)]
