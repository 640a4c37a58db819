"""Documents that may be exported, and such that may not."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from sample_documents import document

from dateline.records import PreferenceFields, RightsFields, SearchDocument
from dateline.rights.record import (
    PURPOSES,
    Attribution,
    Decision,
    Purpose,
    RightsEvidence,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
POLICY = "default@2"
PURPOSE: Purpose = "redistribution_commercial"
URI = "https://creativecommons.org/licenses/by/4.0/"
LINE = f'"New pier" by M. Roe, Coast Wire (https://coast.example/1), licensed under CC BY ({URI}).'
EVIDENCE = RightsEvidence(
    id="e1", object_id="text", layer="text", field="body", start=0, end=20,
    quote="Licensed under CC BY", text_sha256="b" * 64, frame="grant_text", scope="this_object",
    rank=70, confidence=0.9, detector="notice", registry_version="1",
)  # fmt: skip


def decisions(**changes: Any) -> tuple[Decision, ...]:
    base = Decision(
        policy_id=POLICY, purpose="rag", store="full", display="full", snippet_chars=300,
        export=True, ai_use="allowed", attribution_required=True,
    )  # fmt: skip
    return tuple(dataclasses.replace(base, purpose=each, **changes) for each in PURPOSES)


def rights(**changes: Any) -> RightsFields:
    fields: dict[str, Any] = {
        "status": "granted", "spdx_expression": "CC-BY-4.0", "license_uri": URI,
        "license_name": "Creative Commons Attribution 4.0 International", "licensor": "Coast Wire",
        "effective": ("by",), "evidence": (EVIDENCE,), "confidence": 0.9,
        "attribution": Attribution(text=LINE, html="<p>", jsonld="{}", is_complete=True),
    }  # fmt: skip
    return RightsFields(**{**fields, **changes})


def licensed(key: str = "pier.txt", **changes: Any) -> SearchDocument:
    """Return an article that may be passed on, changed as told."""
    fields = {"rights": rights(), "decisions": decisions(), "authors": ("M. Roe",)}
    return document(key, **{**fields, **changes})


def share_alike(key: str, spdx: str) -> SearchDocument:
    return licensed(
        key,
        rights=rights(spdx_expression=spdx, effective=("by", "sa")),
        decisions=decisions(is_share_alike=True),
    )


HOLED = rights(preferences=PreferenceFields(has_nosnippet=True))
