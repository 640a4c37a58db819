"""The registry: every licence by SPDX id and address, and a file with mistakes is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import ALL, REGISTRY, REGISTRY_PATH
from license_expression import get_spdx_licensing

from dateline.errors import ConfigError
from dateline.rights.license import meet
from dateline.rights.record import CONSTRAINTS
from dateline.rights.registry import load_registry, spdx_expression

LICENSING = get_spdx_licensing()
KNOWN = LICENSING.known_symbols


def test_spdx_ids_are_unique_and_are_spdx_s_or_licenserefs() -> None:
    ids = [each.spdx_id for each in ALL]
    assert len(set(ids)) == len(ids) > 600
    assert [i for i in ids if i not in KNOWN and not i.startswith("LicenseRef-")] == []
    # An id that SPDX has is never replaced by one of ours.
    assert [i for i in ids if i.removeprefix("LicenseRef-") in KNOWN and i not in KNOWN] == []


def test_every_creative_commons_id_of_spdx_is_known() -> None:
    of_spdx = {i for i in KNOWN if re.match(r"CC-BY|CC0|CC-PD", i)}
    assert {i for i in of_spdx if REGISTRY.by_spdx(i) is None} == set()


@given(st.sampled_from(ALL))
def test_an_id_is_found_in_any_case(license_) -> None:
    for spelling in (license_.spdx_id, license_.spdx_id.lower(), f" {license_.spdx_id.upper()} "):
        assert REGISTRY.by_spdx(spelling) == license_


def test_an_unknown_id_is_none() -> None:
    for spelling in ("", "CC-BY-9.9", "CC-BY", "NOASSERTION", "MIT OR CC-BY-4.0"):
        assert REGISTRY.by_spdx(spelling) is None


@pytest.mark.parametrize("license_", [each for each in ALL if each.uri], ids=lambda x: x.spdx_id)
def test_the_address_of_a_licence_names_it(license_) -> None:
    assert REGISTRY.by_address(license_.uri) == license_
    assert REGISTRY.by_address(license_.uri.replace("https://", "http://")) == license_


def test_constraints_follow_the_code() -> None:
    for license_ in ALL:
        if license_.family == "cc" and license_.code:
            assert set(license_.constraints) == set(license_.code.split("-"))
        assert license_.constraints == tuple(c for c in CONSTRAINTS if c in license_.constraints)
        if license_.is_public_domain:
            assert license_.constraints == ()


@pytest.mark.parametrize(
    "address",
    [
        "https://www.nationalarchives.gov.uk.evil.example/doc/open-government-licence/version/3/",
        "https://user@opendatacommons.org/licenses/odbl/1-0/",
        "https://opendatacommons.org:443/licenses/odbl/1-0/",
        "https://opendatacommons.org/licenses/odbl/1-0/more",
        "ftp://opendatacommons.org/licenses/odbl/1-0/",
        "opendatacommons.org/licenses/odbl/1-0/",
        "https://[::1/licenses/odbl/",
        pytest.param("https://opend\u0430tacommons.org/licenses/odbl/1-0/", id="cyrillic-a"),
    ],
)
def test_a_look_alike_of_another_licence_s_address_is_none(address: str) -> None:
    assert REGISTRY.by_address(address) is None


def test_an_expression_is_sorted_without_doubles_and_valid() -> None:
    chosen = [REGISTRY.by_spdx(i) for i in ("CC-BY-SA-4.0", "CC-BY-4.0", "CC-BY-SA-4.0")]
    assert spdx_expression(each for each in chosen if each) == "CC-BY-4.0 AND CC-BY-SA-4.0"


def test_no_id_of_ours_stands_for_another_in_an_expression() -> None:
    for each in ALL:
        assert LICENSING.license_keys(LICENSING.parse(each.spdx_id)) == [each.spdx_id]


@given(st.lists(st.sampled_from(ALL), min_size=1, max_size=3))
def test_any_expression_can_be_parsed_and_the_meet_has_all_constraints(chosen) -> None:
    parsed = LICENSING.parse(spdx_expression(chosen))
    assert {str(key) for key in LICENSING.license_keys(parsed)} == {c.spdx_id for c in chosen}
    assert set(meet(chosen)) == {c for each in chosen for c in each.constraints}


def broken(tmp_path: Path, old: str, new: str) -> str:
    """Return what loading says of the registry's file with one change."""
    text = REGISTRY_PATH.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "licenses.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_registry(path)
    assert str(path) in str(raised.value)
    return str(raised.value)


ROW = '[[license]]\nspdx_id = "{}"\nfamily = "{}"\nname = "N"\nconstraints = {}\nnames = ["{}"]\n\n'


NAMELESS = "[[license]]\nspdx_id = 'LicenseRef-X'\nfamily = 'x'\nname = 'N'\nconstraints = []\n{}\n"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (ROW.format("OGL-UK-9.0", "ogl", '["by"]', "x y"), "OGL-UK-9.0: neither an SPDX id"),
        (ROW.format("LicenseRef-X", "x", '["nc", "by"]', "x y"), "LicenseRef-X: constraints must"),
        (ROW.format("LicenseRef-X", "x", '["no-ai"]', "x y"), "LicenseRef-X: constraints must"),
        (ROW.format("LicenseRef-X", "public_domain", '["nc"]', "x y"), "the public domain has no"),
        (ROW.format("LicenseRef-X", "x", "[]", "CC0-1.0"), "`CC0-1.0` stands in the rows"),
        (ROW.format("LicenseRef-X", "x", "[]", "x") + "typo = 1\n", "typo"),
        (NAMELESS.format("titled = 'xyz'"), "LicenseRef-X: no titles `xyz`"),
        (NAMELESS.format(""), "LicenseRef-X: neither names nor titles"),
        (NAMELESS.format("titled = 'ogl-uk'\nversion = '3.0'"), "LicenseRef-X and OGL-UK-3.0"),
    ],
)
def test_a_row_that_could_grant_wrongly_is_refused_by_name(tmp_path, row, message) -> None:
    assert message in broken(tmp_path, "\n[[license]]", f"\n{row}[[license]]")


def test_other_mistakes_in_the_file_are_named(tmp_path: Path) -> None:
    assert "registry_version is empty" in broken(tmp_path, f'"{REGISTRY.version}"', '" "')
    assert "port name `Germany`: no version has the port `dd`" in broken(
        tmp_path, '"Germany" = "de"', '"Germany" = "dd"'
    )
    assert "language `de`: `sa` is empty" in broken(
        tmp_path, 'sa = ["Weitergabe', 'sa = []\n# ["Weitergabe'
    )
    assert "Invalid" in broken(tmp_path, "registry_version = ", "registry_version = = ")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_registry(tmp_path / "none.toml")
