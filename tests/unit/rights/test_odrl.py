from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from rights_strategies import any_rights

from dateline.rights.odrl import odrl_policy
from dateline.rights.record import Rights

COPY = {"cc:Reproduction", "cc:Distribution"}
DERIVED = "cc:DerivativeWorks"


def parts(rights: Rights) -> tuple[set[str], set[str], set[str]]:
    """Actions permitted, duties, actions prohibited."""
    policy = odrl_policy(rights, "a1")
    permitted = {a for rule in policy["permission"] for a in rule["action"]}
    duties = {d["action"] for rule in policy["permission"] for d in rule.get("duty", ())}
    forbidden: set[str] = set()
    for rule in policy["prohibition"]:
        action = rule["action"]
        forbidden |= set(action) if isinstance(action, list) else {action}
    return permitted, duties, forbidden


def granted(*effective: str) -> Rights:
    return Rights(status="granted", effective=effective)


BY = {"cc:Attribution", "cc:Notice"}


@pytest.mark.parametrize(
    ("rights", "permitted", "duties", "forbidden"),
    [
        pytest.param(granted("by"), COPY | {DERIVED}, BY, set(), id="by"),
        pytest.param(granted("by", "nc"), COPY | {DERIVED}, BY, {"cc:CommercialUse"}, id="nc"),
        pytest.param(granted("by", "nd"), COPY, BY, {DERIVED}, id="nd"),
        pytest.param(granted("by", "sa"), COPY | {DERIVED}, BY | {"cc:ShareAlike"}, set(), id="sa"),
        pytest.param(Rights(status="public_domain"), COPY | {DERIVED}, set(), set(), id="pd"),
        pytest.param(Rights(status="reserved"), set(), set(), COPY, id="reserved"),
        pytest.param(Rights(status="unknown"), set(), set(), COPY, id="unknown"),
        pytest.param(Rights(status="conflict", effective=("by",)), set(), set(), COPY),
    ],
)  # fmt: skip
def test_odrl_policy_says_what_the_licence_says(
    rights: Rights, permitted: Any, duties: Any, forbidden: Any
) -> None:
    assert parts(rights) == (permitted, duties, forbidden)


def test_odrl_policy_names_the_text_and_how_contradictions_end() -> None:
    policy = odrl_policy(granted("by"), "a1")
    assert policy["uid"] == "urn:rights:a1"
    assert policy["permission"][0]["target"] == "urn:doc:a1#text"
    assert policy["conflict"] == "prohibit"
    assert policy["@context"][0] == "http://www.w3.org/ns/odrl.jsonld"


def test_odrl_policy_asks_for_consent_where_nothing_is_granted() -> None:
    (asked,) = odrl_policy(Rights(status="reserved"), "a1")["obligation"]
    assert asked == {"target": "urn:doc:a1#text", "action": "obtainConsent"}


@given(any_rights())
def test_odrl_policy_permits_only_what_is_given(rights: Rights) -> None:
    permitted, _, forbidden = parts(rights)
    assert bool(permitted) == (rights.status in ("granted", "public_domain"))
    assert not permitted & forbidden
    assert json.loads(json.dumps(odrl_policy(rights, "a1"))) == odrl_policy(rights, "a1")
