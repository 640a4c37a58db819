"""Return the entities of a document from its text and its mentions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from dateline.document_records import DocumentEntity, EntityLink, EntityType
from dateline.gazetteer.links import Link
from dateline.ids import entity_id
from dateline.names.parse import parse_name
from dateline.records import Mention

from .acronyms import find_definitions, letters_of
from .groups import Group, first_groups
from .join_names import join_names
from .read_names import read_names
from .ties import Ties
from .title_words import title_words

# More things are no article but a list: those named later are left out.
MAX_ENTITIES = 2_000


def find_groups(
    text: str, mentions: Sequence[Mention], links: Sequence[Link], language: str
) -> list[Group]:
    """Return the mentions of each thing the document names, by first mention."""
    named = read_names(text, mentions, links, title_words(language))
    return join_names(first_groups(named), find_definitions(text))


def find_ties(groups: Sequence[Group]) -> Ties:
    """Return the ties of the groups, with the ids that their entities will have."""
    return Ties(groups, [_id(group, group.name) for group in groups])


def build_entities(
    groups: Sequence[Group], ties: Ties, salience: Sequence[float]
) -> tuple[DocumentEntity, ...]:
    """Return one entity for each group, in order."""
    return tuple(
        _entity(at, group, score, ties)
        for at, (group, score) in enumerate(zip(groups, salience, strict=True))
    )


def _entity(at: int, group: Group, salience: float, ties: Ties) -> DocumentEntity:
    name = group.name
    titles = [title for mention in group.mentions for title in mention.titles.honorifics]
    roles = tuple(dict.fromkeys(m.titles.role for m in group.mentions if m.titles.role))
    return DocumentEntity(
        entity_id=ties.ids[at],
        entity_type=group.entity_type,
        name=name,
        is_full_name=_is_full(group, name),
        mention_indices=tuple(mention.mention_index for mention in group.mentions),
        aliases=tuple(each for each in group.names if each != name),
        titles=tuple(dict.fromkeys(titles)),
        role=max(roles, key=len) if roles else None,
        roles=roles,
        relations=ties.relations(group),
        salience=round(salience, 4),
        reasons=tuple(group.reasons),
        link=_link(group),
    )


def _link(group: Group) -> EntityLink | None:
    """Return what linking said; of NIL, the mention that names a country says more."""
    links = [mention.link for mention in group.mentions if mention.link]
    named = next((link for link in links if link.country_code), next(iter(links), None))
    link = group.link or named
    if link is None:
        return None
    return EntityLink(
        row_id=link.row_id, qid=link.qid, name=link.name, country_code=link.country_code,
        country_relation=link.country_relation, geo_point=link.geo_point, reason=link.reason,
    )  # fmt: skip


def _id(group: Group, name: str) -> str:
    link = group.link
    if link is None or link.row_id is None:
        return _hashed(group.entity_type, name)
    if link.qid:
        return link.qid
    # A body of state has many names ("Ministry of Foreign Affairs"), but one row.
    known = link.row_id if link.kind == "office" else link.name
    return _hashed(group.entity_type, known or name)


@lru_cache(maxsize=20_000)
def _hashed(entity_type: EntityType, name: str) -> str:
    return entity_id(entity_type, name)


def _is_full(group: Group, name: str) -> bool:
    if group.link is not None:
        return True
    if group.is_ambiguous:
        return False
    if group.is_person:
        return len(parse_name(name, "person").words) > 1
    return " " in name or not letters_of(name)
