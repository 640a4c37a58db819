"""Take the records of one batch in order: revisions, copies, stories, decisions.

Nothing is written here. Deciding again (a request, a known text under another policy, an origin
that changed) is a revision of its own, and only where the decisions or the origin differ; so is a
move to another story.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from dateline.document_records import ResolvedEntity
from dateline.outcomes import Outcome
from dateline.records import (
    ArticleState,
    Change,
    EnrichedArticle,
    EntityCorrection,
    EntityRecord,
    GroupedArticle,
    KillNotice,
    Redecide,
    StoryRecord,
)
from processors.stories.assign_revision import Assignment, assign_revision
from processors.stories.build_grouped import build_grouped, kill_notice
from processors.stories.decide_article import (
    Decided,
    as_origin,
    decide_article,
    narrowed,
    with_places,
)
from processors.stories.decider import Decider
from processors.stories.entity_book import EntityBook
from processors.stories.find_copies import CopyMatch
from processors.stories.find_origin import is_taken_from, may_be_origin
from processors.stories.group_article import ArticleGrouper, Moved, outside_window
from processors.stories.known_states import KnownStates
from processors.stories.story_book import StoryBook
from processors.stories.what_shows import what_shows

log = logging.getLogger(__name__)

ReadBack = Callable[[int], Awaitable[EnrichedArticle | None]]
BEGINNING = datetime.min.replace(tzinfo=UTC)
StoriesInput = EnrichedArticle | KillNotice | Redecide | EntityCorrection


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a batch tells beside its articles, by id; ``requests`` are records for this stage."""

    stories: Mapping[str, StoryRecord]
    entities: Mapping[str, EntityRecord]
    corrections: Mapping[str, EntityCorrection]
    requests: Sequence[Redecide]


