"""Claim what an article mentions, and return the alerts that its matches may become."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from dateline.alert_records import MatchReason, Surge, Watch
from dateline.alerts.claims import ClaimStore
from dateline.alerts.first_mention import ALL, Claim, Holder, is_first
from dateline.alerts.mention_history import AskedArticle, MentionHistory, is_surge
from dateline.records import GroupedArticle
from dateline.watches.article_view import ArticleView
from processors.alerts.build_content import mention_reason
from processors.alerts.drafts import (
    Draft,
    countries_of,
    draft_match,
    entities_asked_for,
    entity_ids_of,
)
from processors.alerts.entity_claims import (
    NamedEntity,
    claims_of,
    event_at,
    scopes_of,
    words_claim,
)

SCOPE_WORDS = {ALL: "", "source": " by this source", "country": " with this country"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenArticle:
    """An article with what it names and the watches whose queries are true of it.

    ``matches`` is empty where the record may not alert.
    """

    grouped: GroupedArticle
    view: ArticleView
    named: tuple[NamedEntity, ...]
    matches: tuple[tuple[Watch, tuple[MatchReason, ...]], ...] = ()


class DraftFinder:
    """Claims for all articles; drafts for those that match."""

    def __init__(
        self,
        claims: ClaimStore,
        history: MentionHistory,
        *,
        is_learning: Callable[[GroupedArticle], bool],
    ) -> None:
        self._claims = claims
        self._history = history
        self._is_learning = is_learning

    async def find(self, articles: Sequence[SeenArticle]) -> list[Draft]:
        """Return the drafts in the order of the articles; all their claims are durable.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        wanted = [claim for each in articles for claim in _claims(each)]
        holders = await self._claims.claim(wanted) if wanted else {}
        return [
            draft
            for article in articles
            for watch, reasons in article.matches
            async for draft in self._drafts(article, watch, reasons, holders)
        ]

    async def _drafts(
        self,
        article: SeenArticle,
        watch: Watch,
        reasons: tuple[MatchReason, ...],
        holders: Mapping[str, Holder],
    ) -> AsyncIterator[Draft]:
        match watch.trigger:
            case "match" | "new_story":
                words = _new_words(article, holders) if _has_updates(watch) else None
                draft = draft_match(article.grouped, watch, reasons, words_sha256=words)
                if draft is not None:
                    yield draft
            case "first_mention":
                async for draft in self._first_mentions(article, watch, reasons, holders):
                    yield draft
            case "silence":
                draft = await self._silence(article, watch, reasons)
                if draft is not None:
                    yield draft
            case "surge":
                async for draft in self._surges(article, watch, reasons):
                    yield draft

    async def _first_mentions(
        self,
        article: SeenArticle,
        watch: Watch,
        reasons: tuple[MatchReason, ...],
        holders: Mapping[str, Holder],
    ) -> AsyncIterator[Draft]:
        if self._is_learning(article.grouped):
            return
        asked = _asked(article.grouped)
        for scope, entity, claims in _first_mention_claims(article, watch, reasons):
            if not is_first(claims, holders):
                continue
            # Claims are as old as this stage; the index may know of earlier mentions.
            if await self._history.was_mentioned(entity.all_ids, asked, scope):
                continue
            primary = claims[0].entity_id
            words = SCOPE_WORDS[watch.scope]
            own = mention_reason(article.grouped, entity, entity.name)
            yield Draft(
                grouped=article.grouped, watch=watch, trigger="first_mention",
                subjects=(primary if scope == ALL else f"{scope}:{primary}",),
                reasons=(own, *reasons),
                because=(f"first mention of {entity.name} ({entity.entity_type}){words}",),
            )  # fmt: skip

    async def _silence(
        self, article: SeenArticle, watch: Watch, reasons: tuple[MatchReason, ...]
    ) -> Draft | None:
        entity_ids = entity_ids_of(reasons)
        if watch.silence_days is None or not entity_ids:
            return None
        asked, limit = _asked(article.grouped), timedelta(days=watch.silence_days)
        subjects, because = [], []
        for entity_id in entity_ids:
            last = await self._history.last_mentioned_at(_all_ids(article, entity_id), asked)
            if last is None or article.grouped.first_seen_at - last < limit:
                return None
            subjects.append(f"{entity_id}@{last.isoformat()}")
            name = _name(entity_id, reasons)
            because.append(f"{name} was last mentioned on {last:%d %B %Y}")
        return Draft(
            grouped=article.grouped, watch=watch, trigger="silence",
            subjects=(" ".join(subjects),), reasons=reasons, because=tuple(because),
        )  # fmt: skip

    async def _surges(
        self, article: SeenArticle, watch: Watch, reasons: tuple[MatchReason, ...]
    ) -> AsyncIterator[Draft]:
        surge, asked = watch.surge or Surge(), _asked(article.grouped)
        for entity_id in entity_ids_of(reasons):
            counts = await self._history.count(_all_ids(article, entity_id), asked, surge)
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


def _claims(article: SeenArticle) -> Iterator[Claim]:
    """Yield all claims of an article; those inside narrower scopes only where a watch asks."""
    for entity in article.named:
        yield from claims_of(article.grouped, entity)
    for watch, reasons in article.matches:
        if _has_updates(watch):
            yield words_claim(article.grouped, article.view)
        if watch.trigger == "first_mention" and watch.scope != ALL:
            for _, _, claims in _first_mention_claims(article, watch, reasons):
                yield from claims


def _first_mention_claims(
    article: SeenArticle, watch: Watch, reasons: Sequence[MatchReason]
) -> Iterator[tuple[str, NamedEntity, tuple[Claim, ...]]]:
    countries = countries_of(watch.query)
    for entity in entities_asked_for(watch.query, article.named, reasons):
        codes = countries or entity.country_codes
        for scope in scopes_of(article.grouped, watch.scope, codes):
            yield scope, entity, claims_of(article.grouped, entity, scope)


def _has_updates(watch: Watch) -> bool:
    return watch.trigger == "match" and watch.repeat == "story_and_updates"


def _new_words(article: SeenArticle, holders: Mapping[str, Holder]) -> str | None:
    """Return the hash of the words, None where an earlier text of the article had the same."""
    claim = words_claim(article.grouped, article.view)
    is_ours = holders[claim.claim_id].revision == article.grouped.revision
    return claim.entity_id if is_ours else None


def _asked(grouped: GroupedArticle) -> AskedArticle:
    return AskedArticle(
        article_id=grouped.article_id,
        story_ids=(grouped.story_id, *grouped.story_aliases),
        first_seen_at=grouped.first_seen_at,
        event_at=event_at(grouped),
    )


def _all_ids(article: SeenArticle, entity_id: str) -> tuple[str, ...]:
    known = (each.all_ids for each in article.named if each.entity_id == entity_id)
    return next(known, (entity_id,))


def _name(entity_id: str, reasons: Sequence[MatchReason]) -> str:
    names = (each.entity_name for each in reasons if each.entity_id == entity_id)
    return next((name for name in names if name), entity_id)
