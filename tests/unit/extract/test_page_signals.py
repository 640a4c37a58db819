from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trafilatura.utils import load_html

from dateline.records import RightsSignal
from producers.extract.page_signals import (
    MAX_SIGNALS,
    MAX_SIGNALS_PER_FIELD,
    MAX_VALUE_CHARS,
    page_signals,
)

BY = "https://creativecommons.org/licenses/by/4.0/"
NC = "https://creativecommons.org/licenses/by-nc/2.0/"


def signals(body: str = "", *, head: str = "", **headers: str) -> list[tuple[str, str, str]]:
    html = f"<!doctype html><html><head><title>t</title>{head}</head><body>{body}</body></html>"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return [(each.layer, each.field, each.value) for each in page_signals(load_html(html), named)]


def fields(body: str = "", *, head: str = "") -> list[str]:
    return [field for _, field, _ in signals(body, head=head)]


def test_http_headers_are_kept_word_for_word() -> None:
    link = f'<{BY}>; rel="license", <https://n.example/a,b>; rel=next, </r.xml>; rel="license x"'
    found = signals(link=link, tdm_reservation="1", x_robots_tag="noai", server="s")
    assert found == [
        ("http", "link", f'<{BY}>; rel="license"'),
        ("http", "link", '</r.xml>; rel="license x"'),
        ("http", "tdm-reservation", "1"),
        ("http", "x-robots-tag", "noai"),
    ]


@pytest.mark.parametrize(
    "name",
    ["copyright", "DC.Rights", "dcterms.license", "rights", "robots", "googlebot-news",
     "tdm-reservation", "tdm-policy", "dcterms.rightsHolder", "licence"],
)  # fmt: skip
def test_meta_statements_are_found_by_name(name: str) -> None:
    head = (
        f'<meta name="{name}" content="All Content is licensed"><meta name="viewport" content="x">'
    )
    assert signals(head=head) == [("html", f"meta[name={name.lower()}]", "All Content is licensed")]


def test_properties_and_http_equiv_count_as_names() -> None:
    head = '<meta property="og:license" content="a"><meta http-equiv="copyright" content="b">'
    assert fields(head=head) == ["meta[property=og:license]", "meta[http-equiv=copyright]"]


@pytest.mark.parametrize(
    ("markup", "place"),
    [
        ("{}", "body"),
        ("<footer><div>{}</div></footer>", "footer"),
        ("<div class='site-footer'>{}</div>", "footer"),
        ("<article><figure>{}</figure></article>", "figure"),
        ("<article><p>{}</p></article>", "article"),
        ("<aside>{}</aside>", "aside"),
        ("<ol id='comments'><li><article>{}</article></li></ol>", "comment"),
        ("<footer class='comment-meta'>{}</footer>", "comment"),
        ("<header>{}</header>", "header"),
        ("<div role='contentinfo'>{}</div>", "footer"),
        ("<div class='commentary'>{}</div>", "body"),
    ],
)
def test_a_licence_link_says_where_it_stands(markup: str, place: str) -> None:
    link = f'<a rel="nofollow license" href="{BY}">this</a>'
    assert fields(markup.format(link)) == [f"a[rel=license]@{place}"]


def test_a_body_that_is_open_for_comments_is_no_comment() -> None:
    link = f'<a rel="license" href="{BY}">x</a>'
    html = f'<html><body class="single comment-open"><p>{link}</p></body></html>'
    [signal] = page_signals(load_html(html), {})
    assert signal.field == "a[rel=license]@body"


def test_a_link_carries_its_text_and_the_words_around_it() -> None:
    body = f'<figure><figcaption>Photo: N. Roe, <a href="{NC}">CC  BY-NC</a></figcaption></figure>'
    assert signals(body) == [("html", "a[href]@figure", f"{NC}\nCC BY-NC\nPhoto: N. Roe, CC BY-NC")]


def test_other_links_are_no_statements() -> None:
    assert (
        signals('<a href="https://n.example/">n</a> <a rel="nofollow" href="/x">licence</a>') == []
    )


