from __future__ import annotations

import time

import pytest
from trafilatura.utils import load_html

from dateline.records import RightsSignal
from producers.extract.page_signals import (
    MAX_NOSNIPPETS,
    MAX_RSL_CHARS,
    MAX_VALUE_CHARS,
    page_signals,
)
from producers.extract.unseen_text import licence_passages

BY = "https://creativecommons.org/licenses/by/4.0/"
LINK = f'<a rel="license" href="{BY}">CC BY 4.0</a>'
NOTICE = "This text is licensed under CC BY 4.0."


def read(body: str, *, head: str = "") -> list[RightsSignal]:
    html = f"<html><head><title>t</title>{head}</head><body>{body}</body></html>"
    return list(page_signals(load_html(html), {}))


def values(body: str, field: str) -> list[str]:
    return [each.value for each in read(body) if each.field == field]


HIDING = [
    "hidden",
    'hidden="until-found"',
    'style="display:none"',
    'style="color: red; DISPLAY : none !important"',
    'style="visibility: hidden"',
    'style="font-size:0"',
    'style="font-size:0px"',
    'style="opacity:0"',
    'style="color:#fff;background:#FFFFFF"',
    'style="color:white;background-color:rgb(255, 255, 255)"',
    'style="position:absolute;left:-9999px"',
    'aria-hidden="true"',
]
SHOWN = [
    'style="display:block"',
    'style="font-size:0.8em"',
    'style="opacity:0.9"',
    'style="color:#fff;background:#000"',
    'style="color:#fff"',
    'style="margin-left:-10px"',
    'aria-hidden="false"',
    'style=""',
    "",
]


@pytest.mark.parametrize("attributes", HIDING)
def test_hidden_text_says_so_wherever_a_statement_stands_in_it(attributes: str) -> None:
    body = f"<article><footer><p {attributes}>{NOTICE} <b>{LINK}</b></p></footer></article>"
    assert [each.field for each in read(body)] == ["hidden-text", "a[rel=license]@hidden"]
    assert values(body, "hidden-text") == [f"{NOTICE} CC BY 4.0"]


@pytest.mark.parametrize("attributes", SHOWN)
def test_what_is_shown_is_not_hidden(attributes: str) -> None:
    assert [each.field for each in read(f"<p {attributes}>{NOTICE} {LINK}</p>")] == [
        "a[rel=license]@body"
    ]


def test_an_icon_hidden_from_screen_readers_hides_nothing() -> None:
    body = f'<p><i aria-hidden="true" class="icon">licence</i> {LINK}</p>'
    assert [each.field for each in read(body)] == ["a[rel=license]@body"]


def test_hidden_text_without_a_word_of_licences_is_left() -> None:
    assert read('<div hidden>Menu</div><p style="display:none">Search</p>') == []


@pytest.mark.parametrize(
    "container",
    [
        '<ol class="commentlist comments"><li>{}</li></ol>',
        '<div id="disqus">{}</div>',
        '<section class="comment"><p>{}</p></section>',
    ],
)
def test_what_readers_say_of_licences_is_kept_apart(container: str) -> None:
    assert values(container.format(NOTICE), "comment-text") == [NOTICE]


def test_a_microdata_comment_is_a_comment() -> None:
    body = f'<div itemscope itemtype="https://schema.org/Comment"><p>{LINK}</p></div>'
    assert [each.field for each in read(body)] == ["a[rel=license]@comment"]


def test_parts_within_parts_are_read_once() -> None:
    inner = f'<li><div><div class="comment" hidden>{NOTICE}</div></div></li>'
    body = f'<div id="comments"><ol>{inner * 3}</ol></div>'
    assert len(values(body, "comment-text")) == 1
    assert values(body, "hidden-text") == []


def test_a_body_that_is_open_for_comments_is_not_written_by_readers() -> None:
    html = f'<html><body class="single comment-open"><p>{NOTICE}</p></body></html>'
    assert page_signals(load_html(html), {}) == ()


