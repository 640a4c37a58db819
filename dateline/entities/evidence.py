"""Find what texts say for and against two ids being one entity."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, islice

from .decisions import MOST_APART, MOST_MEMBERS, Decisions
from .name_keys import is_one_family, is_variant
from .said import ALIAS, COUNTRY, FULL, Article, Entity, Said
from .story import Story
from .window import Window

# Texts that a decision names.
MOST_TEXTS = 8
# Full names with the same consonants, and texts that say who is called so, looked at for one name.
_MOST_COMPARED = 64
_MOST_CLAIMS = 64
# Articles that are asked whether they are of one story.
_MOST_ARTICLES = 50
# A name itself, and another.
_LEAST_SPELLINGS = 2
# In other stories, each spelling stands in so many articles tied to the same country.
_LEAST_ARTICLES = 2
_QID = re.compile(r"Q[1-9][0-9]*\Z")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Texts that say that two ids are one entity, or that they are not."""

    first: str
    second: str
    reason: str
    article_ids: tuple[str, ...]
    is_same: bool = True


def is_qid(entity_id: str) -> bool:
    """Return whether an id is one of Wikidata."""
    return _QID.match(entity_id) is not None


def find_clashes(article: Article, decisions: Decisions) -> Iterator[Evidence]:
    """Yield entities that the article keeps apart and that were made one."""
    of_canonical: dict[str, list[str]] = {}
    for said in article.named():
        if said.entity.entity_id in decisions:
            own = said.entity.entity_id
            of_canonical.setdefault(decisions.canonical(own), []).append(own)
    for ids in of_canonical.values():
        for first, second in combinations(ids, 2):
            yield _one_text(first, second, article)


def find_evidence(article: Article, window: Window, decisions: Decisions) -> Iterator[Evidence]:
    """Yield what the article completes: names that texts use for one, spellings of one name."""
    countries = _new_countries(article)
    for said in article.said:
        if said.kind == ALIAS:
            for claimed in said.claims:
                if claimed in window.entities:
                    yield from _of_claims(claimed, window, decisions)
        elif said.kind != COUNTRY:
            yield from _of_claims(said.entity.entity_id, window, decisions)
        if said.words:
            yield from _of_spelling(said, article, window, countries.get(said.entity, set()))


def _new_countries(article: Article) -> dict[Entity, set[str]]:
    """Return the countries that each entity is tied to in enough articles since this one.

    Whatever has another spelling asks the same: it is enough to ask once, at the threshold.
    """
    found: dict[Entity, set[str]] = {}
    for said in article.said:
        if said.kind == COUNTRY and said.count == _LEAST_ARTICLES:
            found.setdefault(said.entity, set()).add(said.text)
    return found


def contradiction(first: str, second: str, window: Window, decisions: Decisions) -> Evidence | None:
    """Return what speaks against making the entities of two ids one, or None."""
    left, right = decisions.members(first), decisions.members(second)
    qids = [each for each in (*left, *right) if is_qid(each)]
    if len(qids) > 1:
        return Evidence(first, second, "two Wikidata ids", (), is_same=False)
    if len(left) + len(right) > MOST_MEMBERS:
        reason = f"more than {MOST_MEMBERS} ids for one entity: a name that many share"
        return Evidence(first, second, reason, (), is_same=False)
    few, many = sorted((left, right), key=lambda ids: sum(e.count for e in window.known(ids)))
    others = set(many)
    for entity in window.known(few):
        for article in entity.articles():
            for said in article.named():
                if said.entity.entity_id in others:
                    return _one_text(entity.entity_id, said.entity.entity_id, article)
    return None


def _one_text(first: str, second: str, article: Article) -> Evidence:
    reason = "one text has both as different entities"
    return Evidence(first, second, reason, (article.article_id,), is_same=False)


