"""Names of Creative Commons as people write them: orders, slips, short codes, CJK neighbours."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import REGISTRY

from dateline.rights.license_names.heads import Heads
from dateline.rights.license_names.words import occurrences, slips

PREFIX = "creative commons"


def found(text: str) -> list[tuple[str, str | None]]:
    """Return the words found and the SPDX ids of what they name."""
    return [
        (text[n.start : n.end], n.license.spdx_id if n.license else None)
        for n in REGISTRY.find(text)
    ]


def named(text: str) -> list[str]:
    return [spdx for _, spdx in found(text) if spdx]


@pytest.mark.parametrize(
    ("before", "name", "behind", "spdx"),
    [
        ("この作品は", "CC BY 4.0", "ライセンスの下に", "CC-BY-4.0"),
        ("本文採用", "CC BY-NC-ND 3.0 TW", "授權", "LicenseRef-CC-BY-NC-ND-3.0-TW"),
        ("이 글은 ", "CC BY-SA 4.0", "에 따라", "CC-BY-SA-4.0"),
        ("データは", "CC0", "です", "CC0-1.0"),
        ("地図は", "ODbL 1.0", "で公開", "ODbL-1.0"),
    ],
)
def test_letters_of_scripts_without_spaces_may_stand_beside(before, name, behind, spdx) -> None:
    assert found(before + name + behind) == [(name, spdx)]


def test_an_element_right_behind_in_such_a_script_is_not_lost() -> None:
    assert named("CC BY 4.0非営利") == []


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("Creative Commons licence BY-NC-ND 3.0", "CC-BY-NC-ND-3.0"),
        ("Creative Commons, version 4.0, Attribution", "CC-BY-4.0"),
        ("Creative Commons 4.0 BY-NC", "CC-BY-NC-4.0"),
        ("CC 4.0 BY-SA", "CC-BY-SA-4.0"),
        ("version 4.0 of the Creative Commons Attribution", "CC-BY-4.0"),
        ("version 3.0 de la licence Creative Commons BY-SA", "CC-BY-SA-3.0"),
        ("Creative-Commons-Namensnennung-Lizenz in der Fassung 4.0", "CC-BY-4.0"),
        ("CC Atıf-BenzerPaylaşım 3.0", "CC-BY-SA-3.0"),
        ("CC-BY4.0", "CC-BY-4.0"),
        ("ccby-nc4.0", "CC-BY-NC-4.0"),
        ("cc by nc nd 4.0", "CC-BY-NC-ND-4.0"),
        ("CC BY-SA v4", "CC-BY-SA-4.0"),
        ("CC BY-SA 4", "CC-BY-SA-4.0"),
        ("CC BY 4,0", "CC-BY-4.0"),
        ("CC BY four point zero", "CC-BY-4.0"),
        ("Creative Commons Attribution, version four", "CC-BY-4.0"),
        ("CC BY quatro ponto zero", "CC-BY-4.0"),
        ("CC BY 3.0 OIG", "CC-BY-3.0-IGO"),
        ("CC BY-SA 3.0 de", "CC-BY-SA-3.0-DE"),
        ("BY-NC-SA 4.0", "CC-BY-NC-SA-4.0"),
        ("CC_BY_SA_4.0", "CC-BY-SA-4.0"),
        ("کریتیو کامنز بای ۳٫۰", "CC-BY-3.0"),
        ("سی‌سی بای-اس‌ای ۴٫۰", "CC-BY-SA-4.0"),
        ("المشاع الإبداعي نسبة 3.0", "CC-BY-3.0"),
        ("cc-by", "LicenseRef-CC-BY"),
        ("Créative Commons BY-SA 4.0", "CC-BY-SA-4.0"),
        ("Creative Common BY 4.0", "CC-BY-4.0"),
        ("Creative Commons Attribution Share Alike 4.0", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution Non Commerical 4.0", "CC-BY-NC-4.0"),
    ],
)
def test_a_name_is_read_in_this_form(text: str, spdx: str) -> None:
    assert found(f"Text: {text}; so") == [(text, spdx)]


@given(st.sampled_from(sorted(slips(PREFIX) - {"creativecommons"})))
def test_one_slip_in_the_prefix_is_read_with_elements_and_alone_is_nothing(prefix: str) -> None:
    assert named(f"Text under {prefix} by-nc 4.0.") == ["CC-BY-NC-4.0"]
    assert prefix != PREFIX
    assert found(f"Text under {prefix} sense.") == []


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("The licence is by-nc-sa 3.0.", ["CC-BY-NC-SA-3.0"]),
        ("Shared on the commons, by-nd 4.0.", ["CC-BY-ND-4.0"]),
        ("Take it: by sa 3.0 (cc).", ["CC-BY-SA-3.0"]),
        ("Our licence is new. The by-nc-sa 3.0 train came.", []),
        ("They went by-nc-sa 3.0 and home.", []),
        ("The licence grew by 4.0 per cent.", []),
        ("A licence by-nc-sa is old.", []),
        ("The licence at https://evil.example/by-nc-sa/3.0/", []),
        ("The licence is standby-nc 3.0.", []),
    ],
)
def test_lone_codes_need_a_version_and_a_word_for_licence_near(text, spdx) -> None:
    assert named(text) == spdx


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("CC BY-NC-licentie", ["LicenseRef-CC-BY-NC"]),
        ("Creative-Commons-Namensnennung-Lizenz", ["LicenseRef-CC-BY"]),
        ("CC BY-licensed", ["LicenseRef-CC-BY"]),
        ("CC BY-Lizenz-NC", []),
        ("CC BY-Lizenz (NC)", []),
        ("CC BY-SA-Lizenz NC 4.0", []),
        ("CC BY-Lizard", []),
    ],
)
def test_a_word_for_licence_may_hang_on_a_name_and_hides_no_element(text, spdx) -> None:
    assert named(f"Text: {text}.") == spdx


@pytest.mark.parametrize(
    "text",
    [
        "It came under a Creative Commons licence by its author.",
        "Creative Commons 4.0 by Anna Roe",
        "Take 5 CC BY MOUTH twice.",
        "Give 2.5 CC BY 9 o'clock.",
        "Send a CC by Friday.",
        "Cc: by-laws office",
        "a 250 cc by-pass",
        "creative common sense",
        "Give Attribution to Creative Commons.",
        "We like Creative Commons. Attribution 4.0 is a song.",
        "Creative Commons\n\nAttribution 4.0 is a song.",
        "CC. BY 4.0 inches it rose",
        "CC BY 9",
        "بلغت النسبة 4.0 في المئة",
        "بلغت نسبة 3.0",
        "۵ سی‌سی بای پس",
        "تخصیص ۴٫۰ میلیارد",
        "CC BY 4 photographers",
        "the ccbys",
        pytest.param("\u0421reative Commons BY 4.0", id="cyrillic-es"),
        pytest.param("Creatve \u0421ommons BY 4.0", id="slip-and-cyrillic"),
        pytest.param("B\u0423-NC-SA 4.0 licence", id="lone-codes-cyrillic"),
        pytest.param("ＣＣ BY 4.0", id="full-width"),
    ],
)
def test_prose_and_hostile_forms_name_nothing(text: str) -> None:
    assert named(text) == []


def test_a_version_that_may_be_several_is_none() -> None:
    assert found("CC BY-SA v2;") == [("CC BY-SA", "LicenseRef-CC-BY-SA")]


WORDS = sorted({"cc", "créative", "atıf", "наследие", "مجوز", "表示", "저작자", "œuvre", "mit"})


@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=6), max_size=6), st.text(max_size=3))
def test_no_word_that_stands_in_a_text_is_missed(parts: list[str], joint: str) -> None:
    lowered = joint.join(parts).lower()
    there = {word for word in WORDS if any(True for _ in occurrences(lowered, word))}
    assert there <= Heads(WORDS).maybe_in(lowered)


def test_a_word_is_found_at_its_ends_only() -> None:
    text = "mit summit mit, smith (mit)表mit示"
    places = [m.start() for m in re.finditer(r"(?<![a-z])mit(?![a-z])", text)]
    assert list(occurrences(text, "mit")) == places
