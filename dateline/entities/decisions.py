"""Which ids are one, and which are not: decisions, each a record, by evidence or by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from dateline.document_records import EntityMerge

# Ids that may be one entity; a name with more is a hub that joins strangers.
MOST_MEMBERS = 64
# Records of what an id is not.
MOST_APART = 64


class Decisions:
    """A graph of ids: an edge says "the same", kept apart from pairs that are not.

    Ids that no decision is about are unknown to it and cost nothing.
    """

    def __init__(self) -> None:
        self._same: dict[str, dict[str, EntityMerge]] = {}
        self._apart: dict[str, dict[str, EntityMerge]] = {}
        self._canonical: dict[str, str] = {}

    def __contains__(self, entity_id: str) -> bool:
        """Return whether a decision is about this id."""
        return entity_id in self._same or entity_id in self._apart

    def canonical(self, entity_id: str) -> str:
        """Return the id under which everybody knows this one."""
        return self._canonical.get(entity_id, entity_id)

    def is_one(self, first: str, second: str) -> bool:
        """Return whether two ids are one entity."""
        return self.canonical(first) == self.canonical(second)

    def members(self, entity_id: str) -> tuple[str, ...]:
        """Return all ids of its entity, sorted; the id alone where nothing was merged."""
        return tuple(sorted(self._reach(entity_id)))

    def about(self, entity_id: str) -> tuple[EntityMerge, ...]:
        """Return the decisions about all ids of its entity, oldest first, each once."""
        found = {
            (each.entity_id, each.into_entity_id, each.is_same): each
            for member in self._reach(entity_id)
            for rows in (self._same, self._apart)
            for each in rows.get(member, {}).values()
        }
        return tuple(
            sorted(found.values(), key=lambda each: (each.at, each.entity_id, each.into_entity_id))
        )

    def between(self, first: str, second: str) -> EntityMerge | None:
        """Return what was decided about exactly these two ids, or None."""
        return self._same.get(first, {}).get(second) or self._apart.get(first, {}).get(second)

    def why(self, entity_id: str) -> str:
        """Return the reason of the decision that made an id part of another; empty for none."""
        edges = self._same.get(entity_id, {}).values()
        own = [each.reason for each in edges if each.entity_id == entity_id]
        return (own or [each.reason for each in edges] or [""])[0]

    def is_one_by_hand(self, first: str, second: str, *, without_own: bool = False) -> bool:
        """Return whether merges by hand join two ids, or others than the one of just these two."""
        path = self._path(first, second, by_hand=True, is_direct=not without_own)
        return bool(path)

    def kept_apart(self, first: str, second: str) -> EntityMerge | None:
        """Return a decision that keeps the entities of two ids apart, by hand before others."""
        found = self.all_apart(first, second)
        return min(found, key=lambda each: (each.by != "hand", each.at), default=None)

    def all_apart(self, first: str, second: str) -> list[EntityMerge]:
        """Return the decisions that keep an id of one entity apart from one of the other."""
        if not self._apart:
            return []
        left, right = self._reach(first), self._reach(second)
        return [
            each
            for member in left
            for other, each in self._apart.get(member, {}).items()
            if other in right
        ]

    def hand_apart(self, first: str, second: str) -> list[EntityMerge]:
        """Return the splits by hand among ``all_apart``."""
        return [each for each in self.all_apart(first, second) if each.by == "hand"]

    def is_held(self, apart: EntityMerge, first: str, second: str) -> bool:
        """Return whether merges by hand alone join each side of a split to one of two ids."""
        one, other = apart.entity_id, apart.into_entity_id
        if not self.is_one(one, first):
            one, other = other, one
        return all(
            left == right or self.is_one_by_hand(left, right)
            for left, right in ((one, first), (other, second))
        )

    def apart_count(self, entity_id: str) -> int:
        """Return how many ids this one is kept apart from."""
        return len(self._apart.get(entity_id, ()))

    def add(self, decision: EntityMerge, canonical: str | None = None) -> None:
        """Put a decision in force in place of an earlier one about the same two ids.

        Args:
            decision: "the same", or not.
            canonical: the id of the whole, where the decision makes two entities one.
        """
        first, second = decision.entity_id, decision.into_entity_id
        rows, others = self._same, self._apart
        if not decision.is_same:
            rows, others = others, rows
        self._remove(others, first, second)
        rows.setdefault(first, {})[second] = decision
        rows.setdefault(second, {})[first] = decision
        if canonical is not None:
            self.name(self._reach(first), canonical)

    def name(self, members: Iterable[str], canonical: str) -> None:
        """Make ``canonical`` the id of all ``members``."""
        for member in members:
            if member == canonical:
                self._canonical.pop(member, None)
            else:
                self._canonical[member] = canonical

    def cut(
        self, first: str, second: str, choose: Callable[[str], tuple[object, ...]],
        *, is_by_hand: bool = False,
    ) -> bool:  # fmt: skip
        """Part two ids by taking back merges made by evidence, the newest first.

        Args:
            first: an id.
            second: an id of the same entity.
            choose: the smallest of the ids that lose their entity's id becomes that of all of them.
            is_by_hand: a merge of just these two is taken back too, whoever made it.

        Returns:
            False, and nothing is changed, where merges made by hand hold them together.
        """
        if self.is_one_by_hand(first, second, without_own=is_by_hand):
            return False
        whole, members = self.canonical(first), self._reach(first)
        if is_by_hand:
            self._remove(self._same, first, second)
        while path := self._path(first, second):
            newest = max(
                (each for each in path if each.by == "evidence"),
                key=lambda each: (each.at, each.entity_id, each.into_entity_id),
            )
            self._remove(self._same, newest.entity_id, newest.into_entity_id)
        while members:
            part = self._reach(next(iter(members)))
            members -= part
            self.name(part, whole if whole in part else min(part, key=choose))
        return True

    def _path(
        self, first: str, second: str, *, by_hand: bool = False, is_direct: bool = True
    ) -> list[EntityMerge]:
        """Return the merges that lead from one id to another, by hand only or not; none: no way."""
        came: dict[str, EntityMerge | None] = {first: None}
        for member in (queue := [first]):
            for other, each in sorted(self._same.get(member, {}).items()):
                if not is_direct and {member, other} == {first, second}:
                    continue
                if other not in came and (not by_hand or each.by == "hand"):
                    came[other] = each
                    queue.append(other)
        path = []
        at = second
        while (step := came.get(at)) is not None:
            path.append(step)
            at = step.entity_id if step.into_entity_id == at else step.into_entity_id
        return path

    def _reach(self, entity_id: str) -> set[str]:
        reached = {entity_id}
        for member in (queue := [entity_id]):
            for other in self._same.get(member, ()):
                if other not in reached:
                    reached.add(other)
                    queue.append(other)
        return reached

    def _remove(self, rows: dict[str, dict[str, EntityMerge]], first: str, second: str) -> None:
        for one, other in ((first, second), (second, first)):
            if other in rows.get(one, {}):
                del rows[one][other]
                if not rows[one]:
                    del rows[one]

    def ids(self) -> Iterator[str]:
        """Yield every id that a decision is about."""
        yield from self._same.keys() | self._apart.keys()
