"""Decide about one article: whose copy it is, the rights that it has then, and what they allow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from dateline.ids import text_sha256
from dateline.records import ArticleState, EnrichedArticle
from dateline.rights.copies import OriginRights, rights_of_copy, summary_of
from dateline.rights.record import Decision, Rights
from processors.stories.decider import Decider
from processors.stories.find_origin import MIN_COPY_CHARS, find_origin, role_of
from processors.stories.known_states import KnownStates
from processors.stories.shared_values import shared


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """An article with what was decided about it.

    ``enriched.rights`` are met with its origin's; ``enriched.text_signature`` is left out.
    """

    state: ArticleState
    enriched: EnrichedArticle
    decisions: tuple[Decision, ...]


def decide_article(
    state: ArticleState,
    enriched: EnrichedArticle,
    known: KnownStates,
    *,
    decider: Decider,
    at: datetime,
    offset: int | None,
) -> Decided:
    """Return what is decided about a text now, and the state with it.

    Args:
        state: of the article whose current text ``enriched`` is.
        enriched: with its own rights.
        known: other articles.
        decider: of the policy that says what each purpose may do.
        at: the moment of the record; nothing is decided for an earlier one than before.
        offset: where the text stands in its topic.
    """
    # Never back in time: a record that comes again must not undo an expiry.
    moment = max(at, state.decided_at) if state.decided_at else at
    state = with_places(state, enriched)
    origin = find_origin(state, known)
    role, role_reasons = role_of(state, origin)
    rights = met_rights(enriched.rights, origin.article_id if origin else None, known)
    decisions, decisions_sha256 = decider.decide(
        rights, at=moment, pub_status=enriched.article.pub_status
    )
    return Decided(
        state=replace(
            state,
            origin_article_id=origin.article_id if origin else None,
            role=role,
            role_reasons=role_reasons,
            enriched_offset=offset,
            rights=shared(summary_of(rights)),
            decisions_sha256=decisions_sha256,
            decided_at=moment,
        ),
        # Nobody behind this stage looks for copies.
        enriched=replace(enriched, rights=rights, text_signature=None),
        decisions=decisions,
    )


def narrowed(state: ArticleState, known: KnownStates) -> ArticleState:
    """Return the state of a copy whose text is gone: nothing later is wider than its origin."""
    origin = find_origin(state, known)
    role, role_reasons = role_of(state, origin)
    rights = state.rights
    if origin is not None and rights is not None:
        rights = summary_of(met_rights(rights, origin.article_id, known))
    return replace(
        state,
        origin_article_id=origin.article_id if origin else None,
        role=role,
        role_reasons=role_reasons,
        rights=rights,
    )


def met_rights(own: Rights, origin_id: str | None, known: KnownStates) -> Rights:
    """Return the rights of a text, narrowed to those of its origin where it has one."""
    if origin_id is None:
        return own
    origin = known.get(origin_id)
    if origin is None:
        return rights_of_copy(own, OriginRights(article_id=origin_id, rights=None))
    return rights_of_copy(
        own,
        OriginRights(
            article_id=origin_id,
            rights=origin.rights,
            url=origin.url,
            is_withdrawn=origin.pub_status == "canceled",
        ),
    )


def with_places(state: ArticleState, enriched: EnrichedArticle) -> ArticleState:
    """Return the state with the places where copies of this text may be found."""
    text, article = enriched.text, enriched.article
    sha256 = text_sha256(text) if len(text) >= MIN_COPY_CHARS else None
    places = (article.url, article.canonical_url, sha256)
    if places == (state.url, state.canonical_url, state.text_sha256):
        return state
    return replace(state, url=article.url, canonical_url=article.canonical_url, text_sha256=sha256)


def as_origin(state: ArticleState) -> tuple[object, ...]:
    """Return what of an article decides about its copies."""
    # Where a notice stands moves with every edit, and decides nothing.
    rights = replace(state.rights, evidence=()) if state.rights else None
    return rights, state.pub_status == "canceled"
