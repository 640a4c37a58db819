"""Every route of ``/v1`` as data: what is asked, with what, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dateline.search.article_queries import MAX_SIZE
from dateline.web.alert_api import DEFAULT_LIMIT, MAX_LIMIT

JSON = "application/json"
ATOM = "application/atom+xml"
EVENTS = "text/event-stream"
OPENAPI = "application/vnd.oai.openapi+json"
Schema = Mapping[str, object]
TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
FLAG: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time"}
SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A part of an address; ``place`` is that of OpenAPI."""

    meaning: str
    schema: Schema = field(default_factory=lambda: TEXT)
    place: str = "query"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a request gets: by status the component in its media type, None: no content.

    ``problems`` are the statuses of ``application/problem+json``.
    """

    good: Mapping[int, tuple[str, str] | None]
    problems: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path; ``parameters`` are names of ``PARAMETERS``."""

    path: str
    method: str
    name: str
    meaning: str
    answers: Answers
    parameters: tuple[str, ...] = ()
    body: str = ""
    is_tagged: bool = False


def _number(most: int, default: int) -> Schema:
    return {"type": "integer", "minimum": 1, "maximum": most, "default": default}


def _in_path(meaning: str, schema: Schema = TEXT) -> Parameter:
    return Parameter(meaning=meaning, schema=schema, place="path")


