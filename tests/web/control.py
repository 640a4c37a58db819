"""Let another process steer a simulated web by HTTP, and ask what it expects and has seen."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import msgspec
from aiohttp import web

from .script import Script
from .site import SimulatedWeb

WEB = web.AppKey("web", SimulatedWeb)


def control_app(simulated: SimulatedWeb) -> web.Application:
    """Return the application; every answer is JSON.

    ``POST /advance {"steps": 3, "script": {"publish": 1, ...}}``; ``POST /publish | /edit |
    /delete | /cancel | /revive | /new_guids {"publisher": ..., "number": ...}``; ``GET /feeds``,
    ``/expected``, ``/journal`` (JSON lines), ``/requests?host=...&since=...``, ``/hosts``.
    """
    app = web.Application()
    app[WEB] = simulated
    app.add_routes(
        [
            web.post("/advance", _advance),
            web.post("/{act:publish|edit|delete|cancel|revive|new_guids}", _act),
            web.get("/feeds", _feeds),
            web.get("/expected", _expected),
            web.get("/journal", _journal),
            web.get("/requests", _requests),
            web.get("/hosts", _hosts),
        ]
    )
    return app


def _json(value: object) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json")


async def _advance(request: web.Request) -> web.Response:
    given = await request.json()
    request.app[WEB].advance(int(given["steps"]), Script(**given.get("script", {})))
    return _json({"now": request.app[WEB].now})


async def _act(request: web.Request) -> web.Response:
    given = await request.json()
    simulated, act = request.app[WEB], request.match_info["act"]
    publisher = simulated.publishers[given["publisher"]]
    at = simulated.tick()
    if act == "publish":
        held = given.get("embargo_seconds")
        until = at + timedelta(seconds=held) if held is not None else None
        return _json({"number": publisher.publish(at, embargoed_until=until).number})
    if act == "new_guids":
        publisher.change_guids(at)
        return _json({})
    number = int(given["number"])
    if act == "edit":
        publisher.edit(number, at, is_silent=bool(given.get("is_silent")))
    else:
        {"delete": publisher.delete, "cancel": publisher.cancel, "revive": publisher.revive}[act](
            number, at
        )
    return _json({"number": number})


async def _feeds(request: web.Request) -> web.Response:
    is_readable_only = "readable" in request.query
    return _json(request.app[WEB].feed_urls(is_readable_only=is_readable_only))


async def _expected(request: web.Request) -> web.Response:
    return _json(request.app[WEB].expected())


async def _journal(request: web.Request) -> web.Response:
    lines = (msgspec.json.encode(event) + b"\n" for event in request.app[WEB].journal())
    return web.Response(body=b"".join(lines), content_type="application/jsonl")


async def _requests(request: web.Request) -> web.Response:
    since = float(request.query.get("since", 0))
    host = request.query.get("host")
    simulated = request.app[WEB]
    return _json(
        [
            dataclasses.asdict(seen)
            for each in ([host] if host else simulated.hosts())
            for seen in simulated.requests(each)
            if seen.at_seconds >= since
        ]
    )


async def _hosts(request: web.Request) -> web.Response:
    return _json(request.app[WEB].hosts())
