"""Return the claims of an article: who it names in full, and which words it has (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from dateline import ids
from dateline.alerts.first_mention import ALL, Claim, claim_id
from dateline.document_records import DocumentEntity, ResolvedEntity
from dateline.records import GroupedArticle
from dateline.story_entities import country_codes
from dateline.watches.article_view import ArticleView

# Amounts and dates have no names; the name of a language is no news.
_NOT_NAMES = ("quantity", "date", "language")
_DOUBTED = frozenset({"future", "implausible"})
WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedEntity:
    """An entity that the article names in full.

    Attributes:
        entity_id: across documents.
        all_ids: every id by which it may have been mentioned before, sorted.
        country_codes: countries it is tied to.
    """

    entity_id: str
    name: str
    entity_type: str
    all_ids: tuple[str, ...]
    country_codes: tuple[str, ...]


def named_in_full(grouped: GroupedArticle) -> tuple[NamedEntity, ...]:
    """Return the entities whose full names stand in the article, in its order."""
    if grouped.enriched is None:
        return ()
    across = {each.document_entity_id: each for each in grouped.resolved}
    return tuple(
        _named(each, across.get(each.entity_id))
        for each in grouped.enriched.entities
        if each.is_full_name and each.entity_type not in _NOT_NAMES
    )


def _named(entity: DocumentEntity, resolved: ResolvedEntity | None) -> NamedEntity:
    names = {entity.name}
    known = {entity.entity_id}
    if entity.link and entity.link.qid:
        known.add(entity.link.qid)
    if resolved is not None:
        names.add(resolved.name)
        known |= {resolved.entity_id, *resolved.member_ids}
    # The hash of type and folded full name: who is linked later was mentioned under it before.
    known |= {ids.entity_id(entity.entity_type, name) for name in names}
    return NamedEntity(
        entity_id=resolved.entity_id if resolved else entity.entity_id,
        name=resolved.name if resolved else entity.name,
        entity_type=entity.entity_type,
        all_ids=tuple(sorted(known)),
        country_codes=tuple(country_codes(entity)),
    )


def scopes_of(grouped: GroupedArticle, scope: str, countries: Sequence[str]) -> tuple[str, ...]:
    """Return the scopes that a mention falls into: everywhere, of its source, or with countries."""
    if scope == "source":
        return (f"source:{grouped.source_id}",)
    if scope == "country":
        return tuple(f"country:{code}" for code in countries)
    return (ALL,)


def claims_of(grouped: GroupedArticle, entity: NamedEntity, scope: str = ALL) -> tuple[Claim, ...]:
    """Return the claims that ``entity`` has to win in ``scope`` to be mentioned for the first time.

    The primary one is the first. An alert goes by its ``entity_id``: while the primary claim is the
    same, a later link or merge does not make another alert of it.
    """
    rows = sorted((claim_id(scope, each), each) for each in entity.all_ids)
    primary_id = rows[0][0]
    return tuple(_claim(grouped, scope, each, primary_id, entity) for _, each in rows)


def event_at(grouped: GroupedArticle) -> datetime:
    """Return when what the article tells was published, as far as its source can be believed."""
    article = grouped.enriched.article if grouped.enriched else None
    at = article.published_at if article else None
    doubts = _DOUBTED.intersection(article.date_flags) if article else ()
    if at is None or doubts or at > grouped.first_seen_at:
        return grouped.first_seen_at
    return at


def words_claim(grouped: GroupedArticle, view: ArticleView) -> Claim:
    """Return the claim of the article's words: a text with the same words is no news of it."""
    words = words_sha256(view)
    scope = f"{WORDS}:{grouped.article_id}"
    return _claim(grouped, scope, words, claim_id(scope, words))


def words_sha256(view: ArticleView) -> str:
    """Return the hash of title and text without their case, points and white space."""
    return hashlib.sha256("\n".join(_lines(view)).encode("utf-8", "surrogatepass")).hexdigest()


def _lines(view: ArticleView) -> Iterator[str]:
    yield " ".join(view.title.words)
    yield " ".join(view.body.words)


def _claim(
    grouped: GroupedArticle, scope: str, entity_id: str, primary_id: str,
    entity: NamedEntity | None = None,
) -> Claim:  # fmt: skip
    return Claim(
        claim_id=claim_id(scope, entity_id),
        entity_type=entity.entity_type if entity else "",
        name=entity.name if entity else "",
        primary_id=primary_id,
        scope=scope,
        entity_id=entity_id,
        article_id=grouped.article_id,
        story_id=grouped.story_id,
        revision=grouped.revision,
        origin=grouped.origin,
        first_seen_at=grouped.first_seen_at,
    )