PARAMETERS: Mapping[str, Parameter] = {
    "q": Parameter(meaning="Words and fields in the language of watches; none: the newest."),
    "entity": Parameter(meaning="Ids or names; all must be named.", schema=TEXTS),
    "place": Parameter(meaning="Places; all must be named.", schema=TEXTS),
    "license": Parameter(meaning="SPDX expressions or rights statuses; one fits.", schema=TEXTS),
    "source": Parameter(meaning="Publishers by id; one fits.", schema=TEXTS),
    "lang": Parameter(meaning="ISO 639-1 codes; one fits.", schema=TEXTS),
    "country": Parameter(meaning="ISO 3166-1 codes; one fits.", schema=TEXTS),
    "story": Parameter(meaning="Id of a story or of one of its articles, or its beginning."),
    "since": Parameter(meaning="First seen since then: 12h, 7d, a date or a time."),
    "until": Parameter(meaning="First seen until then; a date includes its whole day."),
    "sort": Parameter(
        meaning="The best first, or the newest.",
        schema={"enum": ["relevance", "newest"], "default": "relevance"},
    ),
    "collapse": Parameter(
        meaning="Of each story the first article only.", schema={"type": "boolean", "default": True}
    ),
    "limit": Parameter(meaning="Most hits of a page.", schema=_number(MAX_SIZE, 20)),
    "cursor": Parameter(meaning="`next_cursor` of the page before."),
    "watch": Parameter(meaning="Of this watch only."),
    "alert_since": Parameter(meaning="From then on; a time with a zone.", schema=TIME),
    "alert_limit": Parameter(meaning="Most alerts.", schema=_number(MAX_LIMIT, DEFAULT_LIMIT)),
    "all": Parameter(meaning="Also those that are off.", schema=FLAG),
    "dry_run": Parameter(meaning="Check and estimate, write nothing.", schema=FLAG),
    "force": Parameter(meaning="Also where it would tell very often.", schema=FLAG),
    "If-None-Match": Parameter(meaning="Tag of the answer that is there.", place="header"),
    "Last-Event-ID": Parameter(meaning="The alert that was told last.", place="header"),
    "article_id": _in_path("Id of an article.", SHA256),
    "story_id": _in_path("Id of a story, or of one of its articles.", SHA256),
    "entity_id": _in_path("Wikidata id, or one of ours."),
    "watch_id": _in_path("Id of a watch."),
    "alert_id": _in_path("Id of an alert.", SHA256),
}
# The same name means another thing elsewhere.
WRITTEN: Mapping[str, str] = {"alert_since": "since", "alert_limit": "limit"}
FILTERS = (
    "q", "entity", "place", "license", "source", "lang", "country", "story", "since", "until",
    "collapse",
)  # fmt: skip
_WRITING = (400, 409, 413, 415, 422, 503)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        path="/v1/search", method="get", name="search", is_tagged=True,
        meaning="Find articles: by story, with facets, in pages.",
        parameters=(*FILTERS, "sort", "limit", "cursor"),
        answers=Answers(good={200: (JSON, "SearchAnswer")}, problems=(400, 422, 503)),
    ),
    Operation(
        path="/v1/search.atom", method="get", name="searchFeed", is_tagged=True,
        meaning="Follow a search in a feed reader: its newest articles.", parameters=FILTERS,
        answers=Answers(good={200: (ATOM, "")}, problems=(400, 422, 503)),
    ),
    Operation(
        path="/v1/articles/{article_id}", method="get", name="article", is_tagged=True,
        meaning="An article as far as its licence lets it be shown; 410: it was withdrawn.",
        parameters=("article_id",),
        answers=Answers(good={200: (JSON, "ArticleAnswer")}, problems=(404, 410, 503)),
    ),
    Operation(
        path="/v1/stories/{story_id}", method="get", name="story", is_tagged=True,
        meaning="A story, its articles in order of time, and why each is in it.",
        parameters=("story_id",),
        answers=Answers(good={200: (JSON, "StoryAnswer")}, problems=(404, 503)),
    ),
    Operation(
        path="/v1/entities/{entity_id}", method="get", name="entity", is_tagged=True,
        meaning="Who somebody or something is, and the latest stories.",
        parameters=("entity_id",),
        answers=Answers(good={200: (JSON, "EntityAnswer")}, problems=(404, 503)),
    ),
    Operation(
        path="/v1/watches", method="get", name="watches", meaning="The watches in force by id.",
        parameters=("all",), answers=Answers(good={200: (JSON, "WatchesAnswer")}),
    ),
    Operation(
        path="/v1/watches", method="post", name="addWatch", body="WatchRequest",
        meaning="Put a watch in force; 409: the id is taken.", parameters=("dry_run", "force"),
        answers=Answers(
            good={200: (JSON, "WrittenAnswer"), 201: (JSON, "WrittenAnswer")}, problems=_WRITING
        ),
    ),
    Operation(
        path="/v1/watches/{watch_id}", method="get", name="watch", meaning="One watch.",
        parameters=("watch_id",),
        answers=Answers(good={200: (JSON, "WatchAnswer")}, problems=(404,)),
    ),
    Operation(
        path="/v1/watches/{watch_id}", method="put", name="putWatch", body="WatchRequest",
        meaning="Change a watch as a whole, or put it in force.",
        parameters=("watch_id", "dry_run", "force"),
        answers=Answers(
            good={200: (JSON, "WrittenAnswer"), 201: (JSON, "WrittenAnswer")}, problems=_WRITING
        ),
    ),
    Operation(
        path="/v1/watches/{watch_id}", method="delete", name="removeWatch",
        meaning="Take a watch out of force; its alerts stay.", parameters=("watch_id",),
        answers=Answers(good={204: None}, problems=(404, 409, 503)),
    ),
    Operation(
        path="/v1/watches/{watch_id}/alerts.atom", method="get", name="watchFeed", is_tagged=True,
        meaning="The latest alerts of a watch as a feed.", parameters=("watch_id",),
        answers=Answers(good={200: (ATOM, "")}, problems=(404, 503)),
    ),
    Operation(
        path="/v1/alerts", method="get", name="alerts", meaning="Alerts, the newest first.",
        parameters=("watch", "alert_since", "alert_limit", "cursor"),
        answers=Answers(good={200: (JSON, "AlertsAnswer")}, problems=(400, 503)),
    ),
    Operation(
        path="/v1/alerts/stream", method="get", name="alertStream",
        meaning="Each alert from now on as Server-Sent Events.",
        parameters=("watch", "alert_since", "Last-Event-ID"),
        answers=Answers(good={200: (EVENTS, "")}, problems=(400, 503)),
    ),
    Operation(
        path="/v1/alerts/{alert_id}", method="get", name="alert",
        meaning="An alert and what came of it in each channel.", parameters=("alert_id",),
        answers=Answers(good={200: (JSON, "AlertAnswer")}, problems=(404, 503)),
    ),
    Operation(
        path="/v1/openapi.json", method="get", name="openapi", is_tagged=True,
        meaning="This document.", answers=Answers(good={200: (OPENAPI, "AnyObject")}),
    ),
)  # fmt: skip
