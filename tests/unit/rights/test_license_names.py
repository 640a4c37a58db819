"""Names and addresses in running text: all are found, and no element of a name is ever lost."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import ALL, REGISTRY

# Japan's port of 2.0 took over this code of 1.0 in another order; its name is that of 1.0.
UNNAMED = {"LicenseRef-CC-NC-ND-2.0-JP"}
ELEMENTS = ["nc", "nd", "sa"]
TITLES = {"by": "Attribution", "nc": "NonCommercial", "nd": "NoDerivatives", "sa": "ShareAlike"}


def found(text: str) -> list[tuple[str, str | None]]:
    """Return the words found and the SPDX ids of what they name."""
    return [
        (text[n.start : n.end], n.license.spdx_id if n.license else None)
        for n in REGISTRY.find(text)
    ]


def named(text: str) -> list[str]:
    return [spdx for _, spdx in found(text) if spdx]


@pytest.mark.parametrize("license_", ALL, ids=lambda each: each.spdx_id)
def test_the_name_of_every_licence_is_found(license_) -> None:
    text = f"This text: {license_.name}. Reuse it."
    expected = [] if license_.spdx_id in UNNAMED else [license_.spdx_id]
    assert named(text) == expected
    if expected:
        [(words, _)] = found(text)
        assert license_.name.startswith(words)


@given(
    st.sampled_from([each for each in ALL if each.uri]),
    st.sampled_from(["", ".", ",", ")", " ", "\n", "»", "”", "，"]),
)
def test_every_address_is_found_in_a_text_without_what_follows_it(license_, behind: str) -> None:
    text = f"Lizenz: {license_.uri}{behind} ja"
    assert found(text) == [(license_.uri, license_.spdx_id)]


@given(
    st.sampled_from([x for x in ALL if x.code and "by" in x.constraints and x.version != "2.1"]),
    st.sampled_from([" ", "-", " - ", "–", "/"]),
    st.booleans(),
)
def test_codes_are_found_however_they_are_joined(license_, joint: str, is_lower: bool) -> None:
    version = f" {license_.version}" if license_.version else ""
    port = f" {license_.jurisdiction.upper()}" if license_.jurisdiction in ("de", "fr") else ""
    text = f"CC {license_.code.upper().replace('-', joint)}{version}{port}"
    text = text.lower() if is_lower and version and not port else text
    names = REGISTRY.find(text)
    assert [(n.start, n.end) for n in names] == [(0, len(text))]
    assert names[0].license is not None
    assert names[0].license.constraints == license_.constraints
    assert names[0].license.version == license_.version


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("CC BY-NC-SA 3.0 IGO", "CC-BY-NC-SA-3.0-IGO"),
        ("CC BY 3.0 France", "LicenseRef-CC-BY-3.0-FR"),
        ("Namensnennung - Nicht kommerziell 4.0 International", "CC-BY-NC-4.0"),
        ("Creative Commons Atribución-NoComercial 4.0", "CC-BY-NC-4.0"),
        ("CC BY ۴٫۰", "CC-BY-4.0"),
        ("CC BY ٤٫٠", "CC-BY-4.0"),
        ("CC BY ４.０", "CC-BY-4.0"),
        ("CC-BY-NC-ND-4.0-DE", "CC-BY-NC-ND-4.0"),
        ("Open Government Licence v3.0", "OGL-UK-3.0"),
        ("Licence Ouverte 2.0", "etalab-2.0"),
    ],
)
def test_names_of_many_kinds_are_read(text: str, spdx: str) -> None:
    assert found(f"({text})") == [(text, spdx)]


@pytest.mark.parametrize(
    "text",
    [
        "CC BY 4.0 NC",
        "CC BY 4.0-NC",
        "CC BY 4.0/NC-ND",
        "CC BY 4.0, NC",
        "CC BY 4.0 (NC)",
        "CC BY 4.0 + ND",
        "CC BY 4.0 NonCommercial",
        "CC BY 4.0 - Non-Commercial",
        "CC BY 4.0 (non commercial)",
        "CC BY 4.0 International NoDerivatives",
        "Creative Commons Attribution 4.0 International-NoDerivatives",
        "Creative Commons Attribution 4.0 NonCommercial International",
        "CC BY (NC) 4.0",
        "CC BY + NC 4.0",
        "CC BY, NC, SA 4.0",
        "CC BY and NC 4.0",
        "CC BY NC! ND 4.0",
        "CC-BY-NC- ND! SA",
        "CC BY, non-commercial",
        "CC BY (Share Alike)",
        "Creative Commons Attribution, Sampling 1.0",
        "Creative Commons Attribution Nonprofit 4.0",
        "Creative Commons Attribution NonCommerciaI 4.0",
        "Creative Commons Attribution-Something 4.0",
        "Creative Commons Attribution NoDerivs! NonCommercial",
        "CC BY-XX 4.0",
        "CC BY-NCX 4.0",
        "CC BY-NC-SA-ND 4.0",
        "CC BY 9.9",
        "CC BY 4.00",
        "CC BY 4.0.1",
        pytest.param("CC BY-N\u0421 4.0", id="cyrillic-c"),
        pytest.param("CC BY-\uff2e\uff23 4.0", id="full-width"),
        pytest.param("CC BY-\U0001d40d\U0001d402 4.0", id="mathematical"),
    ],
)
def test_a_name_that_goes_on_with_another_element_is_no_name_without_it(text: str) -> None:
    assert named(f"This text is {text}.") == []


@given(
    st.lists(st.sampled_from(["NC", "ND", "SA", "NonCommercial", "ShareAlike", "NoDerivatives"]),
             min_size=1, max_size=3, unique_by=lambda part: TITLES.get(part.lower(), part)),
    st.lists(st.sampled_from([" ", "-", ", ", " (", "/", " + ", " and ", "\n", "_", " – "]),
             min_size=4, max_size=4),
    st.sampled_from(["CC BY", "Creative Commons Attribution", "CC-BY", "Creatve Commons BY",
                     "Creative Commons 3.0 BY", "CC Attribution", "CC-BY-Lizenz", "licence BY-SA",
                     "version 4.0 of the Creative Commons Attribution", "cc by"]),
    st.sampled_from(["", "4.0", "3.0 DE", "4.0 International"]),
    st.integers(0, 3),
)  # fmt: skip
def test_no_spelling_loses_an_element(parts, joints, head, version, place) -> None:
    """Elements before, behind or around the version: all are in what is named, or nothing is."""
    pieces = [head, *(f"{joint}{part}" for joint, part in zip(joints, parts, strict=False))]
    pieces.insert(1 + min(place, len(parts)), f" {version}")
    text = "".join(pieces)
    asked = {
        code
        for code in ELEMENTS
        if re.search(rf"(?<![A-Za-z]){code.upper()}(?![A-Za-z])", text) or TITLES[code] in text
    }
    for name in REGISTRY.find(text):
        if name.license is not None:
            assert asked <= set(name.license.constraints)


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("The text is CC BY 4.0, CC BY-NC 4.0 is for pictures", ["CC-BY-4.0", "CC-BY-NC-4.0"]),
        ("CC BY 4.0 and BY-NC 4.0", ["CC-BY-4.0", "CC-BY-NC-4.0"]),
        ("CC BY 4.0. Non-commercial users call us", ["CC-BY-4.0"]),
        ("CC BY 4.0\n\nNC State won", ["CC-BY-4.0"]),
        ("CC BY-NC 4.0 (non-commercial)", ["CC-BY-NC-4.0"]),
        ("CC BY-SA, share it", ["LicenseRef-CC-BY-SA"]),
        ("CC BY: no fee", ["LicenseRef-CC-BY"]),
        ("under CC BY. No further terms", ["LicenseRef-CC-BY"]),
        ("CC BY-SA 4.0 (Sandra Noll)", ["CC-BY-SA-4.0"]),
    ],
)
def test_words_that_only_look_like_elements_leave_a_name_whole(text: str, spdx: list[str]) -> None:
    assert named(text) == spdx


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\u0421\u0421 \u0412Y 4.0", id="cyrillic"),
        pytest.param("\u03f9\u03f9 BY 4.0", id="greek"),
        pytest.param("C\u0421 BY 4.0", id="one-cyrillic"),
        pytest.param("Cre\u0430tive Commons Attributi\u043en 4.0", id="cyrillic-in-words"),
        pytest.param("CC \u200b\u0412Y 4.0", id="zero-width-before-cyrillic"),
        "cc by the sea",
        "a cc by-pass",
        "bcc by 4.0 pm",
        "https://example.org/cc-by-4.0",
        "https://evil.example/by/4.0/",
        "https://evil.example/open-government-licence/version/3/",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "https://evil.example/?to=https://creativecommons.org/licenses/by/4.0/",
        "https://evil.example/https://opendatacommons.org/licenses/odbl/1-0/",
        "https://www.nationalarchives.gov.uk.evil.example/doc/open-government-licence/version/3/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "https://reader@creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org:8443/licenses/by/4.0/",
        "https://mycreativecommons.org/licenses/by/4.0/",
        "ftp://creativecommons.org/licenses/by/4.0/",
        "javascript://creativecommons.org/licenses/by/4.0/",
    ],
)
def test_a_look_alike_names_nothing(text: str) -> None:
    assert named(f"This text is under {text} for all") == []


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u200e"])
def test_invisible_signs_inside_a_name_are_skipped_and_offsets_stay_exact(sign: str) -> None:
    name = "Creative Commons Attribution-NonCommercial 4.0"
    for place in range(1, len(name)):
        text = f"Ein {name[:place]}{sign}{name[place:]} hier"
        assert found(text) == [(f"{name[:place]}{sign}{name[place:]}", "CC-BY-NC-4.0")]


NOISE = st.text(st.sampled_from("CBYNDSAcbynd4.0 -–/()\u200b\u0421آ。،\n:,"), max_size=40)


@given(st.lists(NOISE | st.sampled_from([each.name for each in ALL]), max_size=6))
def test_spans_are_ordered_inside_the_text_and_do_not_overlap(parts: list[str]) -> None:
    text = " ".join(parts)
    names = REGISTRY.find(text)
    assert all(0 <= n.start < n.end <= len(text) for n in names)
    assert all(a.end <= b.start for a, b in itertools.pairwise(names))
    assert all(text[n.start : n.end] == text[n.start : n.end].strip() for n in names)


@given(st.text(st.characters()))
def test_no_text_raises(text: str) -> None:
    REGISTRY.find(text)


@given(st.sampled_from(ALL), NOISE.map(lambda noise: noise.replace("\u200b", "")))
def test_a_name_is_found_at_its_place_in_any_surroundings(license_, noise: str) -> None:
    if license_.spdx_id in UNNAMED:
        return
    before = f"{noise}. "
    text = f"{before}Under {license_.name}; so."
    assert any(
        n.start == len(before) + len("Under ") and n.license == license_
        for n in REGISTRY.find(text)
    )
