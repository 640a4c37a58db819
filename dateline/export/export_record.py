"""Return of a search document what an export passes on, or the one reason why it does not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec

from dateline.records import RightsFields, SearchDocument
from dateline.rights.record import TEXT_OBJECT_ID, AwareDatetime, Decision, Purpose
from dateline.rights.snippet import OMISSION

HeldBack = Literal[
    "canceled", "withheld", "not_decided", "other_policy", "under_embargo", "expired",
    "rights_unknown", "rights_reserved", "rights_conflict", "purpose_not_allowed",
    "attribution_incomplete", "text_not_held",
]  # fmt: skip
HELD_BACK_WORDS: Mapping[HeldBack, str] = {
    "canceled": "the source withdrew the article",
    "withheld": "the source withholds the article for now",
    "not_decided": "nothing was decided about the purpose",
    "other_policy": "decided by another policy: `dateline license re-decide` brings it up to date",
    "under_embargo": "the article is under embargo",
    "expired": "the article has expired",
    "rights_unknown": "no licence is known",
    "rights_reserved": "the rights are reserved",
    "rights_conflict": "statements about the text contradict each other",
    "purpose_not_allowed": (
        "a licence is given, but the decision does not allow the whole text for this purpose"
    ),
    "attribution_incomplete": "the credit line lacks a name or the address of the licence",
    "text_not_held": (
        "text not held: the index may not show the whole of it, and news.enriched.v1 has it no more"
    ),
}
_STATUS_REASONS: Mapping[str, HeldBack] = {
    "unknown": "rights_unknown", "reserved": "rights_reserved", "conflict": "rights_conflict",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecord:
    """One article as it is passed on, with everything a receiver has to keep with it.

    ``effective`` (by, sa, nc, nd) binds the receiver; ``is_verbatim_only`` (ND) and
    ``is_share_alike`` say what follows for a changed text. ``evidence_sha256`` are hashes of the
    statements about the text that the decision rests on.
    """

    article_id: str
    revision: int
    source_id: str
    purpose: Purpose
    policy_id: str
    title: str | None
    text: str
    content_sha256: str | None
    url: str | None
    authors: tuple[str, ...]
    publisher: str | None
    language: str | None
    published_at: AwareDatetime | None
    updated_at: AwareDatetime
    first_seen_at: AwareDatetime
    summary: str | None
    status: str
    spdx_expression: str
    license_uri: str | None
    license_name: str | None
    licensor: str | None
    copyright_holder: str | None
    copyright_notice: str | None
    usage_terms: str | None
    effective: tuple[str, ...]
    is_verbatim_only: bool
    is_share_alike: bool
    attribution_required: bool
    attribution_text: str | None
    attribution_html: str | None
    confidence: float
    expires_at: AwareDatetime | None
    evidence_sha256: tuple[str, ...]


def decision_for(document: SearchDocument, purpose: Purpose) -> Decision | None:
    """Return what was decided about ``document`` for a purpose."""
    return next((each for each in document.decisions if each.purpose == purpose), None)


def held_back(
    document: SearchDocument, *, purpose: Purpose, policy_id: str, now: datetime
) -> HeldBack | None:
    """Return why a document may not be exported, the first reason that holds; None: it may.

    Args:
        document: as the index has it.
        purpose: what it would be passed on for.
        policy_id: of the policy in force; what another one decided does not count.
        now: the moment that embargo and expiry are compared with.
    """
    if document.pub_status != "usable":
        return "canceled" if document.pub_status == "canceled" else "withheld"
    decision, rights = decision_for(document, purpose), document.rights
    if decision is None or rights is None:
        return "not_decided"
    if decision.policy_id != policy_id:
        return "other_policy"
    return _by_rights(rights, decision, now) or _by_text(document, rights)


def _by_rights(rights: RightsFields, decision: Decision, now: datetime) -> HeldBack | None:
    access = rights.access
    if access.embargoed_until is not None and now < access.embargoed_until:
        return "under_embargo"
    # Decided before it expired: nobody asks again at that moment.
    if access.expires_at is not None and now >= access.expires_at:
        return "expired"
    if rights.status in _STATUS_REASONS:
        return _STATUS_REASONS[rights.status]
    is_credited = rights.attribution is not None and rights.attribution.is_complete
    if decision.attribution_required and not is_credited:
        return "attribution_incomplete"
    return None if may_leave(decision) else "purpose_not_allowed"


def may_leave(decision: Decision) -> bool:
    """Return whether a decision lets an article out, as a whole, for its purpose.

    For models the use has to be allowed as well: an export that somebody still has to look at is
    none.
    """
    is_used_by_models = decision.purpose in ("ml_training", "rag")
    is_usable = decision.ai_use == "allowed" or not is_used_by_models
    return decision.export and decision.display == "full" and is_usable


def _by_text(document: SearchDocument, rights: RightsFields) -> HeldBack | None:
    text = document.body or ""
    is_whole = text != "" and len(text) == document.body_chars
    has_holes = rights.preferences.has_nosnippet and OMISSION in text
    return None if is_whole and not has_holes else "text_not_held"


def export_record(document: SearchDocument, *, purpose: Purpose) -> ExportRecord:
    """Return what is passed on of a document that is not held back.

    Raises:
        ValueError: it has no rights or no decision for the purpose.
    """
    rights, decision = document.rights, decision_for(document, purpose)
    if rights is None or decision is None:
        raise ValueError("an article without rights and decision is held back")
    attribution = rights.attribution
    return ExportRecord(
        article_id=document.article_id,
        revision=document.revision,
        source_id=document.source_id,
        purpose=purpose,
        policy_id=decision.policy_id,
        title=document.title,
        text=document.body or "",
        content_sha256=document.content_sha256,
        url=document.url,
        authors=document.authors,
        publisher=document.publisher,
        language=document.language,
        published_at=document.published_at,
        updated_at=document.updated_at,
        first_seen_at=document.first_seen_at,
        summary=document.summary,
        status=rights.status,
        spdx_expression=rights.spdx_expression,
        license_uri=rights.license_uri,
        license_name=rights.license_name,
        licensor=rights.licensor,
        copyright_holder=rights.copyright_holder,
        copyright_notice=rights.copyright_notice,
        usage_terms=rights.usage_terms,
        effective=rights.effective,
        is_verbatim_only=decision.is_verbatim_only,
        is_share_alike=decision.is_share_alike,
        attribution_required=decision.attribution_required,
        attribution_text=attribution.text if attribution else None,
        attribution_html=attribution.html if attribution else None,
        confidence=rights.confidence,
        expires_at=rights.access.expires_at,
        evidence_sha256=evidence_sha256(rights),
    )


def evidence_sha256(rights: RightsFields) -> tuple[str, ...]:
    """Return the hash of each statement about the text, in their order."""
    return tuple(
        hashlib.sha256(msgspec.json.encode(each)).hexdigest()
        for each in rights.evidence
        if each.object_id == TEXT_OBJECT_ID
    )
