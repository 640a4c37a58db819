from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.rights.same_name import (
    are_comparable,
    is_host_of,
    is_initials,
    is_named_in,
    is_same_name,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("The Oxney Star", "oxney star", id="article-and-case"),
        pytest.param("Oxney Star Ltd.", "Oxney Star", id="legal-form"),
        pytest.param("Verein Offene Küste e. V.", "Verein Offene Kuste", id="dotted-and-accent"),
        pytest.param("Radio Páramo, S.A.", "Radio Paramo", id="sa"),
        pytest.param("Mehr News Agency", "Mehr", id="common-words"),
        pytest.param("Mehr News Agency", "MNA", id="initials"),
        pytest.param("Lakeside Wire", "Lakeside-Wire.com", id="as-a-host-writes-it"),
        pytest.param("Erlenbrücker Bote", "Erlenbrücker Boten", id="german-case"),
        pytest.param("Северный маяк", "Северного маяка", id="russian-case"),
        pytest.param("L'Écho des Marais", "Écho des Marais", id="elided"),
        pytest.param("خبرگزاری مهر", "مهر", id="persian-agency"),
        pytest.param("پایگاه خبري", "پایگاه خبری", id="arabic-letters"),
        pytest.param("Kell Bay Almanac's", "Kell Bay Almanac", id="genitive"),
    ],
)
def test_is_same_name_knows_one_party(one: str, other: str) -> None:
    assert is_same_name(one, other)
    assert is_same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Lakeside Wire", "Orchard Wire"),
        ("Oxney Star", "Oxney Herald"),
        ("Oxney Star", "Star"),
        ("Radio Serra", "Rádio Mar"),
        ("News Agency", "Mehr News Agency"),
        ("Anna Roe", "Anne Roe"),
        ("MNA", "Orchard News Agency"),
        ("Mehr News Agency", "mna"),
        ("", ""),
        ("Oxney Star", ""),
        ("Ltd.", "Inc."),
    ],
)
def test_is_same_name_tells_others_apart(one: str, other: str) -> None:
    assert not is_same_name(one, other)
    assert not is_same_name(other, one)


@given(st.text(max_size=30), st.text(max_size=30))
def test_is_same_name_is_symmetric(one: str, other: str) -> None:
    assert is_same_name(one, other) == is_same_name(other, one)


@pytest.mark.parametrize(
    ("name", "line", "expected"),
    [
        ("Lakeside Wire", "By Ana Roe, Lakeside Wire", True),
        ("Lakeside Wire", "OSTERVIK (LW)", True),
        ("The Lakeside Wire", "Lakeside Wire staff", True),
        ("Lakeside Wire", "By Ana Roe, Orchard Wire", False),
        ("Lakeside Wire", "The lakeside was quiet", False),
        ("Lakeside Wire", "", False),
        ("", "By Ana Roe", False),
    ],
)
def test_is_named_in_looks_for_the_name_in_a_line(name: str, line: str, expected: bool) -> None:
    assert is_named_in(name, line) is expected


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("Lakeside Wire", "www.lakesidewire.example", True),
        ("Lakeside Wire", "lakeside-wire.example", True),
        ("Mehr News Agency", "en.mehrnews.com", True),
        ("Frankfurter Landbote Zeitung", "flz.example", True),
        ("The Oxney Star", "theoxneystar.example", False),
        ("Lakeside Wire", "orchard.example", False),
        ("Lakeside Wire", "example", False),
        ("", "orchard.example", False),
    ],
)
def test_is_host_of_compares_a_name_with_labels(name: str, host: str, expected: bool) -> None:
    assert is_host_of(name, host) is expected


def test_initials_are_written_in_capitals() -> None:
    assert is_initials("M.N.A.", "Mehr News Agency")
    assert not is_initials("M", "Mehr")
    assert not is_initials("mna", "Mehr News Agency")


def test_names_of_two_scripts_cannot_be_compared() -> None:
    assert not are_comparable("Mehr News Agency", "خبرگزاری مهر")
    assert are_comparable("Mehr مهر", "خبرگزاری مهر")
    assert not are_comparable("2024", "Mehr")
