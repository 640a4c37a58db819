from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rights_strategies import NAMED, NOON, any_rights, constraints, is_no_looser

from dateline.rights.decide import decide, decide_all
from dateline.rights.policy import Deployment, load_policy
from dateline.rights.record import (
    CONSTRAINTS,
    PURPOSES,
    Access,
    Decision,
    Preferences,
    Purpose,
    Rights,
)
from dateline.settings import PROJECT_DIR

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")
NON_COMMERCIAL = msgspec.structs.replace(POLICY, deployment=Deployment(commercial=False))
HOUR = timedelta(hours=1)


def granted(*effective: str, **fields: Any) -> Rights:
    row: dict[str, Any] = {
        "status": "granted", "spdx_expression": "CC-BY-4.0", "effective": effective or ("by",),
        "confidence": 0.95, "attribution": NAMED,
    }  # fmt: skip
    return Rights(**(row | fields))


def public(rights: Rights | None, **options: Any) -> Decision:
    return decide(rights, purpose="public_search", policy=POLICY, **options)


def tiers(decision: Decision) -> tuple[str, str, bool, str]:
    return decision.store, decision.display, decision.export, decision.ai_use


# ---- the table -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rights", "expected"),
    [
        (granted("by"), ("full", "full", True, "review")),
        (granted("by", "sa"), ("full", "full", True, "review")),
        (granted("by", "nd"), ("full", "full", True, "denied")),
        (granted("by", "nc"), ("full_internal", "snippet", False, "denied")),
        (Rights(status="public_domain", confidence=0.9), ("full", "full", True, "allowed")),
        (Rights(status="unknown"), ("full_internal", "snippet", False, "denied")),
        (Rights(status="reserved", confidence=0.9), ("snippet", "snippet", False, "denied")),
        (granted(status="conflict"), ("snippet", "snippet", False, "denied")),
        (None, ("full_internal", "snippet", False, "denied")),
    ],
)
def test_public_search_follows_the_table(
    rights: Rights | None, expected: tuple[str, str, bool, str]
) -> None:
    decision = public(rights)

    assert tiers(decision) == expected
    assert (decision.policy_id, decision.snippet_chars) == ("default@2", 300)
    assert decision.reasons


def test_non_commercial_texts_are_shown_where_the_deployment_says_it_is_none() -> None:
    decision = decide(granted("by", "nc"), purpose="public_search", policy=NON_COMMERCIAL)

    assert tiers(decision) == ("full", "full", True, "review")


@pytest.mark.parametrize(
    ("purpose", "exports"), [("redistribution_nc", True), ("redistribution_commercial", False)]
)
def test_non_commercial_texts_go_to_non_commercial_profiles_only(
    purpose: Purpose, exports: bool
) -> None:
    assert decide(granted("by", "nc"), purpose=purpose, policy=POLICY).export is exports


def test_unknown_text_is_kept_for_a_time() -> None:
    assert public(None).store_days == 30
    assert public(granted()).store_days is None
    assert public(granted(confidence=0.3)).store_days == 30


def test_flags_bind_whoever_exports() -> None:
    decision = public(granted("by", "sa", "nd"))

    assert (decision.is_verbatim_only, decision.is_share_alike) == (True, True)
    assert decision.attribution_required


def test_text_with_holes_is_not_verbatim_and_only_quoted() -> None:
    holes = Preferences(nosnippet_texts=("not this",))

    assert public(granted("by", "nd", preferences=holes)).display == "snippet"
    assert public(granted("by", preferences=holes)).display == "full"


# ---- export --------------------------------------------------------------------------------------


@pytest.mark.parametrize("attribution", [None, replace(NAMED, is_complete=False)])
def test_incomplete_attribution_blocks_export(attribution: Any) -> None:
    decision = public(granted(attribution=attribution))

    assert (decision.display, decision.export) == ("full", False)
    assert "no export: the attribution is incomplete" in decision.reasons


def test_public_domain_needs_no_attribution() -> None:
    decision = public(Rights(status="public_domain", confidence=0.9))

    assert (decision.export, decision.attribution_required) == (True, False)


