"""Claim what an article mentions, and return the alerts that its matches may become."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from dateline.alert_records import MatchReason, Surge, Watch
from dateline.alerts.claims import ClaimStore
from dateline.alerts.first_mention import Claim, Holder
from dateline.alerts.mention_history import (
    AskedArticle,
    MentionCounts,
    MentionHistory,
    is_surge,
)
from processors.alerts.drafts import Draft, draft_match, entity_ids_of, joined_subject
from processors.alerts.entity_claims import claims_of, words_claim
from processors.alerts.find_first import FirstMentions
from processors.alerts.seen_article import SeenArticle, asked_article


class DraftFinder:
    """Claims for all articles; drafts for those that match."""

    def __init__(self, claims: ClaimStore, history: MentionHistory, firsts: FirstMentions) -> None:
        self._claims = claims
        self._history = history
        self._firsts = firsts
        # Of one batch: many watches ask the same of an article.
        self._last: dict[tuple[tuple[str, ...], AskedArticle], datetime | None] = {}
        self._counts: dict[tuple[tuple[str, ...], AskedArticle, Surge], MentionCounts] = {}

    async def find(self, articles: Sequence[SeenArticle]) -> list[Draft]:
        """Return the drafts in the order of the articles; all their claims are durable.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        self._last, self._counts = {}, {}
        holders = await self._claims.claim(claim for each in articles for claim in _claims(each))
        firsts = await self._firsts.find(articles, holders)
        return [
            draft
            for number, article in enumerate(articles)
            for watch, reasons in article.matches
            for draft in (
                *firsts.get((number, watch.watch_id), ()),
                *await self._drafts(article, watch, reasons, holders),
            )
        ]

    async def _drafts(
        self,
        article: SeenArticle,
        watch: Watch,
        reasons: tuple[MatchReason, ...],
        holders: Mapping[str, Holder],
    ) -> Sequence[Draft]:
        """Return the drafts of what is no first mention."""
        match watch.trigger:
            case "match" | "new_story":
                words = _new_words(article, holders) if _has_updates(watch) else None
                draft = draft_match(article.grouped, watch, reasons, words_sha256=words)
                return [draft] if draft else []
            case "silence":
                draft = await self._silence(article, watch, reasons)
                return [draft] if draft else []
            case "surge":
                return [each async for each in self._surges(article, watch, reasons)]
            case "first_mention":
                return []

    async def _silence(
        self, article: SeenArticle, watch: Watch, reasons: tuple[MatchReason, ...]
    ) -> Draft | None:
        entity_ids = entity_ids_of(reasons)
        if watch.silence_days is None or not entity_ids:
            return None
        asked, limit = asked_article(article.grouped), timedelta(days=watch.silence_days)
        subjects, because = [], []
        for entity_id in entity_ids:
            last = await self._last_mentioned_at(_all_ids(article, entity_id), asked)
            if last is None or article.grouped.first_seen_at - last < limit:
                return None
            subjects.append(f"{entity_id}@{last.isoformat()}")
            name = _name(entity_id, reasons)
            because.append(f"{name} was last mentioned on {last:%d %B %Y}")
        return Draft(
            grouped=article.grouped, watch=watch, trigger="silence",
            subjects=(joined_subject(subjects),), reasons=reasons, because=tuple(because),
        )  # fmt: skip

    async def _surges(
        self, article: SeenArticle, watch: Watch, reasons: tuple[MatchReason, ...]
    ) -> AsyncIterator[Draft]:
        surge, asked = watch.surge or Surge(), asked_article(article.grouped)
        for entity_id in entity_ids_of(reasons):
            counts = await self._count(_all_ids(article, entity_id), asked, surge)
            if not is_surge(counts, surge):
                continue
            mean = sum(counts.daily_counts) / len(counts.daily_counts)
            yield Draft(
                grouped=article.grouped, watch=watch, trigger="surge",
                subjects=(f"{entity_id}@{counts.window_start.isoformat()}",), reasons=reasons,
                because=(
                    f"{_name(entity_id, reasons)} is in {counts.window_count} articles since"
                    f" {counts.window_start:%d %B %H:%M} UTC; usual are {mean:.1f} in"
                    f" {surge.window_hours} hours",
                ),
            )  # fmt: skip

    async def _last_mentioned_at(
        self, entity_ids: tuple[str, ...], asked: AskedArticle
    ) -> datetime | None:
        key = (entity_ids, asked)
        if key not in self._last:
            self._last[key] = await self._history.last_mentioned_at(entity_ids, asked)
        return self._last[key]

    async def _count(
        self, entity_ids: tuple[str, ...], asked: AskedArticle, surge: Surge
    ) -> MentionCounts:
        key = (entity_ids, asked, surge)
        if key not in self._counts:
            self._counts[key] = await self._history.count(entity_ids, asked, surge)
        return self._counts[key]


def _claims(article: SeenArticle) -> Iterator[Claim]:
    """Yield the claims that an article makes whoever matches it, and those of its words."""
    for entity in article.named:
        yield from claims_of(article.grouped, entity)
    if article.view and any(_has_updates(watch) for watch, _ in article.matches):
        yield words_claim(article.grouped, article.view)


def _has_updates(watch: Watch) -> bool:
    return watch.trigger == "match" and watch.repeat == "story_and_updates"


def _new_words(article: SeenArticle, holders: Mapping[str, Holder]) -> str | None:
    """Return the hash of the words, None where an earlier text of the article had the same."""
    if article.view is None:
        return None
    claim = words_claim(article.grouped, article.view)
    is_ours = holders[claim.claim_id].revision == article.grouped.revision
    return claim.entity_id if is_ours else None


def _all_ids(article: SeenArticle, entity_id: str) -> tuple[str, ...]:
    known = (each.all_ids for each in article.named if each.entity_id == entity_id)
    return next(known, (entity_id,))


def _name(entity_id: str, reasons: Sequence[MatchReason]) -> str:
    names = (each.entity_name for each in reasons if each.entity_id == entity_id)
    return next((name for name in names if name), entity_id)
