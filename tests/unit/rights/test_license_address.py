"""Addresses of Creative Commons: exact ones are read, everything near them is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import ALL, REGISTRY

from dateline.rights.license_address import CcAddress, is_cc_host, parse_cc_address

OF_CC = [each for each in ALL if each.uri and "creativecommons.org" in each.uri]
HOSTS = ["creativecommons.org", "www.creativecommons.org", "CreativeCommons.ORG"]
TAILS = [
    "", "deed", "deed.de", "deed.zh-Hans", "deed.pt_BR", "legalcode", "legalcode.fr",
    "legalcode.en.txt", "rdf", "index.html", "?lang=de", "#deed", "deed.fr?ref=x#top",
]  # fmt: skip


@given(
    license_=st.sampled_from(OF_CC),
    scheme=st.sampled_from(["https://", "http://", "HTTPS://", "//", ""]),
    host=st.sampled_from(HOSTS),
    tail=st.sampled_from(TAILS),
)
def test_every_way_to_write_a_licence_s_address_is_read(license_, scheme, host, tail) -> None:
    path = license_.uri.partition("creativecommons.org")[2]
    address = f"{scheme}{host}{path}{tail}"
    if license_.spdx_id == "CC-PDDC" and tail and tail[0] not in "?#":
        assert REGISTRY.by_address(address) in (license_, None)  # it never had a deed
    else:
        assert REGISTRY.by_address(address) == license_


@given(st.sampled_from(OF_CC))
def test_a_missing_slash_at_the_end_changes_nothing(license_) -> None:
    assert REGISTRY.by_address(license_.uri.rstrip("/")) == license_


@pytest.mark.parametrize(
    "address",
    [
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "https://reader@creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org:8443/licenses/by/4.0/",
        "https://creativecommons.org:443/licenses/by/4.0/",
        "https://mycreativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org./licenses/by/4.0/",
        "https://creativecommons.net/licenses/by/4.0/",
        "https://cc.creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org\\.evil.example/licenses/by/4.0/",
        "https://creativecommons.org%2eevil.example/licenses/by/4.0/",
        "ftp://creativecommons.org/licenses/by/4.0/",
        "javascript://creativecommons.org/licenses/by/4.0/",
        "/licenses/by/4.0/",
        pytest.param("https://cre\u0430tivecommons.org/licenses/by/4.0/", id="cyrillic-a"),
        pytest.param("https://creativecommons\u3002org/licenses/by/4.0/", id="ideographic-stop"),
        pytest.param("https://creativecommons.org\u2044licenses/by/4.0/", id="fraction-slash"),
        pytest.param("https://creativecommons.org/licenses/\u202eby/4.0/", id="right-to-left"),
        pytest.param("https://creativecommons.org/licenses/by\u200b/4.0/", id="zero-width"),
        pytest.param("https://creative\ncommons.org/licenses/by/4.0/", id="line-break"),
        pytest.param("https://[::1/licenses/by/4.0/", id="broken-host"),
        "",
    ],
)
def test_a_look_alike_address_is_no_licence(address: str) -> None:
    assert parse_cc_address(address) is None
    assert not is_cc_host(address)
    assert REGISTRY.by_address(address) is None


@pytest.mark.parametrize(
    "path",
    [
        "",
        "about",
        "licenses/",
        "licenses/by/",
        "licenses/by",
        "licenses/by/9.9/",
        "licenses/by/4/",
        "licenses/by/40/",
        "licenses/by/4.0x/",
        "licenses/by/4.0/evil",
        "licenses/by/4.0/deed.en/more",
        "licenses/by/4.0/../../by-nc/4.0/",
        "licenses/by%2Dnc/4.0/",
        "licenses/by,nc/4.0/",
        "licenses/bync/4.0/",
        "licenses/by/3.0/xx/",
        "licenses/by/2.1/",
        "licenses/nc/2.0/",
        "licenses/nc/3.0/",
        "licenses/nd-by/2.0/",
        "licenses/by-nc-nd/1.0/",
        "licenses/sampling/1.0/",
        "licenses/sampling+/1.0/",
        "licenses/nc-sampling+/1.0/",
        "licenses/devnations/2.0/",
        "publicdomain/",
        "publicdomain/zero/",
        "publicdomain/zero/2.0/",
        "publicdomain/mark/1.0/de/",
    ],
)
def test_a_page_of_their_site_that_names_no_licence_gives_none(path: str) -> None:
    address = f"https://creativecommons.org/{path}"
    assert is_cc_host(address)
    assert REGISTRY.by_address(address) is None


def test_ports_igo_and_old_codes_are_kept() -> None:
    read = {
        "licenses/by/3.0/de/": CcAddress("by", "3.0", "de"),
        "licenses/by-nc-nd/3.0/igo/legalcode": CcAddress("by-nc-nd", "3.0", "igo"),
        "licenses/by-sa/2.5/scotland/": CcAddress("by-sa", "2.5", "scotland"),
        "licenses/by-nd-nc/1.0/": CcAddress("by-nd-nc", "1.0"),
        "licenses/nc-sa/2.0/jp/": CcAddress("nc-sa", "2.0", "jp"),
        "publicdomain/zero/1.0/deed.de": CcAddress("zero", "1.0"),
        "licenses/publicdomain/": CcAddress("certification", "1.0"),
    }
    for path, parts in read.items():
        assert parse_cc_address(f"https://creativecommons.org/{path}") == parts


@pytest.mark.parametrize("license_", OF_CC, ids=lambda each: each.spdx_id)
def test_the_machine_readable_form_is_no_port(license_) -> None:
    expected = None if license_.spdx_id == "CC-PDDC" else license_
    assert REGISTRY.by_address(f"{license_.uri}rdf") == expected


def test_a_port_of_4_0_means_4_0_because_it_has_none() -> None:
    found = REGISTRY.by_address("https://creativecommons.org/licenses/by-nc/4.0/de/")
    assert found is not None
    assert (found.spdx_id, found.jurisdiction) == ("CC-BY-NC-4.0", None)


def test_an_address_that_is_too_long_is_none() -> None:
    long = "https://creativecommons.org/licenses/by/4.0/?" + "a" * 300
    assert parse_cc_address(long) is None


@given(st.text(max_size=80), st.text(max_size=40))
def test_no_text_raises_and_only_their_hosts_are_theirs(before: str, behind: str) -> None:
    address = f"{before}creativecommons.org{behind}"
    parse_cc_address(address)
    REGISTRY.by_address(address)
    if is_cc_host(address):
        assert before.strip().lower() in ("", "//", "http://", "https://", "www.", "//www.",
                                          "http://www.", "https://www.")  # fmt: skip


@given(
    st.sampled_from(["by-nc", "by-nd", "by-sa", "by-nc-sa", "by-nc-nd"]),
    st.characters(),
    st.integers(0, 60),
)
def test_one_changed_character_never_drops_a_constraint(code: str, char: str, place: int) -> None:
    address = f"https://creativecommons.org/licenses/{code}/4.0/"
    changed = address[:place] + char + address[place + 1 :]
    found = REGISTRY.by_address(changed)
    assert found is None or set(code.split("-")) <= set(found.constraints)
