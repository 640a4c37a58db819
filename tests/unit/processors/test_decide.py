from __future__ import annotations

from pathlib import Path

import pytest

from dateline.errors import ConfigError
from dateline.records import Rights, RightsStatus
from dateline.settings import PROJECT_DIR
from processors.stories.decide import decide, load_policies

POLICY = load_policies(PROJECT_DIR / "config" / "policies.toml")["public_search"]


@pytest.mark.parametrize(
    ("status", "display", "can_export"),
    [
        ("granted", "full", True),
        ("public_domain", "full", True),
        ("unknown", "snippet", False),
        ("reserved", "snippet", False),
        ("conflict", "snippet", False),
    ],
)
def test_whatever_is_not_granted_is_a_snippet(
    status: RightsStatus, display: str, can_export: bool
) -> None:
    rights = Rights(status=status, spdx_expression="CC-BY-4.0", attribution_text="By Coast Wire")

    decision = decide(rights, purpose="public_search", policy=POLICY)

    assert (decision.display, decision.export) == (display, can_export)
    assert (decision.purpose, decision.policy_id) == ("public_search", POLICY.id)


def test_text_without_attribution_is_not_exported() -> None:
    rights = Rights(status="granted", spdx_expression="CC-BY-4.0", attribution_text=None)

    assert not decide(rights, purpose="public_search", policy=POLICY).export


def test_reason_says_why() -> None:
    granted = decide(
        Rights(status="granted", spdx_expression="CC-BY-4.0"), purpose="p", policy=POLICY
    )
    unknown = decide(Rights(status="unknown"), purpose="p", policy=POLICY)

    assert granted.reasons == ("CC-BY-4.0 permits reproduction",)
    assert unknown.reasons == ("rights are unknown: no more than 300 characters",)


def test_attribution_is_required_where_a_licence_asks_for_something() -> None:
    asks = Rights(status="granted", effective=("attribution",))
    asks_nothing = Rights(status="public_domain")

    assert decide(asks, purpose="p", policy=POLICY).attribution_required
    assert not decide(asks_nothing, purpose="p", policy=POLICY).attribution_required


ROW = 'id = "x@1"\nfull_text_statuses = []\nexport_statuses = []\nsnippet_chars = 10\n'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("[public_search", "Expected"),
        (f"[public_search]\n{ROW}".replace("snippet_chars = 10\n", ""), "snippet_chars"),
        (f"[public_search]\n{ROW}".replace("= 10", "= -1"), "snippet_chars"),
        (f"[public_search]\n{ROW}".replace("text_statuses = []", 'text_statuses = ["free"]'),
         "free"),
        (f"[export]\n{ROW}", r"there is no policy \[public_search\]"),
        ("", r"there is no policy \[public_search\]"),
    ],
)  # fmt: skip
def test_wrong_policies_stop_the_start(tmp_path: Path, content: str, reason: str) -> None:
    path = tmp_path / "policies.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(ConfigError, match=reason):
        load_policies(path)


def test_missing_policies_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_policies(tmp_path / "none.toml")
