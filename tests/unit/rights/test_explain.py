"""Rights in words: each statement keeps its place, and no code goes without a sentence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args

import pytest

from dateline.rights.explain import (
    FRAME_WORDS,
    LAYER_WORDS,
    RULE_WORDS,
    SCOPE_WORDS,
    STATUS_WORDS,
    decision_words,
    explain,
    is_allowed,
    place_words,
)
from dateline.rights.record import (
    PURPOSES,
    Access,
    Decision,
    Frame,
    Layer,
    Preferences,
    Purpose,
    RawPreference,
    Resolution,
    Rights,
    RightsEvidence,
    RightsObject,
    RightsStatus,
    Rule,
    Scope,
)

WINNER = RightsEvidence(
    id="e2", object_id="text", layer="text", field="body", start=10, end=60,
    quote="All content by Coast Wire is licensed under CC BY.", text_sha256="a" * 64,
    frame="grant_text", scope="site_by_licensor", rank=70, confidence=0.9,
    detector="notice.all_content", registry_version="1", spdx_expression="CC-BY-4.0",
)  # fmt: skip
LOSER = replace(
    WINNER, id="e1", layer="html", field="a[rel=license]@footer", rank=30, scope="site",
    xpath="/html/body/footer/a", source_url="https://coast.example/1",
)  # fmt: skip
PHOTO = replace(WINNER, id="e3", object_id="image1", frame="grant_media", spdx_expression="X")
TOLD = replace(WINNER, id="e4", frame="reported")
HOLDER = replace(WINNER, id="e5", frame="mention", spdx_expression="NOASSERTION")
RIGHTS = Rights(
    status="granted",
    spdx_expression="CC-BY-4.0",
    license_name="Creative Commons Attribution 4.0 International",
    license_uri="https://creativecommons.org/licenses/by/4.0/",
    licensor="Coast Wire",
    evidence=(LOSER, WINNER, PHOTO, TOLD, HOLDER),
    objects=(RightsObject(id="image1", kind="image", spdx_expression="X", credit="N. Roe"),),
    resolution=Resolution(
        winner="e2", losers=("e1",), rules=("R1", "R3"), conflicts=("grant_vs_reservation",)
    ),
    preferences=Preferences(
        tdm_reservation=True, tdm_policy_url="https://coast.example/tdm", ai_train="disallowed",
        snippet_max_chars=120, noarchive=True, noindex=True, nosnippet_texts=("a", "b"),
        raw=(RawPreference(protocol="tdmrep", field="tdm-reservation", value="1"),),
    ),
    access=Access(is_free=False, expires_at=datetime(2026, 12, 1, 8, tzinfo=UTC)),
)  # fmt: skip


def decision(purpose: Purpose, **changes: object) -> Decision:
    base = Decision(
        policy_id="default@2", purpose=purpose, store="full", display="snippet", snippet_chars=90,
        export=False, ai_use="review", attribution_required=True,
    )  # fmt: skip
    return replace(base, **changes)


def test_every_code_of_the_record_has_words() -> None:
    for words, codes in (
        (STATUS_WORDS, RightsStatus), (LAYER_WORDS, Layer), (FRAME_WORDS, Frame),
        (SCOPE_WORDS, Scope), (RULE_WORDS, Rule),
    ):  # fmt: skip
        assert set(words) == set(get_args(codes))


def test_the_winner_comes_first_and_each_statement_has_its_part() -> None:
    told = explain(RIGHTS)

    assert [(each.evidence.id, each.role) for each in told.statements] == [
        ("e2", "won"), ("e1", "lost"), ("e3", "other_object"), ("e4", "no_effect"),
        ("e5", "no_effect"),
    ]  # fmt: skip
    assert told.statements[0].meaning == (
        "gives a licence to the text, CC-BY-4.0, about all that its licensor owns, level 70,"
        " confidence 0.90"
    )
    assert "object image1" in told.statements[2].meaning
    assert told.statements[4].meaning.startswith("says something beside the licence")


def test_the_reasons_name_the_level_and_the_rules() -> None:
    assert explain(RIGHTS).reasons == (
        "e2 stands on the highest level (70) that says anything about the text",
        f"R1: {RULE_WORDS['R1']}",
        f"R3: {RULE_WORDS['R3']}",
    )
    assert explain(Rights(status="unknown")).reasons == ()


def test_a_place_names_document_element_and_characters() -> None:
    assert place_words(WINNER) == "text, characters 10 to 60"
    assert place_words(LOSER) == (
        "page markup, a[rel=license]@footer, at /html/body/footer/a, characters 10 to 60,"
        " of https://coast.example/1"
    )


def test_licence_objects_conflicts_preferences_and_access_are_said() -> None:
    told = explain(RIGHTS)

    assert told.license == (
        "CC-BY-4.0 (Creative Commons Attribution 4.0 International) by Coast Wire"
        " https://creativecommons.org/licenses/by/4.0/"
    )
    assert told.objects == ("image image1: X, N. Roe",)
    assert told.conflicts == (
        "a licence is granted, and mining or AI use is reserved all the same",
    )
    assert told.preferences == (
        "text and data mining is reserved, terms at https://coast.example/tdm",
        "training of models: disallowed",
        "snippets of at most 120 characters",
        "no copy may be shown in place of the page (noarchive)",
        "the page asks not to be in search (noindex)",
        "2 passages may not be quoted (data-nosnippet)",
        "tdmrep (tdm-reservation): 1",
    )
    assert told.access == ("behind a pay wall", "expires at 2026-12-01 08:00 UTC")
    assert explain(Rights(status="unknown")).license == "none"


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_purpose_is_allowed_by_its_own_column_only(purpose: Purpose) -> None:
    column = {
        "public_search": {"display": "full"},
        "internal_analytics": {"display": "full"},
        "redistribution_nc": {"export": True},
        "redistribution_commercial": {"export": True},
        "ml_training": {"ai_use": "allowed"},
        "rag": {"ai_use": "allowed"},
    }
    every = {"display": "full", "export": True, "ai_use": "allowed"}
    (name,) = column[purpose]
    others = {key: value for key, value in every.items() if key != name}

    assert is_allowed(decision(purpose, **column[purpose]))
    assert not is_allowed(decision(purpose, **others))


def test_a_decision_in_one_line_names_its_duties() -> None:
    assert decision_words(decision("rag", is_share_alike=True)) == (
        "stores full, shows snippet of 90 characters, no export, AI review, credit, share-alike"
    )