def test_head_links_tell_a_machine_licence_from_another() -> None:
    head = (
        f'<link rel="license" href="{BY}">'
        '<link rel="license" type="application/rsl+xml" href="/r.xml">'
        '<link rel="stylesheet" href="/s.css">'
    )
    assert signals(head=head) == [
        ("html", "link[rel=license]@head", BY),
        ("html", "link[rel=license][type=application/rsl+xml]@head", "/r.xml"),
    ]


def test_rdfa_says_what_it_is_about() -> None:
    body = f'<p about="/s/17">By <a rel="cc:license" href="{BY}">CC</a></p>'
    value = f"{BY}\nCC\nBy CC\nabout=/s/17"
    assert signals(body) == [
        ("html", "a[href]@body", value),
        ("html", "[rel=cc:license]@body", value),
    ]


def test_a_relation_counts_on_any_element() -> None:
    assert fields(f'<div rel="cc:license" href="{BY}">by</div>') == ["[rel=cc:license]@body"]


def test_a_notice_is_told_by_its_class_in_any_case() -> None:
    assert fields('<p class="CoPyRight">(c) Paper</p>') == ["[class*=copyright]@body"]


def test_microdata_says_what_kind_of_thing_it_is_about() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/ImageObject">'
        f'<a itemprop="license" href="{NC}">licence</a></div>'
    )
    [*_, (layer, field, value)] = signals(body)
    assert (layer, field) == ("html", "[itemprop=license]@body")
    assert value.startswith(NC)
    assert value.endswith("itemtype=https://schema.org/ImageObject")


def test_a_notice_by_class_is_kept_once() -> None:
    body = (
        '<footer><div class="Copyright"><p class="copyright-text">All Content by  <b>Orchard</b>'
        " Wire is licensed.</p></div></footer>"
    )
    notice = "All Content by Orchard Wire is licensed."
    assert signals(body) == [
        ("html", "text@footer", notice),
        ("html", "[class*=copyright]@footer", notice),
    ]


def ld(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return f'<script type="application/ld+json">{text}</script>'


def test_json_ld_is_cut_down_to_what_says_something() -> None:
    article = {
        "@type": "NewsArticle", "@id": "https://n.example/1", "headline": "H",
        "articleBody": "long",
        "license": BY, "dateModified": "2026-11-23",
        "copyrightHolder": {"@type": "Organization", "name": "Orchard Wire"},
        "image": {"@type": "ImageObject", "width": 3, "contentUrl": "/i.jpg", "license": NC},
        "author": {"@type": "Person", "name": "L. Ode"},
    }  # fmt: skip
    [(layer, _, value)] = signals(head=ld({"@graph": [article, {"@type": "WebSite", "name": "x"}]}))
    assert layer == "jsonld"
    assert json.loads(value) == {
        "@type": "NewsArticle", "@id": "https://n.example/1", "license": BY,
        "copyrightHolder": {"@type": "Organization", "name": "Orchard Wire"},
        "image": {"@type": "ImageObject", "contentUrl": "/i.jpg", "license": NC},
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        '<!-- {"license": "a"} -->',
        '//<![CDATA[\n{"license": "a"}\n//]]>',
        '{"license": "a"};',
        '{"license": "a", "x": "line\nbreak"}',
        '{"license": "a",}',
        "\n" + '{"license": "a"' + "}" * 3,
    ],
)
def test_json_ld_as_pages_write_it_is_read(text: str) -> None:
    [(_, _, value)] = signals(head=ld(text))
    assert value in ('{"license":"a"}', '"license": "a"')


@pytest.mark.parametrize(
    "text",
    [
        "license",
        '{"license": ' + "[" * 100_000,
        '{"a":' * 5000 + '{"license": "x"}' + "}" * 5000,
        '{"license": NaN, "usageInfo": [[[]]]}',
        '{"license": "\\ud800\\u0000x"}',
        '{"license": ' + "9" * 5000 + "}",
        '[null, 1, "license", {"@graph": "license"}]',
    ],
)
def test_hostile_json_ld_costs_nothing(text: str) -> None:
    for _, _, value in signals(head=ld(text)):
        assert value.encode()
        assert "\0" not in value


def test_long_values_are_cut_and_say_so() -> None:
    [(_, field, value)] = signals(head=f'<meta name="copyright" content="{"x" * 5000}">')
    assert (field, len(value)) == ("meta[name=copyright] (cut)", MAX_VALUE_CHARS)


