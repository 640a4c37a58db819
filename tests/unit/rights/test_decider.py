"""What is remembered about rights of one kind is what would be decided about each of them."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rights_strategies import NAMED, NOON, any_rights

from dateline.records import PubStatus
from dateline.rights.decide import decide_all, decisions_sha256
from dateline.rights.policy import load_policy
from dateline.rights.record import (
    Access,
    Preferences,
    RawPreference,
    Resolution,
    Rights,
    RightsObject,
)
from dateline.settings import PROJECT_DIR
from processors.stories.decider import MAX_KINDS, Decider

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")

STATUSES: list[PubStatus] = ["usable", "withheld", "canceled"]


def assert_exact(decider: Decider, rights: Rights, at: Any, pub_status: PubStatus) -> None:
    expected = decide_all(rights, policy=POLICY, at=at, pub_status=pub_status)
    found = decider.decide(rights, at=at, pub_status=pub_status)
    assert found == (expected, decisions_sha256(expected))


@given(st.lists(any_rights(), min_size=2, max_size=8), st.sampled_from(STATUSES))
def test_rights_in_any_order_are_decided_as_each_alone(
    many: list[Rights], pub_status: PubStatus
) -> None:
    decider = Decider(POLICY)
    for rights in many:
        for days in (-2, 0, 2):
            assert_exact(decider, rights, NOON + timedelta(days=days), pub_status)


GRANTED = Rights(
    status="granted", spdx_expression="CC-BY-4.0", effective=("by", "nd"), confidence=0.9,
    attribution=NAMED, preferences=Preferences(snippet_max_chars=500),
)  # fmt: skip
# Another value of every field, so that a field that decisions come to depend on is not forgotten.
OTHER: dict[str, Any] = {
    "status": "reserved", "spdx_expression": "CC-BY-SA-4.0", "effective": ("by", "sa"),
    "confidence": 0.1, "attribution": None, "objects": (RightsObject(id="o", kind="image"),),
    "evidence": (), "resolution": Resolution(winner="e"), "copyright_year": 2026,
    "notes": ("a note",), "access": Access(embargoed_until=NOON + timedelta(days=1)),
    "preferences": Preferences(noindex=True),
}  # fmt: skip
OTHER_PREFERENCE: dict[str, Any] = {
    "tdm_reservation": True, "tdm_policy_url": "https://a.example", "ai_train": "disallowed",
    "ai_input": "disallowed", "search": "disallowed", "snippet_max_chars": 5, "noarchive": True,
    "noindex": True, "raw": (RawPreference(protocol="p", field="f", value="v"),),
    "nosnippet_texts": ("not this",),
}  # fmt: skip


def test_every_field_that_decides_makes_another_kind() -> None:
    decider = Decider(POLICY)
    assert_exact(decider, GRANTED, NOON, "usable")
    for field in dataclasses.fields(Rights):
        changed: Any = {field.name: OTHER.get(field.name, "other")}
        assert_exact(decider, replace(GRANTED, **changed), NOON, "usable")
    for field in dataclasses.fields(Preferences):
        wanted = replace(GRANTED.preferences, **{field.name: OTHER_PREFERENCE[field.name]})
        assert_exact(decider, replace(GRANTED, preferences=wanted), NOON, "usable")


def test_what_every_article_has_of_its_own_makes_no_other_kind() -> None:
    decider = Decider(POLICY)
    raw = (RawPreference(protocol="meta", field="robots", value="all", source_url="https://a"),)
    first = decider.decide(GRANTED, at=NOON, pub_status="usable")
    own = replace(GRANTED, notes=("a note",), preferences=replace(GRANTED.preferences, raw=raw))
    later = decider.decide(own, at=NOON + timedelta(hours=1), pub_status="usable")
    assert later[0] is first[0]


def test_of_many_kinds_the_latest_are_remembered() -> None:
    decider = Decider(POLICY)
    many = [replace(GRANTED, confidence=number / 1e6) for number in range(MAX_KINDS + 1)]
    found = [decider.decide(each, at=NOON, pub_status="usable") for each in many]
    assert len(decider._known) == MAX_KINDS
    assert decider.decide(many[-1], at=NOON, pub_status="usable") is found[-1]
    assert decider.decide(many[0], at=NOON, pub_status="usable") is not found[0]
    assert_exact(decider, many[0], NOON, "usable")
