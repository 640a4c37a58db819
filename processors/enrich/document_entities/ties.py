"""Find the ties of entities to countries and to each other that their names and roles state."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from dateline.document_records import Relation, RelationKind
from dateline.rights.sentences import Span

from .groups import Group
from .read_names import NamedMention

# What stands between a role and whose it is: "president of Iran".
_OF = frozenset({"of", "de", "du", "des", "del", "della", "di", "do", "da", "von", "der", "van"})
# "the country's minister": the country named last.
_SAME_COUNTRY = "country"


class Ties:
    """The ties of one document's groups; ``ids`` are their entity ids, in order."""

    def __init__(self, groups: Sequence[Group], ids: Sequence[str]) -> None:
        self.ids = ids
        self._known: dict[int, tuple[Relation, ...]] = {}
        self._rows = sorted(
            ((m, ids[at]) for at, group in enumerate(groups) for m in group.mentions),
            key=lambda row: row[0].start,
        )
        self._starts = [mention.start for mention, _ in self._rows]
        self._countries = {
            link.country_code: ids[at]
            for at, group in enumerate(groups)
            if (link := group.link) and link.country_relation == "is"
        }

    def relations(self, group: Group) -> tuple[Relation, ...]:
        """Return the ties of a group, each once, where the text states it first."""
        if (known := self._known.get(id(group))) is not None:
            return known
        found: dict[tuple[str, str | None, str | None], Relation] = {}
        for mention in group.mentions:
            for each in (*self._of_name(mention), *self._of_role(mention)):
                found.setdefault((each.kind, each.country_code, each.entity_id), each)
        for code in [each.country_code for each in found.values() if each.kind == "is"]:
            # "State of Qatar" holds the country's name because it is the country.
            found.pop(("named", code, self._countries.get(code)), None)
        self._known[id(group)] = tuple(found.values())
        return self._known[id(group)]

    def countries(self, group: Group) -> set[str]:
        """Return the countries that a group is tied to."""
        return {each.country_code for each in self.relations(group) if each.country_code}

    def _of_name(self, mention: NamedMention) -> Iterator[Relation]:
        link = mention.link
        if link and link.country_code and link.country_relation:
            yield self._tie(link.country_relation, link.country_code, None, mention)

    def _of_role(self, mention: NamedMention) -> Iterator[Relation]:
        titles = mention.titles
        for owner, entity in self._owners(mention):
            link = owner.link
            code = link.country_code if link and link.country_relation != "within" else None
            if code or owner.entity_type == "organization":
                yield self._tie("holder", code, entity, owner)
        if titles.owner and titles.owner_text == _SAME_COUNTRY:
            yield from self._country_before(titles.owner[0], mention.sentence[0])

    def _owners(self, mention: NamedMention) -> Iterator[tuple[NamedMention, str]]:
        titles = mention.titles
        if titles.owner:
            yield from self._inside(titles.owner)
        if titles.role_span and titles.role:
            for owner, entity in self._inside(titles.role_span):
                before = titles.role[: owner.start - titles.role_span[0]].split()[-2:]
                if _OF.intersection(before):
                    yield owner, entity

    def _country_before(self, end: int, start: int) -> Iterator[Relation]:
        for mention, _ in reversed(self._inside((start, end))):
            if mention.link and (code := mention.link.country_code):
                yield self._tie("holder", code, None, mention)
                return

    def _inside(self, span: Span) -> list[tuple[NamedMention, str]]:
        start, end = bisect_left(self._starts, span[0]), bisect_left(self._starts, span[1])
        return [row for row in self._rows[start:end] if row[0].entity_type != "person"]

    def _tie(
        self, kind: RelationKind, code: str | None, entity: str | None, mention: NamedMention
    ) -> Relation:
        other = self._countries.get(code) if code else entity
        return Relation(
            kind=kind, country_code=code, entity_id=None if kind == "is" else other,
            start=mention.start, end=mention.end,
        )  # fmt: skip