class Batch:
    """One batch; made for the records of one transaction and thrown away."""

    def __init__(  # noqa: PLR0913 (wiring: each is a separate collaborator)
        self,
        known: KnownStates,
        grouper: ArticleGrouper,
        book: StoryBook,
        entities: EntityBook,
        *,
        decider: Decider,
        max_versions: int,
        read_back: ReadBack,
    ) -> None:
        self._known = known
        self._grouper = grouper
        self._book = book
        self._entities = entities
        self._decider = decider
        self._max_versions = max_versions
        self._read_back = read_back
        self.outgoing: list[GroupedArticle] = []
        self.gone_count = 0
        self._latest_at = BEGINNING

    @property
    def changed(self) -> Mapping[str, ArticleState]:
        """Return the states after the batch of all articles that it touched."""
        return self._known.changed

    def finish(self) -> Told:
        """Return what is to be told beside the articles; then let old articles go."""
        stories = self._book.written()
        for article_id in self._grouper.expired():
            state = self._known.get(article_id)
            if state is not None:
                self._known.put(outside_window(state))
        return Told(
            stories=stories,
            entities=self._entities.changed_records(),
            corrections=self._entities.accepted,
            requests=self._requests(),
        )

    def _requests(self) -> list[Redecide]:
        """Return requests about known articles whose entities are others since this batch.

        They come back as records of their own: however many they are, no batch grows.
        """
        states = [self._known.get(article_id) for article_id in self._entities.affected()]
        return [
            Redecide(article_id=state.article_id, requested_at=self._latest_at)
            for state in states
            if state is not None
            and state.pub_status != "canceled"
            and self._entities.has_changed(state)
        ]

    async def take(self, record: StoriesInput, offset: int) -> Outcome:
        """Return the outcome of one record that stands at ``offset`` of its topic."""
        self._latest_at = max(self._latest_at, _told_at(record))
        if isinstance(record, Redecide):
            return await self._take_request(record)
        if isinstance(record, EntityCorrection):
            return self._entities.correct(record)
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
        if assignment.revision is None:
            self._known.put(state)
            return assignment.outcome
        if before is not None:
            state = self._entities.forget(self._grouper.forget(state))
        self._known.put(state)
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
        if assignment.revision is None:
            self._known.put(assignment.state)
            return assignment.outcome
        if assignment.outcome is Outcome.DUPLICATE:
            return await self._take_known(enriched, assignment, offset)
        at = enriched.article.observed_at
        state, found = self._signed(assignment.state, enriched)
        decided = self._decided(state, enriched, at, offset)
        same_text = self._same_text(decided.state, found)
        shown = what_shows(decided.enriched, decided.decisions)
        state, moved = self._grouper.join_story(
            decided.state,
            enriched,
            shown,
            known_story_id=before.story_id if before else None,
            same_text=same_text,
            at=at,
        )
        state, resolved = self._entities.tell(state, shown.entities)
        decided = replace(decided, state=state)
        self._known.put(state)
        self._emit(decided, assignment.change, resolved)
        await self._move(moved, at)
        await self._follow(found, at)
        await self._redecide_copies(before, state, at)
        return assignment.outcome

    def _signed(
        self, state: ArticleState, enriched: EnrichedArticle
    ) -> tuple[ArticleState, Sequence[CopyMatch]]:
        state, found = self._grouper.sign(with_places(state, enriched), enriched)
        origin_id = state.copy_sign.origin_article_id if state.copy_sign else None
        origin = self._known.get(origin_id) if origin_id else None
        if origin is not None and is_taken_from(origin, state, self._known):
            state = self._grouper.original(state)
        return state, found

    def _same_text(self, state: ArticleState, found: Iterable[CopyMatch]) -> list[str]:
        """Return the articles in whose story this one belongs, the likeliest first."""
        origin_id = state.copy_sign.origin_article_id if state.copy_sign else None
        ids = [origin_id, state.origin_article_id, *(match.article_id for match in found)]
        ids += [copy.article_id for copy in self._known.waiting_for(state)]
        return [each for each in dict.fromkeys(ids) if each is not None]

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
        resolved: tuple[ResolvedEntity, ...] = ()
        if is_current:
            resolved = self._entities.resolve(state)
        else:
            self._known.put(state)
        self._emit(decided, assignment.change, resolved, revision=assignment.revision)
        return Outcome.DUPLICATE

    async def _take_request(self, request: Redecide) -> Outcome:
        state = self._known.get(request.article_id)
        policy_id = self._decider.policy.stamp
        if request.policy_id not in (None, policy_id):
            log.warning(
                "stories: asked to decide by %s, but %s was loaded at the start: restart the stage",
                request.policy_id, policy_id,
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

    async def _move(self, moved: Sequence[Moved], at: datetime) -> None:
        """Give the articles of stories that were merged or split their new story, as revisions."""
        for each in moved:
            before = self._known.get(each.article_id)
            if before is None:
                continue
            state = self._grouper.in_story_of(before, each.from_story_ids, reasons=(each.reason,))
            enriched = await self._text_of(before)
            if enriched is None:
                self._gone(state)
                self._entities.tell(state, state.story_entities)
                self._known.put(state)
                continue
            decided = self._decided(state, enriched, at, state.enriched_offset)
            await self._settle(before, decided, at, change="story")

    async def _follow(self, found: Sequence[CopyMatch], at: datetime) -> None:
        """Give articles that were known before the origin and role that they have now."""
        for match in found:
            before = self._known.get(match.article_id)
            sign = before.copy_sign if before else None
            if before is None or sign is None or before.pub_status == "canceled":
                continue
            if (sign.origin_article_id, sign.role) == (match.origin_article_id, match.role):
                continue
            state = replace(
                before,
                copy_sign=replace(
                    sign,
                    origin_article_id=match.origin_article_id,
                    role=match.role,
                    reasons=match.reasons,
                ),
            )
            await self._redecide(self._with_origin_of(state, sign.origin_article_id), at)

    def _with_origin_of(self, state: ArticleState, old_origin_id: str | None) -> ArticleState:
        """Return a copy with its group's new origin, where its words alone said what it had."""
        sign = state.copy_sign
        if sign is None or state.origin_article_id is None:
            return state
        origin = self._known.get(sign.origin_article_id or "")
        if state.origin_article_id != old_origin_id or origin is None:
            return state
        if not may_be_origin(origin, state, self._known):
            return state
        return replace(state, origin_article_id=origin.article_id)

    async def _redecide_copies(
        self, before: ArticleState | None, origin: ArticleState, at: datetime
    ) -> None:
        """Decide again about the copies of ``origin`` when what counts for them has changed."""
        copies = self._known.waiting_for(origin)
        if before is None or as_origin(before) != as_origin(origin):
            copies = [*self._known.copies_of(origin), *copies]
        for copy in copies:
            # An earlier one of them may have changed it.
            state = self._known.get(copy.article_id) or copy
            if state.pub_status != "canceled":
                origin_id = state.origin_article_id or copy.origin_article_id
                await self._redecide(replace(state, origin_article_id=origin_id), at)

    async def _redecide(
        self, state: ArticleState, at: datetime
    ) -> Literal["changed", "same", "gone"]:
        enriched = await self._text_of(state)
        if enriched is None:
            self._gone(state)
            self._known.put(narrowed(state, self._known))
            return "gone"
        decided = self._decided(state, enriched, at, state.enriched_offset)
        return "changed" if await self._settle(state, decided, at) else "same"

    async def _settle(
        self, before: ArticleState, decided: Decided, at: datetime, *, change: Change = "policy"
    ) -> bool:
        """Keep what was decided; return whether it differs, which is a revision of its own."""
        told = self._known.get(before.article_id) or before
        shown = what_shows(decided.enriched, decided.decisions)
        state = self._grouper.show(decided.state, shown)
        state, resolved = self._entities.tell(state, shown.entities)
        if change == "policy" and _told(state) == _told(told):
            change = "entity"
        is_changed = change != "entity" or state.resolved_sha256 != told.resolved_sha256
        if is_changed:
            if change == "entity":
                self._book.touch(state.story_id)
            state = replace(state, revision=told.revision + 1)
            self._emit(replace(decided, state=state), change, resolved)
        self._known.put(state)
        await self._redecide_copies(before, state, at)
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

    def _gone(self, state: ArticleState) -> None:
        self.gone_count += 1
        log.info("stories: the text of %s is gone; decided as before", state.article_id)

    def _decided(
        self, state: ArticleState, enriched: EnrichedArticle, at: datetime, offset: int | None
    ) -> Decided:
        return decide_article(
            state, enriched, self._known, decider=self._decider, at=at, offset=offset
        )

    def _emit(
        self,
        decided: Decided,
        change: Change,
        resolved: tuple[ResolvedEntity, ...],
        *,
        revision: int | None = None,
    ) -> None:
        self.outgoing.append(
            build_grouped(
                decided.state,
                decided.enriched,
                change,
                revision=revision or decided.state.revision,
                decisions=decided.decisions,
                resolved=resolved,
            )
        )


def _told(state: ArticleState) -> tuple[object, ...]:
    """Return what readers know of a decision."""
    return state.decisions_sha256, state.role, state.origin_article_id


def _told_at(record: StoriesInput) -> datetime:
    if isinstance(record, EnrichedArticle):
        return record.article.observed_at
    return record.observed_at if isinstance(record, KillNotice) else record.requested_at
