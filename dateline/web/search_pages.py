"""The pages of search: results, an article, a story, an entity."""

from __future__ import annotations

import http
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from dateline.channels.plain_words import web_url
from dateline.web.article_values import (
    article_facts,
    body_pieces,
    change_rows,
    entity_facts,
    story_rows,
    story_timeline,
    wikidata_url,
    withheld_words,
)
from dateline.web.page_values import form_error, shown_time
from dateline.web.problems import RequestProblem
from dateline.web.render_page import render_page
from dateline.web.rooms import rooms_of
from dateline.web.search_desk import Found, Withdrawn
from dateline.web.search_question import Question, address, read_question
from dateline.web.search_values import (
    chosen_rows,
    facet_rows,
    hidden_fields,
    hit_row,
    hit_rows,
    order_rows,
    time_rows,
)
from dateline.web.shown_words import badge, decision_words, evidence_row, seen

FEED_PATH = "/v1/search.atom"
UNASKED = Question()


async def search(request: Request) -> Response:
    """Show a page of results with the form, or the form with what is wrong in it."""
    pairs = request.query_params.multi_items()
    question = UNASKED
    try:
        question = read_question(pairs)
        cursor = request.query_params.get("cursor", "")
        found = await rooms_of(request).search.search(question, cursor)
    except RequestProblem as problem:
        if problem.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return _search_page(question, None, problem)
    return _search_page(question, found, None)


def _search_page(
    question: Question, found: Found | None, problem: RequestProblem | None
) -> Response:
    facets = found.facets if found else {}
    cursor = found.next_cursor if found else None
    return _html(
        "search.html",
        status=problem.status if problem else http.HTTPStatus.OK,
        question=question,
        found=found,
        hits=hit_rows(found) if found else [],
        facets=facet_rows(question, facets),
        chosen=chosen_rows(question, facets),
        times=time_rows(question),
        orders=order_rows(question),
        hidden=hidden_fields(question),
        error=form_error(problem, question.words) if problem else None,
        next_address=address(question, cursor=cursor) if cursor else None,
        first_address=address(question),
        feed_address=address(
            replace(question, order=UNASKED.order, limit=UNASKED.limit), path=FEED_PATH
        ),
    )


async def show_article(request: Request) -> Response:
    """Show an article as far as its licence lets it be shown; 410: it was withdrawn."""
    found = await rooms_of(request).search.article(request.path_params["article_id"])
    if isinstance(found, Withdrawn):
        return _html(
            "withdrawn.html", status=http.HTTPStatus.GONE, article=found,
            reason=seen(found.kill_reason or ""), shown_at=shown_time(found.updated_at),
        )  # fmt: skip
    return _html(
        "article.html",
        article=found,
        title=seen(found.title or "(no title)"),
        url=web_url(found.url),
        badge=badge(found.rights),
        evidence=[evidence_row(each) for each in found.rights.evidence] if found.rights else [],
        notes=[seen(each) for each in found.rights.notes] if found.rights else [],
        decisions=[decision_words(each) for each in found.decisions],
        facts=article_facts(found),
        body=body_pieces(found),
        summary=seen(found.summary or "") if not found.body else "",
        withheld=withheld_words(found),
        names_missing=seen(found.mentions_absent_reason or ""),
        versions=[(each, shown_time(each.updated_at)) for each in found.versions],
    )


async def show_story(request: Request) -> Response:
    """Show a story: when its articles came, and why each is in it."""
    found = await rooms_of(request).search.story(request.path_params["story_id"])
    return _html(
        "story.html", found=found, story=found.record,
        title=seen(found.record.title or "(no title)"), articles=story_rows(found),
        timeline=story_timeline(found), changes=change_rows(found.record), seen=seen,
    )  # fmt: skip


async def show_entity(request: Request) -> Response:
    """Show who somebody or something is, and the latest stories."""
    found = await rooms_of(request).search.entity(request.path_params["entity_id"])
    entity = found.view.entity
    return _html(
        "entity.html", view=found.view, entity=entity, name=seen(entity.name),
        facts=entity_facts(found.view), wikidata=wikidata_url(found.view), seen=seen,
        hits=[hit_row(each) for each in found.stories.hits],
        all_address=address(Question(entities=(entity.entity_id,))),
    )  # fmt: skip


def _html(template: str, *, status: int = 200, **values: Any) -> Response:
    return HTMLResponse(render_page(template, **values), status_code=status)


ROUTES = (
    Route("/", search, methods=["GET"]),
    Route("/articles/{article_id}", show_article, methods=["GET"]),
    Route("/stories/{story_id}", show_story, methods=["GET"]),
    Route("/entities/{entity_id}", show_entity, methods=["GET"]),
)
