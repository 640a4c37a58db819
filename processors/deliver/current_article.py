"""Return what is known of an article now, and of an alert what may still be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch

from dateline.alert_records import Alert
from dateline.alerts.ledger import LedgerEntry
from dateline.errors import DependencyUnavailable, InvariantBroken, SearchUnavailable
from dateline.rights.record import DisplayTier
from dateline.rights.snippet import cut_snippet
from dateline.search.failures import translated
from dateline.search.templates import ArticlesIndex

# What may be shown, most first.
_TIERS: tuple[DisplayTier, ...] = ("full", "snippet", "metadata_only", "no_index")
_FIELDS = ["pub_status", "kill_reason", "title", "body", "decisions.purpose",
           "decisions.display", "decisions.snippet_chars"]  # fmt: skip
WITHHELD = "The licence of this article no longer allows to show more of its text."
CUT_NOTE = "Text left out: what may be shown of the article was restricted after the alert."


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrentArticle:
    """An article as the index has it now; title and body are what may be shown of it."""

    pub_status: str
    kill_reason: str | None = None
    display: DisplayTier = "no_index"
    snippet_chars: int = 0
    title: str | None = None
    body: str | None = None

    @property
    def is_withdrawn(self) -> bool:
        """Return whether it must not be told any more."""
        return self.kill_reason is not None or self.pub_status == "canceled"


def still_showable(entry: LedgerEntry, current: CurrentArticle | None) -> Alert:
    """Return the alert without what may not be shown any more; not yet indexed: as it is."""
    if current is None or entry.alert.content is None or not _is_stricter(entry, current):
        return entry.alert
    content = entry.alert.content
    is_text_shown = current.pub_status != "withheld" and current.display in ("full", "snippet")
    body = (current.body or "") if is_text_shown else ""
    sentence = content.sentence if content.sentence and content.sentence in body else None
    excerpt = cut_snippet(body, len(content.excerpt)) if content.excerpt else None
    is_hidden = current.display == "no_index"
    cut = replace(
        content,
        title=content.title if current.title is not None and not is_hidden else None,
        sentence=sentence,
        excerpt=excerpt or None,
        entities=() if is_hidden else content.entities,
        story_title="" if is_hidden else content.story_title,
    )
    if cut == content:
        return entry.alert
    return replace(entry.alert, content=replace(cut, withheld_reason=WITHHELD))


def _is_stricter(entry: LedgerEntry, current: CurrentArticle) -> bool:
    if current.pub_status == "withheld":
        return True
    now, then = _TIERS.index(current.display), _TIERS.index(entry.display)
    return now > then or (
        current.display == entry.display == "snippet"
        and current.snippet_chars < entry.snippet_chars
    )


async def read_articles(
    client: AsyncElasticsearch, index: ArticlesIndex, articles: Sequence[tuple[str, datetime]]
) -> dict[str, CurrentArticle]:
    """Return the articles by id as they are now, not as last refreshed; some may not be there yet.

    Args:
        client: of Elasticsearch.
        index: of the articles.
        articles: id and ``first_seen_at``, which says in which index it is.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
    """
    if not articles:
        return {}
    docs = [
        {
            "_index": index.index_name(index.write_alias(first_seen_at)),
            "_id": article_id,
            "_source": _FIELDS,
        }
        for article_id, first_seen_at in articles
    ]
    try:
        answer = await client.mget(docs=docs)
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DependencyUnavailable):
            raise meaning from error
        raise InvariantBroken(f"Elasticsearch refuses our request: {meaning}") from error
    found: dict[str, CurrentArticle] = {}
    for row in answer["docs"]:
        error_type = row.get("error", {}).get("type")
        if error_type not in (None, "index_not_found_exception"):
            raise SearchUnavailable(f"Elasticsearch cannot read an article: {error_type}.")
        if row.get("found"):
            found[row["_id"]] = _current(row["_source"])
    return found


def _current(source: Mapping[str, Any]) -> CurrentArticle:
    shown: Mapping[str, Any] = next(
        (each for each in source.get("decisions") or () if each["purpose"] == "public_search"), {}
    )
    return CurrentArticle(
        pub_status=source["pub_status"],
        kill_reason=source.get("kill_reason"),
        display=shown.get("display", "no_index"),
        snippet_chars=shown.get("snippet_chars") or 0,
        title=source.get("title"),
        body=source.get("body"),
    )
