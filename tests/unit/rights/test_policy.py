from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dateline.errors import ConfigError
from dateline.rights.policy import Limit, Row, load_policy
from dateline.rights.record import PURPOSES
from dateline.settings import PROJECT_DIR

SHIPPED = (PROJECT_DIR / "config" / "policies.toml").read_text(encoding="utf-8")


def replaced(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def test_shipped_policy_has_all_purposes_and_its_stamp() -> None:
    policy = load_policy(PROJECT_DIR / "config" / "policies.toml")

    assert set(policy.purposes) == set(PURPOSES)
    assert policy.stamp == "default@2"


def test_own_limit_takes_the_place_of_the_common_one() -> None:
    policy = load_policy(PROJECT_DIR / "config" / "policies.toml")

    assert policy.limit("public_search", "noindex").display == "no_index"
    assert policy.limit("internal_analytics", "noindex") == Limit()
    assert policy.limit("redistribution_nc", "nc_if_commercial") == Limit()


def test_row_is_limited_column_by_column() -> None:
    row = Row(store="full", display="snippet", export=True, ai_use="review")

    assert row.limited(Limit()) == row
    assert row.limited(
        Limit(store="snippet", display="full", export=True, ai_use="allowed")
    ) == Row(store="snippet", display="snippet", export=True, ai_use="review")
    assert not row.limited(Limit(export=False)).export


@pytest.mark.parametrize(
    ("change", "message"),
    [
        pytest.param(lambda _: "[purposes", "Expected", id="no-toml"),
        pytest.param(lambda _: "", "missing required field `id`", id="empty"),
        pytest.param(replaced("version = 2", ""), "missing required field `version`", id="version"),
        pytest.param(replaced('id = "default"', 'id = "a b"'), "regex", id="id-with-a-space"),
        pytest.param(replaced("commercial = true", ""), "`commercial`", id="commercial-not-said"),
        pytest.param(
            replaced("snippet_chars = 300", "snipet_chars = 300"),
            r"unknown field `snipet_chars`.*Did you mean 'snippet_chars'\?",
            id="misspelt-key",
        ),
        pytest.param(
            replaced("noarchive = {", "noarchiv = {"),
            "`noarchiv`.*'noarchive'",
            id="misspelt-limit",
        ),
        pytest.param(
            replaced("noarchive = { store", "noarchiv = { store"),
            "unknown limit 'noarchiv'.*'noarchive'",
            id="misspelt-own-limit",
        ),
        pytest.param(
            lambda text: text[: text.index("[purposes.rag]")],
            r"\[purposes.rag\] is missing",
            id="purpose-missing",
        ),
        pytest.param(
            lambda text: text + text[text.index("[purposes.rag]") : text.index("[purposes.rag.l")]
            .replace("rag", "rug"),
            "unknown purpose 'rug'. Did you mean 'rag'",
            id="purpose-unknown",
        ),
        pytest.param(replaced("snippet_chars = 300", "snippet_chars = -1"), ">= 0", id="negative"),
        pytest.param(replaced('"full_internal"', '"all"'), "Invalid enum value 'all'", id="tier"),
        pytest.param(
            replaced("conflict = { store = \"snippet\"", "conflict = { store = \"full_internal\""),
            "`conflict` allows more than `reserved`",
            id="conflict-looser-than-reserved",
        ),
        pytest.param(
            lambda text: text.replace(
                'display = "snippet", export = false, ai_use = "denied" }',
                'display = "full", export = false, ai_use = "denied" }',
            ),
            "`unknown` allows what nobody granted",
            id="unknown-shown",
        ),
        pytest.param(
            lambda text: text.replace(
                "tdm_reserved = { export = false", "tdm_reserved = { export = true"
            ),
            r"\[purposes.ml_training\] the limit `tdm_reserved` must say",
            id="reservation-ignored",
        ),
        pytest.param(
            replaced("nc = { store = \"full_internal\"", "nc_x = { store = \"full_internal\""),
            "unknown limit 'nc_x'",
            id="nc-limit-renamed",
        ),
        pytest.param(
            replaced('withheld = { store = "metadata_only", display = "metadata_only"',
                     'withheld = { store = "full", display = "full"'),
            "`withheld` must not show text",
            id="withheld-shown",
        ),
    ],
)  # fmt: skip
def test_wrong_policy_stops_the_start(
    tmp_path: Path, change: Callable[[str], str], message: str
) -> None:
    path = tmp_path / "policies.toml"
    path.write_text(change(SHIPPED), encoding="utf-8")

    with pytest.raises(ConfigError, match=message) as caught:
        load_policy(path)

    assert str(path) in str(caught.value)


def test_missing_policy_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_policy(tmp_path / "none.toml")
