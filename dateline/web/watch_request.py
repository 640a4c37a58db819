"""Return the watch that a request asks for: JSON of the API, or the form of the page."""

from __future__ import annotations

import http
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from dateline.alert_records import RecordId, Repeat, Surge, Watch, WatchTrigger
from dateline.watches.new_watch import made_id
from dateline.web.problems import RequestProblem

MAX_NAME_CHARS = 200
MAX_CHANNELS = 100
# Longer than any query that is read; a shorter limit, with its reason, is the parser's.
MAX_QUERY_CHARS = 200_000


class WatchRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A watch as a client writes it; its fields are those of ``Watch``."""

    query: Annotated[str, Meta(max_length=MAX_QUERY_CHARS)]
    watch_id: RecordId | None = None
    name: Annotated[str, Meta(max_length=MAX_NAME_CHARS)] = ""
    trigger: WatchTrigger = "match"
    repeat: Repeat = "every_story"
    channel_ids: Annotated[tuple[RecordId, ...], Meta(max_length=MAX_CHANNELS)] = ()
    scope: Literal["all", "source", "country"] = "all"
    silence_days: Annotated[int, Meta(ge=1, le=3650)] | None = None
    surge: Surge | None = None
    is_license_told: bool = False
    is_active: bool = True


_DECODER = msgspec.json.Decoder(WatchRequest)


def read_json(body: bytes) -> WatchRequest:
    """Return the watch of a JSON body.

    Raises:
        RequestProblem: 400, no JSON; 422, a field is wrong or unknown; names it.
    """
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise RequestProblem(http.HTTPStatus.UNPROCESSABLE_ENTITY, f"{error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestProblem(http.HTTPStatus.BAD_REQUEST, "The body is no JSON.") from error


def with_id(request: WatchRequest, watch_id: str) -> WatchRequest:
    """Return the request with the id of its address.

    Raises:
        RequestProblem: 422, no watch can have that id.
    """
    try:
        checked = msgspec.convert(watch_id, RecordId)
    except msgspec.ValidationError as error:
        raise RequestProblem(
            http.HTTPStatus.UNPROCESSABLE_ENTITY,
            "An id has lower-case letters, digits, - and _, at most 64.",
        ) from error
    return msgspec.structs.replace(request, watch_id=checked)


def read_form_fields(fields: Sequence[tuple[str, str]]) -> WatchRequest:
    """Return the watch of the page's form.

    Raises:
        RequestProblem: 422, a field is wrong or unknown; names it.
    """
    values = dict(fields)
    asked = {
        "query": values.get("query", ""),
        "name": values.get("name", ""),
        "repeat": values.get("repeat", "every_story"),
        "channel_ids": [value for name, value in fields if name == "channel"],
    }
    try:
        return msgspec.convert(asked, WatchRequest)
    except msgspec.ValidationError as error:
        raise RequestProblem(http.HTTPStatus.UNPROCESSABLE_ENTITY, f"{error}.") from error


def wanted_watch(
    request: WatchRequest, *, taken: Sequence[str], at: datetime, came_from: Literal["api", "web"]
) -> Watch:
    """Return the record; without an id it gets a free one, made of its name or its query."""
    name = " ".join(request.name.split())
    return Watch(
        watch_id=request.watch_id or made_id(name or request.query, taken),
        created_at=at, changed_at=at, name=name, query=request.query, trigger=request.trigger,
        repeat=request.repeat, channel_ids=tuple(dict.fromkeys(request.channel_ids)),
        scope=request.scope, silence_days=request.silence_days,
        surge=request.surge or (Surge() if request.trigger == "surge" else None),
        is_license_told=request.is_license_told, is_active=request.is_active, came_from=came_from,
    )  # fmt: skip
