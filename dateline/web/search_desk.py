"""Ask the index what people search for and open; never for more than search may show."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import http
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from elasticsearch import Elasticsearch, NotFoundError

from dateline.cli.search import with_ids
from dateline.clock import Clock
from dateline.errors import ConfigError
from dateline.records import SearchDocument
from dateline.search.article_queries import ArticleSearch
from dateline.search.failures import request_errors_translated
from dateline.search.find_articles import (
    SEARCH_TYPE,
    SearchAnswer,
    StorySize,
    ask,
    count_stories,
    find_article,
    to_document,
)
from dateline.search.find_entities import find_entities
from dateline.search.find_stories import FoundStory, find_story
from dateline.search.read_entity import EntityView, read_entity
from dateline.search.templates import ArticlesIndex
from dateline.web.problems import RequestProblem, refusal
from dateline.web.search_cursor import Cursors
from dateline.web.search_question import Question, article_search
from dateline.web.search_requests import (
    KEEP_ALIVE,
    MAX_COUNTED,
    Facets,
    is_counted,
    latest_request,
    next_place,
    page_request,
    read_answer,
    read_facets,
    shown_request,
)
from dateline.web.shown_story import shown_story

ID = re.compile(r"[0-9a-f]{64}")
ENTITY_ID = re.compile(r"Q[1-9][0-9]{0,17}|[0-9a-f]{64}")
LATEST_STORIES = 10
LATEST_ARTICLES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of results.

    ``first`` is the number of the first hit. ``is_cut``: there are more, but no further pages.
    """

    answer: SearchAnswer
    sizes: Mapping[str, StorySize]
    facets: Facets
    first: int
    next_cursor: str | None
    is_cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """An article that was taken back: that, when and why, and nothing that it said."""

    article_id: str
    source_id: str
    pub_status: str
    updated_at: datetime
    kill_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEntity:
    """An entity, and of its latest stories the best hit."""

    view: EntityView
    stories: SearchAnswer


