"""Made-up articles as the index holds them."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from dateline import ids
from dateline.records import (
    EntityFields,
    MentionField,
    RightsFields,
    RightsFlags,
    SearchDocument,
    VersionSeen,
)
from dateline.rights.record import Attribution, Decision, RightsEvidence

FIRST_SEEN_AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
TEXT = (
    "LISBON (Coast Wire) - Marta Oliveira, chair of the Harbour Trust, opened the new pier in"
    " Lisbon on Friday. The pier cost 12 million euros, and Oliveira thanked the dock workers."
)
NAMES = (
    ("place", "GPE", "LISBON"),
    ("person", "PERSON", "Marta Oliveira"),
    ("organization", "ORG", "Harbour Trust"),
    ("place", "GPE", "Lisbon"),
    ("quantity", "MONEY", "12 million euros"),
)
EVIDENCE = RightsEvidence(
    id="e1",
    object_id="text",
    layer="text",
    field="body",
    start=176,
    end=240,
    quote="Content by Coast Wire is licensed under CC BY 4.0",
    text_sha256="b" * 64,
    frame="grant_text",
    scope="site_by_licensor",
    rank=70,
    confidence=0.9,
    detector="notice.all_content",
    registry_version="1",
    spdx_expression="CC-BY-4.0",
    licensor="Coast Wire",
)
RIGHTS = RightsFields(
    status="granted",
    spdx_expression="CC-BY-4.0",
    license_uri="https://creativecommons.org/licenses/by/4.0/",
    licensor="Coast Wire",
    attribution=Attribution(
        text="“New pier” by Coast Wire, CC BY 4.0", html="", jsonld="{}", is_complete=True
    ),
    effective=("by",),
    flags=RightsFlags(by=True),
    notes=("no author given",),
    evidence=(EVIDENCE,),
)
FULL = Decision(
    policy_id="default@1",
    purpose="public_search",
    store="full",
    display="full",
    snippet_chars=300,
    export=True,
    ai_use="allowed",
    attribution_required=True,
    reasons=("the licence is granted",),
)


def mentions_of(text: str) -> tuple[MentionField, ...]:
    return tuple(
        MentionField(
            text=name,
            label=label,
            type=entity_type,
            entity_id=ids.entity_id(entity_type, name),
            start=text.index(name),
            end=text.index(name) + len(name),
            sentence=None,
            detector="sample@1",
        )
        for entity_type, label, name in NAMES
    )


def document(key: str = "pier.txt", **changes: Any) -> SearchDocument:
    """Return an article with a full text and a licence, changed as told."""
    source_id = changes.get("source_id", "coast-wire")
    sample = SearchDocument(
        article_id=ids.article_id(source_id, key),
        source_id=source_id,
        key=key,
        revision=1,
        pub_status="usable",
        origin="live",
        story_id=ids.story_id(ids.article_id(source_id, key)),
        story_aliases=(),
        role="original",
        first_seen_at=FIRST_SEEN_AT,
        observed_at=FIRST_SEEN_AT,
        updated_at=FIRST_SEEN_AT,
        content_sha256="a" * 64,
        versions=(VersionSeen(content_sha256="a" * 64, updated_at=FIRST_SEEN_AT, revision=1),),
        title="New pier opens in Lisbon",
        summary="Marta Oliveira opened the new pier.",
        body=TEXT,
        body_chars=len(TEXT),
        url=f"https://coast.example/{key}",
        language="en",
        language_confidence=0.98,
        dateline_place="LISBON",
        dateline_agency="Coast Wire",
        entities=EntityFields(
            person=("Marta Oliveira", "Oliveira"),
            organization=("Harbour Trust",),
            place=("LISBON", "Lisbon"),
        ),
        mentions=mentions_of(TEXT),
        rights=RIGHTS,
        decisions=(FULL,),
        pipeline_version="1",
    )
    return dataclasses.replace(sample, **changes)


def snippet_document(key: str = "withheld.txt", **changes: Any) -> SearchDocument:
    """Return an article of which only the beginning may be shown."""
    shown = TEXT[:60].rsplit(" ", 1)[0] + "…"
    decision = dataclasses.replace(
        FULL, display="snippet", snippet_chars=60, export=False, reasons=("no licence is known",)
    )
    rights = dataclasses.replace(
        RIGHTS, status="unknown", spdx_expression="NOASSERTION", license_uri=None, licensor=None,
        attribution=None, effective=(), flags=RightsFlags(), evidence=(),
    )  # fmt: skip
    fields: dict[str, Any] = {
        "body": shown, "body_internal": TEXT, "summary": shown, "decisions": (decision,),
        "rights": rights,
    }  # fmt: skip
    return document(key, **{**fields, **changes})


def tombstone(key: str = "killed.txt") -> SearchDocument:
    """Return a withdrawn article."""
    return dataclasses.replace(
        document(key),
        revision=2, pub_status="canceled", title=None, summary=None, body=None, body_chars=0,
        content_sha256=None, entities=EntityFields(), mentions=(), rights=None, decisions=(),
        language=None, language_confidence=None, dateline_place=None, dateline_agency=None,
        kill_reason="the source withdrew it",
    )  # fmt: skip
