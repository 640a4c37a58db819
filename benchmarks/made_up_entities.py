"""Made-up articles with the names that news has: a few everywhere, most of them in one story.

An article has 12 entities: five of ten are of its event alone, the others are known ones (Zipf).
People are told by surname in further articles of an event, bodies by acronym; one name in fifty is
spelled otherwise or has a word too many, as the entity model leaves it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from dateline import ids
from dateline.document_records import StoryEntity
from dateline.entities.directory import KnownArticle

START = datetime(2026, 1, 1, tzinfo=UTC)
PER_ARTICLE = 12
_OF_EVENT = 8
_KNOWN = 60_000
_COUNTRIES = ("us", "gb", "fr", "qa", "om", "de", "in", "br", "za", "jp")
_TYPES = {"person": 50, "organization": 30, "place": 12, "event": 4, "facility": 4}
_STARTS = [
    "b",
    "br",
    "c",
    "ch",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "y",
    "z",
]
_VOWELS = ["a", "e", "i", "o", "u", "ai", "ou", "ee"]
_ENDS = ["n", "r", "l", "s", "k", "m", "d", "t", "th", "nd", "rt", "ck", "ll", ""]
_BODIES = [
    "Bank",
    "Union",
    "Council",
    "Institute",
    "University",
    "Agency",
    "Group",
    "Ministry",
    "Party",
    "Court",
]
_OTHER_SPELLINGS = (("ou", "u"), ("ee", "i"), ("kh", "ch"), ("ck", "k"), ("ll", "l"))


class MadeUpArticles:
    """A stream of articles, the same each time; three in ten are of events of many articles."""

    def __init__(self, article_count: int) -> None:
        self._count = article_count

    def __iter__(self) -> Iterator[KnownArticle]:
        """Yield the articles in the order in which they come."""
        rng = random.Random(7)  # noqa: S311  (no secret)
        names = _Names(rng)
        step = timedelta(days=13) / self._count
        for number in range(self._count):
            # More often the first of all: some events have hundreds of articles.
            event = int(self._count // 2 * rng.random() ** 1.7)
            yield KnownArticle(
                ids.article_id("made-up.example", str(number)), ids.story_id(f"{event}"),
                START + step * number, names.of_article(event),
            )  # fmt: skip


class _Names:
    """Names of events, each the same for all articles, and names that everybody knows."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        own = random.Random(1)  # noqa: S311
        self._given = [_word(own) for _ in range(1_500)]
        self._family = [_word(own) + _word(own).lower() for _ in range(20_000)]
        self._known = [self._entity(own, f"Q{number + 1}") for number in range(_KNOWN)]

    def of_article(self, event: int) -> tuple[StoryEntity, ...]:
        own = random.Random(event)  # noqa: S311
        cast = [self._entity(own) for _ in range(_OF_EVENT)]
        cast += [self._any_known(own) for _ in range(_OF_EVENT)]
        told = [self._as_told(each) for each in self._rng.sample(cast, PER_ARTICLE - 3)]
        told += [self._any_known(self._rng) for _ in range(3)]
        return tuple({each.entity_id: each for each in told}.values())

    def _any_known(self, rng: random.Random) -> StoryEntity:
        return self._known[int(_KNOWN * rng.random() ** 5)]

    def _entity(self, rng: random.Random, own_id: str = "") -> StoryEntity:
        kind = rng.choices(list(_TYPES), list(_TYPES.values()))[0]
        name, aliases = self._name(rng, kind)
        # Half of those that everybody knows have an id of Wikidata.
        if not own_id or rng.random() < 0.5:
            own_id = ids.entity_id(kind, name)
        return StoryEntity(
            entity_id=own_id, entity_type=kind, name=name,
            count=rng.randint(1, 6), aliases=aliases if rng.random() < 0.4 else (),
            country_codes=(rng.choice(_COUNTRIES),) if rng.random() < 0.3 else (),
        )  # fmt: skip

    def _name(self, rng: random.Random, kind: str) -> tuple[str, tuple[str, ...]]:
        given, family = rng.choice(self._given), self._common(rng)
        if kind == "person":
            middle = f" {rng.choice(self._given)}" if rng.random() < 0.1 else ""
            return f"{given}{middle} {family}", (family,)
        if kind == "organization":
            body = f"{family} {given} {rng.choice(self._given)} {rng.choice(_BODIES)}"
            return body, ("".join(word[0] for word in body.split()),)
        return (f"{family} {given}" if rng.random() < 0.3 else family), ()

    def _common(self, rng: random.Random) -> str:
        return self._family[int(len(self._family) * rng.random() ** 2)]

    def _as_told(self, each: StoryEntity) -> StoryEntity:
        """Return an entity as one article has it: in full, in short, or spelled otherwise."""
        chance, kind = self._rng.random(), each.entity_type
        name, is_full = each.name, True
        if chance < 0.08 and kind in ("person", "organization"):
            words = name.split()
            name = words[-1] if kind == "person" else "".join(word[0] for word in words)
            is_full = False
        elif chance < 0.09:
            name = f"{name} Says"
        elif chance < 0.11:
            for one, other in _OTHER_SPELLINGS:
                name = name.replace(one, other)
        if name == each.name:
            return each
        return StoryEntity(
            entity_id=ids.entity_id(kind, name), entity_type=kind, name=name,
            is_full_name=is_full, country_codes=each.country_codes,
        )  # fmt: skip


def _word(rng: random.Random) -> str:
    syllables = rng.choice((1, 2, 2))
    return "".join(
        rng.choice(_STARTS) + rng.choice(_VOWELS) + rng.choice(_ENDS) for _ in range(syllables)
    ).capitalize()
