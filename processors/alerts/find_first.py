"""Find out who is mentioned for the first time, of those whom watches ask for.

Everybody is claimed everywhere (``entity_claims.py``): there the index is asked only for what was
before the claims. Inside narrower scopes the index is asked first, and whom it does not know is
claimed. So whatever order the partitions are read in, one article is the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dateline.alert_records import MatchReason, Watch
from dateline.alerts.claims import ClaimStore
from dateline.alerts.first_mention import ALL, Claim, Holder, is_first
from dateline.alerts.mention_history import MentionAsk, MentionHistory
from dateline.errors import InvariantBroken
from dateline.records import GroupedArticle
from processors.alerts.build_content import mention_reason
from processors.alerts.drafts import Draft, countries_of, entities_asked_for
from processors.alerts.entity_claims import NamedEntity, claims_of, scopes_of
from processors.alerts.seen_article import SeenArticle, asked_article

SCOPE_WORDS = {ALL: "", "source": " by this source", "country": " with this country"}
# The place of an article in its batch, and a watch.
Place = tuple[int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """An entity that may be mentioned for the first time, and whoever wants to know."""

    place: Place
    article: SeenArticle
    watch: Watch
    reasons: tuple[MatchReason, ...]
    scope: str
    entity: NamedEntity
    claims: tuple[Claim, ...]

    def draft(self) -> Draft:
        grouped, entity = self.article.grouped, self.entity
        primary_id = self.claims[0].entity_id
        words = SCOPE_WORDS[self.watch.scope]
        return Draft(
            grouped=grouped, watch=self.watch, trigger="first_mention",
            subjects=(primary_id if self.scope == ALL else f"{self.scope}:{primary_id}",),
            reasons=(mention_reason(grouped, entity, entity.name), *self.reasons),
            because=(f"first mention of {entity.name} ({entity.entity_type}){words}",),
        )  # fmt: skip


class FirstMentions:
    """First mentions of one namespace; ``start`` comes before everything else."""

    def __init__(self, claims: ClaimStore, history: MentionHistory, *, learning_days: int) -> None:
        self._claims = claims
        self._history = history
        self._learning = timedelta(days=learning_days)
        self._since: datetime | None = None

    async def start(self, now: datetime) -> None:
        """Read since when there are claims.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        self._since = await self._claims.learning_since(now)

    async def find(
        self, articles: Sequence[SeenArticle], holders: Mapping[str, Holder]
    ) -> dict[Place, list[Draft]]:
        """Return the drafts of first mentions by the place of the article and the watch.

        Args:
            articles: of a batch, in order.
            holders: of all their claims everywhere.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        candidates = list(self._candidates(articles))
        wide = [each for each in candidates if each.scope == ALL and is_first(each.claims, holders)]
        narrow = await self._claimed([each for each in candidates if each.scope != ALL])
        found: dict[Place, list[Draft]] = defaultdict(list)
        for each in (*await self._unknown(wide, before=self._claims_since), *narrow):
            found[each.place].append(each.draft())
        return found

    @property
    def _claims_since(self) -> datetime:
        if self._since is None:
            raise InvariantBroken("alerts: a batch before the start")
        return self._since

    def _is_learning(self, grouped: GroupedArticle) -> bool:
        return bool(self._learning) and grouped.first_seen_at < self._claims_since + self._learning

    def _candidates(self, articles: Sequence[SeenArticle]) -> Iterator[_Candidate]:
        for number, article in enumerate(articles):
            if self._is_learning(article.grouped):
                continue
            for watch, reasons in article.matches:
                if watch.trigger == "first_mention":
                    yield from _candidates_of((number, watch.watch_id), article, watch, reasons)

    async def _claimed(self, candidates: Sequence[_Candidate]) -> list[_Candidate]:
        """Return those who are the first inside their narrower scope, whose claims are made."""
        held = await self._claims.held(claim for each in candidates for claim in each.claims)
        free = [each for each in candidates if not any(row.claim_id in held for row in each.claims)]
        # Claimed by an article that is read again after a crash.
        own = [
            each
            for each in candidates
            if (holder := held.get(each.claims[0].claim_id))
            and holder.article_id == each.article.grouped.article_id
        ]
        wanted = [*own, *await self._unknown(free)]
        holders = await self._claims.claim(claim for each in wanted for claim in each.claims)
        return [each for each in wanted if is_first(each.claims, holders)]

    async def _unknown(
        self, candidates: Iterable[_Candidate], *, before: datetime | None = None
    ) -> list[_Candidate]:
        """Return those whom no earlier article names, as far as the index knows."""
        asked = [(each, _ask(each, before)) for each in candidates]
        asks = list(dict.fromkeys(ask for _, ask in asked))
        known = dict(zip(asks, await self._history.were_mentioned(asks), strict=True))
        return [each for each, ask in asked if not known[ask]]


def _ask(candidate: _Candidate, before: datetime | None) -> MentionAsk:
    asked = asked_article(candidate.article.grouped)
    return MentionAsk(
        entity_ids=candidate.entity.all_ids, asked=asked, scope=candidate.scope,
        before=min(before or asked.first_seen_at, asked.first_seen_at),
    )  # fmt: skip


def _candidates_of(
    place: Place, article: SeenArticle, watch: Watch, reasons: tuple[MatchReason, ...]
) -> Iterator[_Candidate]:
    countries = countries_of(watch.query)
    for entity in entities_asked_for(watch.query, article.named, reasons):
        codes = countries or entity.country_codes
        for scope in scopes_of(article.grouped, watch.scope, codes):
            yield _Candidate(
                place=place, article=article, watch=watch, reasons=reasons, scope=scope,
                entity=entity, claims=claims_of(article.grouped, entity, scope),
            )  # fmt: skip