def test_links_in_comments_cannot_displace_the_footer() -> None:
    comments = "".join(f'<li><a rel="license" href="{BY}?{n}">x</a></li>' for n in range(1000))
    body = (
        f'<ol class="comments">{comments}</ol><footer><a rel="license" href="{NC}">y</a></footer>'
    )
    found = fields(body)
    assert found.count("a[rel=license]@comment") == MAX_SIGNALS_PER_FIELD
    assert "a[rel=license]@footer" in found


def test_the_number_of_statements_is_limited() -> None:
    names = ("p", "div", "footer", "aside", "nav", "header", "article", "figure", "blockquote")
    one = (
        f'<a rel="license" href="{BY}?%d">x</a><span class="copyright">%d</span>'
        f'<a href="{NC}#%d">z</a>'
    )
    body = "".join(
        f"<{name}>{''.join(one % (n, n, n) for n in range(9))}</{name}>" for name in names
    )
    assert len(signals(body)) == MAX_SIGNALS


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 100_000 + f'<a rel="license" href="{BY}">x</a>',
        f'<a rel="license" href="{BY}">x</a>' * 100_000,
        '<div class="copyright">' * 20_000 + "x",
        f'<div><a rel="license" href="{BY}">x</a>' + "word " * 2_000_000 + "</div>",
        '<p class="' + "copyright " * 500_000 + '">x</p>',
        "<p itemprop='license' property='cc:license'>" * 5000,
    ],
    ids=["deep", "many links", "deep notices", "10 MB of text", "long class", "nested properties"],
)
def test_hostile_pages_take_no_time(body: str) -> None:
    tree = load_html(f"<html><body>{body}</body></html>")
    started = time.process_time()
    assert len(page_signals(tree, {})) <= MAX_SIGNALS
    assert time.process_time() - started < 3


PIECES = (
    f'<a rel="license" href="{BY}">',
    "</a>",
    "<p class=copyright>",
    "</p>",
    "<footer>",
    "<b",
    '<script type="application/ld+json">{"license":"',
    "</script>",
    "<!--",
    "-->",
    "<meta name=",
    "rights content=x>",
    "<svg><a href='creativecommons.org'>",
    "&#0;",
    "<html>",
    "<?x",
    "<div about=/a property='cc:license dct:license'>",
    '<link rel="license" href="">',
)
MARKUP = st.lists(st.sampled_from(PIECES), max_size=25)


@settings(max_examples=200, deadline=None)
@given(parts=MARKUP, text=st.text(max_size=40))
def test_no_markup_raises(parts: list[str], text: str) -> None:
    tree = load_html(f"<html><body>{''.join(parts)}{text.encode('utf-8', 'ignore').decode()}")
    if tree is not None:
        for signal in page_signals(tree, {"link": "".join(parts)}):
            assert isinstance(signal, RightsSignal)
            assert signal.value


ICON = '<img src="/i/cc-88x31.png" alt="Creative  Commons&#10;License">'


@pytest.mark.parametrize(
    ("markup", "beside"),
    [
        ("<footer>Photo: N. Roe {} Imprint</footer>", "Photo: N. Roe Imprint"),
        ("<footer><p>Imprint</p><p>{}</p></footer>", "Imprint"),
        ('<footer>News<div class="footer-box">{}</div></footer>', ""),
        ('<aside>News</aside><aside class="widget">{}</aside>', ""),
        (f"<footer>{'a' * 90} {{}}{'b' * 90}</footer>", f"{'a' * 80} {'b' * 80}"),
    ],
)
def test_a_link_of_an_image_alone_has_its_image_and_the_words_beside_it(
    markup: str, beside: str
) -> None:
    body = markup.format(f'<a href="{BY}">{ICON}</a>')
    (value,) = (value for _, field, value in signals(body) if field.startswith("a[href]"))
    expected = ["image=/i/cc-88x31.png", "alt=Creative Commons License"]
    found = value[value.index("image=") :].split("\n")
    assert found == expected + [f"beside={beside}"] * bool(beside)


def test_a_link_of_words_has_no_image_line() -> None:
    assert "image=" not in str(signals(f'<footer><a href="{BY}">{ICON} CC BY</a></footer>'))
    assert "image=" not in str(signals(f'<footer><a href="{BY}"></a></footer>'))
