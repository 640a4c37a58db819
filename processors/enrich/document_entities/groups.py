"""Hold the mentions that name one thing, while a document is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from dateline.document_records import EntityType
from dateline.gazetteer.links import Link
from dateline.names.parse import Kind, parse_name

from .read_names import NamedMention

# What speaks of one thing under several types: a model is often unsure between these.
_PLACES: frozenset[EntityType] = frozenset({"place", "facility"})


@dataclass(eq=False, slots=True)
class Group:
    """Mentions of one thing, in order; ``reasons`` say which rules joined them or kept them apart.

    ``expansion`` is what an acronym stands for where no mention is the long name itself.
    """

    entity_type: EntityType
    mentions: list[NamedMention]
    link: Link | None = None
    expansion: str = ""
    reasons: list[str] = field(default_factory=list)
    is_ambiguous: bool = False

    _names: tuple[str, ...] = ()
    _name: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The forms of the name as written, in order of appearance."""
        if not self._names:
            others = [each.other_name for each in self.mentions if each.other_name]
            self._names = tuple(dict.fromkeys([*(m.name for m in self.mentions), *others]))
        return self._names

    @property
    def first(self) -> NamedMention:
        """The mention that comes first."""
        return self.mentions[0]

    @property
    def is_person(self) -> bool:
        """Whether it is somebody."""
        return self.entity_type == "person"

    @property
    def name(self) -> str:
        """The fullest form: most words, else the usual one; an acronym's expansion is fuller."""
        if self.expansion:
            return self.expansion
        if not self._name:
            self._name = self.names[0] if len(self.names) == 1 else self._fullest()
        return self._name

    def _fullest(self) -> str:
        counts = Counter(mention.name for mention in self.mentions)
        place = {name: at for at, name in enumerate(self.names)}
        return max(
            counts,
            key=lambda name: (
                len(self.words_of(name)), not name.isupper(), len(name) if self.is_person else 0,
                counts[name], -place[name],
            ),
        )  # fmt: skip

    def words_of(self, name: str) -> tuple[str, ...]:
        """Return the words of a form of the name that are compared."""
        return parse_name(name, kind_of(self.entity_type)).words

    def add(self, mention: NamedMention) -> None:
        """Take a mention that comes behind the others."""
        self.mentions.append(mention)
        self._names, self._name = (), ""

    def absorb(self, other: Group, reason: str) -> None:
        """Take the mentions of another group."""
        self.mentions = sorted([*self.mentions, *other.mentions], key=lambda each: each.start)
        self._names, self._name = (), ""
        self.link = self.link or other.link
        self.expansion = self.expansion or other.expansion
        self.reasons += [each for each in [*other.reasons, reason] if each not in self.reasons]
        self.is_ambiguous = self.is_ambiguous and other.is_ambiguous


def kind_of(entity_type: EntityType) -> Kind:
    """Return the kind of name that names of a type are compared as."""
    return "person" if entity_type == "person" else "organization"


def is_linked(link: Link | None) -> bool:
    """Return whether linking said who it is."""
    return link is not None and link.row_id is not None


def family(entity_type: EntityType) -> str:
    """Return what types are one for: a place and a facility of one name are one thing."""
    return "place" if entity_type in _PLACES else entity_type


def first_groups(mentions: Iterable[NamedMention]) -> list[Group]:
    """Return one group for each linked thing and each name, in order of appearance."""
    groups: dict[tuple[str, str], Group] = {}
    types = _types_of_names(mentions)
    for mention in mentions:
        kind = types.get(mention.key, mention.entity_type)
        for key in _keys(mention, kind):
            if known := groups.get(key):
                known.add(mention)
                break
        else:
            groups[key] = Group(kind, [mention], mention.link if is_linked(mention.link) else None)
    return list(_with_same_names(list(groups.values())))


# Types of linked rows; a model's opinion counts for nothing against them.
_ROW_TYPES: dict[str, EntityType] = {
    "country": "place", "subdivision": "place", "region": "place", "city": "place",
    "person": "person", "office": "organization",
}  # fmt: skip


def _types_of_names(mentions: Iterable[NamedMention]) -> dict[str, EntityType]:
    """Return the type most mentions of a name have, so that one slip makes no second entity."""
    counts: dict[str, Counter[EntityType]] = {}
    for mention in mentions:
        if mention.entity_type != "group" and not is_linked(mention.link):
            counts.setdefault(mention.key, Counter())[mention.entity_type] += 1
    return {key: count.most_common(1)[0][0] for key, count in counts.items()}


def _keys(mention: NamedMention, kind: EntityType) -> list[tuple[str, str]]:
    link = mention.link
    if link and link.row_id:
        return [("row", link.row_id)]
    if link and link.country_relation == "demonym" and link.country_code:
        return [("demonym", link.country_code)]
    return [(family(kind), mention.key)]


# Linking says NIL for these because the name is another thing than the row of the same name.
_OTHER_THINGS = frozenset(
    {"team", "ambiguous", "person_in_text", "other_acronym", "country_not_in_text", "type_conflict"}
)


def _with_same_names(groups: list[Group]) -> Iterator[Group]:
    """Yield the groups, those of an unlinked name joined with the linked thing of that name."""
    linked: dict[str, list[Group]] = {}
    surnames = {word for g in groups if g.is_person for name in g.names for word in _surnames(name)}
    for group in groups:
        if is_linked(group.link) and group.link and group.link.kind:
            group.entity_type = _ROW_TYPES.get(group.link.kind, group.entity_type)
            for key in {mention.key for mention in group.mentions}:
                linked.setdefault(key, []).append(group)
    for group in groups:
        owners = linked.get(group.first.key, []) if not is_linked(group.link) else []
        if len(owners) == 1 and _is_same_thing(group, owners[0], surnames):
            owners[0].absorb(group, "same_name")
        else:
            yield group


def _surnames(name: str) -> list[str]:
    return name.split()[1:]


def _is_same_thing(group: Group, linked: Group, surnames: set[str]) -> bool:
    reason = group.first.link.reason if group.first.link else ""
    if family(group.entity_type) == family(linked.entity_type):
        return reason not in _OTHER_THINGS
    # "Doha hosted talks": a model took the city for a person, though nobody here is called so.
    return reason == "type_conflict" and group.first.name not in surnames
