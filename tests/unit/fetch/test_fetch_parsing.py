from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from dateline.outbound.retry_after import parse_retry_after
from producers.fetch.decode_body import BodyDecoder
from producers.fetch.fetched import FetchProblem
from producers.fetch.parse_http_url import host_of, origin_of, parse_http_url, resolve_location

Result = TypeVar("Result")
NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def result_or_kind(work: Callable[[], Result]) -> Result | str:
    try:
        return work()
    except FetchProblem as problem:
        return problem.kind


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120.0), (" 120 ", 120.0), ("0", 0.0), ("1.5", 1.5), ("999999999999", 86_400.0),
        ("Fri, 20 Nov 2026 08:02:00 GMT", 120.0), ("Fri, 20 Nov 2026 07:00:00 GMT", 0.0),
        ("Friday, 20-Nov-26 08:02:00 GMT", 120.0), ("Fri Nov 20 08:02:00 2026", 120.0),
        ("Fri, 20 Nov 2026 09:02:00 +0100", 120.0), ("Fri, 20 Nov 2026 08:02:00 -0000", 120.0),
        ("Fri, 20 Nov 9999 08:02:00 GMT", 86_400.0), ("Fri, 20 Nov 99999 08:02:00 GMT", None),
        ("", None), ("soon", None), ("-5", None), ("1e9", None), ("nan", None), ("٣", None),
        ("1" * 5000, None), ("120, 120", None),
    ],
)  # fmt: skip
def test_parse_retry_after_reads_seconds_and_dates(value: str, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


@given(st.one_of(st.text(max_size=70), st.from_regex(r"\w{3}, \d+ \w{3} \d+ \d+:\d+:\d+ .{0,6}")))
def test_parse_retry_after_answers_for_any_text(value: str) -> None:
    seconds = parse_retry_after(value, NOW)

    assert seconds is None or 0 <= seconds <= 86_400


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("HTTP://News.Example:80/A?b=c#d", "http://news.example/A?b=c"),
        (" https://news.example ", "https://news.example"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://under_score.example/", "https://under_score.example/"),
        ("https://news.example/a%2Fb?q=%26", "https://news.example/a%2Fb?q=%26"),
    ],
)
def test_parse_http_url_returns_what_is_sent(url: str, sent: str) -> None:
    assert str(parse_http_url(url)) == sent


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b", "https://news.example/b"), ("b?c", "https://news.example/a/b?c"),
        ("//other.example/x", "https://other.example/x"), ("?p=2", "https://news.example/a/?p=2"),
        ("/caf\udce9", "https://news.example/caf%C3%A9"), ("/café", "https://news.example/caf%C3%A9"),
        ("/a b", "https://news.example/a%20b"), (" /b ", "https://news.example/b"),
    ],
)  # fmt: skip
def test_resolve_location_takes_what_servers_send(location: str, target: str) -> None:
    assert str(resolve_location(URL("https://news.example/a/"), location)) == target


def test_parse_http_url_gives_hosts_and_origins_one_spelling() -> None:
    assert host_of("https://NEWS.example.:8443/a") == "news.example"
    assert origin_of("https://NEWS.example.:8443/a") == "https://news.example:8443"
    assert origin_of("http://news.example:80/") == origin_of("http://news.example")
    assert origin_of("http://[2606:4700::0001]:80/") == "http://[2606:4700::1]"


@given(st.one_of(st.text(max_size=80), st.text(max_size=60).map("http://{}".format)))
def test_parse_http_url_answers_or_says_url(text: str) -> None:
    url = result_or_kind(lambda: parse_http_url(text))
    if isinstance(url, URL):
        assert url.scheme in ("http", "https")
        assert (url.raw_host or "").isascii()
        assert parse_http_url(str(url)) == url
    else:
        assert url == "url"


@given(st.text(max_size=60))
def test_resolve_location_answers_or_says_url(text: str) -> None:
    url = result_or_kind(lambda: resolve_location(URL("https://news.example/a/"), text))
    assert url == "url" if isinstance(url, str) else url.scheme in ("http", "https")


def decode(encoding: str, data: bytes, sizes: list[int], limit: int = 100_000) -> bytes:
    decoder = BodyDecoder(encoding, max_body_bytes=limit, max_ratio=100)
    at = 0
    for size in [*sizes, len(data)]:
        decoder.feed(data[at : at + size])
        at += size
    return decoder.finish()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "Deflate ": lambda body: zlib.compress(body, wbits=-15),
}


@given(
    st.binary(max_size=5000),
    st.sampled_from(sorted(PACKERS)),
    st.lists(st.integers(0, 50), max_size=30),
)
def test_body_decoder_returns_the_body_however_it_is_cut(
    body: bytes, encoding: str, sizes: list[int]
) -> None:
    assert decode(encoding, PACKERS[encoding](body), sizes) == body


@given(
    st.binary(max_size=300),
    st.sampled_from(["gzip", "deflate"]),
    st.lists(st.integers(0, 50), max_size=9),
    st.sampled_from([b"", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"\x78\x9c"]),
)
def test_body_decoder_answers_or_refuses_any_bytes(
    data: bytes, encoding: str, sizes: list[int], head: bytes
) -> None:
    result = result_or_kind(lambda: decode(encoding, head + data, sizes))

    assert isinstance(result, bytes) or result in ("protocol", "too_large")
