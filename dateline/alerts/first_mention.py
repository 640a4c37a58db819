"""Say whose first mention it is: one claim for each id of an entity in a scope (contract point 8).

A claim is a document that only one writer can create (``dateline/alerts/claims.py``). The id of an
unlinked name is its hash, so whoever is linked later, or merged, has claims under both ids and is
nothing new. A claim names its article, so that the same article goes on after a crash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from dateline.records import Origin

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Somebody's first mention in a scope, as an article puts it in for.

    Attributes:
        claim_id: of scope and entity.
        primary_id: the claim that decides between articles which claim the same entity at once: the
            smallest of those that belong together.
        entity_id: one of the ids of the entity.
    """

    claim_id: str
    primary_id: str
    scope: str
    entity_id: str
    entity_type: str = ""
    name: str = ""
    article_id: str
    story_id: str
    revision: int
    origin: Origin
    first_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose claim it is."""

    article_id: str
    primary_id: str
    revision: int
    origin: str


def claim_id(scope: str, entity_id: str) -> str:
    """Return the id of the claim of an entity in a scope."""
    return hashlib.sha256(f"{len(scope)}:{scope}{entity_id}".encode()).hexdigest()


def is_first(claims: Sequence[Claim], holders: Mapping[str, Holder]) -> bool:
    """Return whether the article of ``claims``, all of one entity, is the first to mention it.

    It holds the primary claim, and whoever holds another one lost the primary to it.
    """
    wanted = claims[0]
    primary = holders[wanted.primary_id]
    return (
        primary.article_id == wanted.article_id
        and primary.origin == "live"
        and all(holders[each.claim_id].primary_id == wanted.primary_id for each in claims)
    )
