"""Return the rights of an article as they are indexed, quoting no more than may be shown."""

from __future__ import annotations

from dataclasses import fields, replace

from dateline.records import (
    DecisionFilter,
    DecisionFilters,
    PreferenceFields,
    RightsFields,
    RightsFlags,
)
from dateline.rights.odrl import odrl_policy
from dateline.rights.record import (
    Decision,
    Preferences,
    RawPreference,
    Rights,
    RightsEvidence,
)
from dateline.rights.snippet import without_passages

# Nested documents cost; a page with thousands of notices is hostile, and its winner is kept.
MAX_EVIDENCE = 100
MAX_OBJECTS = 200
# Longer values are no preferences but pages; `_source` is read with every hit.
MAX_RAW_CHARS = 300
_SAME_NAMES = {field.name for field in fields(RightsFields)} & {
    field.name for field in fields(Rights)
} - {"preferences", "objects", "evidence"}


def rights_fields(rights: Rights, decision: Decision, *, article_id: str) -> RightsFields:
    """Return ``rights`` for the index.

    Args:
        rights: of the article, of a copy met with its origin's.
        decision: for the purpose ``public_search``; it limits the quotes.
        article_id: target of the ODRL policy.
    """
    return RightsFields(
        **{name: getattr(rights, name) for name in _SAME_NAMES},
        flags=RightsFlags(**{name: name in rights.effective for name in ("by", "nc", "nd", "sa")}),
        preferences=_preferences(rights.preferences),
        objects=rights.objects[:MAX_OBJECTS],
        evidence=_evidence(rights, decision),
        odrl=odrl_policy(rights, article_id),
    )


def decision_filters(decisions: tuple[Decision, ...]) -> DecisionFilters:
    """Return the columns of each decision by purpose."""
    return DecisionFilters(
        **{
            decision.purpose: DecisionFilter(
                policy_id=decision.policy_id,
                store=decision.store,
                display=decision.display,
                export=decision.export,
                ai_use=decision.ai_use,
            )
            for decision in decisions
        }
    )


def _evidence(rights: Rights, decision: Decision) -> tuple[RightsEvidence, ...]:
    winner = rights.resolution.winner
    ordered = sorted(rights.evidence, key=lambda each: each.id != winner)[:MAX_EVIDENCE]
    kept = {each.id for each in ordered}
    passages = rights.preferences.nosnippet_texts
    return tuple(
        replace(each, quote=_quote(without_passages(each.quote, passages), decision))
        for each in rights.evidence
        if each.id in kept
    )


def _quote(quote: str, decision: Decision) -> str:
    if decision.display == "full":
        return quote
    return quote[: decision.snippet_chars] if decision.display == "snippet" else ""


def _preferences(stated: Preferences) -> PreferenceFields:
    names = {field.name for field in fields(PreferenceFields)} - {"has_nosnippet", "raw"}
    return PreferenceFields(
        **{name: getattr(stated, name) for name in names},
        has_nosnippet=bool(stated.nosnippet_texts),
        raw=tuple(
            replace(raw, value=raw.value[:MAX_RAW_CHARS])
            for raw in stated.raw[:MAX_EVIDENCE]
            if not _quotes_a_passage(raw, stated)
        ),
    )


def _quotes_a_passage(raw: RawPreference, stated: Preferences) -> bool:
    return raw.field == "data-nosnippet" or (
        without_passages(raw.value, stated.nosnippet_texts) != raw.value
    )
