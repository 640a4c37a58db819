"""The alerts of ``/v1/alerts``."""

from __future__ import annotations

import http

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dateline.alerts.ledger import LedgerEntry, place_of
from dateline.web.alert_stream import ALERT_ID, read_time, stream_response
from dateline.web.alert_value import alert_value, cursor_of, delivery_values, read_cursor
from dateline.web.problems import RequestProblem, json_response
from dateline.web.rooms import Rooms, rooms_of

DEFAULT_LIMIT = 50
MAX_LIMIT = 500


async def list_alerts(request: Request) -> Response:
    """Return alerts, the newest first, of a watch (``watch``) and from a time on (``since``).

    ``next_cursor`` gets the page behind (``cursor``); None: there is none.
    """
    params = request.query_params
    limit = read_limit(params.get("limit", ""))
    cursor = params.get("cursor", "")
    after = read_cursor(cursor) if cursor else None
    if cursor and after is None:
        raise RequestProblem(http.HTTPStatus.BAD_REQUEST, "cursor is none of ours.")
    entries = await rooms_of(request).ledger.find(
        watch_id=params.get("watch") or None,
        since=read_time(params["since"]) if params.get("since") else None,
        after=after,
        limit=limit + 1,
    )
    shown = entries[:limit]
    is_more = len(entries) > limit
    return json_response(
        {
            "alerts": [alert_value(each) for each in shown],
            "next_cursor": cursor_of(place_of(shown[-1].alert)) if is_more else None,
        }
    )


async def show_alert(request: Request) -> Response:
    """Return an alert and what came of it in each channel."""
    rooms = rooms_of(request)
    entry = await find_alert(rooms, request.path_params["alert_id"])
    deliveries = await rooms.deliveries.of_alert(entry.alert.alert_id)
    return json_response({"alert": alert_value(entry), "deliveries": delivery_values(deliveries)})


async def stream_alerts(request: Request) -> Response:
    """Tell new alerts as they come (``alert_stream.py``)."""
    rooms = rooms_of(request)
    return stream_response(rooms.teller, request, heartbeat_seconds=rooms.heartbeat_seconds)


async def find_alert(rooms: Rooms, alert_id: str) -> LedgerEntry:
    """Return an alert.

    Raises:
        RequestProblem: 404, there is none.
    """
    found = await rooms.ledger.get([alert_id]) if ALERT_ID.fullmatch(alert_id) else {}
    if alert_id not in found:
        raise RequestProblem(http.HTTPStatus.NOT_FOUND, "There is no alert of that id.")
    return found[alert_id]


def read_limit(text: str) -> int:
    """Return how many are wanted.

    Raises:
        RequestProblem: 400, it is no number from 1 to 500.
    """
    if not text:
        return DEFAULT_LIMIT
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else 0  # noqa: PLR2004 (digits)
    if not 1 <= number <= MAX_LIMIT:
        raise RequestProblem(
            http.HTTPStatus.BAD_REQUEST, f"limit must be a number from 1 to {MAX_LIMIT}."
        )
    return number


ROUTES = (
    Route("/v1/alerts", list_alerts, methods=["GET"]),
    # Before the one below, which would take it for an id.
    Route("/v1/alerts/stream", stream_alerts, methods=["GET"]),
    Route("/v1/alerts/{alert_id}", show_alert, methods=["GET"]),
)
