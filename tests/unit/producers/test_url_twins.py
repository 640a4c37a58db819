from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.normalize_url import normalize_url
from producers.url_twins import article_url

PAGE = "https://news.example/2026/storm"


@pytest.mark.parametrize(
    "twin",
    [
        "http://m.news.example/2026/storm?utm_source=x",
        "https://mobile.news.example/2026/storm",
        "https://amp.news.example/2026/storm",
        "https://news.example/2026/storm/amp",
        "https://news.example/2026/storm.amp",
        "https://news.example/2026/storm?amp",
        "https://news.example/2026/storm?amp=1#x",
        "https://news.example/2026/storm?outputType=amp",
        "https://amp.news.example/2026/storm/amp?amp=true",
        "https://www.google.com/amp/s/news.example/2026/storm/amp?usqp=mq331AQ&amp_js_v=0.1",
        "https://google.co.uk/amp/news.example/2026/storm",
        "https://news-example.cdn.ampproject.org/c/s/news.example/2026/storm?amp_gsa=1",
        "https://news-example.cdn.ampproject.org/v/s/amp.news.example/2026/storm?amp_js_v=a6&usqp=b",
    ],
)
def test_twins_have_one_address(twin: str) -> None:
    assert article_url(twin) == PAGE


@pytest.mark.parametrize(
    ("twin", "expected"),
    [
        ("https://news.example/storm/amp/", "https://news.example/storm/"),
        ("https://news.example/storm/amp.html", "https://news.example/storm/"),
        ("https://news.example/storm.amp.html", "https://news.example/storm.html"),
        ("https://news.example/storm?id=7&amp=1&page=2", "https://news.example/storm?id=7&page=2"),
        ("https://m.news.example:8080/storm", "https://news.example:8080/storm"),
        ("https://m.example.co.uk/storm", "https://example.co.uk/storm"),
    ],
)
def test_the_rest_of_the_address_is_kept(twin: str, expected: str) -> None:
    assert article_url(twin) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://m.example/storm",
        "https://amp.co.uk/storm",
        "https://m.github.io/storm",
        "https://news.example/amp",
        "https://news.example/amp/",
        "https://news.example/amp/storm",
        "https://news.example/camp",
        "https://news.example/?amplifier=1",
        "https://news.example/storm?amp=2",
        "https://www.news.example/storm/",
        "https://en.m.wiki.example/storm",
        "https://www.google.com/amp/",
        "https://www.google.com/search?q=amp",
        "https://notgoogle.com/amp/s/news.example/storm",
        "https://m.127.0.0.1/storm",
    ],
)
def test_other_addresses_stay_as_they_are(url: str) -> None:
    assert article_url(url) == url


@pytest.mark.parametrize("url", ["", "m.", "ftp://m.news.example/", "https://", "http://[::1"])
def test_what_is_no_address_has_none(url: str) -> None:
    assert article_url(url) is None


PIECES = (
    *("https://", "http://", "m.", "amp.", "mobile.", "news.example", "example", "co.uk"),
    *("/amp", "/", ".amp.html", "/amp.html", "?amp=1", "&amp", "?", "outputType=amp"),
    *("google.com/amp/s/", "x.cdn.ampproject.org/c/s/", "%2F", "#", ":80", ":8080", "@", ".."),
    *("[", "]", "é", " ", "\ud800", "//"),
)
URLS = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


@settings(max_examples=500, deadline=None)
@given(url=URLS)
def test_folding_never_raises_and_is_final(url: str) -> None:
    found = article_url(url)
    if found is not None:
        assert article_url(found) == found
        assert normalize_url(found) == found
