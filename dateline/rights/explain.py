"""Return in words what is known of an article's rights: what was found, what won, and why.

Nothing is decided here: every sentence repeats a field of ``Rights`` or of a ``Decision``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dateline.rights.record import (
    NOASSERTION,
    TEXT_OBJECT_ID,
    Access,
    Decision,
    Frame,
    Layer,
    Preferences,
    Rights,
    RightsEvidence,
    RightsStatus,
    Rule,
    Scope,
)

Role = Literal["won", "lost", "other_object", "no_effect"]

STATUS_WORDS: dict[RightsStatus, str] = {
    "granted": "granted: a licence is given to the text",
    "public_domain": "public domain: nobody's permission is needed",
    "reserved": "reserved: the rights in the text are kept",
    "conflict": "conflict: statements about the text contradict each other, so nothing is granted",
    "unknown": "unknown: no licence of the text is known, so nothing is granted",
}
LAYER_WORDS: dict[Layer, str] = {
    "config": "operator's contract",
    "text": "text",
    "html": "page markup",
    "jsonld": "JSON-LD",
    "feed": "feed",
    "http": "HTTP header",
    "ninjs": "ninjs",
    "robots": "robots.txt",
    "wellknown": "/.well-known/",
    "rsl": "RSL document",
}
FRAME_WORDS: dict[Frame, str] = {
    "grant_text": "gives a licence to the text",
    "grant_media": "gives a licence to a picture, video or sound",
    "grant_other_object": "gives a licence to something else than the text",
    "mention": "names a licence, gives nothing",
    "reported": "reports what somebody else licensed, gives nothing",
    "negated": "denies a licence",
    "hypothetical": "speaks of a licence that would be, gives nothing",
    "quoted": "quotes another one's notice, gives nothing",
    "reserved": "keeps the rights",
    "republish_terms": "house terms of re-use, no standard licence",
}
# A holder, a credit or a year: the frame has no word of its own for them.
NO_LICENSE_WORDS = "says something beside the licence, gives nothing"
SCOPE_WORDS: dict[Scope, str] = {
    "this_object": "about this very object",
    "site_by_licensor": "about all that its licensor owns",
    "section": "about a section of the site",
    "channel": "about the whole feed",
    "site": "about the whole site",
    "unspecified": "does not say what it is about",
}
RULE_WORDS: dict[Rule, str] = {
    "R1": "only statements about the same object compete: a picture's licence is the picture's",
    "R2": "“except where otherwise noted” makes a default, which any mark on the item overrides",
    "R3": "a licensor gives only what it owns, and another agency is named as a source",
    "R4": "two statements on one level disagree: the constraints of both bind, nothing is granted",
    "R5": "something more permissive than the level above counts in express words or markup only",
    "R6": "the grant is bound to the time it was seen at; a later change does not rewrite it",
    "R7": "a copy is held to the rights of its origin as well",
    "R8": "“all rights reserved” counts as much as a licence",
    "R9": "absence of a licence is never a grant",
}
ROLE_WORDS: dict[Role, str] = {
    "won": "won",
    "lost": "lost",
    "other_object": "another object's",
    "no_effect": "no effect",
}
CONFLICT_WORDS = {
    "grant_vs_reservation": "a licence is granted, and mining or AI use is reserved all the same",
    "grant_vs_reserved": "a licence is granted, and all rights are reserved",
}
_PREFERENCE_WORDS = {
    "ai_train": "training of models",
    "ai_input": "input of a model's answers",
    "search": "search",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One statement: where it stands, what it says, and what became of it."""

    evidence: RightsEvidence
    role: Role
    place: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """All that is known of an article's rights, in sentences.

    ``statements`` has the winner first, then the losers, then what had no effect. ``reasons`` are
    the rules that decided, ``preferences`` and ``access`` what is stated beside the licence.
    """

    verdict: str
    license: str
    statements: tuple[Explained, ...]
    reasons: tuple[str, ...]
    conflicts: tuple[str, ...]
    objects: tuple[str, ...]
    preferences: tuple[str, ...]
    access: tuple[str, ...]
    notes: tuple[str, ...]


def explain(rights: Rights) -> Explanation:
    """Return ``rights`` in words; unknown codes are shown as they are."""
    order = list(ROLE_WORDS)
    statements = [_explained(each, rights) for each in rights.evidence]
    return Explanation(
        verdict=STATUS_WORDS[rights.status],
        license=license_words(rights),
        statements=tuple(sorted(statements, key=lambda each: order.index(each.role))),
        reasons=tuple(_reasons(rights)),
        conflicts=tuple(CONFLICT_WORDS.get(each, each) for each in rights.resolution.conflicts),
        objects=tuple(_objects(rights)),
        preferences=tuple(_preferences(rights.preferences)),
        access=tuple(_access(rights.access)),
        notes=rights.notes,
    )


