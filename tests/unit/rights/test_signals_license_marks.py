from __future__ import annotations

import pytest
from signals_beside import BY, BY_SA, claims, html

BUTTON = "image=https://i.creativecommons.org/l/by/4.0/88x31.png"
ALT = "alt=Creative Commons License"
SITE = [("grant_text", "text", "CC-BY-4.0", 30)]


def mark(*lines: str, place: str = "footer", target: str = BY) -> list[tuple[str, str, str, int]]:
    return claims(html(f"a[href]@{place}", target, *lines))


@pytest.mark.parametrize("place", ["footer", "aside"])
@pytest.mark.parametrize(
    "icon",
    [
        [BUTTON],
        ["image=https://licensebuttons.net/l/by/4.0/80x15.png"],
        ["image=https://proxy.example/i.creativecommons.org/l/by/3.0/88x31.png"],
        ["image=/files/2014/CC-BY-88x31.png"],
        ["image=/theme/creative-commons-80x15.png"],
        ["image=/a.png", ALT],
        ["image=/a.png", "alt=Creative Commons Lizenzvertrag"],
        ["image=/a.png", "alt=CC BY 4.0"],
    ],
)
def test_an_icon_with_a_licences_address_is_the_sites_mark(place: str, icon: list[str]) -> None:
    assert mark(*icon, place=place) == SITE
    assert mark("Contact Imprint", *icon, "beside=Contact Imprint", place=place) == SITE


@pytest.mark.parametrize(
    "icon",
    [
        [],
        ["image=/harbour.jpg"],
        ["image=/harbour.jpg", "alt=Harbour at dawn, CC BY 4.0"],
        ["image=/creative-commons-summit-in-the-harbour.jpg"],
        ["image=https://i.creativecommons.org/l/by-nc/4.0/88x31.png"],
        ["image=/cc-by-nc.png"],
        [BUTTON, "alt=CC BY-NC 4.0"],
        [ALT],
    ],
)
def test_another_image_is_no_mark(icon: list[str]) -> None:
    assert mark(*icon) == []


@pytest.mark.parametrize("place", ["article", "body", "figure", "comment", "hidden", "nav"])
def test_a_mark_elsewhere_grants_nothing(place: str) -> None:
    assert mark(BUTTON, ALT, place=place) == []


@pytest.mark.parametrize(
    "beside",
    ["Header photo: N. Roe", "Bilder von flickr.com", "Theme by Pebble", "Music: harbour band",
     "Our logo", "Quotations", "Icons"],
)  # fmt: skip
def test_words_beside_a_mark_say_that_it_is_of_something_else(beside: str) -> None:
    assert mark(BUTTON, f"beside={beside}") == []


def test_a_mark_names_one_licence_and_its_version() -> None:
    two = html("a[href]@footer", BY, BUTTON), html("a[href]@aside", BY_SA, "CC BY-SA", "Sources")
    assert claims(*two) == []
    assert claims(html("a[href]@footer", BY, BUTTON), html("a[href]@aside", BY, BUTTON)) == SITE * 2
    assert mark(BUTTON, target="https://creativecommons.org/licenses/by/") == []
    assert mark(BUTTON, target="https://creativecommons.org/") == []
    assert mark(BUTTON, target="https://creativecommons.org.o.example/licenses/by/4.0/") == []


def test_what_the_words_around_a_mark_state_counts_before_it() -> None:
    assert mark("Photos on this site are licensed under CC BY 4.0.", BUTTON) == [
        ("grant_media", "image", "CC-BY-4.0", 30)
    ]
    assert mark("This site is not licensed under CC BY 4.0.", BUTTON) == [
        ("negated", "text", "CC-BY-4.0", 30)
    ]


def test_a_mark_about_another_page_grants_nothing() -> None:
    assert mark("about=https://post.example/news/other", BUTTON) == []
