"""Find whom a name means inside its story: a surname its bearer, a longer form the usual one.

Nothing found here holds beyond the story, and nothing is recorded: it follows from the names that
the articles of the story have.
"""

from __future__ import annotations

import hashlib

from .decisions import Decisions
from .said import SHORT, Article, Said
from .short_forms import is_extension
from .story import Story

# A name that others extend at its beginning ("Bagheri Kani") may be that of several: it is one
# thing only where it is so much more frequent (doublings).
_MUCH = 2

FITS, LONGER = (
    "the only full name of its story that it fits",
    "a form of the usual name in its story",
)


def find_meant(article: Article, decisions: Decisions) -> dict[str, tuple[str, str]]:
    """Return by id of a name of the article whom its story means by it, and why.

    A text that has both names as entities of their own keeps them apart, and so are two names of
    one text that would mean the same.
    """
    story = article.story
    # One text alone keeps apart whatever it has as entities of their own.
    if len(story.articles) == 1 or story.is_crowded:
        return {}
    meant: dict[str, tuple[str, str]] = {}
    named = [said for said in article.named() if said.words]
    for said in named:
        own = said.entity.entity_id
        if own in decisions and decisions.canonical(own) != own:
            continue
        if said.kind == SHORT:
            found, why = _bearer(said, story, decisions), FITS
        else:
            found, why = _usual(said, story, decisions), LONGER
        if found is not None and decisions.kept_apart(own, found) is None:
            meant[own] = found, why
    if not meant:
        return meant
    used = [decisions.canonical(each.entity.entity_id) for each in article.named()]
    used += [target for target, _ in meant.values()]
    return {own: row for own, row in meant.items() if used.count(row[0]) == 1}


def story_only_id(entity_id: str, story_id: str) -> str:
    """Return the id of a surname that means nobody else, in one story."""
    return hashlib.sha256(f"{entity_id} {story_id}".encode()).hexdigest()


def _bearer(short: Said, story: Story, decisions: Decisions) -> str | None:
    """Return who has a short name, where exactly one full name of the story fits."""
    found = {decisions.canonical(full.entity.entity_id) for full in story.forms(short)}
    return found.pop() if len(found) == 1 else None


def _usual(said: Said, story: Story, decisions: Decisions) -> str | None:
    """Return the usual name of the story that extends a name or that it extends, if only one."""
    forms = story.forms(said)
    if not forms:
        return None
    own = _weight(said, story)
    heavier = [other for other in forms if _weight(other, story) > own]
    if not heavier:
        return None
    best = max(heavier, key=lambda other: _weight(other, story))
    if any(other is not best and not is_extension(other, best) for other in heavier):
        return None
    if len(best.words) < len(said.words) and not _begins(said, best):
        others = [each for each in story.forms(best) if len(each.words) > len(best.words)]
        is_shared = any(each is not said and not is_extension(each, said) for each in others)
        if is_shared and _weight(best, story)[0] - own[0] < _MUCH:
            return None
    if _are_in_one_text(said, best):
        return None
    return decisions.canonical(best.entity.entity_id)


def _are_in_one_text(first: Said, second: Said) -> bool:
    few, many = (first, second) if first.count <= second.count else (second, first)
    return any(many in article.said for article in few.articles)


def _begins(longer: Said, shorter: Said) -> bool:
    """Return whether a name begins as the shorter one: what differs is behind the family name."""
    return longer.words[: len(shorter.words)] == shorter.words


def _weight(said: Said, story: Story) -> tuple[int, int, str]:
    """Return how usual a name is; it changes with each doubling, not with each article."""
    return story.full[said].bit_length(), len(said.words), said.entity.entity_id
