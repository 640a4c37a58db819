"""What can be scored: Dateline's own reading of rights, and trafilatura's as a comparison."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import trafilatura

from dateline.records import RawArticle
from dateline.rights.confidence import Confidences, load_confidences
from dateline.rights.read_rights import read_rights
from dateline.rights.record import NOASSERTION, Preferences, Rights
from dateline.rights.registry import LicenseRegistry, load_registry
from processors.enrich.clean_text import clean_text
from processors.enrich.parse_dateline import parse_dateline

from .gather import Gathered
from .gold import Notice

CONFIG = Path(__file__).resolve().parents[2] / "config"
_WORD = {True: "y", False: "n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The answer of a detector, in the words of the gold set."""

    status: str
    spdx: str = NOASSERTION
    effective: tuple[str, ...] = ()
    licensor: str | None = None
    notices: tuple[Notice, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    preferences: Mapping[str, Any] = field(default_factory=dict)
    conflicts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    confidence: float = 0.0
    winner: tuple[str, str] | None = None  # layer and frame of the statement that decided
    rights: Rights | None = None


Detector = Callable[[Gathered], Prediction]


@lru_cache(maxsize=1)
def registry() -> LicenseRegistry:
    """Return the registry of the repository."""
    return load_registry(CONFIG / "licenses.toml")


def rights_of(article: RawArticle) -> Rights:
    """Return the rights of ``article`` as the enrich stage reads them."""
    return rights_with(article, agency=agency_of(article))


def agency_of(article: RawArticle) -> str | None:
    """Return the agency in the dateline of an article, which the enrich stage reads anyway."""
    dateline = parse_dateline(clean_text(article.body).text)
    return dateline.agency if dateline else None


def rights_with(article: RawArticle, *, agency: str | None) -> Rights:
    """Return the rights of ``article`` whose dateline has been read."""
    return read_rights(
        article,
        registry=registry(),
        confidences=confidences(),
        language=article.language,
        agency=agency,
    )


def ours(gathered: Gathered) -> Prediction:
    """Return what Dateline reads."""
    return as_prediction(rights_of(gathered.article))


def as_prediction(rights: Rights) -> Prediction:
    """Return a record of rights in the words of the gold set."""
    kinds = {each.id: each.kind for each in rights.objects}
    by_id = {each.id: each for each in rights.evidence}
    winner = by_id.get(rights.resolution.winner or "")
    return Prediction(
        status=rights.status,
        spdx=rights.spdx_expression,
        effective=rights.effective,
        licensor=rights.licensor,
        notices=tuple(
            sorted(
                (
                    Notice(
                        start=each.start,
                        end=each.end,
                        frame=each.frame,
                        object=kinds.get(each.object_id, "text"),
                        spdx="" if each.spdx_expression == NOASSERTION else each.spdx_expression,
                    )
                    for each in rights.evidence
                    if (each.layer, each.field) == ("text", "body")
                ),
                key=lambda notice: (notice.start, notice.end),
            )
        ),
        objects=tuple(
            (each.kind, each.spdx_expression)
            for each in rights.objects
            if each.kind != "text" and each.spdx_expression != NOASSERTION
        ),
        preferences=_preferences(rights.preferences),
        conflicts=rights.resolution.conflicts,
        rules=rights.resolution.rules,
        confidence=rights.confidence,
        winner=(winner.layer, winner.frame) if winner else None,
        rights=rights,
    )


def trafilatura_license(page_html: str | bytes) -> str | None:
    """Return what trafilatura says is the licence of a page, word for word."""
    document: Any = trafilatura.bare_extraction(
        page_html, fast=True, with_metadata=True, include_comments=False
    )
    return document.license if document is not None else None


def by_trafilatura(gathered: Gathered) -> Prediction:
    """Return trafilatura's answer; it reads pages only."""
    raw = trafilatura_license(gathered.page_html) if gathered.page_html else None
    spdx = normal_spdx(raw or "")
    license_ = registry().by_spdx(spdx) if spdx else None
    if license_ is None:
        return Prediction(status="unknown")
    return Prediction(
        status="public_domain" if license_.is_public_domain else "granted",
        spdx=license_.spdx_id,
        effective=license_.constraints,
    )


def normal_spdx(label: str) -> str | None:
    """Return the SPDX id that a label such as ``CC BY-SA 3.0 DE`` means, None for no licence.

    ``CC-BY-NC-ND-4.0-DE`` is 4.0: 4.0 has no ports.
    """
    found = re.fullmatch(
        r"CC[ -](BY(?:-(?:NC|ND|SA))*)(?:[ -](\d\.\d))?(?:[ -]([A-Z]{2}))?", label.strip()
    )
    if found is None:
        named = registry().find(label)
        license_ = named[0].license if named else None
        return license_.spdx_id if license_ else None
    code, version, port = found.groups()
    suffix = f"-{port}" if port and version != "4.0" else ""
    name = f"CC-{code}-{version}{suffix}" if version else f"CC-{code}"
    license_ = registry().by_spdx(name) or registry().by_spdx(f"LicenseRef-{name}")
    return license_.spdx_id if license_ else None


def _preferences(stated: Preferences) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if stated.tdm_reservation is not None:
        found["tdm"] = "reserved" if stated.tdm_reservation else "not_reserved"
    for name in ("ai_train", "ai_input", "search"):
        value = getattr(stated, name)
        if value != "unknown":
            found[name] = _WORD[value == "allowed"]
    if stated.snippet_max_chars is not None:
        found["snippet_max"] = stated.snippet_max_chars
    if stated.noarchive:
        found["noarchive"] = True
    return found


@lru_cache(maxsize=1)
def confidences() -> Confidences:
    # Counted on what is read without them: the first count has none.
    path = CONFIG / "license_confidence.toml"
    return load_confidences(path) if path.exists() else Confidences()