class SearchDesk:
    """Answers questions; the client's calls wait in threads."""

    def __init__(self, client: Elasticsearch, index: ArticlesIndex, *, clock: Clock) -> None:
        self._client = client
        self._index = index
        self._clock = clock
        self._cursors = Cursors()

    async def search(self, question: Question, cursor: str = "") -> Found:
        """Return a page of results; ``cursor`` is that of the page before.

        Raises:
            RequestProblem: 422, the question cannot be asked; 400, the cursor is none.
            DependencyUnavailable: try again.
        """
        return await asyncio.to_thread(self._search, question, cursor)

    async def latest(self, question: Question) -> SearchAnswer:
        """Return the newest hits; raises as ``search``."""
        return await asyncio.to_thread(self._latest, question)

    async def article(self, article_id: str) -> SearchDocument | Withdrawn:
        """Return an article that search may show, or that it was withdrawn.

        Raises:
            RequestProblem: 404, there is none, or none that may be shown.
            DependencyUnavailable: try again.
        """
        return await asyncio.to_thread(self._article, article_id)

    async def story(self, story_id: str) -> FoundStory:
        """Return a story as far as its articles may be shown; the id may be that of an article.

        Raises:
            RequestProblem: 404, there is none, or none of its articles may be shown.
            DependencyUnavailable: try again.
        """
        return await asyncio.to_thread(self._story, story_id)

    async def entity(self, entity_id: str) -> FoundEntity:
        """Return an entity that an article names which may be shown.

        Raises:
            RequestProblem: 404, there is none.
            DependencyUnavailable: try again.
        """
        return await asyncio.to_thread(self._entity, entity_id)

    def _asked(self, question: Question) -> ArticleSearch:
        search = article_search(question, self._clock.now())
        try:
            return with_ids(
                self._client, self._index, search, entities=question.entities,
                story=question.story or None,
            )  # fmt: skip
        except ConfigError as error:
            # The hints of the command line name its options.
            raise refusal(error, hint="Give an id, or a longer name.") from error

    def _search(self, question: Question, cursor: str) -> Found:
        key = hashlib.sha256(msgspec.json.encode(question)).hexdigest()
        place = self._cursors.read(cursor, question=key) if cursor else None
        search = self._asked(question)
        if place is None:
            answer, pit_id = self._ask(page_request(search, None)), ""
        else:
            search = replace(search, until=min(search.until or place.before, place.before))
            answer, pit_id = self._ask_again(page_request(search, place), place.pit_id)
        offset = place.offset if place else 0
        found = read_answer(answer, search.size)
        behind = next_place(answer, search, place, question=key, pit_id=pit_id)
        return Found(
            answer=found,
            sizes=count_stories(
                self._client, self._index, sorted({hit.document.story_id for hit in found.hits})
            ),
            facets=read_facets(answer),
            first=offset + 1,
            next_cursor=self._cursors.write(behind) if behind else None,
            is_cut=is_counted(search) and offset + search.size >= MAX_COUNTED,
        )

    def _ask(self, request: dict[str, Any]) -> Any:
        return ask(self._client, self._index.read_alias, request, is_partial_allowed=True)

    def _ask_again(self, request: dict[str, Any], pit_id: str) -> tuple[Any, str]:
        """Return the answer as of the point in time, or of a new one where that is over."""
        with request_errors_translated():
            if pit_id:
                with contextlib.suppress(NotFoundError):
                    return self._ask_at(request, pit_id)
            opened = self._client.open_point_in_time(
                index=self._index.read_alias, keep_alive=KEEP_ALIVE
            )
            return self._ask_at(request, opened["id"])

    def _ask_at(self, request: dict[str, Any], pit_id: str) -> tuple[Any, str]:
        body = request | {"pit": {"id": pit_id, "keep_alive": KEEP_ALIVE}}
        answer = self._client.search(
            body=body, search_type=SEARCH_TYPE, allow_partial_search_results=True
        )
        return answer, answer["pit_id"]

    def _latest(self, question: Question) -> SearchAnswer:
        search = replace(self._asked(replace(question, order="newest")), size=LATEST_ARTICLES)
        return read_answer(self._ask(latest_request(search)), LATEST_ARTICLES)

    def _article(self, article_id: str) -> SearchDocument | Withdrawn:
        if not ID.fullmatch(article_id):
            raise _none("article")
        request = shown_request(article_id)
        rows = ask(self._client, self._index.read_alias, request)["hits"]["hits"]
        if rows:
            return replace(to_document(rows[0]["_source"]), body_internal=None)
        known = find_article(self._client, self._index, article_id)
        if known is None or known.pub_status == "usable":
            raise _none("article")
        return Withdrawn(
            article_id=known.article_id, source_id=known.source_id, pub_status=known.pub_status,
            updated_at=known.updated_at, kill_reason=known.kill_reason,
        )  # fmt: skip

    def _story(self, story_id: str) -> FoundStory:
        found = find_story(self._client, self._index, story_id) if ID.fullmatch(story_id) else None
        shown = shown_story(found) if found else None
        if shown is None:
            raise _none("story")
        return shown

    def _entity(self, entity_id: str) -> FoundEntity:
        if not ENTITY_ID.fullmatch(entity_id):
            raise _none("entity")
        found = find_entities(self._client, self._index, entity_id)
        entity = next((each for each in found if entity_id in each.member_ids), None)
        view = read_entity(self._client, self._index, entity) if entity else None
        # Of an entity that only hidden articles name, nothing is said.
        if entity is None or view is None or not view.article_count:
            raise _none("entity")
        search = ArticleSearch(
            entities=(entity.member_ids,),
            is_collapsed=True,
            size=LATEST_STORIES,
            is_newest_first=True,
        )
        stories = read_answer(self._ask(latest_request(search)), LATEST_STORIES)
        return FoundEntity(view=view, stories=stories)


def _none(kind: str) -> RequestProblem:
    return RequestProblem(http.HTTPStatus.NOT_FOUND, f"There is no {kind} of that id.")
