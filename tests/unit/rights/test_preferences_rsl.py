from __future__ import annotations

import time

import pytest
from preference_signals import ARTICLE, content, header, robots, rsl_document

from dateline.records import RightsSignal
from dateline.rights.record import Preference
from dateline.rights.signals.rsl import cut_rsl, read_rsl, rsl_addresses
from dateline.rights.signals.rsl_document import MAX_CHARS, parse_rsl

Answer = tuple[Preference | None, Preference | None, Preference | None]
NOTHING: Answer = (None, None, None)
NO, YES = "disallowed", "allowed"
SITE = "https://post.example/rsl.xml"
PAGE = "https://post.example/page.xml"
PERMITS = '<permits type="usage">{}</permits>'
PROHIBITS = '<prohibits type="usage">{}</prohibits>'
LINK = RightsSignal(
    layer="html", field="link[rel=license][type=application/rsl+xml]@head", value="/page.xml"
)


def read(*signals: RightsSignal, url: str | None = ARTICLE) -> Answer:
    (stated,) = read_rsl(signals, article_url=url)
    return stated.ai_train, stated.ai_input, stated.search


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        (PERMITS.format("search") + PROHIBITS.format("ai-all"), (NO, NO, YES)),
        (PERMITS.format("all") + PROHIBITS.format("ai-train"), (NO, YES, YES)),
        (PERMITS.format("search") + PROHIBITS.format("all"), (NO, NO, NO)),
        (PERMITS.format("ai-train,search"), (YES, None, YES)),
        (PERMITS.format("ai-train search") + '<payment type="attribution"/>', (YES, None, YES)),
        (PERMITS.format("ai-train") + '<payment type="training"/>', (NO, None, None)),
        (PERMITS.format("ai-index"), NOTHING),
        (PROHIBITS.format("ai-index"), (None, NO, None)),
        ('<payment type="crawl"/>', (NO, NO, None)),
        ('<payment type="free"/>', NOTHING),
        (PERMITS.format("all") + '<permits type="user">education</permits>', (NO, NO, NO)),
        (PROHIBITS.format("ai-train") + '<prohibits type="geo">US</prohibits>', (NO, NO, None)),
        (PERMITS.format("flying"), NOTHING),
        ("", NOTHING),
    ],
)
def test_terms_say_what_may_be_done_as_it_stands(terms: str, expected: Answer) -> None:
    assert read(rsl_document(content(terms))) == expected


def test_a_licence_server_stands_between_us_and_the_permission() -> None:
    terms = content(PERMITS.format("ai-train")).replace("<content", '<content server="https://l"')
    assert read(rsl_document(terms)) == (NO, None, None)


@pytest.mark.parametrize("order", [1, -1])
def test_two_licences_of_one_content_are_taken_strictly(order: int) -> None:
    both = [
        f"<license>{PERMITS.format('ai-train')}</license>",
        f'<license>{PERMITS.format("ai-train")}<payment type="use"/></license>',
    ][::order]
    assert read(rsl_document(f'<content url="/">{"".join(both)}</content>')) == (NO, None, None)


@pytest.mark.parametrize(
    ("pattern", "is_ours"),
    [
        ("/", True),
        ("/news/", True),
        ("news/", True),
        ("*/open/", True),
        ("/news/*$", True),
        ("https://post.example/news/", True),
        ("https://www.post.example/", True),
        ("http://post.example", True),
        ("/premium/", False),
        ("https://other.example/", False),
        ("/news/$", False),
        ("", False),
        ("http://[", False),
    ],
)
def test_a_content_is_told_by_its_address(pattern: str, is_ours: bool) -> None:
    document = rsl_document(content(PROHIBITS.format("ai-train"), pattern))
    assert read(document) == ((NO, None, None) if is_ours else NOTHING)
    cut = cut_rsl(document.value, article_url=ARTICLE)
    assert bool(cut) is is_ours


@pytest.mark.parametrize("order", [1, -1])
def test_of_a_document_the_content_that_fits_best_counts(order: int) -> None:
    contents = [
        content(PROHIBITS.format("ai-all")),
        content(PERMITS.format("ai-train"), "/news/open/"),
    ][::order]
    assert read(rsl_document("".join(contents))) == (YES, None, None)


def test_of_an_unknown_address_only_the_whole_site_is_known() -> None:
    both = content(PERMITS.format("all"), "/news/") + content(PROHIBITS.format("search"))
    assert read(rsl_document(both), url=None) == (None, None, NO)


def test_the_page_beats_the_channel_and_this_the_site() -> None:
    text = robots(f"License: {SITE}\nUser-agent: *\nAllow: /\n")
    of_site = rsl_document(content(PROHIBITS.format("search")), SITE)
    of_page = rsl_document(content(PERMITS.format("ai-train")), PAGE)
    of_channel = RightsSignal(
        layer="feed",
        field="channel/rsl:content",
        value=f'<content xmlns="https://rslstandard.org/rsl" url="/"><license>'
        f"{PERMITS.format('ai-input')}</license></content>",
    )
    assert read(text, of_site) == (None, None, NO)
    assert read(text, of_site, of_channel) == (None, YES, None)
    assert read(text, of_site, of_channel, LINK, of_page) == (YES, None, None)
    link = header("link", '</page.xml>; rel="license"; type="application/rsl+xml"')
    assert read(text, of_site, link, of_page) == (YES, None, None)


