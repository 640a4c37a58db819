"""Join the names of one thing in a document: short and full forms, spellings, acronyms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from dateline.names.compare import is_same_name, is_short_form
from dateline.names.parse import parse_name
from dateline.names.skeleton import skeleton
from dateline.names.words import words as name_words

from .acronyms import Definition, initials, letters_of
from .groups import Group, is_linked
from .join_blends import join_blends
from .mend_types import mend_types
from .read_names import NamedMention
from .title_words import plain

# Comparisons a document: 20 µs each. A list of thousands of names is no article.
_MOST_COMPARISONS = 2_000
_MOST_CANDIDATES = 40
_LEAST_ACRONYM_LETTERS = 3
_SORTS = frozenset({"magazine", "newspaper", "channel", "broadcaster", "militia", "movement"})
_ARTICLES = ("al-", "el-", "Al-", "El-", "al ", "Al ")


def join_names(groups: list[Group], definitions: Sequence[Definition]) -> list[Group]:
    """Return the groups with all names of one thing together, in order of appearance.

    A short name that two different full names share stays apart, its reason says of whom.
    """
    mend_types(groups)
    groups = _join_acronyms(groups, definitions)
    people = [group for group in groups if group.is_person]
    people = join_blends(_join_short(_join_spellings(people), _other_types(groups)))
    taken = {id(mention) for group in people for mention in group.mentions}
    others = [g for g in groups if not g.is_person and id(g.first) not in taken]
    return sorted([*people, *_join_bodies(others)], key=lambda group: group.first.start)


class _Index:
    """Groups by the consonants of the words of their names."""

    def __init__(self, groups: Iterable[Group] = ()) -> None:
        self._by_word: dict[str, list[Group]] = {}
        self.left = _MOST_COMPARISONS
        for group in groups:
            self.add(group)

    def add(self, group: Group) -> None:
        for word in {_key(w) for name in group.names for w in group.words_of(name)}:
            self._by_word.setdefault(word, []).append(group)

    def sharing(self, names: Iterable[str], group: Group) -> list[Group]:
        """Return the groups that share a word with one of the names, once each, in order."""
        found: dict[int, Group] = {}
        for word in {_key(w) for name in names for w in group.words_of(name)}:
            for other in self._by_word.get(word, ())[: _MOST_CANDIDATES + 1]:
                found[id(other)] = other
        self.left -= len(found)
        return sorted(found.values(), key=lambda each: each.first.start) if self.left > 0 else []


def _key(word: str) -> str:
    consonants = skeleton(word)
    return consonants if len(consonants) > 1 else word


def _join_spellings(people: Sequence[Group]) -> list[Group]:
    """Join full names that are one: longest first, and only where all that fit fit each other."""
    index, joined = _Index(), []
    singles = [group for group in people if _size(group) < 2]  # noqa: PLR2004  (one word)
    for group in sorted(people, key=lambda each: -_size(each)):
        if _size(group) < 2:  # noqa: PLR2004
            continue
        fits = [other for other in index.sharing(group.names, group) if _is_same(group, other)]
        if len(fits) == 1:
            fits[0].absorb(group, "same_name_spelled_otherwise")
            index.add(fits[0])
        else:
            if fits:
                _keep_apart(group, fits)
            index.add(group)
            joined.append(group)
    return [*joined, *_join_single_spellings(singles)]


def _is_same(one: Group, other: Group) -> bool:
    if is_linked(one.link) and is_linked(other.link):
        return False
    forms = {other.name, *(mention.other_name for mention in other.mentions)} - {""}
    return any(is_same_name(one.name, name, "person") for name in forms)


def _size(group: Group) -> int:
    return max(len(group.words_of(name)) for name in group.names)


def _join_single_spellings(singles: Sequence[Group]) -> list[Group]:
    """Join surnames in Arabic spelling (al-...) that have the same consonants."""
    kept: dict[str, Group] = {}
    rest = []
    for group in singles:
        words = group.words_of(group.name)
        key = skeleton(words[0]) if words and group.name.startswith(_ARTICLES) else ""
        if len(key) < 2:  # noqa: PLR2004  (one consonant tells nothing)
            rest.append(group)
        elif key in kept and is_same_name(kept[key].name, group.name, "person"):
            kept[key].absorb(group, "same_name_spelled_otherwise")
        else:
            kept[key] = group
            rest.append(group)
    return rest


def _join_short(people: Sequence[Group], others: Sequence[Group]) -> list[Group]:
    """Join short names with the one full name of the text that they may be short for."""
    full = [group for group in people if _size(group) > 1]
    index = _Index(full)
    kept: list[Group] = []
    for group in sorted([*people, *others], key=lambda each: -_size(each)):
        if is_linked(group.link) and group.link and group.link.reason != "short_name":
            kept += [group] if group.is_person else []
            continue
        candidates = [
            other
            for other in index.sharing(group.names, group)
            if other is not group and _size(other) > _size(group) and _is_short(group, other)
        ]
        target, reason = _choose(group, candidates)
        if target is not None:
            target.absorb(group, reason)
        elif group.is_person:
            if candidates:
                _keep_apart(group, candidates)
            kept.append(group)
    return kept


def _is_short(group: Group, full: Group) -> bool:
    if group.is_person:
        return any(is_short_form(group.name, name, "person") for name in full.names)
    # A model takes surnames for organisations and places: the spelling must be exact.
    low = parse_name(group.name, "person").words
    return any(full.words_of(name)[-1:] == low for name in full.names)


def _choose(group: Group, candidates: Sequence[Group]) -> tuple[Group | None, str]:
    """Return whom a short name means and why; nobody where several may be meant."""
    if len(candidates) == 1:
        return candidates[0], "short_for_full_name"
    words = set(group.words_of(group.name))
    exact = [c for c in candidates if any(words <= set(c.words_of(name)) for name in c.names)]
    if len(exact) == 1:
        return exact[0], "short_for_full_name"
    titles = _honorifics(group.mentions)
    titled = [c for c in exact or candidates if titles & _honorifics(c.mentions)]
    if titles and len(titled) == 1:
        return titled[0], "short_for_full_name_with_title"
    return None, ""


def _honorifics(mentions: Iterable[NamedMention]) -> set[str]:
    return {plain(title) for mention in mentions for title in mention.titles.honorifics}


def _keep_apart(group: Group, candidates: Sequence[Group]) -> None:
    group.is_ambiguous = True
    names = " | ".join(sorted(each.name for each in candidates[:5]))
    group.reasons.append(f"ambiguous_short_name: {names}")


def _other_types(groups: Iterable[Group]) -> list[Group]:
    """Return names of one word that a model did not take for people, though they may be."""
    return [
        group
        for group in groups
        if group.entity_type in {"organization", "place", "facility", "product", "work", "group"}
        and group.link is None
        and all(" " not in name and name[0].isupper() for name in group.names)
        and not any(map(letters_of, group.names))
    ]


def _join_acronyms(groups: list[Group], definitions: Sequence[Definition]) -> list[Group]:
    """Join acronyms with what they stand for, by the text's own explanation or by the initials."""
    by_short: dict[str, list[Group]] = {}
    by_initials: dict[str, list[Group]] = {}
    for group in groups:
        if group.is_person or group.entity_type == "group":
            continue
        for name in group.names:
            if letters := letters_of(name):
                _put(by_short, letters, group)
            for letters in initials(name) if " " in name else ():
                _put(by_initials, letters, group)
    gone: set[int] = set()
    for definition in definitions:
        _join_definition(groups, by_short, definition, gone)
    for letters, shorts in by_short.items():
        fulls = [g for g in by_initials.get(letters, ()) if id(g) not in gone]
        if len(letters) >= _LEAST_ACRONYM_LETTERS and len(fulls) == 1:
            for short in shorts:
                _absorb(fulls[0], short, "acronym_of_initials", gone)
    _join_bracketed(groups, gone)
    return [group for group in groups if id(group) not in gone]