# ---- mining and AI -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "stated", "expected"),
    [
        ("ml_training", Preferences(), ("review", False)),
        ("ml_training", Preferences(ai_train="allowed"), ("allowed", True)),
        ("ml_training", Preferences(tdm_reservation=False), ("allowed", True)),
        ("ml_training", Preferences(tdm_reservation=True), ("denied", False)),
        ("ml_training", Preferences(ai_train="disallowed"), ("denied", False)),
        ("ml_training", Preferences(ai_train="allowed", tdm_reservation=True), ("denied", False)),
        ("ml_training", Preferences(ai_train="allowed", ai_input="disallowed"), ("allowed", True)),
        ("rag", Preferences(), ("review", False)),
        ("rag", Preferences(ai_input="allowed"), ("allowed", True)),
        ("rag", Preferences(ai_input="allowed", ai_train="disallowed"), ("allowed", True)),
        ("rag", Preferences(ai_train="allowed"), ("review", False)),
        ("rag", Preferences(ai_input="disallowed"), ("denied", False)),
        ("rag", Preferences(tdm_reservation=True), ("denied", False)),
    ],
)
def test_reservations_close_mining_and_silence_asks_somebody(
    purpose: Purpose, stated: Preferences, expected: tuple[str, bool]
) -> None:
    decision = decide(granted(preferences=stated), purpose=purpose, policy=POLICY)

    assert (decision.ai_use, decision.export) == expected


@pytest.mark.parametrize("status", ["unknown", "reserved", "conflict"])
@pytest.mark.parametrize("purpose", ["ml_training", "rag"])
def test_permission_to_train_is_no_licence(purpose: Purpose, status: Any) -> None:
    said = Preferences(ai_train="allowed", ai_input="allowed", tdm_reservation=False)
    rights = granted(status=status, preferences=said)

    decision = decide(rights, purpose=purpose, policy=POLICY)

    assert (decision.ai_use, decision.export) == ("denied", False)


def test_reservation_leaves_redistribution_to_the_grant() -> None:
    rights = granted(preferences=Preferences(tdm_reservation=True, ai_train="disallowed"))

    decision = decide(rights, purpose="redistribution_commercial", policy=POLICY)

    assert tiers(decision) == ("full", "full", True, "denied")


# ---- snippets and life-cycle ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "chars", "display"),
    [(None, 300, "snippet"), (120, 120, "snippet"), (900, 300, "snippet"), (0, 0, "metadata_only")],
)
def test_snippet_is_the_smaller_of_policy_and_page(
    limit: int | None, chars: int, display: str
) -> None:
    decision = public(Rights(status="unknown", preferences=Preferences(snippet_max_chars=limit)))

    assert (decision.snippet_chars, decision.display) == (chars, display)


def test_pages_that_ask_not_to_be_found_are_not() -> None:
    for stated in (Preferences(noindex=True), Preferences(search="disallowed")):
        assert tiers(public(granted(preferences=stated))) == (
            "no_index",
            "no_index",
            False,
            "denied",
        )


def test_noarchive_shows_no_copy() -> None:
    decision = public(granted(preferences=Preferences(noarchive=True)))

    assert (decision.store, decision.display) == ("full_internal", "snippet")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_withheld_text_is_for_nobody(purpose: Purpose) -> None:
    decision = decide(granted(), purpose=purpose, policy=POLICY, at=NOON, pub_status="withheld")

    assert tiers(decision) == ("metadata_only", "metadata_only", False, "denied")


@pytest.mark.parametrize(
    ("access", "display"),
    [
        (Access(embargoed_until=NOON + HOUR), "no_index"),
        (Access(embargoed_until=NOON), "full"),
        (Access(expires_at=NOON + HOUR), "full"),
        (Access(expires_at=NOON), "metadata_only"),
    ],
)
def test_embargo_and_expiry_hold_in_their_time(access: Access, display: str) -> None:
    assert public(granted(access=access), at=NOON).display == display


def test_without_a_time_embargo_and_expiry_hold() -> None:
    assert public(granted(access=Access(embargoed_until=NOON))).display == "no_index"
    assert public(granted(access=Access(expires_at=NOON))).display == "metadata_only"


# ---- failing closed ------------------------------------------------------------------------------


def test_unknown_purpose_allows_nothing() -> None:
    decision = decide(granted(), purpose=cast("Purpose", "resale"), policy=POLICY)

    assert tiers(decision) == ("metadata_only", "metadata_only", False, "denied")


