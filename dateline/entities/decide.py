"""Put decisions in force: by evidence where nothing speaks against it, by hand above all of it."""

from __future__ import annotations

from datetime import datetime

from dateline.document_records import EntityMerge

from .changes import Changes
from .decisions import Decisions
from .entity_records import RecordBook
from .evidence import Evidence, contradiction, is_qid, is_settled
from .name_book import NameBook
from .said import FULL
from .window import Window

# Articles of an entity that are told at once of its other names. Of a larger one they get them with
# their next revision; what people see and its id never wait.
MOST_REFRESHED = 1_000


class Judge:
    """Makes decisions, and notes whatever they change."""

    def __init__(
        self, window: Window, decisions: Decisions, names: NameBook, records: RecordBook,
        changes: Changes,
    ) -> None:  # fmt: skip
        self._window = window
        self._decisions = decisions
        self._names = names
        self._records = records
        self._changes = changes

    def join(self, evidence: Evidence, at: datetime) -> EntityMerge | None:
        """Make two ids one, or note what speaks against it; None where nothing is new."""
        first, second = evidence.first, evidence.second
        if is_settled(first, second, self._decisions):
            return None
        if against := contradiction(first, second, self._window, self._decisions):
            return self.part(against, at)
        canonicals = map(self._decisions.canonical, (first, second))
        rank_first, rank_second = map(self._rank, canonicals)
        if rank_first < rank_second:
            first, second = second, first
        return self._by_evidence(evidence, first, second, at)

    def part(self, evidence: Evidence, at: datetime) -> EntityMerge | None:
        """Note that two ids are not one; None where that is known, or somebody said otherwise."""
        first, second = evidence.first, evidence.second
        if self._decisions.is_one(first, second):
            if self._decisions.is_one_by_hand(first, second):
                return None
        elif is_settled(first, second, self._decisions):
            return None
        return self._by_evidence(evidence, first, second, at)

    def decide(self, decision: EntityMerge) -> None:
        """Put a decision about two known ids in force, and note whatever it changes."""
        first, second = decision.entity_id, decision.into_entity_id
        for each in (first, second):
            self._records.remember_type(each)
            self._names.keep(each, self._names.known(each))
        members = {*self._decisions.members(first), *self._decisions.members(second)}
        before = {each: self._decisions.canonical(each) for each in members}
        if decision.is_same:
            self._merge(decision, before)
        else:
            if before[first] == before[second]:
                self._decisions.cut(first, second, self._rank, is_by_hand=decision.by == "hand")
            self._decisions.add(decision)
        self._follow(before, decision.at)

    def _by_evidence(
        self, evidence: Evidence, first: str, second: str, at: datetime
    ) -> EntityMerge:
        decision = EntityMerge(
            entity_id=first, into_entity_id=second, is_same=evidence.is_same, by="evidence",
            reason=evidence.reason, article_ids=evidence.article_ids, at=at,
        )  # fmt: skip
        self.decide(decision)
        return decision

    def _merge(self, decision: EntityMerge, before: dict[str, str]) -> None:
        first, second = decision.entity_id, decision.into_entity_id
        into, other = before[second], before[first]
        is_other = is_qid(other) and not is_qid(into)
        splits = self._decisions.hand_apart(first, second) if decision.by == "hand" else []
        self._decisions.add(decision, other if is_other else into)
        for split in splits:
            if {split.entity_id, split.into_entity_id} != {first, second}:
                self._decisions.cut(split.entity_id, split.into_entity_id, self._rank)

    def _rank(self, entity_id: str) -> tuple[bool, int, str]:
        """Return what is smaller for the id that stands for the whole."""
        known = self._window.known(self._decisions.members(entity_id))
        return not is_qid(entity_id), -sum(entity.count for entity in known), entity_id

    def _follow(self, before: dict[str, str], at: datetime) -> None:
        """Note what has changed for ids that had these canonical ids before."""
        after = {each: self._decisions.canonical(each) for each in before}
        for each in before:
            self._names.is_stale(each)
        for each in {*before.values(), *after.values()}:
            self._changes.mark(each, at)
        moved = [each for each in before if before[each] != after[each]]
        if not moved:
            return
        for canonical in set(after.values()):
            self._names.settle(canonical)
        self._changes.affect(moved)
        if sum(entity.count for entity in self._window.known(before)) <= MOST_REFRESHED:
            self._changes.affect(before)
        for entity in self._window.known(moved):
            for story in {article.story for article in entity.articles()}:
                self._changes.tell_story(story, list(entity.of(FULL)))