def _of_claims(entity_id: str, window: Window, decisions: Decisions) -> Iterator[Evidence]:
    """Yield that an id is one with whom texts call so, or with none where they do not agree."""
    claims = window.claims.get(entity_id)
    if not claims:
        return
    rows = claims[:_MOST_CLAIMS]
    if all(decisions.is_one(entity_id, row.entity.entity_id) for row in rows):
        return
    claimants = _distinct(rows, decisions) if len(claims) <= _MOST_CLAIMS else []
    if claimants and all(_is_compatible(claimants[0], other) for other in claimants[1:]):
        for row in claimants:
            yield Evidence(
                entity_id, row.entity.entity_id,
                f"one text uses both names: {row.text!r} for {_name(row.entity)!r}",
                _ids(row.articles),
            )  # fmt: skip
        return
    for row in rows:
        other = row.entity.entity_id
        if decisions.is_one(entity_id, other) and decisions.between(entity_id, other):
            reason = f"texts use {row.text!r} for different entities"
            yield Evidence(entity_id, other, reason, _ids(row.articles), is_same=False)


def _distinct(rows: Iterable[Said], decisions: Decisions) -> list[Said]:
    """Return one of the rows for each entity, the one with the most articles first."""
    found: dict[str, Said] = {}
    for row in rows:
        canonical = decisions.canonical(row.entity.entity_id)
        if canonical not in found or row.count > found[canonical].count:
            found[canonical] = row
    return sorted(found.values(), key=lambda row: (-row.count, row.entity.entity_id))


def _is_compatible(first: Said, second: Said) -> bool:
    one, other = first.entity, second.entity
    if not is_one_family(one.entity_type, other.entity_type):
        return False
    left, right = _name(one), _name(other)
    return left.casefold() == right.casefold() or _is_variant(one.entity_type, left, right)


def _of_spelling(
    said: Said, article: Article, window: Window, countries: set[str]
) -> Iterator[Evidence]:
    """Yield that two spellings of a full name are one: in one story, or of one country."""
    entity, story = said.entity, article.story
    if not countries and _count_in(story, said) != 1:
        return
    rows = window.alike(said)
    if len(rows) < _LEAST_SPELLINGS:
        return
    words = sorted(said.words)
    for row in rows[:_MOST_COMPARED]:
        other = row.entity
        if other is entity or other.entity_type != entity.entity_type:
            continue
        if sorted(row.words) != words or not (countries or _count_in(story, row)):
            continue
        reason = _what_they_share(entity, row, story, countries)
        if reason and _is_variant(entity.entity_type, said.text, row.text):
            yield Evidence(
                entity.entity_id, other.entity_id,
                f"spellings of one name, {said.text!r} and {row.text!r}: {reason}",
                (article.article_id, *_ids(row.articles)),
            )  # fmt: skip


def _count_in(story: Story, said: Said) -> int:
    """Return how many articles of a story say so; of an alias the last fifty are asked."""
    if said.kind == FULL:
        return story.count_of(said)
    return sum(each.story is story for each in said.articles[-_MOST_ARTICLES:])


def _what_they_share(entity: Entity, row: Said, story: Story, new_countries: set[str]) -> str:
    countries, others = entity.countries(), row.entity.countries()
    if countries and others and not countries.keys() & others.keys():
        return ""
    if _count_in(story, row):
        return "in one story"
    for code in sorted(new_countries):
        if others[code] >= _LEAST_ARTICLES:
            return f"both are tied to {code} in {_LEAST_ARTICLES} articles and more"
    return ""


@lru_cache(maxsize=5_000)
def _is_variant(entity_type: str, first: str, second: str) -> bool:
    return is_variant(entity_type, first, second)


def _name(entity: Entity) -> str:
    return entity.full_name or entity.said[0].text


def _ids(articles: Iterable[Article]) -> tuple[str, ...]:
    return tuple(sorted(article.article_id for article in islice(articles, MOST_TEXTS - 1)))


def is_settled(first: str, second: str, decisions: Decisions) -> bool:
    """Return whether evidence about two ids changes nothing: they are one, or kept apart."""
    return (
        decisions.is_one(first, second)
        or decisions.kept_apart(first, second) is not None
        or max(map(decisions.apart_count, (first, second))) >= MOST_APART
    )
