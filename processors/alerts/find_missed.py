"""Compare what should have been told with what the ledger holds (pure): the sweep for misses.

Only what a query alone decides can be told afterwards from an article: matches and new stories.
First mentions, silence and surges depend on what was known at the time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dateline import ids
from dateline.alert_records import Watch
from dateline.records import GroupedArticle
from dateline.watches.article_view import view_article
from dateline.watches.watch_index import WatchIndex
from processors.alerts.drafts import Draft, draft_match, is_past, may_alert

SWEPT_TRIGGERS = ("match", "new_story")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedArticle:
    """What the index says of an article: where it belongs now."""

    article_id: str
    first_seen_at: datetime
    story_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An alert that a watch owes for an article; one of ``alert_ids`` must be in the ledger."""

    draft: Draft
    alert_ids: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Sweep:
    """What was looked at.

    Attributes:
        expected: alerts that are owed, each once.
        checked_ids: articles that were compared.
        unchecked_ids: articles of the index whose record is gone from the topic.
    """

    expected: list[Expected] = field(default_factory=list)
    checked_ids: set[str] = field(default_factory=set)
    unchecked_ids: set[str] = field(default_factory=set)


def expect_alerts(
    records: Iterable[GroupedArticle],
    indexed: Mapping[str, IndexedArticle],
    watches: Iterable[Watch],
) -> Sweep:
    """Return what is owed for the articles of the index.

    Args:
        records: of news.grouped.v1, in any order; only those of indexed articles count.
        indexed: articles of the swept time by id.
        watches: all of them; those that fire on more than their query are left out.
    """
    by_id = {
        each.watch_id: each for each in watches if each.is_active and each.trigger in SWEPT_TRIGGERS
    }
    index = WatchIndex()
    for watch in by_id.values():
        index.put(watch)
    sweep = Sweep()
    seen: set[str] = set()
    for grouped in records:
        article = indexed.get(grouped.article_id)
        if article is None:
            continue
        sweep.checked_ids.add(grouped.article_id)
        view = view_article(grouped) if may_alert(grouped) else None
        if view is None:
            continue
        for match in index.match(view):
            watch = by_id[match.watch_id]
            draft = None if is_past(grouped, watch) else draft_match(grouped, watch, match.reasons)
            if draft is not None and draft.alert_ids[0] not in seen:
                seen.add(draft.alert_ids[0])
                sweep.expected.append(
                    Expected(draft=draft, alert_ids=_ids(draft, article.story_ids))
                )
    sweep.unchecked_ids.update(set(indexed) - sweep.checked_ids)
    return sweep


def find_missed(sweep: Sweep, told: Collection[str]) -> list[Expected]:
    """Return what is owed and not in the ledger, of which ``told`` are the ids that it holds."""
    return [each for each in sweep.expected if not set(each.alert_ids) & set(told)]


def _ids(draft: Draft, story_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the ids under which the alert may be, also where its story became part of another."""
    if draft.watch.trigger == "match" and draft.watch.repeat == "every_article":
        return draft.alert_ids
    watch_id, trigger = draft.watch.watch_id, draft.trigger
    later = (ids.alert_id(watch_id, trigger, each) for each in story_ids)
    return tuple(dict.fromkeys((*draft.alert_ids, *later)))