def license_words(rights: Rights) -> str:
    """Return the licence with what it asks for in one line."""
    if rights.spdx_expression == NOASSERTION:
        return "none"
    parts = [rights.spdx_expression]
    if rights.license_name and rights.license_name != rights.spdx_expression:
        parts.append(f"({rights.license_name})")
    if rights.licensor:
        parts.append(f"by {rights.licensor}")
    if rights.license_uri:
        parts.append(rights.license_uri)
    return " ".join(parts)


def place_words(evidence: RightsEvidence) -> str:
    """Return where a statement stands: document, field, element, characters."""
    where = LAYER_WORDS[evidence.layer]
    parts = [where if evidence.layer == "text" else f"{where}, {evidence.field}"]
    if evidence.xpath:
        parts.append(f"at {evidence.xpath}")
    if evidence.end > evidence.start:
        parts.append(f"characters {evidence.start} to {evidence.end}")
    if evidence.source_url:
        parts.append(f"of {evidence.source_url}")
    return ", ".join(parts)


def is_allowed(decision: Decision) -> bool:
    """Return whether a decision allows its purpose without anybody looking at it again.

    Passing on: it may be exported. Models: the use is allowed. The others: the whole text is shown.
    """
    if decision.purpose.startswith("redistribution"):
        return decision.export
    if decision.purpose in ("ml_training", "rag"):
        return decision.ai_use == "allowed"
    return decision.display == "full"


def decision_words(decision: Decision) -> str:
    """Return what a decision allows in one line."""
    parts = [f"stores {decision.store}", f"shows {decision.display}"]
    if decision.display == "snippet":
        parts[-1] += f" of {decision.snippet_chars} characters"
    parts.append("export" if decision.export else "no export")
    parts.append(f"AI {decision.ai_use}")
    duties = {
        "credit": decision.attribution_required,
        "verbatim only": decision.is_verbatim_only,
        "share-alike": decision.is_share_alike,
    }
    return ", ".join([*parts, *(word for word, holds in duties.items() if holds)])


def _reasons(rights: Rights) -> Iterator[str]:
    winner = next((e for e in rights.evidence if e.id == rights.resolution.winner), None)
    if winner is not None:
        yield (
            f"{winner.id} stands on the highest level ({winner.rank}) that says anything about the"
            " text"
        )
    yield from (f"{rule}: {RULE_WORDS[rule]}" for rule in rights.resolution.rules)


def _explained(evidence: RightsEvidence, rights: Rights) -> Explained:
    named = evidence.spdx_expression
    parts = [FRAME_WORDS[evidence.frame]]
    if named != NOASSERTION:
        parts.append(named)
    elif evidence.frame == "mention":
        parts = [NO_LICENSE_WORDS]
    if evidence.object_id != TEXT_OBJECT_ID:
        parts.append(f"object {evidence.object_id}")
    parts.append(SCOPE_WORDS[evidence.scope])
    parts.append(f"level {evidence.rank}")
    parts.append(f"confidence {evidence.confidence:.2f}")
    return Explained(
        evidence=evidence,
        role=_role(evidence, rights),
        place=place_words(evidence),
        meaning=", ".join(parts),
    )


def _role(evidence: RightsEvidence, rights: Rights) -> Role:
    if evidence.id == rights.resolution.winner:
        return "won"
    if evidence.object_id != TEXT_OBJECT_ID:
        return "other_object"
    return "lost" if evidence.id in rights.resolution.losers else "no_effect"


def _objects(rights: Rights) -> Iterator[str]:
    for each in rights.objects:
        known = each.spdx_expression
        parts = [f"{each.kind} {each.id}: {'no licence known' if known == NOASSERTION else known}"]
        parts += [part for part in (each.credit, each.url) if part]
        yield ", ".join(parts)


def _preferences(stated: Preferences) -> Iterator[str]:
    if stated.tdm_reservation is not None:
        policy = f", terms at {stated.tdm_policy_url}" if stated.tdm_policy_url else ""
        word = "reserved" if stated.tdm_reservation else "not reserved"
        yield f"text and data mining is {word}{policy}"
    for name, words in _PREFERENCE_WORDS.items():
        value = getattr(stated, name)
        if value != "unknown":
            yield f"{words}: {value}"
    if stated.snippet_max_chars is not None:
        yield f"snippets of at most {stated.snippet_max_chars} characters"
    if stated.noarchive:
        yield "no copy may be shown in place of the page (noarchive)"
    if stated.noindex:
        yield "the page asks not to be in search (noindex)"
    if stated.nosnippet_texts:
        yield f"{len(stated.nosnippet_texts)} passages may not be quoted (data-nosnippet)"
    for raw in stated.raw:
        at = f" at {raw.source_url}" if raw.source_url else ""
        yield f"{raw.protocol} ({raw.field}){at}: {' '.join(raw.value.split())[:200]}"


def _access(stated: Access) -> Iterator[str]:
    if stated.is_free is not None:
        yield "free to read" if stated.is_free else "behind a pay wall"
    if stated.embargoed_until is not None:
        yield f"under embargo until {stated.embargoed_until:%Y-%m-%d %H:%M} UTC"
    if stated.expires_at is not None:
        yield f"expires at {stated.expires_at:%Y-%m-%d %H:%M} UTC"
