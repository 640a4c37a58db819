from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.normalize_url import normalize_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        pytest.param("HTTP://Example.ORG", "https://example.org/", id="case-and-http-twin"),
        pytest.param("https://example.org:443/a", "https://example.org/a", id="default-port"),
        pytest.param("http://example.org:80/a", "https://example.org/a", id="default-port-http"),
        pytest.param("https://example.org:8443/a", "https://example.org:8443/a", id="other-port"),
        pytest.param("https://example.org/a#top", "https://example.org/a", id="fragment"),
        pytest.param(
            "https://example.org/a?utm_source=x&id=7&fbclid=y&gclid=z",
            "https://example.org/a?id=7",
            id="tracking",
        ),
        pytest.param(
            "https://example.org/?b=2&a=1", "https://example.org/?b=2&a=1", id="order-kept"
        ),
        pytest.param("https://example.org/A/b/", "https://example.org/A/b/", id="path-kept"),
        pytest.param("https://user:pw@example.org/", "https://example.org/", id="no-user"),
        pytest.param("https://example.org./a", "https://example.org/a", id="root-dot"),
        pytest.param("  https://example.org/a \n", "https://example.org/a", id="white-space"),
        pytest.param("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a", id="ipv6"),
        pytest.param("https://example.org/%C3%A9", "https://example.org/%C3%A9", id="escapes"),
        pytest.param("urn:newsml:x", None, id="urn"),
        pytest.param("ftp://example.org/a", None, id="ftp"),
        pytest.param("https://", None, id="no-host"),
        pytest.param("http://./", None, id="host-of-dots"),
        pytest.param("https://example.org:99999/", None, id="bad-port"),
        pytest.param("https://[::1/", None, id="bad-ipv6"),
        pytest.param("https://example.org/" + "a" * 5000, None, id="too-long"),
        pytest.param("", None, id="empty"),
    ],
)
def test_normalize_url_returns_one_spelling(url: str, expected: str | None) -> None:
    assert normalize_url(url) == expected


@given(st.text() | st.text().map(lambda text: f"https://example.org/{text}"))
def test_normalize_url_is_stable(url: str) -> None:
    normal = normalize_url(url)
    assert normal is None or normalize_url(normal) == normal
