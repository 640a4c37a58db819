"""What the parts of a page say in prose, and what a statement is about by where it stands."""

from __future__ import annotations

import pytest
from trafilatura.utils import load_html

from producers.extract.page_signals import MAX_VALUE_CHARS, page_signals

BY = "https://creativecommons.org/licenses/by/4.0/"
LINK = f'<a rel="license" href="{BY}">CC BY 4.0</a>'
NOTICE = "All our texts are licensed under CC BY 4.0."


def read(body: str) -> list[tuple[str, str]]:
    tree = load_html(f"<html><head><title>t</title></head><body>{body}</body></html>")
    return [(each.field, each.value) for each in page_signals(tree, {})]


def fields(body: str) -> list[str]:
    return [field for field, _ in read(body)]


@pytest.mark.parametrize(
    ("part", "field"),
    [
        ("<footer><p>{}</p></footer>", "text@footer"),
        ("<div class='site-footer'>{}</div>", "text@footer"),
        ("<div id='imprint'>{}</div>", "text@footer"),
        ("<div class='republish-box'>{}</div>", "text@republish"),
        ("<section id='reuse'>{}</section>", "text@republish"),
    ],
)
def test_footers_and_boxes_about_re_use_are_read_as_prose(part: str, field: str) -> None:
    assert read(part.format(NOTICE)) == [(field, NOTICE)]


@pytest.mark.parametrize(
    "part",
    [
        "<blockquote><p>x</p><footer>{}</footer></blockquote>",
        "<figure><footer>{}</footer></figure>",
        "<div class='article-body'>{}</div>",
    ],
)
def test_prose_of_other_things_is_no_statement_of_the_site(part: str) -> None:
    assert read(part.format(NOTICE)) == []


def test_a_footer_without_a_word_of_licences_is_left() -> None:
    assert read("<footer>4 Kiln Street, Veldmoor</footer>") == []


def test_a_footer_within_a_footer_is_read_once() -> None:
    part = f"<footer><div><div class='footer'>{NOTICE}</div></div></footer>"
    assert fields(part) == ["text@footer"]


def test_what_a_footer_hides_is_not_its_text() -> None:
    body = f"<footer>Contact, licence <span hidden>{NOTICE}</span> and press</footer>"
    assert dict(read(body))["text@footer"] == "Contact, licence and press"


def test_of_a_long_footer_the_words_about_licences_are_kept() -> None:
    body = f"<footer>{'menu ' * 2000}{NOTICE}{' menu' * 2000}</footer>"
    [(field, value)] = read(body)
    assert (field, NOTICE in value, len(value) <= MAX_VALUE_CHARS) == ("text@footer", True, True)


@pytest.mark.parametrize(
    ("markup", "place"),
    [
        ("<div class='sidebar'>{}</div>", "aside"),
        ("<div class='widget-area'><p>{}</p></div>", "aside"),
        ("<div class='wp-caption'>{}</div>", "figure"),
        ("<p class='photo-credit'>{}</p>", "figure"),
        ("<p class='captioned'>{}</p>", "body"),
        ("<div class='user-menu'>{}</div>", "body"),
    ],
)
def test_class_and_id_tell_the_place_where_tags_do_not(markup: str, place: str) -> None:
    assert fields(markup.format(LINK)) == [f"a[rel=license]@{place}"]


def test_a_link_of_a_box_about_re_use_says_so() -> None:
    assert "a[rel=license]@republish" in fields(f"<div class='republish'>{LINK}</div>")


def test_a_link_that_readers_made_is_a_comment() -> None:
    body = f'<p><a rel="license ugc nofollow" href="{BY}">CC BY</a></p>'
    assert fields(body) == ["a[rel=license]@comment"]


def test_blocks_stand_apart_and_scripts_are_no_words() -> None:
    body = (
        f"<div><p>A</p><p>B<!-- no --></p>C<script>var a = 1;</script><ul><li>D</li></ul>E {LINK}"
        "</div>"
    )
    [(_, value)] = read(body)
    assert value == f"{BY}\nCC BY 4.0\nA B C D E CC BY 4.0"


def test_a_link_of_some_words_in_a_block_of_its_own_says_it_all() -> None:
    link = f'<a rel="license" href="{BY}">{{}}</a>'
    words = link.format("Licence of this article")
    assert read(f"<div><p>A sound roof</p><p>{words}</p></div>")[0][1] == (
        f"{BY}\nLicence of this article"
    )
    assert read(f"<div><p>Photo</p><p>{link.format('CC BY')}</p></div>")[0][1] == (
        f"{BY}\nCC BY\nPhoto CC BY"
    )


def test_microdata_says_which_item_it_is_of() -> None:
    body = (
        '<article itemscope itemtype="https://schema.org/NewsArticle" itemid="urn:x:1">'
        '<a itemprop="url" href="/story">t</a>'
        f'<link itemprop="license" href="{BY}"><meta itemprop="copyrightNotice" content="(c) P">'
        "</article>"
    )
    about = "itemtype=https://schema.org/NewsArticle\nitemid=urn:x:1\nurl=/story"
    assert read(body) == [
        ("[itemprop=license]@article", f"{BY}\n{about}"),
        ("[itemprop=copyrightnotice]@article", f"(c) P\n{about}"),
    ]


def test_the_address_of_an_item_within_an_item_is_not_that_of_the_outer_one() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/NewsArticle">'
        f'<link itemprop="license" href="{BY}">'
        '<div itemprop="image" itemscope itemtype="https://schema.org/ImageObject">'
        '<link itemprop="url" href="/photo.jpg"></div></div>'
    )
    [(_, value)] = read(body)
    assert "photo.jpg" not in value