def _put(table: dict[str, list[Group]], key: str, group: Group) -> None:
    known = table.setdefault(key, [])
    if group not in known:
        known.append(group)


def _join_definition(
    groups: Sequence[Group],
    by_short: dict[str, list[Group]],
    definition: Definition,
    gone: set[int],
) -> None:
    shorts = [g for g in by_short.get(letters_of(definition.short), ()) if id(g) not in gone]
    full = next((g for g in groups if id(g) not in gone and _names_all(g, definition)), None)
    if full is None:
        if len(shorts) == 1 and not is_linked(shorts[0].link):
            shorts[0].expansion = definition.long
            shorts[0].reasons.append("acronym_explained")
        return
    for short in shorts:
        _absorb(full, short, "acronym_explained", gone)


def _names_all(group: Group, definition: Definition) -> bool:
    """Return whether a group has a mention that is the long name, give or take an edge word."""
    return any(
        mention.start < definition.long_end
        and definition.long_start < mention.end
        and abs(mention.start - definition.long_start) + abs(mention.end - definition.long_end)
        < len(definition.long) // 3
        for mention in group.mentions
    )


def _absorb(full: Group, short: Group, reason: str, gone: set[int]) -> None:
    if short is full or id(short) in gone:
        return
    if is_linked(full.link) and is_linked(short.link):
        return
    if is_linked(short.link) and short.link and short.link.kind in {"country", "city"}:
        return
    full.absorb(short, reason)
    gone.add(id(short))


