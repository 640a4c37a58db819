from __future__ import annotations

from pathlib import Path

import pytest

from dateline.errors import ConfigError
from processors.enrich.license_rules import LicenseRule, find_licenses, load_license_rules

REGISTRY = Path(__file__).resolve().parents[3] / "config" / "licenses.toml"
RULES = load_license_rules(REGISTRY)

ROW = """
[[license]]
spdx_id = "CC-BY-4.0"
family = "cc"
code = "by"
version = "4.0"
name = "CC BY 4.0"
uri = "https://creativecommons.org/licenses/by/4.0/"
effective = ["by"]
names = ["CC BY 4.0"]
"""
HEAD = 'registry_version = "1"\n'


def _named(text: str) -> list[str]:
    return [found.rule.spdx_id for found in find_licenses(text, RULES)]


def test_registry_has_the_licences_of_the_first_detection() -> None:
    codes = ("BY", "BY-SA", "BY-ND", "BY-NC", "BY-NC-SA", "BY-NC-ND")
    expected = {f"CC-{code}-{version}" for code in codes for version in ("4.0", "3.0")}
    assert {rule.spdx_id for rule in RULES} == expected | {"CC0-1.0", "CC-PDM-1.0"}
    effective = {rule.spdx_id: rule.effective for rule in RULES}
    assert effective["CC-BY-NC-ND-4.0"] == ("by", "nc", "nd")
    assert effective["CC0-1.0"] == ()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.spdx_id)
def test_find_licenses_knows_every_name_and_address(rule: LicenseRule) -> None:
    for name in rule.names:
        assert _named(f"under a {name} License.") == [rule.spdx_id]
        assert _named(name.upper().replace(" ", "-")) == [rule.spdx_id]
        assert _named(name.lower().replace(" ", "\xa0")) == [rule.spdx_id]
    for address in (rule.uri, rule.uri + "deed.fr", rule.uri.rstrip("/") + "."):
        assert _named(f"see {address}") == [rule.spdx_id]
    assert _named(rule.uri.replace("https://", "http://www.")) == [rule.spdx_id]


@pytest.mark.parametrize(
    "text",
    [
        "CC BY",
        "CC BY 2.0",
        "CC BY 9.9",
        "Creative Commons",
        "a Creative Commons licence",
        "Creative Commons Attribution",
        "Creative Commons Attribution 4.0 Unported",
        "Creative Commons Attribution 3.0 International",
        "Creative Commons Attribution 3.0 Germany License",
        "CC BY 3.0 IGO",
        "CC BY 3.0 DE",
        "CC BY 4.01",
        "ACC BY 4.0",
        "\u0421C BY 4.0",
        "CC B\u0423 4.0",
        "Creative Common\u017f BY 4.0",
        "\u212areative Commons BY 4.0",
        "https://creativecommons.org/licenses/by/3.0/de/",
        "https://creativecommons.org/licenses/by/",
        "https://creativecommons.org/licenses/by/9.9/",
        "https://creativecommons.org.example/licenses/by/4.0/",
        "https://notcreativecommons.org/licenses/by/4.0/",
        "https://example.org/creativecommons.org/licenses/by/4.0/",
        "https://example.org@creativecommons.org/licenses/by/4.0/",
        "https://cre\u0430tivecommons.org/licenses/by/4.0/",
        "https://example.org/by/4.0/article",
    ],
)
def test_find_licenses_names_nothing(text: str) -> None:
    assert _named(text) == []


def test_find_licenses_gives_offsets() -> None:
    text = "Either CC-BY 4.0 or https://creativecommons.org/publicdomain/zero/1.0/."
    first, second = find_licenses(text, RULES)
    assert text[first.start : first.end] == "CC-BY 4.0"
    assert text[second.start : second.end] == "https://creativecommons.org/publicdomain/zero/1.0/"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("x = [", "licence registry", id="no-toml"),
        pytest.param(ROW, "registry_version", id="no-version"),
        pytest.param(HEAD + "license = []", "no [[license]] row", id="no-rows"),
        pytest.param(HEAD + ROW + "url = 'x'", "unknown field `url`", id="unknown-key"),
        pytest.param(HEAD + ROW + ROW, "`CC-BY-4.0` stands in 2 rows", id="twice"),
        pytest.param(HEAD + ROW.replace('["by"]', '["x"]'), "effective must be of", id="effective"),
        pytest.param(HEAD + ROW.replace('["by"]', '["nc", "by"]'), "in this order", id="order"),
        pytest.param(
            HEAD + ROW.replace('["CC BY 4.0"]', '["CC BY"]'), "hold the version", id="name"
        ),
        pytest.param(
            HEAD + ROW.replace('["CC BY 4.0"]', "[]"), "must hold the name", id="no-names"
        ),
        pytest.param(HEAD + ROW.replace("commons.org", "commons.net"), "canonical", id="host"),
        pytest.param(HEAD + ROW.replace("/by/", "/by-nc/"), "does not belong", id="address"),
        pytest.param(HEAD + ROW.replace('"CC BY 4.0"', '"СC BY 4.0"'), "must be ASCII", id="ascii"),
    ],
)
def test_load_license_rules_refuses(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "licenses.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_license_rules(path)
    assert message in str(raised.value)
    assert str(path) in str(raised.value)


def test_load_license_rules_names_the_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml"):
        load_license_rules(tmp_path / "absent.toml")
