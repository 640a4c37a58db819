"""Say who the entities of an article are, where that is more than the document says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from dateline.document_records import ResolvedEntity

from .decisions import MOST_MEMBERS, Decisions
from .name_book import NameBook
from .name_keys import fold_spelling
from .said import ALIAS, COUNTRY, SHORT, Article, Entity, Said
from .short_names import find_meant, story_only_id

# Other names that one article carries.
MOST_ALIASES = 16

STORY_ONLY = "a surname alone is known in its story only"


def resolve_article(
    article: Article, decisions: Decisions, names: NameBook
) -> Iterator[ResolvedEntity]:
    """Yield those of the article's entities that have another id or name, or further ones."""
    meant = find_meant(article, decisions)
    for said, aliases in _by_entity(article):
        own = said.entity.entity_id
        canonical = decisions.canonical(own)
        reason = decisions.why(own) if canonical != own else ""
        if own in meant:
            canonical, reason = meant[own]
        elif canonical == own and _is_surname(said):
            yield _of_story(said, article)
            continue
        is_decided = own in decisions or names.renames(own)
        if canonical == own and not is_decided and _says_all(said, aliases, names):
            continue
        members = _other_members(canonical, decisions)
        found = _resolved(said, aliases, canonical, members, reason, names)
        if found is not None:
            yield found


def _resolved(
    said: Said, aliases: Sequence[str], canonical: str, members: tuple[str, ...], reason: str,
    names: NameBook,
) -> ResolvedEntity | None:  # fmt: skip
    own, name, known = said.entity.entity_id, names.shown(canonical), names.by_spelling(canonical)
    is_own = canonical == own and name == said.text and not members
    if is_own and known.keys() <= {fold_spelling(each) for each in (name, *aliases)}:
        return None
    folded = fold_spelling(name)
    others = tuple(each for spelling, each in known.items() if spelling != folded)[:MOST_ALIASES]
    return ResolvedEntity(
        document_entity_id=own, entity_id=canonical, name=name, aliases=others, reason=reason,
        member_ids=members,
    )  # fmt: skip


def _other_members(canonical: str, decisions: Decisions) -> tuple[str, ...]:
    if canonical not in decisions:
        return ()
    others = (each for each in decisions.members(canonical) if each != canonical)
    return tuple(islice(others, MOST_MEMBERS))


def _says_all(said: Said, aliases: Sequence[str], names: NameBook) -> bool:
    """Return whether an article has all that is known of an id; a quick look, not all cases."""
    entity = said.entity
    if len(entity.said) == 1:
        return True
    # The names in one article differ: where there are as many, they are the same.
    return _name_count(entity) == 1 + len(aliases) and names.shown(entity.entity_id) == said.text


def _name_count(entity: Entity) -> int:
    return sum(each.kind != COUNTRY for each in entity.said)


def _of_story(said: Said, article: Article) -> ResolvedEntity:
    own = said.entity.entity_id
    return ResolvedEntity(
        document_entity_id=own, entity_id=story_only_id(own, article.story.story_id),
        name=said.text, reason=STORY_ONLY,
    )  # fmt: skip


def _is_surname(said: Said) -> bool:
    return said.kind == SHORT and said.entity.entity_type == "person"


def _by_entity(article: Article) -> Iterator[tuple[Said, list[str]]]:
    """Yield each entity's name in an article with its aliases there."""
    name: Said | None = None
    aliases: list[str] = []
    for said in article.said:
        if said.kind <= SHORT:
            if name is not None:
                yield name, aliases
            name, aliases = said, []
        elif said.kind == ALIAS:
            aliases.append(said.text)
    if name is not None:
        yield name, aliases
