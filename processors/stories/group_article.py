"""Put an article among its copies and into its story; both change in place, as one batch goes on.

What is changed here is thrown away with the session when the batch is not committed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.document_records import CopySign, StoryMember, StoryTerms
from dateline.records import ArticleState, EnrichedArticle
from processors.enrich.copy_signature import CopySignature, sign_text
from processors.stories.cluster_records import (
    ClusteredArticle,
    StoryAssignment,
    StoryInput,
    StoryMerge,
    StorySplit,
)
from processors.stories.compare_copies import CopyEntry
from processors.stories.event_time import event_time
from processors.stories.find_copies import CopyIndex, CopyMatch
from processors.stories.story_book import HIDDEN, Shown, StoryBook
from processors.stories.story_clusters import StoryClusters

NO_TERMS = StoryTerms()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """An article whose story was merged or split: where it is now, and why."""

    article_id: str
    from_story_ids: tuple[str, ...]
    reason: str


class ArticleGrouper:
    """Copies, clusters and story records of a batch, in one order for every article."""

    def __init__(
        self, copies: CopyIndex, clusters: StoryClusters, book: StoryBook, *, has_lanes: bool
    ) -> None:
        self._copies = copies
        self._clusters = clusters
        self._book = book
        self._has_lanes = has_lanes

    def sign(
        self, state: ArticleState, enriched: EnrichedArticle
    ) -> tuple[ArticleState, tuple[CopyMatch, ...]]:
        """Return the state with its time, lane and signature, and what it is the origin of now.

        An article that is older than the window finds the copies there, and is not kept.
        """
        at = event_time(enriched.article, first_seen_at=state.first_seen_at)
        lane = enriched.language if self._has_lanes else ""
        at = min(at, state.event_at) if state.event_at else at
        sign, redecided = self._copy_sign(state, _signature(enriched), at)
        lane = lane if state.lane is None else state.lane
        return replace(state, event_at=at, lane=lane, copy_sign=sign), redecided

    def _copy_sign(
        self, state: ArticleState, signature: CopySignature | None, at: datetime
    ) -> tuple[CopySign | None, tuple[CopyMatch, ...]]:
        if signature is None:
            self._copies.remove(state.article_id)
            return None, ()
        entry = CopyEntry(
            article_id=state.article_id, source_id=state.source_id, at=at, signature=signature
        )
        match = self._copies.add_entry(entry)
        kept = self._copies.get(state.article_id) or entry
        sign = CopySign(
            shingle_count=signature.shingle_count,
            hashes=signature.hashes,
            origin_article_id=kept.origin_article_id,
            role=kept.role,
            reasons=match.reasons if match else (),
        )
        if not self._is_in_window(at):
            self._copies.remove(state.article_id)
            sign = replace(sign, hashes=b"")
        return sign, match.redecided if match else ()

    def original(self, state: ArticleState) -> ArticleState:
        """Return the state of an article that is no copy, whatever its words say."""
        self._copies.stand_alone(state.article_id)
        sign = state.copy_sign
        if sign is None:
            return state
        kept = CopySign(shingle_count=sign.shingle_count, hashes=sign.hashes)
        return replace(state, copy_sign=kept)

    def join_story(
        self,
        state: ArticleState,
        enriched: EnrichedArticle,
        shown: Shown,
        *,
        known_story_id: str | None,
        same_text: Iterable[str],
        at: datetime,
    ) -> tuple[ArticleState, tuple[Moved, ...]]:
        """Return the state with its story, and the articles that another story has now.

        Args:
            state: with its time and lane.
            enriched: its text.
            shown: what people may see of it.
            known_story_id: its story, where it has one; it stays there.
            same_text: articles that it is a copy of, or that are its copies.
            at: the moment of merges and splits.
        """
        if not self._is_in_window(_at(state)):
            return self._outside(state, shown, known_story_id), ()
        kept = self._book.kept(known_story_id) if known_story_id else None
        others = (each for each in same_text if self._clusters.story_of(each))
        answer = self._clusters.assign(
            StoryInput(
                article_id=state.article_id,
                terms=enriched.story_terms or NO_TERMS,
                at=_at(state),
                language=enriched.language,
                source_id=state.source_id,
                title=shown.title,
                lane=state.lane or "",
                is_copy=_is_copy(state),
                story_id=kept.story_id if kept else known_story_id,
                kept_story=kept,
                with_article_id=next(others, None),
                entities=shown.entities,
            )
        )
        self._book.note(answer, at)
        reasons = state.story_reasons if known_story_id else ()
        state = self.in_story_of(
            state, (known_story_id,) if known_story_id else (), reasons=reasons or answer.reasons
        )
        return state, tuple(_moved(answer, state.article_id))

    def in_story_of(
        self, state: ArticleState, from_story_ids: Iterable[str], *, reasons: tuple[str, ...]
    ) -> ArticleState:
        """Return the state as the window has it: story, its other ids, why, and what is kept.

        ``from_story_ids`` are those that it had; an alert may have been sent under any of them.
        """
        story = self._book.kept(self._clusters.story_of(state.article_id) or state.story_id)
        if story is None:
            return replace(state, story_reasons=reasons)
        aliases = {*state.story_aliases, *story.story_aliases, *from_story_ids}
        return replace(
            state,
            story_reasons=reasons,
            story_id=story.story_id,
            story_aliases=tuple(sorted(aliases - {story.story_id})),
            member=self._member(state.article_id),
        )

    def show(self, state: ArticleState, shown: Shown) -> ArticleState:
        """Return the state after what people may see of the article, or its role, has changed."""
        member = self._member(state.article_id)
        if member is None:
            self._book.show_outside(state, shown)
            return state
        self._clusters.show(
            state.article_id, title=shown.title, entities=shown.entities, is_copy=_is_copy(state)
        )
        changed = self._member(state.article_id)
        if changed != member or shown.entities != state.story_entities:
            self._book.touch(state.story_id)
        return replace(state, member=changed)

    def forget(self, state: ArticleState) -> ArticleState:
        """Return the state of a killed article: of its text nothing is left."""
        self._copies.remove(state.article_id)
        story_id = self._clusters.story_of(state.article_id)
        self._clusters.remove(state.article_id)
        state = replace(state, member=None, copy_sign=None)
        if story_id is not None:
            self._book.touch(story_id)
        else:
            self._book.show_outside(state, HIDDEN)
        return state

    def expired(self) -> list[str]:
        """Let the articles go that are older than the window by now; return their ids.

        What people see of their stories stays until the next change.
        """
        start = self._clusters.window_start()
        old = self._clusters.older_than(start) if start is not None else ()
        for article_id in old:
            self._clusters.remove(article_id)
            self._copies.remove(article_id)
        return list(old)

    def _outside(
        self, state: ArticleState, shown: Shown, known_story_id: str | None
    ) -> ArticleState:
        left = self._clusters.story_of(state.article_id)
        self._clusters.remove(state.article_id)
        kept = self._book.kept(known_story_id) if known_story_id else None
        if kept is not None and kept.story_id != state.story_id:
            aliases = {*state.story_aliases, *kept.story_aliases, state.story_id}
            state = replace(
                state,
                story_id=kept.story_id,
                story_aliases=tuple(sorted(aliases - {kept.story_id})),
            )
        if not state.story_reasons:
            state = replace(state, story_reasons=("older than the window",))
        state = replace(state, member=None)
        self._book.show_outside(state, shown)
        if left is not None:
            self._book.touch(left)
        return state

    def _is_in_window(self, at: datetime) -> bool:
        start = self._clusters.window_start()
        return start is None or at >= start

    def _member(self, article_id: str) -> StoryMember | None:
        if self._clusters.story_of(article_id) is None:
            return None
        return story_member(self._clusters.article_record(article_id))


def story_member(record: ClusteredArticle) -> StoryMember:
    """Return what is kept of an article of the window beside its id, source and story."""
    return StoryMember(
        at=record.at,
        language=record.language,
        title=record.title,
        is_copy=record.is_copy,
        term_ids=record.term_ids,
        term_weights=record.term_weights,
    )


def clustered_article(state: ArticleState, member: StoryMember) -> ClusteredArticle:
    """Return the record that clustering makes its article from."""
    return ClusteredArticle(
        article_id=state.article_id,
        story_id=state.story_id,
        at=member.at,
        language=member.language,
        source_id=state.source_id,
        title=member.title,
        is_copy=member.is_copy,
        term_ids=member.term_ids,
        term_weights=member.term_weights,
        entities=state.story_entities,
    )


def copy_entry(state: ArticleState, sign: CopySign) -> CopyEntry:
    """Return what the search for copies makes its article from."""
    return CopyEntry(
        article_id=state.article_id,
        source_id=state.source_id,
        at=_at(state),
        signature=CopySignature(shingle_count=sign.shingle_count, hashes=sign.hashes),
        origin_article_id=sign.origin_article_id,
        role=sign.role,
    )


def outside_window(state: ArticleState) -> ArticleState:
    """Return the state of an article that has left the window: what it is stays, signs go."""
    sign = replace(state.copy_sign, hashes=b"") if state.copy_sign else None
    return replace(state, member=None, copy_sign=sign)


def _signature(enriched: EnrichedArticle) -> CopySignature | None:
    """Return the signature that enrich made, or, of an article that came without one, our own."""
    made = enriched.text_signature
    if made is None:
        return sign_text(enriched.text)
    return CopySignature(shingle_count=made.shingle_count, hashes=made.hashes)


def _at(state: ArticleState) -> datetime:
    return state.event_at or state.first_seen_at


def _is_copy(state: ArticleState) -> bool:
    return state.role in ("copy", "excerpt")


def _moved(answer: StoryAssignment, article_id: str) -> list[Moved]:
    """Return the articles that changed their story, the one that caused it left out."""
    moved: dict[str, Moved] = {}
    changes: list[StoryMerge | StorySplit] = [*answer.merges, *answer.splits]
    for change in changes:
        for each in change.article_ids:
            before = moved[each].from_story_ids if each in moved else ()
            moved[each] = Moved(
                article_id=each,
                from_story_ids=(*before, change.from_story_id),
                reason=change.reason,
            )
    moved.pop(article_id, None)
    return list(moved.values())
