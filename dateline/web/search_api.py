"""Articles, stories and entities of ``/v1``: what the pages of search show, as JSON and Atom."""

from __future__ import annotations

import http

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dateline.web.etags import tagged_response
from dateline.web.problems import RequestProblem
from dateline.web.rooms import rooms_of
from dateline.web.search_answers import (
    article_value,
    entity_value,
    found_value,
    story_value,
    withdrawn_value,
)
from dateline.web.search_desk import Withdrawn
from dateline.web.search_feed import search_feed_bytes
from dateline.web.search_question import NAMES, Question, read_question, refuse_unknown

JSON = "application/json"
PARAMETERS = frozenset({*NAMES.values(), "cursor"})
# A feed has the newest articles, all of them at once.
FEED_PARAMETERS = PARAMETERS - {"cursor", "limit", "sort"}


async def search(request: Request) -> Response:
    """Return a page of results; ``next_cursor`` gets the page behind (``cursor``)."""
    refuse_unknown(request.query_params, PARAMETERS)
    question = _question(request)
    cursor = request.query_params.get("cursor", "")
    value = found_value(await rooms_of(request).search.search(question, cursor))
    # The cursor is signed anew each time: an answer is the same one whatever it is.
    same = msgspec.json.encode({name: value[name] for name in value if name != "next_cursor"})
    return tagged_response(request, msgspec.json.encode(value), media_type=JSON, tagged=same)


async def search_feed(request: Request) -> Response:
    """Return the newest results as Atom; 304 where the client has them."""
    refuse_unknown(request.query_params, FEED_PARAMETERS)
    question = _question(request)
    answer = await rooms_of(request).search.latest(question)
    # The host was checked: it is one of our own names.
    base = f"http://{request.headers['host']}"
    content = search_feed_bytes(question, answer.hits, base_url=base)
    return tagged_response(request, content, media_type="application/atom+xml")


async def show_article(request: Request) -> Response:
    """Return an article as far as it may be shown; 410: it was withdrawn."""
    found = await rooms_of(request).search.article(request.path_params["article_id"])
    if isinstance(found, Withdrawn):
        raise RequestProblem(
            http.HTTPStatus.GONE, "This article was withdrawn by its source.",
            extra=withdrawn_value(found),
        )  # fmt: skip
    return _json(request, article_value(found))


async def show_story(request: Request) -> Response:
    """Return a story with its articles."""
    return _json(
        request, story_value(await rooms_of(request).search.story(request.path_params["story_id"]))
    )


async def show_entity(request: Request) -> Response:
    """Return an entity with its latest stories."""
    found = await rooms_of(request).search.entity(request.path_params["entity_id"])
    return _json(request, entity_value(found))


def _question(request: Request) -> Question:
    return read_question(request.query_params.multi_items())


def _json(request: Request, value: object) -> Response:
    return tagged_response(request, msgspec.json.encode(value), media_type=JSON)


ROUTES = (
    Route("/v1/search", search, methods=["GET"]),
    Route("/v1/search.atom", search_feed, methods=["GET"]),
    Route("/v1/articles/{article_id}", show_article, methods=["GET"]),
    Route("/v1/stories/{story_id}", show_story, methods=["GET"]),
    Route("/v1/entities/{entity_id}", show_entity, methods=["GET"]),
)
