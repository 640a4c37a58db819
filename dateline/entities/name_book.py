"""Say by which names an entity is known, and by which one people see it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from .decisions import Decisions
from .name_keys import fold_spelling
from .said import ALIAS, FULL, SHORT, Entity, most_frequent
from .window import Window

# Other names that are told of one entity.
MOST_NAMES = 64
# A name is looked at again with each of the first articles, then whenever they have doubled, until
# it is settled: what everybody has read is not renamed by the next article.
_FIRST, _SETTLED = 8, 1_024

_MOST_CACHED = 4_000

Rename = tuple[datetime, str, str]  # when, correction id, name


class NameBook:
    """The names of entities; what no article of the window says is kept for decided ids."""

    def __init__(self, window: Window, decisions: Decisions) -> None:
        self._window = window
        self._decisions = decisions
        self._shown: dict[str, str] = {}
        self._kept: dict[str, tuple[str, ...]] = {}
        self._by_hand: dict[str, Rename] = {}
        self._known: dict[str, dict[str, str]] = {}

    def is_renamed(self, canonical: str) -> bool:
        """Return whether somebody gave the entity its name."""
        return self._rename(canonical) is not None

    def shown(self, canonical: str) -> str:
        """Return the name that people see; the id itself where no name is known."""
        if renamed := self._rename(canonical):
            return renamed[2]
        return self._shown.get(canonical) or self._leading(canonical) or canonical

    def known(self, canonical: str) -> tuple[str, ...]:
        """Return all names, at most 64, by their letters; of those that fold alike only one."""
        return tuple(self.by_spelling(canonical).values())

    def by_spelling(self, canonical: str) -> Mapping[str, str]:
        """Return the known names in their order, by what is left of them when they are folded."""
        found = self._known.get(canonical)
        if found is None:
            if len(self._known) >= _MOST_CACHED:
                self._known.clear()
            names = {fold_spelling(name): name for name in sorted(self._counts(canonical))[::-1]}
            first = sorted(names.items(), key=lambda row: row[1])[:MOST_NAMES]
            found = self._known[canonical] = dict(first)
        return found

    def ranked(self, canonical: str) -> tuple[str, ...]:
        """Return the known names, the most frequent first, then by their letters."""
        counts: Counter[str] = Counter()
        for name, count in self._counts(canonical).items():
            counts[fold_spelling(name)] += count
        return tuple(
            sorted(self.known(canonical), key=lambda name: (-counts[fold_spelling(name)], name))
        )

    def is_stale(self, entity_id: str) -> None:
        """Note that the names of an id may be others than they were."""
        self._known.pop(self._decisions.canonical(entity_id), None)
        self._known.pop(entity_id, None)

    def hold(self, canonical: str, name: str) -> None:
        """Show ``name`` until it is looked at again."""
        self._shown.setdefault(canonical, name)

    def settle(self, canonical: str) -> bool:
        """Choose the name that people see anew; return whether it is another one."""
        before, after = self._shown.get(canonical), self._leading(canonical)
        if after is None:
            return False
        self._shown[canonical] = after
        return before != after and not self.is_renamed(canonical)

    def rename(self, entity_id: str, by_hand: Rename) -> None:
        """Give an entity its name by hand; the newest one counts, in whatever order they come."""
        self._by_hand[entity_id] = max(by_hand, self._by_hand.get(entity_id, by_hand))

    def renames(self, entity_id: str) -> bool:
        """Return whether the id itself was given a name by hand."""
        return entity_id in self._by_hand

    def keep(self, entity_id: str, names: tuple[str, ...]) -> None:
        """Remember names of an id that was decided about, at most 64."""
        self.is_stale(entity_id)
        both = dict.fromkeys((*self._kept.get(entity_id, ()), *names))
        self._kept[entity_id] = tuple(both)[:MOST_NAMES]

    def drop_kept(self, entity_id: str) -> None:
        """Forget the names of an id that no article of the window has."""
        self._kept.pop(entity_id, None)
        self.is_stale(entity_id)

    def forget(self, entity_id: str) -> None:
        """Forget an id that nothing was decided about."""
        self._shown.pop(entity_id, None)
        self._known.pop(entity_id, None)
        self._kept.pop(entity_id, None)

    def _counts(self, canonical: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for member in self._members(canonical):
            for name in self._kept.get(member, ()):
                counts[name] += 0
            if entity := self._window.entities.get(member):
                for said in entity.of(FULL, SHORT, ALIAS):
                    counts[said.text] += said.count
        return counts

    def _rename(self, canonical: str) -> Rename | None:
        if not self._by_hand:
            return None
        rows = (self._by_hand.get(member) for member in self._members(canonical))
        return max((row for row in rows if row is not None), default=None)

    def _leading(self, canonical: str) -> str | None:
        members = self._members(canonical)
        said = [row for entity in self._window.known(members) for row in entity.said]
        for kind in (FULL, SHORT, ALIAS):
            rows = [row for row in said if row.kind == kind]
            if rows:
                return most_frequent(rows)
        return next((name for member in members for name in self._kept.get(member, ())), None)

    def _members(self, canonical: str) -> tuple[str, ...]:
        return self._decisions.members(canonical) if canonical in self._decisions else (canonical,)


def is_looked_at(entity: Entity) -> bool:
    """Return whether the name is chosen anew with this many articles."""
    count = entity.count
    return count <= _FIRST or (count <= _SETTLED and count & (count - 1) == 0)