@pytest.mark.parametrize("purpose", PURPOSES)
def test_doubtful_grant_is_taken_as_unknown(purpose: Purpose) -> None:
    doubtful = decide(granted(confidence=0.4), purpose=purpose, policy=POLICY)

    assert tiers(doubtful) == tiers(decide(None, purpose=purpose, policy=POLICY))
    assert any("0.40" in reason for reason in doubtful.reasons)


def test_every_purpose_is_decided_in_order() -> None:
    decisions = decide_all(granted(), policy=POLICY, at=NOON)

    assert tuple(decision.purpose for decision in decisions) == PURPOSES


# ---- properties ----------------------------------------------------------------------------------

policies = st.sampled_from([POLICY, NON_COMMERCIAL])
purposes = st.sampled_from(PURPOSES)


@given(any_rights(), st.sampled_from(CONSTRAINTS), purposes, policies)
def test_further_constraint_never_allows_more(
    rights: Rights, constraint: str, purpose: Purpose, policy: Any
) -> None:
    effective = tuple(c for c in CONSTRAINTS if c in {*rights.effective, constraint})

    bound = decide(replace(rights, effective=effective), purpose=purpose, policy=policy, at=NOON)

    assert is_no_looser(bound, decide(rights, purpose=purpose, policy=policy, at=NOON))


@given(any_rights(), st.floats(0, 1), purposes, policies)
def test_less_confidence_never_allows_more(
    rights: Rights, share: float, purpose: Purpose, policy: Any
) -> None:
    doubted = replace(rights, confidence=rights.confidence * share)

    assert is_no_looser(
        decide(doubted, purpose=purpose, policy=policy, at=NOON),
        decide(rights, purpose=purpose, policy=policy, at=NOON),
    )


RESERVATIONS: list[dict[str, Any]] = [
    {"tdm_reservation": True}, {"ai_train": "disallowed"}, {"ai_input": "disallowed"},
    {"search": "disallowed"}, {"snippet_max_chars": 0}, {"noarchive": True}, {"noindex": True},
    {"nosnippet_texts": ("not this",)},
]  # fmt: skip


@given(any_rights(), st.sampled_from(RESERVATIONS), purposes, policies)
def test_further_reservation_never_allows_more(
    rights: Rights, reservation: dict[str, Any], purpose: Purpose, policy: Any
) -> None:
    reserved = replace(rights, preferences=replace(rights.preferences, **reservation))

    assert is_no_looser(
        decide(reserved, purpose=purpose, policy=policy, at=NOON),
        decide(rights, purpose=purpose, policy=policy, at=NOON),
    )


@given(any_rights(), constraints, constraints, purposes, policies)
def test_conflict_never_allows_more_than_each_licence_alone(
    rights: Rights, one: tuple[str, ...], other: tuple[str, ...], purpose: Purpose, policy: Any
) -> None:
    both = tuple(c for c in CONSTRAINTS if c in {*one, *other})
    conflict = replace(rights, status="conflict", effective=both)
    decided = decide(conflict, purpose=purpose, policy=policy, at=NOON)

    for effective in (one, other):
        for status in ("granted", "reserved", "unknown"):
            alone = replace(rights, status=status, effective=effective)
            assert is_no_looser(decided, decide(alone, purpose=purpose, policy=policy, at=NOON))


@given(any_rights(), purposes, policies)
def test_nothing_leaves_without_a_grant(rights: Rights, purpose: Purpose, policy: Any) -> None:
    decision = decide(rights, purpose=purpose, policy=policy, at=NOON)

    if rights.status not in ("granted", "public_domain"):
        assert not decision.export
        assert decision.ai_use == "denied"
        assert decision.display != "full"


@given(any_rights(), purposes, policies)
def test_no_more_is_shown_than_is_kept(rights: Rights, purpose: Purpose, policy: Any) -> None:
    decision = decide(rights, purpose=purpose, policy=policy, at=NOON)

    if decision.display == "full":
        assert decision.store == "full"
    if decision.display == "snippet":
        assert decision.store in ("full", "full_internal", "snippet")
        assert decision.snippet_chars > 0
