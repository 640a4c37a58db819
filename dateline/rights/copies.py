"""Return the rights of a copy: never more than its own statements and those of its origin allow.

Rule R7: a copy is judged under the declaration of its origin's publisher, not only under that of
its host; contract point 10: it takes the meet of both.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.rights.record import (
    CONSTRAINTS,
    NOASSERTION,
    Access,
    Attribution,
    Preference,
    Preferences,
    Resolution,
    Rights,
    RightsEvidence,
    RightsStatus,
)

# From the strictest to the loosest; the policy's rows are checked to have the same order.
STATUS_ORDER: tuple[RightsStatus, ...] = (
    "conflict", "reserved", "unknown", "granted", "public_domain",
)  # fmt: skip
PREFERENCE_ORDER: tuple[Preference, ...] = ("disallowed", "unknown", "allowed")
CONFLICT = "copy_vs_origin"
WITHDRAWN = "origin_withdrawn"
ORIGINS_LICENSE = "licence of the origin"
# What is remembered of every article must stay small: a quote names its evidence, no more.
_MAX_QUOTE_CHARS = 300
_MAX_PASSAGES_CHARS = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginRights:
    """The rights in the text that a copy was made from; ``rights`` None: they are not known.

    ``is_withdrawn``: its source killed it, and whatever it granted is not granted any more.
    """

    article_id: str
    rights: Rights | None
    url: str | None = None
    is_withdrawn: bool = False


def rights_of_copy(own: Rights, origin: OriginRights) -> Rights:
    """Return ``own`` narrowed to what the origin allows too; the origin's evidence is named.

    The status is the stricter one, constraints are united, every preference is the stricter one.
    Where both name different licences the expression holds both, and the attribution line, which
    knows one of them only, is incomplete.

    Raises: Nothing.
    """
    theirs = origin.rights or Rights(status="unknown")
    if origin.is_withdrawn:
        theirs = replace(theirs, status=_lower(STATUS_ORDER, theirs.status, "reserved"))
    status = _lower(STATUS_ORDER, own.status, theirs.status)
    expression = _expression(own, theirs, status)
    is_same = expression == own.spdx_expression
    return replace(
        own,
        status=status,
        spdx_expression=expression,
        license_uri=own.license_uri if is_same else None,
        license_name=own.license_name if is_same else None,
        family=own.family if is_same else None,
        code=own.code if is_same else None,
        version=own.version if is_same else None,
        jurisdiction=own.jurisdiction if is_same else None,
        effective=_united(own.effective, theirs.effective),
        preferences=_preferences(own.preferences, theirs.preferences),
        access=_access(own.access, theirs.access),
        evidence=(*own.evidence, *_origin_evidence(theirs, origin)),
        resolution=_resolution(own, theirs, status, origin),
        confidence=min(own.confidence, theirs.confidence),
        attribution=own.attribution if is_same else _incomplete(own.attribution),
        notes=(*own.notes, f"copy of {origin.url or origin.article_id}"),
    )


def summary_of(rights: Rights) -> Rights:
    """Return of ``rights`` what decisions about copies need, small enough to be remembered.

    Deciding about the summary allows no more than deciding about the whole. The one statement that
    won is kept as evidence.
    """
    winner = [e for e in rights.evidence if e.id == rights.resolution.winner]
    passages = rights.preferences.nosnippet_texts
    is_long = sum(map(len, passages)) > _MAX_PASSAGES_CHARS
    return Rights(
        status=rights.status,
        schema_version=rights.schema_version,
        spdx_expression=rights.spdx_expression,
        license_uri=rights.license_uri,
        effective=rights.effective,
        preferences=replace(
            rights.preferences,
            raw=(),
            nosnippet_texts=() if is_long else passages,
            # Passages that cannot be remembered cannot be left out of a snippet either.
            snippet_max_chars=0 if is_long else rights.preferences.snippet_max_chars,
        ),
        access=rights.access,
        evidence=tuple(replace(e, quote=e.quote[:_MAX_QUOTE_CHARS]) for e in winner),
        resolution=Resolution(winner=rights.resolution.winner if winner else None),
        confidence=rights.confidence,
    )


def _lower(order: tuple[RightsStatus, ...], one: RightsStatus, other: RightsStatus) -> RightsStatus:
    return min(one, other, key=order.index)


def _expression(own: Rights, theirs: Rights, status: RightsStatus) -> str:
    if status not in ("granted", "public_domain", "conflict"):
        return NOASSERTION
    named = {own.spdx_expression, theirs.spdx_expression} - {NOASSERTION}
    if len(named) == 1:
        return named.pop()
    parts = {part for expression in named for part in expression.split(" AND ")}
    return " AND ".join(sorted(parts)) or NOASSERTION


def _united(own: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in CONSTRAINTS if each in own or each in theirs)


def _preferences(own: Preferences, theirs: Preferences) -> Preferences:
    return Preferences(
        tdm_reservation=_reservation(own.tdm_reservation, theirs.tdm_reservation),
        tdm_policy_url=own.tdm_policy_url or theirs.tdm_policy_url,
        ai_train=_preference(own.ai_train, theirs.ai_train),
        ai_input=_preference(own.ai_input, theirs.ai_input),
        search=_preference(own.search, theirs.search),
        snippet_max_chars=_first(min, own.snippet_max_chars, theirs.snippet_max_chars),
        noarchive=own.noarchive or theirs.noarchive,
        noindex=own.noindex or theirs.noindex,
        raw=(*own.raw, *theirs.raw),
        nosnippet_texts=tuple(dict.fromkeys((*own.nosnippet_texts, *theirs.nosnippet_texts))),
    )


def _reservation(own: bool | None, theirs: bool | None) -> bool | None:
    if own or theirs:
        return True
    return None if None in (own, theirs) else False


def _preference(own: Preference, theirs: Preference) -> Preference:
    return min(own, theirs, key=PREFERENCE_ORDER.index)


def _access(own: Access, theirs: Access) -> Access:
    is_free = own.is_free if theirs.is_free is None else theirs.is_free
    return Access(
        is_free=False if own.is_free is False else is_free,
        expires_at=_earlier(own.expires_at, theirs.expires_at),
        embargoed_until=_later(own.embargoed_until, theirs.embargoed_until),
    )


def _first(choose: Callable[[int, int], int], own: int | None, theirs: int | None) -> int | None:
    if own is None or theirs is None:
        return theirs if own is None else own
    return choose(own, theirs)


def _earlier(own: datetime | None, theirs: datetime | None) -> datetime | None:
    stated = [moment for moment in (own, theirs) if moment is not None]
    return min(stated, default=None)


def _later(own: datetime | None, theirs: datetime | None) -> datetime | None:
    stated = [moment for moment in (own, theirs) if moment is not None]
    return max(stated, default=None)


def _origin_evidence(theirs: Rights, origin: OriginRights) -> tuple[RightsEvidence, ...]:
    winners = (e for e in theirs.evidence if e.id == theirs.resolution.winner)
    return tuple(
        replace(e, id=f"origin.{e.id}", source_url=e.source_url or origin.url) for e in winners
    )


def _resolution(
    own: Rights, theirs: Rights, status: RightsStatus, origin: OriginRights
) -> Resolution:
    differs = (own.status, own.effective) != (theirs.status, theirs.effective)
    found = [*own.resolution.conflicts]
    found += [CONFLICT] if differs else []
    found += [WITHDRAWN] if origin.is_withdrawn else []
    # What the copy says of itself has not won when the origin is what narrows it.
    lost = own.resolution.winner is not None and status != own.status
    named = tuple(f"origin.{e.id}" for e in theirs.evidence if e.id == theirs.resolution.winner)
    losers = own.resolution.losers
    return Resolution(
        winner=next(iter(named), None) if lost else own.resolution.winner,
        losers=(*losers, own.resolution.winner) if lost and own.resolution.winner else losers,
        rules=tuple(dict.fromkeys((*own.resolution.rules, "R7"))),
        has_disagreement=own.resolution.has_disagreement or differs,
        conflicts=tuple(dict.fromkeys(found)),
    )


def _incomplete(attribution: Attribution | None) -> Attribution | None:
    if attribution is None:
        return None
    return replace(attribution, is_complete=False, missing=(*attribution.missing, ORIGINS_LICENSE))
