"""Return what a match is an alert about: subjects, and who is mentioned for the first time (pure).

A subject and its watch make the id of the alert (contract point 7): what has the same is told once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dateline import ids
from dateline.alert_records import AlertTrigger, MatchReason, Watch
from dateline.records import GroupedArticle
from dateline.watches.parse_query import parse_query
from dateline.watches.query_tree import (
    And,
    CountryTerm,
    EntityTerm,
    FieldTerm,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Sentence,
    Term,
    TypeTerm,
)
from processors.alerts.entity_claims import NamedEntity

MAX_SUBJECT_CHARS = 1_000
# A merge, a split, another decision or a link of an entity is no news (contract point 5).
ALERTING_CHANGES = frozenset({"new", "content", "revive"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An alert that may have to be made.

    Attributes:
        subjects: what it is about, and by what other names that was told before; the first counts.
        update_subject: what it is about where the first was told already; None: then it is nothing.
        because: what made it fire beside the query, in words.
    """

    grouped: GroupedArticle
    watch: Watch
    trigger: AlertTrigger
    subjects: tuple[str, ...]
    reasons: tuple[MatchReason, ...]
    update_subject: str | None = None
    because: tuple[str, ...] = ()

    @property
    def alert_ids(self) -> tuple[str, ...]:
        """The ids that it would have, its own first."""
        return tuple(
            ids.alert_id(self.watch.watch_id, self.trigger, each) for each in self.subjects
        )

    @property
    def update_id(self) -> str | None:
        """The id of the update; None where it can be none."""
        if self.update_subject is None:
            return None
        return ids.alert_id(self.watch.watch_id, "update", self.update_subject)


def may_alert(grouped: GroupedArticle) -> bool:
    """Return whether a record may be told at all; a backfill never is (contract point 14)."""
    return (
        grouped.origin == "live"
        and grouped.change in ALERTING_CHANGES
        and grouped.pub_status == "usable"
    )


def is_past(grouped: GroupedArticle, watch: Watch) -> bool:
    """Return whether the article was seen before the watch was there."""
    return grouped.first_seen_at < watch.created_at


def draft_match(
    grouped: GroupedArticle,
    watch: Watch,
    reasons: tuple[MatchReason, ...],
    *,
    words_sha256: str | None = None,
) -> Draft | None:
    """Return the draft of a watch that fires with its query, or with a new story.

    Args:
        grouped: an article that may alert.
        watch: its query is true of the article.
        reasons: why.
        words_sha256: of the article's words where no earlier text of it had the same.
    """
    story_ids = tuple(dict.fromkeys((grouped.story_id, *grouped.story_aliases)))
    if watch.trigger == "new_story":
        is_root = ids.story_id(grouped.article_id) == grouped.story_id
        return _draft(grouped, watch, reasons, "new_story", story_ids) if is_root else None
    if watch.repeat == "every_article":
        return _draft(grouped, watch, reasons, "match", (grouped.article_id,))
    update = None
    if watch.repeat == "story_and_updates" and words_sha256 and is_later_text(grouped):
        update = f"{grouped.story_id}:{grouped.article_id}:{words_sha256}"
    return _draft(grouped, watch, reasons, "match", story_ids, update)


def joined_subject(parts: Sequence[str]) -> str:
    """Return one subject of several; of very many their hash, since it must fit the index."""
    subject = " ".join(parts)
    if len(subject) <= MAX_SUBJECT_CHARS:
        return subject
    return f"{len(parts)}:{hashlib.sha256(subject.encode()).hexdigest()}"


def _draft(
    grouped: GroupedArticle, watch: Watch, reasons: tuple[MatchReason, ...],
    trigger: AlertTrigger, subjects: tuple[str, ...], update: str | None = None,
) -> Draft:  # fmt: skip
    return Draft(
        grouped=grouped, watch=watch, trigger=trigger, subjects=subjects, reasons=reasons,
        update_subject=update,
    )  # fmt: skip


def is_later_text(grouped: GroupedArticle) -> bool:
    """Return whether the text is not the first that was seen of the article.

    A text that is emitted again keeps its place, so ``change`` does not say it.
    """
    current = grouped.enriched.article.content_sha256 if grouped.enriched else None
    seen = [each for each in grouped.versions if each.revision]
    first = min(seen, key=lambda each: each.revision, default=None)
    return first is not None and first.content_sha256 != current


def entities_asked_for(
    query: str, named: Sequence[NamedEntity], reasons: Sequence[MatchReason]
) -> tuple[NamedEntity, ...]:
    """Return those of ``named`` whose first mention a watch with this query asks for.

    Of a query with types of entities these types; else with countries, who is tied to one of them;
    else with entities, these; of any other query everybody.
    """
    terms = positive_terms(query)
    types = {each.entity_type for each in terms if isinstance(each, TypeTerm)}
    if types:
        return tuple(each for each in named if each.entity_type in types)
    codes = set(countries_of(query))
    if codes:
        return tuple(each for each in named if codes.intersection(each.country_codes))
    if any(isinstance(each, EntityTerm) for each in terms):
        wanted = entity_ids_of(reasons)
        return tuple(each for each in named if each.entity_id in wanted)
    return tuple(named)


def countries_of(query: str) -> tuple[str, ...]:
    """Return the codes of the countries that a query asks for."""
    terms = positive_terms(query)
    return tuple(dict.fromkeys(each.code for each in terms if isinstance(each, CountryTerm)))


def entity_ids_of(reasons: Sequence[MatchReason]) -> tuple[str, ...]:
    """Return the ids of the entities that made a query true by name or id."""
    named = (each for each in reasons if each.entity_id and each.term.startswith("entity:"))
    return tuple(sorted({each.entity_id for each in named if each.entity_id}))


@lru_cache(maxsize=10_000)
def positive_terms(query: str) -> tuple[Term, ...]:
    """Return the terms of a query, in order, without what stands under NOT."""
    return tuple(_terms(parse_query(query).tree))


def _terms(node: Node) -> Iterator[Term]:
    match node:
        case And(children=children) | Or(children=children):
            for child in children:
                yield from _terms(child)
        case Near(left=left, right=right):
            yield from _terms(left)
            yield from _terms(right)
        case Sentence(child=child):
            yield from _terms(child)
        case Not():
            return
        case Phrase() | EntityTerm() | TypeTerm() | CountryTerm() | FieldTerm():
            yield node
