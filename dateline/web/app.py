"""Put the application together: routes, errors, and the guard in front."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from dateline.errors import DatelineError
from dateline.web import alert_api, openapi, pages, search_api, search_pages, watch_api
from dateline.web.guard import Guard
from dateline.web.problems import RequestProblem, answer_json
from dateline.web.rooms import Rooms

STATIC = Path(__file__).with_name("static")
API_PATH = "/v1/"


def build_app(rooms: Rooms, *, hosts: Collection[str]) -> ASGIApp:
    """Return the application; ``hosts`` are the names under which it may be asked."""
    handled: tuple[type[Exception], ...] = (
        RequestProblem, HTTPException, DatelineError, Exception
    )  # fmt: skip
    app = Starlette(
        routes=[
            *watch_api.ROUTES,
            *alert_api.ROUTES,
            *search_api.ROUTES,
            *openapi.ROUTES,
            *pages.ROUTES,
            *search_pages.ROUTES,
            Mount("/static", StaticFiles(directory=STATIC)),
        ],
        exception_handlers=dict.fromkeys(handled, _answer),
    )
    # An address that is not there stays so; a redirect would repeat what the client wrote.
    app.router.redirect_slashes = False
    app.state.rooms = rooms
    # Outside of Starlette's own error handling: its answers are guarded, too.
    return Guard(app, hosts=hosts)


async def _answer(request: Request, error: Exception) -> Response:
    if request.url.path.startswith(API_PATH):
        return await answer_json(request, error)
    return await pages.answer_page(request, error)
