"""Which redirects lead to an article, and which to something that stands before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.feeds.page_place import leads_elsewhere

ARTICLE = "https://paper.example/politics/123/a-long-day"


@pytest.mark.parametrize(
    "final_url",
    [
        pytest.param("https://paper.example/", id="home"),
        pytest.param("https://other.example/", id="another-home"),
        pytest.param("https://paper.example/politics", id="section"),
        pytest.param("https://paper.example/login?next=/politics/123", id="login"),
        pytest.param("https://paper.example/account/sign-in", id="sign-in"),
        pytest.param("https://consent.example.org/?to=x", id="consent-host"),
        pytest.param("https://paper.example/404.html", id="error"),
        pytest.param("https://paper.example/subscribe/offer?id=1", id="subscription"),
    ],
)
def test_a_wall_or_a_page_above_is_elsewhere(final_url: str) -> None:
    assert leads_elsewhere(final_url, ARTICLE)


@pytest.mark.parametrize(
    ("final_url", "url"),
    [
        pytest.param(ARTICLE, ARTICLE, id="same"),
        pytest.param(f"{ARTICLE}/?utm_source=feed", ARTICLE, id="twin"),
        pytest.param("https://www.paper.example/politics/123/a-long-day", ARTICLE, id="www"),
        pytest.param("https://paper.example/politics/123", ARTICLE, id="without-slug"),
        pytest.param("https://paper.example/2026/11/a-long-day", ARTICLE, id="moved"),
        pytest.param(ARTICLE, "https://paper.example/?p=123", id="short-address"),
        pytest.param(ARTICLE, "https://go.example/x9", id="link-shortener"),
        pytest.param(
            "https://paper.example/a-very-long-day",
            "https://paper.example/a-very-long-day/index.html",
            id="index-file",
        ),
        pytest.param(
            "https://paper.example/tips/login/two",
            "https://paper.example/tips/login/one",
            id="an-article-about-logins",
        ),
    ],
)
def test_another_address_of_the_article_is_not(final_url: str, url: str) -> None:
    assert not leads_elsewhere(final_url, url)


@given(final_url=st.text(max_size=80), url=st.text(max_size=80))
def test_no_address_is_an_error(final_url: str, url: str) -> None:
    assert leads_elsewhere(final_url, url) in (True, False)