def _join_bracketed(groups: Sequence[Group], gone: set[int]) -> None:
    """Join a name and the acronym in brackets behind it: "... for Refugees (UNHCR)"."""
    if not any(mention.is_in_brackets for group in groups for mention in group.mentions):
        return
    ordered = sorted(
        ((m, g) for g in groups if id(g) not in gone for m in g.mentions),
        key=lambda pair: pair[0].start,
    )
    for (before, full), (after, short) in pairwise(ordered):
        is_close = after.is_in_brackets and after.start - before.end <= len(" (")
        is_body = full.entity_type not in {"person", "place", "group"} and " " in before.name
        letters = letters_of(after.name)
        is_acronym = bool(letters) and letters[0] == before.name[0].upper()
        if is_close and is_body and is_acronym and id(full) not in gone:
            _absorb(full, short, "acronym_in_brackets", gone)


def _join_bodies(groups: Sequence[Group]) -> list[Group]:
    """Join short names of organisations with the one full name that begins or ends so."""
    bodies = [group for group in groups if group.entity_type == "organization"]
    index = _Index(bodies)
    gone: set[int] = set()
    for group in sorted(bodies, key=_size):
        if is_linked(group.link) or _is_generic(group):
            continue
        fulls = [
            other
            for other in index.sharing(group.names, group)
            if other is not group and id(other) not in gone and _is_cut(group, other)
        ]
        if len(fulls) == 1:
            fulls[0].absorb(group, "short_for_full_name")
            gone.add(id(group))
        elif fulls:
            _keep_apart(group, fulls)
    return [group for group in groups if id(group) not in gone]


def _is_generic(group: Group) -> bool:
    """Return whether the name says nothing but what it is: "the Ministry", "University"."""
    return all(
        set(group.words_of(name)) <= name_words().generic | {"foreign"} for name in group.names
    )


def _is_cut(short: Group, full: Group) -> bool:
    """Return whether a name is the beginning or the end of another.

    A single word is short for a name only if the others say what sort of body it is: "People" of
    "People Magazine", not "Brandbergen" of "Brandbergen Mosque".
    """
    few = parse_name(short.name, "organization").words
    many = parse_name(full.name, "organization").words
    size = len(few)
    if size >= len(many) or few not in (many[:size], many[-size:]):
        return False
    rest = many[size:] if few == many[:size] else many[:-size]
    return size > 1 or all(word in name_words().generic or word in _SORTS for word in rest)
