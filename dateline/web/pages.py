"""The pages of alerts: the latest with a form for a new watch, and one alert."""

from __future__ import annotations

import http
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from dateline.alerts.ledger import LedgerPlace, place_of
from dateline.channels.alert_words import words_of_alert
from dateline.web.alert_api import find_alert
from dateline.web.alert_value import cursor_of, read_cursor
from dateline.web.csrf import COOKIE
from dateline.web.page_values import (
    EMPTY_FORM,
    FormError,
    FormValues,
    delivery_rows,
    form_error,
    form_values,
    listed_alert,
)
from dateline.web.problems import RequestProblem, meaning
from dateline.web.render_page import render_page
from dateline.web.request_body import read_body, read_form, require_type
from dateline.web.rooms import rooms_of
from dateline.web.watch_desk import WriteOptions
from dateline.web.watch_request import read_form_fields

PAGE_ALERTS = 50
TOO_OLD = "This form was open too long, or cookies are off. Send it again."


async def show_alerts(request: Request) -> Response:
    """Show the latest alerts, of all watches or of one (``watch``)."""
    return await _alerts_page(request, EMPTY_FORM, None)


async def add_watch(request: Request) -> Response:
    """Put the watch of the form in force, or show the form again with what is wrong in it."""
    rooms = rooms_of(request)
    require_type(request, "application/x-www-form-urlencoded")
    fields = read_form(await read_body(request, **rooms.body_limits))
    values = form_values(fields)
    try:
        _check_token(request, values.token)
        options = WriteOptions(came_from="web", is_forced=values.is_forced)
        written = await rooms.desk.write(read_form_fields(fields), options)
    except RequestProblem as problem:
        return await _alerts_page(request, values, form_error(problem, values.query))
    address = f"/alerts?added={written.watch.watch_id}"
    return RedirectResponse(address, status_code=http.HTTPStatus.SEE_OTHER)


async def show_alert(request: Request) -> Response:
    """Show one alert and what came of it."""
    rooms = rooms_of(request)
    entry = await find_alert(rooms, request.path_params["alert_id"])
    deliveries = await rooms.deliveries.of_alert(entry.alert.alert_id)
    return _html(
        "alert.html", alert=entry.alert, words=words_of_alert(entry.alert),
        deliveries=delivery_rows(deliveries), has_channels=bool(entry.channel_ids),
    )  # fmt: skip


async def answer_page(_request: Request, error: Exception) -> Response:
    """Answer an error of a page."""
    problem = meaning(error)
    title = http.HTTPStatus(problem.status).phrase
    return _html(
        "problem.html", status=problem.status, headers=problem.headers, title=title,
        detail=problem.detail,
    )  # fmt: skip


async def _alerts_page(request: Request, form: FormValues, error: FormError | None) -> Response:
    rooms = rooms_of(request)
    began = rooms.clock.now()
    params = request.query_params
    watch_id = params.get("watch") or None
    entries = await rooms.ledger.find(
        watch_id=watch_id, after=_place(params.get("cursor", "")), limit=PAGE_ALERTS + 1
    )
    shown = entries[:PAGE_ALERTS]
    browser = request.cookies.get(COOKIE) or rooms.tokens.new_browser()
    added = rooms.desk.kept.watches.get(params.get("added", ""))
    answer = _html(
        "alerts.html",
        status=error.status if error else http.HTTPStatus.OK,
        alerts=[listed_alert(each.alert) for each in shown],
        older=cursor_of(place_of(shown[-1].alert)) if len(entries) > PAGE_ALERTS else None,
        is_first_page="cursor" not in params,
        watch_id=watch_id,
        watches=_active(rooms.desk.kept.watches),
        channels=_active(rooms.desk.kept.channels),
        since=began.isoformat(),
        form=form,
        error=error,
        token=rooms.tokens.token(browser),
        added=added,
    )
    if COOKIE not in request.cookies:
        answer.set_cookie(COOKIE, browser, path="/alerts", httponly=True, samesite="strict")
    return answer


def _check_token(request: Request, token: str) -> None:
    if not rooms_of(request).tokens.is_valid(request.cookies.get(COOKIE, ""), token):
        raise RequestProblem(http.HTTPStatus.FORBIDDEN, TOO_OLD)


def _active(records: Any) -> list[Any]:
    return [records[key] for key in sorted(records) if records[key].is_active]


def _place(cursor: str) -> LedgerPlace | None:
    return read_cursor(cursor) if cursor else None


def _html(
    template: str, *, status: int = 200, headers: dict[str, str] | None = None, **values: Any
) -> Response:
    return HTMLResponse(render_page(template, **values), status_code=status, headers=headers)


ROUTES = (
    Route("/alerts", show_alerts, methods=["GET"]),
    Route("/alerts/watches", add_watch, methods=["POST"]),
    Route("/alerts/{alert_id}", show_alert, methods=["GET"]),
)