@pytest.mark.parametrize(
    "word", ["CC BY-SA", "Lizenz", "مجوز", "лицензия", "ライセンス", "© 2026", "Public Domain"]
)
def test_words_about_licences_are_known_in_many_languages(word: str) -> None:
    assert licence_passages(f"Long ago: {word}!", max_chars=100) == f"Long ago: {word}!"
    assert licence_passages("A goat ran across the ring road.", max_chars=100) == ""


def test_only_what_stands_around_the_words_is_kept_whole() -> None:
    filler = "word " * 400
    notice = "licence " + "and more " * 30 + "CC BY 4.0 end"
    found = licence_passages(f"{filler}{notice}{filler}{NOTICE}", max_chars=5000)
    assert notice in found
    assert found.endswith(NOTICE)
    assert len(found) < 2000
    assert len(licence_passages("licence " * 9000, max_chars=70)) == 70


def test_passages_that_no_snippet_may_show_are_kept() -> None:
    body = "".join(f"<p>a <span data-nosnippet>secret  {n}</span></p>" for n in range(20))
    assert values(body, "data-nosnippet") == [f"secret {n}" for n in range(20)]
    many = "".join(f"<p data-nosnippet>{n}</p>" for n in range(100))
    assert len(values(many, "data-nosnippet")) == MAX_NOSNIPPETS


def test_a_statement_says_at_which_element_it_stands() -> None:
    html = f"<html><body><p>x</p><p>{LINK}</p></body></html>"
    [signal] = page_signals(load_html(html), {"tdm-reservation": "1"})[1:]
    assert signal.xpath == "/html/body/p[2]/a"
    tree = load_html(html)
    assert tree.xpath(signal.xpath)[0].get("href") == BY
    assert page_signals(tree, {"tdm-reservation": "1"})[0].xpath is None


def test_one_statement_at_two_places_is_kept_once() -> None:
    assert [each.xpath for each in read(f"<p>{LINK}</p><p>{LINK}</p>")] == ["/html/body/p[1]/a"]


def test_a_machine_licence_of_a_page_is_not_cut_as_a_notice_is() -> None:
    xml = '<rsl xmlns="https://rslstandard.org/rsl">{}</rsl>'.format(" " * MAX_VALUE_CHARS)
    head = f'<script type="application/rsl+xml">{xml}</script>'
    assert [(each.field, each.value) for each in read("", head=head)] == [
        ("script[type=application/rsl+xml]", xml)
    ]
    longer = head.replace("</rsl>", "x" * MAX_RSL_CHARS + "</rsl>")
    assert read("", head=longer)[0].field == "script[type=application/rsl+xml] (cut)"


def test_our_own_robots_meta_is_read() -> None:
    assert read("", head='<meta name="Dateline" content="noindex">')[0].field == (
        "meta[name=dateline]"
    )


@pytest.mark.parametrize(
    "body",
    [
        "<div hidden>" * 20_000 + NOTICE,
        "<div hidden><b>" * 20_000 + NOTICE,
        f"<p hidden>{NOTICE}</p>" * 50_000,
        "<div class=comment>" + "licence " * 1_000_000 + "</div>",
        f"<p class=comment>{'word ' * 2000}</p>" * 2000,
        '<p style="' + "color:#fff;" * 100_000 + '">x</p>',
        "".join(f'<p style="color:#{n:06x};background:#{n:06x}">x</p>' for n in range(30_000)),
        "<p data-nosnippet>" * 5000 + "word " * 100_000,
    ],
    ids=["deep", "deep with gaps", "many", "one long", "many long", "style", "styles", "passages"],
)
def test_hostile_parts_take_no_time(body: str) -> None:
    tree = load_html(f"<html><body>{body}</body></html>")
    started = time.process_time()
    page_signals(tree, {})
    assert time.process_time() - started < 3
