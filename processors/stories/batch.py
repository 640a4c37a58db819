"""Take the records of one batch in order: revisions, origins, decisions; nothing is written here.

Deciding again (a request, a known text under another policy, an origin that changed) is a revision
of its own, and only where the decisions differ.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from dateline.ids import text_sha256
from dateline.outcomes import Outcome
from dateline.records import (
    ArticleState,
    Change,
    EnrichedArticle,
    GroupedArticle,
    KillNotice,
    Redecide,
)
from dateline.rights.copies import OriginRights, rights_of_copy, summary_of
from dateline.rights.decide import decide_all, decisions_sha256
from dateline.rights.policy import Policy
from dateline.rights.record import Decision, Rights
from processors.stories.assign_revision import Assignment, assign_revision
from processors.stories.build_grouped import build_grouped, kill_notice
from processors.stories.find_origin import MIN_COPY_CHARS, find_origin
from processors.stories.known_states import CopyIndex, KnownStates

log = logging.getLogger(__name__)

ReadBack = Callable[[int], Awaitable[EnrichedArticle | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided:
    """An article with what was decided about it; ``enriched.rights`` are met with its origin's."""

    state: ArticleState
    enriched: EnrichedArticle
    decisions: tuple[Decision, ...]


class Batch:
    """One batch; made for the records of one transaction and thrown away."""

    def __init__(
        self,
        states: Mapping[str, ArticleState],
        index: CopyIndex,
        *,
        policy: Policy,
        max_versions: int,
        read_back: ReadBack,
    ) -> None:
        self._known = KnownStates(states, index)
        self._policy = policy
        self._max_versions = max_versions
        self._read_back = read_back
        self.outgoing: list[GroupedArticle] = []
        self.gone_count = 0

    @property
    def changed(self) -> Mapping[str, ArticleState]:
        """Return the states after the batch of all articles that it touched."""
        return self._known.changed

    async def take(self, record: EnrichedArticle | KillNotice | Redecide, offset: int) -> Outcome:
        """Return the outcome of one record that stands at ``offset`` of its topic."""
        if isinstance(record, Redecide):
            return await self._take_request(record)
        version = record.article if isinstance(record, EnrichedArticle) else record
        before = self._known.get(version.article_id)
        assignment = assign_revision(before, version, max_versions=self._max_versions)
        if assignment.change == "kill" or isinstance(record, KillNotice):
            return await self._take_kill(record, before, assignment)
        return await self._take_text(record, before, assignment, offset)

    async def _take_kill(
        self,
        record: EnrichedArticle | KillNotice,
        before: ArticleState | None,
        assignment: Assignment,
    ) -> Outcome:
        kill = kill_notice(record)
        # Copies of an article that was killed before it was seen are found by its address.
        state = replace(assignment.state, url=assignment.state.url or kill.url)
        self._known.put(state)
        if assignment.revision is None:
            return assignment.outcome
        self.outgoing.append(build_grouped(state, kill, "kill", revision=assignment.revision))
        await self._redecide_copies(before, state, kill.observed_at)
        return assignment.outcome

    async def _take_text(
        self,
        enriched: EnrichedArticle,
        before: ArticleState | None,
        assignment: Assignment,
        offset: int,
    ) -> Outcome:
        state, at = assignment.state, enriched.article.observed_at
        if assignment.revision is None:
            self._known.put(state)
            return assignment.outcome
        if assignment.outcome is Outcome.DUPLICATE:
            return await self._take_known(enriched, assignment, offset)
        decided = self._decided(state, enriched, at, offset)
        self._known.put(decided.state)
        self._emit(decided, assignment.change)
        await self._redecide_copies(before, decided.state, at)
        return assignment.outcome

    async def _take_known(
        self, enriched: EnrichedArticle, assignment: Assignment, offset: int
    ) -> Outcome:
        """Emit a known text again, or what is decided about it now.

        A record older than the one that was decided about was handled before it: to decide about
        it would go back to earlier rights. In a topic that was made anew it is no older one.
        """
        state, at = assignment.state, enriched.article.observed_at
        is_current = enriched.article.content_sha256 == state.current_sha256
        if is_current and offset < (state.enriched_offset or 0) and await self._text_of(state):
            self._known.put(state)
            return Outcome.DUPLICATE
        decided = self._decided(state, enriched, at, offset)
        if is_current and await self._settle(state, decided, at):
            return Outcome.PASSED
        self._known.put(decided.state if is_current else state)
        self._emit(decided, assignment.change, revision=assignment.revision)
        return Outcome.DUPLICATE

    async def _take_request(self, request: Redecide) -> Outcome:
        state = self._known.get(request.article_id)
        if request.policy_id != self._policy.stamp:
            log.warning(
                "stories: asked to decide by %s, but %s was loaded at the start: restart the stage",
                request.policy_id, self._policy.stamp,
            )  # fmt: skip
            return Outcome.UNDECIDED
        if state is None:
            log.warning("stories: asked to decide about %s, which is not known", request.article_id)
            return Outcome.UNDECIDED
        if state.pub_status == "canceled":
            return Outcome.REFUSED_KILLED
        answer = await self._redecide(state, request.requested_at)
        return {
            "changed": Outcome.PASSED, "same": Outcome.DUPLICATE, "gone": Outcome.UNDECIDED,
        }[answer]  # fmt: skip

    async def _redecide_copies(
        self, before: ArticleState | None, origin: ArticleState, at: datetime
    ) -> None:
        """Decide again about the copies of ``origin`` when what counts for them has changed."""
        copies = self._known.waiting_for(origin)
        if before is None or _as_origin(before) != _as_origin(origin):
            copies = [*self._known.copies_of(origin), *copies]
        for copy in copies:
            if copy.pub_status != "canceled":
                await self._redecide(copy, at)

    async def _redecide(
        self, state: ArticleState, at: datetime
    ) -> Literal["changed", "same", "gone"]:
        enriched = await self._text_of(state)
        if enriched is None:
            self.gone_count += 1
            log.info("stories: the text of %s is gone; decided as before", state.article_id)
            self._narrow(state)
            return "gone"
        decided = self._decided(state, enriched, at, state.enriched_offset)
        return "changed" if await self._settle(state, decided, at) else "same"

    async def _settle(self, before: ArticleState, decided: _Decided, at: datetime) -> bool:
        """Keep what was decided; return whether it differs, which is a revision of its own."""
        is_changed = decided.state.decisions_sha256 != before.decisions_sha256
        if is_changed:
            state = replace(decided.state, revision=before.revision + 1)
            decided = replace(decided, state=state)
            self._emit(decided, "policy")
        self._known.put(decided.state)
        await self._redecide_copies(before, decided.state, at)
        return is_changed

    async def _text_of(self, state: ArticleState) -> EnrichedArticle | None:
        """Return the current text as it stands in its topic, or None when it is gone."""
        if state.enriched_offset is None:
            return None
        enriched = await self._read_back(state.enriched_offset)
        article = enriched.article if enriched else None
        # A topic that was made anew holds other articles at the same offsets.
        if article is None or (article.article_id, article.content_sha256) != (
            state.article_id, state.current_sha256,
        ):  # fmt: skip
            return None
        return enriched

    def _narrow(self, state: ArticleState) -> None:
        """Remember that an article is a copy, so that nothing later is wider than its origin."""
        if state.origin_article_id is None or state.rights is None:
            return
        met = rights_of_copy(state.rights, self._origin_rights(state.origin_article_id))
        self._known.put(replace(state, rights=summary_of(met)))

    def _decided(
        self, state: ArticleState, enriched: EnrichedArticle, at: datetime, offset: int | None
    ) -> _Decided:
        # Never back in time: a record that comes again must not undo an expiry.
        moment = max(at, state.decided_at) if state.decided_at else at
        state = _with_places(state, enriched)
        origin_id = find_origin(state, self._known)
        rights = self._rights(enriched.rights, origin_id)
        decisions = decide_all(
            rights, policy=self._policy, at=moment, pub_status=enriched.article.pub_status
        )
        return _Decided(
            state=replace(
                state,
                origin_article_id=origin_id,
                enriched_offset=offset,
                rights=summary_of(rights),
                decisions_sha256=decisions_sha256(decisions),
                decided_at=moment,
            ),
            enriched=replace(enriched, rights=rights),
            decisions=decisions,
        )

    def _rights(self, own: Rights, origin_id: str | None) -> Rights:
        return own if origin_id is None else rights_of_copy(own, self._origin_rights(origin_id))

    def _origin_rights(self, origin_id: str) -> OriginRights:
        origin = self._known.get(origin_id)
        if origin is None:
            return OriginRights(article_id=origin_id, rights=None)
        return OriginRights(
            article_id=origin_id,
            rights=origin.rights,
            url=origin.url,
            is_withdrawn=origin.pub_status == "canceled",
        )

    def _emit(self, decided: _Decided, change: Change, *, revision: int | None = None) -> None:
        self.outgoing.append(
            build_grouped(
                decided.state,
                decided.enriched,
                change,
                revision=revision or decided.state.revision,
                decisions=decided.decisions,
            )
        )


def _as_origin(state: ArticleState) -> tuple[object, ...]:
    """Return what of an article decides about its copies."""
    # Where a notice stands moves with every edit, and decides nothing.
    rights = replace(state.rights, evidence=()) if state.rights else None
    return rights, state.pub_status == "canceled"


def _with_places(state: ArticleState, enriched: EnrichedArticle) -> ArticleState:
    text = enriched.text
    return replace(
        state,
        url=enriched.article.url,
        canonical_url=enriched.article.canonical_url,
        text_sha256=text_sha256(text) if len(text) >= MIN_COPY_CHARS else None,
    )
