"""Write the records of entities: their names, ids, decisions and revisions."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from dateline.records import EntityRecord

from .decisions import Decisions
from .name_book import NameBook
from .window import Window

_MOST_COUNTRIES = 8


class RecordBook:
    """What is kept of entities beside names and decisions; the types of ids that no text has."""

    def __init__(self, window: Window, decisions: Decisions, names: NameBook) -> None:
        self._window = window
        self._decisions = decisions
        self._names = names
        self._types: dict[str, str] = {}
        self._revisions: dict[str, int] = {}
        self._updated: dict[str, datetime] = {}

    def type_of(self, entity_id: str) -> str | None:
        """Return the type of an id, None where it is unknown."""
        entity = self._window.entities.get(entity_id)
        return entity.entity_type if entity is not None else self._types.get(entity_id)

    def remember_type(self, entity_id: str) -> None:
        """Keep the type of a known id for when no article has it any more."""
        entity_type = self.type_of(entity_id)
        if entity_type is not None:
            self._types[entity_id] = entity_type

    def introduce(self, entity_id: str, entity_type: str, at: datetime) -> None:
        """Make an id known that no article of the window has."""
        self._types[entity_id] = entity_type
        self._updated[entity_id] = at

    def has_record(self, entity_id: str) -> bool:
        """Return whether an id has several names or ids, or was corrected."""
        return (
            entity_id in self._revisions or entity_id in self._decisions
            or self._names.renames(entity_id) or len(self._names.known(entity_id)) > 1
        )  # fmt: skip

    def revise(self, entity_id: str, at: datetime) -> EntityRecord:
        """Return the record of an id with the next revision."""
        first = max(int(at.timestamp()), 1)
        self._revisions[entity_id] = self._revisions.get(entity_id, first - 1) + 1
        self._updated[entity_id] = max(at, self._updated.get(entity_id, at))
        return self.record(entity_id)

    def record(self, entity_id: str) -> EntityRecord:
        """Return the record of an id as it is; ``KeyError`` for one that nobody uses."""
        entity_type = self.type_of(entity_id)
        if entity_type is None:
            raise KeyError(entity_id)
        canonical = self._decisions.canonical(entity_id)
        is_member = canonical != entity_id
        members = self._decisions.members(entity_id)
        entities = list(self._window.known(members))
        countries = sum((each.countries() for each in entities), Counter[str]())
        ranked = sorted(countries.items(), key=lambda row: (-row[1], row[0]))[:_MOST_COUNTRIES]
        updated = self._updated.get(entity_id)
        return EntityRecord(
            entity_id=entity_id,
            revision=self._revisions.get(entity_id, 1),
            entity_type=entity_type,
            name=self._names.shown(canonical),
            is_renamed=self._names.is_renamed(canonical),
            names=self._names.ranked(entity_id),
            member_ids=(entity_id,) if is_member else members,
            country_codes=tuple(code for code, _ in ranked),
            merges=() if is_member else self._decisions.about(entity_id),
            merged_into=canonical if is_member else None,
            updated_at=updated or max(a.at for each in entities for a in each.articles()),
        )

    def restore(self, record: EntityRecord) -> None:
        """Take in a record that was read back, with its decisions and names."""
        own = record.entity_id
        self._revisions[own] = record.revision
        self._updated[own] = record.updated_at
        self._types[own] = record.entity_type
        self._names.keep(own, record.names)
        if record.merged_into is not None:
            return
        for decision in record.merges:
            self._decisions.add(decision)
        self._decisions.name(record.member_ids, own)
        for member in record.member_ids:
            self._types.setdefault(member, record.entity_type)
        if not record.is_renamed:
            self._names.hold(own, record.name)

    def restored_ids(self) -> list[str]:
        """Return the ids that have a revision."""
        return list(self._revisions)

    def forget(self, entity_id: str) -> None:
        """Forget an id that nothing was decided about."""
        self._names.forget(entity_id)
        for rows in (self._revisions, self._updated, self._types):
            rows.pop(entity_id, None)
