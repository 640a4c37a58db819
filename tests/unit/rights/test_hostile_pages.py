"""Pages made to be taken for a grant, or to stop us: nothing is granted, and soon."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from read_everything import STORY, bounded, is_grant, rights_of_page

BY = "https://creativecommons.org/licenses/by/4.0/"
LINK = f'<a rel="license" href="{BY}">CC BY 4.0</a>'
NOTICE = f"This article is licensed under {LINK}."
PLAIN = "This article is licensed under CC BY 4.0."


def page(inside: str, head: str = "") -> str:
    return f"<html><head>{head}</head><body><article><p>{STORY}</p></article>{inside}</body></html>"


def test_the_same_notice_in_the_open_is_a_grant() -> None:
    """So that the tests below fail if the notice were not read at all."""
    assert rights_of_page(page(f"<p>{NOTICE}</p>")).spdx_expression == "CC-BY-4.0"
    assert is_grant(rights_of_page(page("", f'<link rel="license" href="{BY}">')))


@pytest.mark.parametrize(
    "opening",
    [
        '<div style="display:none">',
        '<div style="DISPLAY : none !important">',
        '<div style="visibility:hidden">',
        '<div style="font-size:0">',
        '<div style="font-size: 0px">',
        '<div style="color:#fff;background-color:#fff">',
        '<div style="color:white;background:white">',
        "<div hidden>",
        '<div hidden="until-found">',
        '<div aria-hidden="true">',
        "<template><div>",
        '<div style="opacity:0">',
        '<div style="position:absolute;left:-9999px">',
        '<div style="text-indent:-9999px">',
        '<div style="height:0;overflow:hidden">',
        '<div style="max-height: 0px; overflow-y: hidden">',
        '<div style="position:absolute;width:1px;height:1px;overflow:hidden">',
        '<div style="clip-path:inset(100%)">',
        '<div style="position:absolute;clip:rect(0,0,0,0)">',
        '<div style="transform:scale(0)">',
    ],
)
@pytest.mark.parametrize("words", [NOTICE, LINK])
def test_hidden_text_grants_nothing(opening: str, words: str) -> None:
    assert not is_grant(rights_of_page(page(f"{opening}<p>{words}</p></div>")))


@pytest.mark.parametrize(
    "opening",
    [
        '<section id="comments"><div class="comment">',
        '<div class="comment-list"><div class="comment-body">',
        '<ol class="commentlist"><li class="comment">',
        '<div id="disqus_thread"><div>',
        '<section itemprop="comment" itemscope itemtype="https://schema.org/Comment"><div>',
    ],
)
def test_a_reader_s_comment_grants_nothing(opening: str) -> None:
    assert not is_grant(rights_of_page(page(f"{opening}<p>{NOTICE}</p></div>")))


def test_a_notice_of_a_comment_in_the_extracted_text_grants_nothing() -> None:
    markup = page(f'<div class="comment"><p>{PLAIN}</p></div>')
    assert not is_grant(rights_of_page(markup, f"{STORY}\n\n{PLAIN}"))


def test_a_hidden_notice_in_the_extracted_text_grants_nothing() -> None:
    markup = page(f'<p style="display:none">{PLAIN}</p>')
    assert not is_grant(rights_of_page(markup, f"{STORY}\n\n{PLAIN}"))


@pytest.mark.parametrize(
    "inside",
    [
        f"<!-- {NOTICE} -->",
        f"<script>var notice = '{PLAIN}'</script>",
        f"<noscript>{PLAIN}</noscript>",
        f"<style>/* {PLAIN} */</style>",
        f'<input value="{PLAIN}">',
        f'<img alt="{PLAIN}" src="x.png">',
        f'<iframe srcdoc="{PLAIN}"></iframe>',
        f"<textarea>{PLAIN}</textarea>",
        f"<figure><img src='x.png'><figcaption>Photo: N. Roe, {LINK}</figcaption></figure>",
        f"<blockquote>{NOTICE}</blockquote>",
        f'<nav><a href="{BY}">What is CC BY?</a></nav>',
        f'<div about="https://other.example/1"><p>{NOTICE}</p></div>',
    ],
)
def test_markup_that_nobody_reads_or_that_is_about_something_else_grants_nothing(inside) -> None:
    assert not is_grant(rights_of_page(page(inside)))


@pytest.mark.parametrize(
    "address",
    [
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://creativecommons.org@evil.example/licenses/by/4.0/",
        "https://user:word@creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org:8443/licenses/by/4.0/",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "https://evil.example/by/4.0/",
        "https://xn--cretivecommons-zkk.org/licenses/by/4.0/",
        "https://cre\u0430tivecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/4.0/\u202e",
        "https://creativecommons.org\\@evil.example/licenses/by/4.0/",
        "javascript:'https://creativecommons.org/licenses/by/4.0/'",
        "data:text/html,https://creativecommons.org/licenses/by/4.0/",
        "https://creativecommons.org/licenses/by/9.9/",
        "https://creativecommons.org/licenses/",
        "https://evil.example/?https://creativecommons.org/licenses/by/4.0/",
        "",
    ],
)
def test_a_look_alike_address_grants_nothing(address: str) -> None:
    for markup in (
        page("", f'<link rel="license" href="{address}">'),
        page(f'<p>Licence: <a rel="license" href="{address}">here</a></p>'),
        page("", f'<meta name="license" content="{address}">'),
        page(
            '<script type="application/ld+json">'
            + json.dumps({"@type": "NewsArticle", "license": address})
            + "</script>"
        ),
    ):
        assert not is_grant(rights_of_page(markup))


@pytest.mark.parametrize(
    "words",
    [
        "\u0421\u0421 \u0412Y 4.0",
        "C\u0421 BY 4.0",
        "Creative Comm\u043ens Attribution 4.0",
        "CC BY-N\u0421 4.0",
        "CC \u202e0.4 YB",
        "\uff23\uff23 \uff22\uff39 4.0",
        "\U0001d402\U0001d402 \U0001d401\U0001d418 4.0",
    ],
)
def test_look_alike_letters_grant_nothing(words: str) -> None:
    sentence = f"This article is licensed under {words}."
    assert not is_grant(rights_of_page(page(f"<footer>{sentence}</footer>"), f"{STORY} {sentence}"))


@pytest.mark.parametrize(
    "block",
    [
        '{"@type":"NewsArticle","license":"AT"'.replace("AT", BY),
        '{"@type":"NewsArticle","license":"AT"}}}'.replace("AT", BY),
        '{"@type":"NewsArticle","license":{"license":{"license":"AT"'.replace("AT", BY),
        "[" * 5000 + f'"{BY}"' + "]" * 5000,
        '{"@graph":' * 3000 + f'"{BY}"' + "}" * 3000,
        '{"license":NaN}',
        "\ud800".join(['{"license":"', '"}']),
        "null",
        '{"@type":"NewsArticle","sdLicense":"AT"}'.replace("AT", BY),
        '{"@type":"ImageObject","license":"AT"}'.replace("AT", BY),
        '{"@type":"NewsArticle","image":{"license":"AT"}}'.replace("AT", BY),
        '{"@type":"NewsArticle","url":"https://other.example/9","license":"AT"}'.replace("AT", BY),
        '{"@type":"NewsArticle","comment":{"@type":"Comment","license":"AT"}}'.replace("AT", BY),
    ],
)
def test_broken_json_ld_and_nodes_of_others_grant_nothing(block: str) -> None:
    markup = page(f'<script type="application/ld+json">{block}</script>')
    with bounded():
        assert not is_grant(rights_of_page(markup.encode("utf-8", "replace")))


def test_cyclic_rdfa_and_json_ld_end() -> None:
    cyclic = (
        '<div about="#a" resource="#b"><div about="#b" resource="#a">'
        f'<a property="cc:license" about="#a" resource="#a" href="{BY}">x</a></div></div>'
    )
    nodes = [{"@id": "#a", "license": {"@id": "#b"}}, {"@id": "#b", "license": {"@id": "#a"}}]
    script = f'<script type="application/ld+json">{json.dumps({"@graph": nodes})}</script>'
    with bounded():
        assert not is_grant(rights_of_page(page(cyclic + script)))


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(page("<div>" * 100_000 + NOTICE), id="deep"),
        pytest.param(page(f"<p>{'word ' * 2_000_000}</p>"), id="ten-megabytes"),
        pytest.param(page(f"<p>See {LINK}</p>" * 10_000), id="ten-thousand-links"),
        pytest.param(page(f'<div class="copyright">(c) {NOTICE}</div>' * 10_000), id="notices"),
        pytest.param(page('<div class="license">' * 3_000 + "x"), id="nested-notices"),
        pytest.param(page(f'<p style="display:none">{NOTICE}</p>' * 10_000), id="hidden"),
        pytest.param(page(f'<div style="{"a:b;" * 500_000}">{NOTICE}</div>'), id="style"),
        pytest.param(page(f'<a rel="{"license " * 300_000}" href="{BY}">x</a>'), id="rel"),
        pytest.param(page(f'<a rel="license" href="{"a" * 5_000_000}">x</a>'), id="href"),
        pytest.param(
            page('<meta name="copyright" content="(c) ' + "under " * 500_000 + '">'), id="meta"
        ),
        pytest.param(
            page("<script type='application/ld+json'>" + '{"license":' * 200_000), id="json"
        ),
    ],
)
def test_a_huge_or_endless_page_is_read_in_bounded_time(markup: str) -> None:
    with bounded():
        rights_of_page(markup.encode())


# No word of these names a licence with the words of a grant, nor an address of one in a place
# that speaks for the article.
WORDS = st.sampled_from(
    ["The council voted.", "Creative Commons", "All rights reserved.", "\u00a9 2026 Paper",
     "Photo: N. Roe", "The maps are under a licence.", "not under CC BY 4.0", "free", "copyright",
     "https://creativecommons.org/", "https://creativecommons.org.evil.example/licenses/by/4.0/",
     "\u0421\u0421 BY 4.0", "licence", "Terms"]
)  # fmt: skip
TAGS = st.sampled_from(["p", "div", "footer", "aside", "figure", "span", "li", "article", "header"])
ATTRIBUTES = st.sampled_from(
    ["", 'class="license"', 'class="copyright"', 'rel="license"', "hidden", 'id="comments"',
     'property="cc:license"', 'itemprop="license"', 'about="https://paper.example/2026/harbour"']
)  # fmt: skip
ELEMENTS = st.recursive(
    WORDS,
    lambda inside: (
        st.builds(
            lambda tag, attribute, parts: f"<{tag} {attribute}>{' '.join(parts)}</{tag}>",
            TAGS,
            ATTRIBUTES,
            st.lists(inside, max_size=3),
        )
        | st.builds(lambda words: f'<a rel="license" href="/imprint">{words}</a>', WORDS)
    ),
    max_leaves=12,
)


@settings(max_examples=200)
@given(ELEMENTS, st.lists(WORDS, max_size=3))
def test_a_page_without_a_grant_is_never_granted(inside: str, tail: list[str]) -> None:
    rights = rights_of_page(page(inside), " ".join([STORY, *tail]))
    assert not is_grant(rights), rights.evidence


@settings(max_examples=200)
@given(st.text(alphabet=st.sampled_from("<>/=\"aprel licens&;'{}[]:,!-"), max_size=300))
def test_any_markup_is_read_without_an_error(markup: str) -> None:
    rights_of_page(f"<html><body>{markup}{LINK}</body></html>")