def test_a_page_document_that_says_nothing_of_us_leaves_the_site_s() -> None:
    text = robots(f"License: {SITE}")
    of_site = rsl_document(content(PROHIBITS.format("search")), SITE)
    of_page = rsl_document(content(PERMITS.format("all"), "/else/"), PAGE)
    assert read(text, of_site, LINK, of_page) == (None, None, NO)
    assert read(text, of_site, LINK) == (None, None, NO)


def test_a_group_s_document_takes_the_place_of_the_global_one() -> None:
    text = robots(f"License: {SITE}\n\nUser-agent: dateline\nLicense: {PAGE}\n")
    of_site = rsl_document(content(PROHIBITS.format("search")), SITE)
    of_group = rsl_document(content(PERMITS.format("ai-train")), PAGE)
    assert read(text, of_site, of_group) == (YES, None, None)
    assert rsl_addresses([text], article_url=ARTICLE) == (PAGE,)


def test_the_document_of_another_robot_does_not_bind() -> None:
    text = robots(f"License: {SITE}\nUser-agent: GPTBot\nLicense: {PAGE}\n")
    assert read(text, rsl_document(content(PROHIBITS.format("all")), PAGE)) == NOTHING


def test_a_license_line_apart_from_the_group_above_is_for_everybody() -> None:
    text = robots(f"User-agent: GPTBot\nDisallow: /\n\nLicense: {SITE}\n")
    assert rsl_addresses([text], article_url=ARTICLE) == (SITE,)


def test_addresses_are_absolute_the_page_s_first() -> None:
    text = robots(f"License: {SITE}")
    assert rsl_addresses([text, LINK], article_url=ARTICLE) == (PAGE, SITE)
    plain = RightsSignal(layer="html", field="link[rel=license]@head", value="/imprint")
    assert rsl_addresses([plain], article_url=ARTICLE) == ()


@pytest.mark.parametrize(
    ("field", "xml"),
    [
        ("item/rsl:content",
         '<rsl:content xmlns:rsl="https://rslstandard.org/rsl" url="https://origin.example/17">'
         '<rsl:license><rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license>'
         "</rsl:content>"),
        ("entry/rsl:license",
         '<rsl:license xmlns:rsl="https://rslstandard.org/rsl">'
         '<rsl:prohibits type="usage">ai-train</rsl:prohibits></rsl:license>'),
    ],
)  # fmt: skip
def test_terms_of_the_item_itself_count_under_the_origin_s_address(field: str, xml: str) -> None:
    signal = RightsSignal(layer="feed", field=field, value=xml)
    (stated,) = read_rsl([signal], article_url=ARTICLE)
    assert stated.ai_train == "disallowed"
    assert stated.raw[0].value == xml


def test_a_script_of_the_page_counts() -> None:
    value = rsl_document(content(PROHIBITS.format("ai-train"))).value
    script = RightsSignal(layer="html", field="script[type=application/rsl+xml]", value=value)
    assert read(script) == (NO, None, None)


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param('<!DOCTYPE rsl [<!ENTITY a "ai-train">]>'
                     '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>'
                     "<prohibits>&a;</prohibits></license></content></rsl>", id="DTD"),
        pytest.param("<rsl><content url='/'><license/></content></rsl>", id="no namespace"),
        pytest.param("<html></html>", id="a page"),
        pytest.param("not xml", id="no xml"),
        pytest.param("", id="empty"),
        pytest.param("<a>" * 50_000, id="nested"),
        pytest.param('<rsl xmlns="https://rslstandard.org/rsl">' + " " * MAX_CHARS + "</rsl>",
                     id="too long"),
    ],
)  # fmt: skip
def test_what_is_no_rsl_says_nothing(xml: str) -> None:
    assert parse_rsl(xml) == ()
    assert cut_rsl(xml, article_url=ARTICLE) == ""


def test_a_declared_encoding_does_not_matter() -> None:
    xml = '<?xml version="1.0" encoding="UTF-16"?>' + rsl_document(content("")).value
    assert len(parse_rsl(xml)) == 1


def test_a_document_is_cut_to_what_is_about_the_article() -> None:
    xml = rsl_document(
        "".join(content(PERMITS.format("search"), f"/{number}/") for number in range(500))
        + content(PROHIBITS.format("ai-train"), "/news/")
    ).value
    cut = cut_rsl(xml, article_url=ARTICLE)
    assert len(cut) < 300
    assert read(RightsSignal(layer="rsl", field="document", value=cut)) == (NO, None, None)
    whole = rsl_document(content("")).value
    assert cut_rsl(whole, article_url=ARTICLE) == whole


def test_a_large_document_is_read_once() -> None:
    xml = rsl_document("".join(content("", f"/{n}/") for n in range(2000))).value
    signal = RightsSignal(layer="rsl", field="document", value=xml)
    read(signal)
    started = time.perf_counter()
    for _ in range(10):
        read(signal)
    assert time.perf_counter() - started < 1.0


def test_nothing_stated_is_no_preference() -> None:
    assert read_rsl([header("tdm-reservation", "1")], article_url=ARTICLE) == ()
    assert read_rsl([robots("User-agent: *\nContent-Signal: search=yes")], article_url=None) == ()
