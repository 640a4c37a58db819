"""Return the articles of JSON text: an object, an array of objects, or one object a line."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn

import msgspec

from producers.decode_text import decode_text
from producers.parsed import Parsed, Refusal
from producers.sources.json_article import parse_json_article
from producers.sources.ninjs import is_ninjs, parse_ninjs

_ARRAY_DECODER = msgspec.json.Decoder(list[msgspec.Raw])
# What decoders raise on hostile input: bad JSON, numbers out of range, nesting too deep.
DECODE_ERRORS = (msgspec.MsgspecError, ValueError, RecursionError)
_BYTE_POSITION = re.compile(r"\s*\(byte \d+\)")


def parse_json(data: bytes, *, is_ninjs_only: bool = False) -> Iterator[Parsed]:
    """Return the articles of a ``.json`` file, in order, each with the line it begins at.

    Args:
        data: the whole file.
        is_ninjs_only: every object is a ninjs item; else each is told by its fields.

    Raises: Nothing.
    """
    text = decode_text(data)
    if isinstance(text, Refusal):
        yield text
        return
    payload = text.encode()
    if payload.lstrip()[:1] != b"[":
        yield _parse_payload(payload, line=1, is_alone=True, is_ninjs_only=is_ninjs_only)
        return
    try:
        elements = _ARRAY_DECODER.decode(payload)
    except DECODE_ERRORS:
        yield from _parse_whole(text, is_ninjs_only=is_ninjs_only)
        return
    if not elements:
        yield Refusal(reason="missing text: the JSON array is empty")
    for line, element in _with_lines(payload, elements):
        yield _parse_payload(element, line=line, is_alone=False, is_ninjs_only=is_ninjs_only)


def parse_json_lines(
    lines: Iterable[tuple[int, bytes | None]], *, max_bytes: int, is_ninjs_only: bool = False
) -> Iterator[Parsed]:
    """Return the articles of JSON lines as they come; blank lines are passed over.

    Args:
        lines: number (from 1) and bytes of each line; None in place of a line over the limit.
        max_bytes: the limit, for the message.
        is_ninjs_only: every object is a ninjs item.

    Raises: Nothing. A line with a NUL byte ends the input: it is no text at all.
    """
    is_empty = True
    for number, line in lines:
        if line is None:
            is_empty = False
            reason = f"too large: the line is over {max_bytes:,} bytes"
            yield Refusal(reason=reason, line=number, unit_sha256=_sha256(reason.encode()))
            continue
        content = line.strip() if number > 1 else line.removeprefix(b"\xef\xbb\xbf").strip()
        if not content:
            continue
        is_empty = False
        text = decode_text(content)
        if isinstance(text, Refusal):
            reason = text.reason.removesuffix(" (line 1)")
            yield Refusal(reason=reason, line=number, unit_sha256=_sha256(content))
            if reason.startswith("binary"):
                return
            continue
        yield _parse_payload(content, line=number, is_alone=False, is_ninjs_only=is_ninjs_only)
    if is_empty:
        yield Refusal(reason="empty: no text")


def _parse_payload(payload: bytes, *, line: int, is_alone: bool, is_ninjs_only: bool) -> Parsed:
    try:
        item = _decode(payload)
    except json.JSONDecodeError as error:
        return Refusal(
            reason=f"broken JSON: {error.msg} at column {error.colno}{_hint(error, payload)}",
            line=line + error.lineno - 1,
            unit_sha256=_sha256(payload),
        )
    except DECODE_ERRORS as error:
        return Refusal(
            reason=f"broken JSON: {_reason(error)}", line=line, unit_sha256=_sha256(payload)
        )
    parsed = _dispatch(item, line, is_alone=is_alone, is_ninjs_only=is_ninjs_only)
    if isinstance(parsed, Refusal):
        return dataclasses.replace(parsed, unit_sha256=_sha256(payload))
    return parsed


def _dispatch(item: Any, line: int | None, *, is_alone: bool, is_ninjs_only: bool) -> Parsed:
    parse = parse_ninjs if is_ninjs_only or is_ninjs(item) else parse_json_article
    return parse(item, line=line, is_alone=is_alone)


def _decode(payload: bytes) -> Any:
    """Return the value; the fast decoder first, the slow one for what it rejects.

    The standard library also reads half surrogate pairs (a single field is refused then, not the
    line) and says where broken JSON breaks.
    """
    try:
        return msgspec.json.decode(payload)
    except DECODE_ERRORS:
        return json.loads(payload, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is no JSON value"
    raise ValueError(message)


def _parse_whole(text: str, *, is_ninjs_only: bool) -> Iterator[Parsed]:
    try:
        items = json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        yield Refusal(reason=f"broken JSON: {error.msg} at column {error.colno}", line=error.lineno)
        return
    except DECODE_ERRORS as error:
        yield Refusal(reason=f"broken JSON: {_reason(error)}", line=1)
        return
    for item in items:
        yield _dispatch(item, None, is_alone=False, is_ninjs_only=is_ninjs_only)


def _with_lines(payload: bytes, elements: list[msgspec.Raw]) -> Iterator[tuple[int, bytes]]:
    position, line = 0, 1
    for element in elements:
        content = bytes(element)
        # Between two elements stand only white space and a comma: the first hit is the element.
        start = payload.find(content, position)
        line += payload.count(b"\n", position, start)
        yield line, content
        position = start + len(content)
        line += content.count(b"\n")


def _hint(error: json.JSONDecodeError, payload: bytes) -> str:
    if error.msg == "Extra data" and payload.lstrip()[:1] == b"{" and b"\n" in payload:
        return " (one object a line? name it .jsonl or give --format jsonl)"
    return ""


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    return _BYTE_POSITION.sub("", str(error))[:120]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
