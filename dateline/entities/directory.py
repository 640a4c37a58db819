"""Know who is who across the articles of the window (contract point 9); pure, for one writer.

An id that two documents have is one entity. Two ids become one by evidence of texts or by hand,
each time a record (``EntityMerge``). Evidence is one text that uses both names for one entity, or
spellings of one full name in one story or of one country; the rules are in ``evidence``. What is
decided follows from the articles of the window and the records alone, so that a state read back
gives the same answers (``load``).
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from dateline.document_records import EntityMerge, ResolvedEntity, StoryEntity
from dateline.records import EntityCorrection, EntityRecord

from .changes import Changes
from .corrections import Corrected, why_refused
from .decide import Judge
from .decisions import Decisions
from .entity_records import RecordBook
from .evidence import find_clashes, find_evidence
from .name_book import NameBook, is_looked_at
from .resolve import STORY_ONLY as STORY_ONLY
from .resolve import resolve_article
from .said import COUNTRY, SHORT, Entity, Said, most_frequent
from .window import Window


class KnownArticle(NamedTuple):
    """What ``put`` was told of an article, to be read back."""

    article_id: str
    story_id: str
    at: datetime
    entities: Sequence[StoryEntity]


class EntityDirectory:
    """The entities of the window; a change is not undone, after a failed write load it anew."""

    def __init__(self) -> None:
        self._window = Window()
        self._decisions = Decisions()
        self._names = NameBook(self._window, self._decisions)
        self._records = RecordBook(self._window, self._decisions, self._names)
        self._changes = Changes(self._window)
        self._judge = Judge(
            self._window, self._decisions, self._names, self._records, self._changes
        )

    @property
    def article_count(self) -> int:
        """Return how many articles are in the window."""
        return len(self._window.articles)

    def put(
        self, article_id: str, story_id: str, at: datetime, entities: Sequence[StoryEntity]
    ) -> None:
        """Take in what an article says, in place of what it said before, or its other story.

        Of more than 1,000 entities the most mentioned count; the others stay as the document has
        them.
        """
        self._take(article_id)
        article, entered, fresh = self._window.put(article_id, story_id, at, entities)
        self._changes.tell_story(article.story, entered)
        for said in fresh:
            self._learn(said, at)
        for said in article.named():
            entity = said.entity
            if len(entity.said) > 1 and is_looked_at(entity):
                self._look_at_name(entity, at)

    def remove(self, article_id: str) -> None:
        """Forget an article; decisions that it gave rise to stay. An unknown id changes nothing."""
        self._take(article_id)
        self._changes.forget_article(article_id)

    def find_merges(self, article_id: str) -> tuple[EntityMerge, ...]:
        """Return the decisions that this article completes; they are in force from now on.

        A merge that it contradicts is taken back (``is_same`` False). Call it after each ``put``.
        """
        article = self._window.articles.get(article_id)
        if article is None:
            return ()
        at, judge = article.at, self._judge
        found = [judge.part(each, at) for each in find_clashes(article, self._decisions)]
        for each in find_evidence(article, self._window, self._decisions):
            found.append(judge.join(each, at) if each.is_same else judge.part(each, at))
        return tuple(each for each in found if each is not None)

    def correct(self, correction: EntityCorrection) -> Corrected:
        """Put what somebody says in force, or say why not.

        A later correction of the same two ids stands in place of the earlier one.
        """
        reason = why_refused(correction, self._records.type_of, self._window, self._decisions)
        if reason:
            return Corrected(is_accepted=False, reason=reason)
        self._introduce(correction)
        if correction.kind == "rename":
            return self._rename(correction)
        decision = EntityMerge(
            entity_id=correction.entity_id, into_entity_id=str(correction.other_entity_id),
            is_same=correction.kind == "merge", by="hand", reason=correction.note or "by hand",
            at=correction.requested_at,
        )  # fmt: skip
        self._judge.decide(decision)
        return Corrected(is_accepted=True, reason=f"{correction.kind} by hand", merges=(decision,))

    def resolve(self, article_id: str) -> tuple[ResolvedEntity, ...]:
        """Return who the article's entities are, where that is more than the document says.

        That is another id or name, names the document does not have, or ids that were merged into
        its own; an unknown article has none.
        """
        article = self._window.articles.get(article_id)
        if article is None:
            return ()
        return tuple(resolve_article(article, self._decisions, self._names))

    def affected(self) -> set[str]:
        """Return the articles whose ``resolve`` may have changed since this was last asked.

        The article that was put is not among them for its own sake. Of an entity with more than
        1,000 articles those that only get another alias are left out.
        """
        return self._changes.take_affected()

    def record(self, entity_id: str) -> EntityRecord:
        """Return the entity that an id belongs to; ``KeyError`` for an id that nobody uses."""
        return self._records.record(self._decisions.canonical(entity_id))

    def changed_records(self) -> tuple[EntityRecord, ...]:
        """Return the records that changed since this was last asked, revision + 1 each.

        Only entities with several names or ids, or that somebody corrected, have one. The first
        revision of an id is its time in seconds since 1970, so that it is higher than any that the
        id had before it was forgotten.
        """
        return tuple(
            self._records.revise(each, at)
            for each, at in self._changes.take_marked()
            if self._records.has_record(each)
        )

    def who(self, entity_id: str) -> tuple[str, str]:
        """Return the id and the name, across documents, of an id that is known."""
        canonical = self._decisions.canonical(entity_id)
        return canonical, self._names.shown(canonical)

    def keeps(self, entity_id: str) -> bool:
        """Return whether anything is known of an id: the record of another one may be forgotten."""
        return (
            entity_id in self._window.entities or entity_id in self._decisions
            or self._names.renames(entity_id)
        )  # fmt: skip

    @classmethod
    def load(
        cls, articles: Iterable[KnownArticle], records: Iterable[EntityRecord],
        corrections: Iterable[EntityCorrection] = (),
    ) -> EntityDirectory:  # fmt: skip
        """Return the state that was read back; the order of each part does not matter.

        Args:
            articles: of the window, as they were put.
            records: the newest of each id.
            corrections: those that were accepted.
        """
        directory = cls()
        with _no_collection():
            for record in records:
                directory._records.restore(record)
            for article in articles:
                directory._window.put(*article)
        for correction in sorted(corrections, key=lambda each: each.requested_at):
            directory._repeat(correction)
        directory._forget_unused()
        directory._changes.clear()
        return directory

    def _take(self, article_id: str) -> None:
        taken = self._window.take(article_id)
        if taken is None:
            return
        article, left = taken
        self._changes.tell_story(article.story, left)
        for said in article.named():
            entity = said.entity
            self._names.is_stale(entity.entity_id)
            if entity.entity_id in self._decisions or self._names.renames(entity.entity_id):
                continue
            if not entity.count:
                self._forget(entity.entity_id)

    def _forget(self, entity_id: str) -> None:
        self._records.forget(entity_id)
        self._changes.forget_record(entity_id)

    def _learn(self, said: Said, at: datetime) -> None:
        """Note a name that nobody used for this entity before."""
        if said.kind == COUNTRY:
            return
        entity = said.entity
        own = entity.entity_id
        self._names.is_stale(own)
        if own in self._decisions:
            self._names.keep(own, (said.text,))
        elif len(entity.said) == 1:
            return
        canonical = self._decisions.canonical(own)
        earlier = [each for each in entity.of(said.kind) if each is not said]
        if said.kind <= SHORT and earlier:
            self._names.hold(canonical, most_frequent(earlier))
        self._changes.mark(canonical, at)

    def _look_at_name(self, entity: Entity, at: datetime) -> None:
        canonical = self._decisions.canonical(entity.entity_id)
        name_count = sum(each.kind <= SHORT for each in entity.said)
        has_choice = name_count > 1 or entity.entity_id in self._decisions
        if has_choice and self._names.settle(canonical):
            self._changes.mark(canonical, at)
            self._changes.affect(self._decisions.members(canonical))

    def _introduce(self, correction: EntityCorrection) -> None:
        """Take the word of a correction for ids that no article of the window has."""
        for place, each in enumerate((correction.entity_id, correction.other_entity_id)):
            if each is not None and self._records.type_of(each) is None:
                self._names.keep(each, correction.known_names[place : place + 1])
                self._records.introduce(each, str(correction.entity_type), correction.requested_at)

    def _rename(self, correction: EntityCorrection) -> Corrected:
        own, at = correction.entity_id, correction.requested_at
        self._records.remember_type(own)
        self._names.rename(own, (at, correction.correction_id, str(correction.name)))
        canonical = self._decisions.canonical(own)
        self._changes.mark(canonical, at)
        self._changes.affect(self._decisions.members(canonical))
        return Corrected(is_accepted=True, reason=f"renamed to {correction.name!r}")

    def _repeat(self, correction: EntityCorrection) -> None:
        """Put an accepted correction in force where no record tells of it."""
        first, second = correction.entity_id, correction.other_entity_id
        if correction.kind != "rename" and second is not None:
            decided = self._decisions.between(first, second)
            if decided is not None and decided.at >= correction.requested_at:
                return
        self.correct(correction)

    def _forget_unused(self) -> None:
        for own in self._records.restored_ids():
            if not self.keeps(own):
                self._forget(own)
            elif own in self._window.entities and own not in self._decisions:
                self._names.drop_kept(own)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Hold off the search for cycles: what is made here stays, and it takes most of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
