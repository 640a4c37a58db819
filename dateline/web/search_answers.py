"""Return what a search, an article, a story and an entity are in JSON; pure.

As ``--json`` of the commands gives them; addresses are http or https, or null.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from dateline.channels.plain_words import web_url
from dateline.cli.entity_view import view_as_json
from dateline.cli.search import answer_as_json
from dateline.cli.story import story_as_json
from dateline.records import SearchDocument
from dateline.search.find_articles import SearchAnswer
from dateline.search.find_stories import FoundStory
from dateline.web.search_desk import Found, FoundEntity, Withdrawn
from dateline.web.search_question import NAMES

# Text that may be searched but not shown; the index returns it to nobody, nor do we.
UNSHOWN = "body_internal"


def found_value(found: Found) -> dict[str, Any]:
    """Return a page of results with the facets by parameter."""
    return {
        **_answer(found.answer, found),
        "facets": {
            NAMES[field]: [msgspec.to_builtins(each) for each in counts]
            for field, counts in found.facets.items()
        },
        "next_cursor": found.next_cursor,
    }


def article_value(document: SearchDocument) -> dict[str, Any]:
    """Return an article as far as it may be shown."""
    return {"article": _safe(msgspec.to_builtins(document))}


def withdrawn_value(article: Withdrawn) -> dict[str, Any]:
    """Return what is told of an article that was withdrawn."""
    value: dict[str, Any] = msgspec.to_builtins(article)
    return value


def story_value(found: FoundStory) -> dict[str, Any]:
    """Return a story and its articles in order of time, without their texts."""
    value = story_as_json(found)
    return value | {"articles": _all_safe(value["articles"])}


def entity_value(found: FoundEntity) -> dict[str, Any]:
    """Return an entity, its newest articles, and of its newest stories one article each."""
    value = view_as_json(found.view)
    return value | {
        "latest": _all_safe(value["latest"]), "stories": _answer(found.stories)["hits"],
    }  # fmt: skip


def _answer(answer: SearchAnswer, found: Found | None = None) -> dict[str, Any]:
    value: dict[str, Any] = answer_as_json(answer, found.sizes if found else {})
    # How long it took is never the same, and an answer has a tag.
    del value["took_ms"]
    return value | {"hits": _all_safe(value["hits"])}


def _all_safe(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [_safe(each) for each in rows]


def _safe(article: dict[str, Any]) -> dict[str, Any]:
    safe = {name: value for name, value in article.items() if name != UNSHOWN}
    safe["url"] = web_url(safe["url"])
    if safe["rights"]:
        uri = web_url(safe["rights"]["license_uri"])
        safe["rights"] = safe["rights"] | {"license_uri": uri}
    return safe
