"""The watches of ``/v1/watches``."""

from __future__ import annotations

import http
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dateline.web.alert_value import watch_value
from dateline.web.atom_feed import feed_bytes
from dateline.web.etags import tagged_response
from dateline.web.problems import RequestProblem, json_response
from dateline.web.request_body import read_body, require_type
from dateline.web.rooms import Rooms, rooms_of
from dateline.web.watch_desk import WriteOptions, Written
from dateline.web.watch_request import WatchRequest, read_json, with_id

FEED_ENTRIES = 50
TRUE_WORDS = frozenset({"1", "true", "yes"})


async def list_watches(request: Request) -> Response:
    """Return the watches in force by id; with ``all=true`` those that are off, too."""
    kept = rooms_of(request).desk.kept.watches
    is_all = _flag(request.query_params, "all")
    shown = [kept[key] for key in sorted(kept) if is_all or kept[key].is_active]
    return json_response({"watches": [watch_value(each) for each in shown]})


async def show_watch(request: Request) -> Response:
    """Return one watch."""
    found = rooms_of(request).desk.find(request.path_params["watch_id"])
    return json_response({"watch": watch_value(found)})


async def add_watch(request: Request) -> Response:
    """Put a watch in force: 201 and where it is, or 200 for ``dry_run=true``."""
    rooms = rooms_of(request)
    options = _options(request)
    written = await rooms.desk.write(await _asked(request, rooms), options)
    headers = {"Location": f"/v1/watches/{written.watch.watch_id}"}
    return _written(written, options, headers=headers)


async def put_watch(request: Request) -> Response:
    """Change a watch as a whole, or put it in force under the id of the address."""
    rooms = rooms_of(request)
    watch_id = request.path_params["watch_id"]
    asked = await _asked(request, rooms)
    if asked.watch_id not in (None, watch_id):
        raise RequestProblem(
            http.HTTPStatus.UNPROCESSABLE_ENTITY, "watch_id is not the one of the address."
        )
    options = _options(request, may_replace=True)
    return _written(await rooms.desk.write(with_id(asked, watch_id), options), options)


async def remove_watch(request: Request) -> Response:
    """Take a watch out of force; its alerts stay."""
    await rooms_of(request).desk.remove(request.path_params["watch_id"])
    return Response(status_code=http.HTTPStatus.NO_CONTENT)


async def watch_feed(request: Request) -> Response:
    """Return the latest alerts of a watch as Atom; 304 where the client has them."""
    rooms = rooms_of(request)
    watch = rooms.desk.find(request.path_params["watch_id"])
    entries = await rooms.ledger.find(watch_id=watch.watch_id, limit=FEED_ENTRIES)
    # The host was checked: it is one of our own names.
    base = f"http://{request.headers['host']}"
    return tagged_response(
        request, feed_bytes(watch, entries, base_url=base), media_type="application/atom+xml"
    )


async def _asked(request: Request, rooms: Rooms) -> WatchRequest:
    require_type(request, "application/json")
    return read_json(await read_body(request, **rooms.body_limits))


def _options(request: Request, *, may_replace: bool = False) -> WriteOptions:
    return WriteOptions(
        may_replace=may_replace,
        is_forced=_flag(request.query_params, "force"),
        is_dry_run=_flag(request.query_params, "dry_run"),
    )


def _flag(params: Mapping[str, str], name: str) -> bool:
    return params.get(name, "").lower() in TRUE_WORDS


def _written(
    written: Written, options: WriteOptions, *, headers: Mapping[str, str] | None = None
) -> Response:
    value: dict[str, Any] = {
        "watch": watch_value(written.watch),
        "is_written": not options.is_dry_run,
        "estimate": asdict(written.estimate),
    }
    is_created = written.is_new and not options.is_dry_run
    status = http.HTTPStatus.CREATED if is_created else http.HTTPStatus.OK
    return json_response(value, status=status, headers=headers if is_created else None)


ROUTES = (
    Route("/v1/watches", list_watches, methods=["GET"]),
    Route("/v1/watches", add_watch, methods=["POST"]),
    Route("/v1/watches/{watch_id}", show_watch, methods=["GET"]),
    Route("/v1/watches/{watch_id}", put_watch, methods=["PUT"]),
    Route("/v1/watches/{watch_id}", remove_watch, methods=["DELETE"]),
    Route("/v1/watches/{watch_id}/alerts.atom", watch_feed, methods=["GET"]),
)
