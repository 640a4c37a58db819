"""Return foreign text as pages show it: without signs that nobody sees, matches marked; pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from dateline.channels.plain_words import JOINERS, UNSEEN, web_url
from dateline.records import RightsFields
from dateline.rights.record import Decision, RightsEvidence
from dateline.search.article_queries import HIGHLIGHT_END, HIGHLIGHT_START

NO_LICENSE = "NOASSERTION"


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text; ``is_match``: it is what was searched for."""

    text: str
    is_match: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What is known of the licence, in a few words; ``attribution`` stands beside every text."""

    label: str
    status: str
    licensor: str = ""
    url: str | None = None
    attribution: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRow:
    """Words of the source that state a licence, and where they stand."""

    quote: str
    place: str
    url: str | None


NO_BADGE = Badge(label="no rights known", status="unknown")


def seen(text: str) -> str:
    """Return ``text`` without control and direction characters; its lines stay."""
    return "".join(
        each
        for each in text
        if each in "\n\t" or each in JOINERS or unicodedata.category(each) not in UNSEEN
    )


def pieces(marked: str) -> tuple[Piece, ...]:
    """Return the text that a search has marked, in pieces that are matches and such that are not.

    A mark without its counterpart, which only a text itself can hold, marks the rest or nothing.
    """
    found: list[Piece] = []
    for number, part in enumerate(marked.split(HIGHLIGHT_START)):
        inside, end, behind = part.partition(HIGHLIGHT_END)
        is_match = bool(number) and bool(inside)
        found.append(Piece(seen(inside), is_match))
        if end:
            found.append(Piece(seen(behind)))
    return tuple(each for each in found if each.text)


def badge(rights: RightsFields | None) -> Badge:
    """Return what is known of the rights in a text."""
    if rights is None:
        return NO_BADGE
    status = rights.status.replace("_", " ")
    is_named = rights.spdx_expression != NO_LICENSE
    return Badge(
        label=f"{rights.spdx_expression} ({status})" if is_named else f"licence {status}",
        status=rights.status,
        licensor=seen(rights.licensor or ""),
        url=web_url(rights.license_uri),
        attribution=seen(rights.attribution.text) if rights.attribution else "",
    )


def evidence_row(evidence: RightsEvidence) -> EvidenceRow:
    """Return a statement of the source with where it stands."""
    return EvidenceRow(
        quote=seen(evidence.quote),
        place=seen(
            f"{evidence.layer} {evidence.field}, characters {evidence.start}-{evidence.end}"
            f" as received, rule {evidence.detector}"
        ),
        url=web_url(evidence.source_url),
    )


def decision_words(decision: Decision) -> str:
    """Return what a decision allows, in a line."""
    parts = [
        f"{decision.purpose.replace('_', ' ')}: show {decision.display.replace('_', ' ')}",
        "export allowed" if decision.export else "no export",
        "attribution required" if decision.attribution_required else "no attribution required",
        *(f"because {reason}" for reason in decision.reasons),
    ]
    return seen(", ".join(parts))
