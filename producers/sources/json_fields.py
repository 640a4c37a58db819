"""Return fields of a JSON object, checked: a field of the wrong type is named, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list",
         dict: "an object", type(None): "null"}  # fmt: skip


class FieldProblemError(Exception):
    """A field that makes the object no article; the message is the reason of the refusal."""


def kind_of(value: object) -> str:
    """Return the JSON kind of ``value`` in words."""
    return KINDS.get(type(value), type(value).__name__)


def text_of(value: object, name: str) -> str | None:
    """Return ``value`` as text, or None when it is null or blank.

    Raises:
        FieldProblemError: another type, or half of a surrogate pair (no UTF-8 exists for it).
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise FieldProblemError(f"field `{name}`: expected text, got {kind_of(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise FieldProblemError(
            f"field `{name}`: half a surrogate pair at character {error.start}"
        ) from error
    return value if value.strip() else None


def first_text(item: Mapping[str, Any], *names: str) -> str | None:
    """Return the first of the fields ``names`` that is not blank."""
    found = (text_of(item.get(name), name) for name in names)
    return next((value for value in found if value is not None), None)


def texts(item: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Return a field that holds one text or a list of texts, blanks left out."""
    value = item.get(name)
    values = value if isinstance(value, list) else [value]
    found = (text_of(each, name) for each in values)
    return tuple(each for each in found if each is not None)


def objects(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return a field that holds a list of objects; a single object counts as a list of one."""
    value = item.get(name)
    if value is None:
        return []
    values = value if isinstance(value, list) else [value]
    for each in values:
        if not isinstance(each, dict):
            raise FieldProblemError(f"field `{name}`: expected objects, got {kind_of(each)}")
    return values
