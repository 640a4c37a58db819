"""What sites say of rights in the files that an archive holds beside their pages."""

from __future__ import annotations

import io

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dateline.records import RightsSignal
from producers.parsed import ParsedArticle, Skip
from producers.sources import archived_hosts
from producers.sources.warc_file import parse_warc
from producers.sources.warc_input import parse_warc_input

SITE = "https://www.news.example"
PAGE = (
    b"<!doctype html><html lang='en'><head><title>Harbour reopens</title></head><body><article>"
    b"<h1>Harbour reopens</h1><p>The harbour was opened again on Monday after a storm that had"
    b" kept every ship outside for three days, its master said.</p></article></body></html>"
)


def pages(*paths: str) -> bytes:
    return b"".join(answer(f"{SITE}{path}", PAGE) for path in paths)


def site_file(path: str, body: bytes, *, site: str = SITE) -> bytes:
    return answer(f"{site}{path}", body, content_type="text/plain")


def answer(url: str, body: bytes, *, content_type: str = "text/html") -> bytes:
    target = io.BytesIO()
    http = StatusAndHeaders("200 OK", [("Content-Type", content_type)], protocol="HTTP/1.1")
    writer = WARCWriter(target, gzip=True)
    record = writer.create_warc_record(
        url, "response", payload=io.BytesIO(body), length=len(body), http_headers=http
    )
    writer.write_record(record)
    return target.getvalue()


ROBOTS = b"User-agent: *\nDisallow: /admin\nContent-Usage: train-ai=n\n"
RULES = b'[{"location":"/1","tdm-reservation":1}]'


def signals(data: bytes) -> list[list[RightsSignal]]:
    return [
        list(article.rights_signals)
        for article in parse_warc(io.BytesIO(data))
        if isinstance(article, ParsedArticle)
    ]


def test_files_of_a_site_count_for_its_pages_behind_them() -> None:
    files = site_file("/robots.txt", ROBOTS) + site_file("/.well-known/tdmrep.json", RULES)
    other = answer("https://other.example/1", PAGE)
    data = pages("/1") + files + pages("/1", "/2") + other
    robots = RightsSignal(
        layer="robots",
        field="robots.txt",
        value="user-agent: *\ncontent-usage: train-ai=n",
        source_url=f"{SITE}/robots.txt",
    )
    rules = RightsSignal(
        layer="wellknown",
        field="tdmrep.json",
        value=RULES.decode(),
        source_url=f"{SITE}/.well-known/tdmrep.json",
    )
    # In child processes, as `dateline ingest` reads archives.
    found = [
        list(each.rights_signals)
        for each in parse_warc_input(io.BytesIO(data))
        if isinstance(each, ParsedArticle)
    ]
    assert found == [[], [robots, rules], [robots], []]


def test_files_of_sites_are_no_pages_and_the_later_one_counts() -> None:
    data = site_file("/robots.txt", ROBOTS) + site_file("/robots.txt", b"User-agent: *\n")
    assert list(parse_warc(io.BytesIO(data))) == [
        Skip(reason="a site's file, no page", line=n) for n in (1, 2)
    ]
    assert signals(data + pages("/1")) == [[]]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(pages("/robots.txt"), id="page"),
        pytest.param(site_file("/1/robots.txt", ROBOTS), id="elsewhere"),
        pytest.param(site_file("/robots.txt?x=1", ROBOTS), id="query"),
        pytest.param(site_file("/.well-known/tdmrep.json", b"\xff\xfe[{"), id="no-json"),
        pytest.param(
            site_file("/.well-known/tdmrep.json", b"[" + b" " * 300_000 + RULES[1:]), id="large"
        ),
    ],
)
def test_what_is_no_file_of_a_site_says_nothing_of_its_pages(data: bytes) -> None:
    assert signals(data + pages("/1"))[-1] == []


def test_no_more_files_of_sites_are_kept_than_are_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived_hosts, "MAX_HOSTS", 3)
    data = b"".join(site_file("/robots.txt", ROBOTS, site=f"https://{n}.example") for n in range(5))
    behind = b"".join(answer(f"https://{n}.example/1", PAGE) for n in range(5))
    assert [bool(each) for each in signals(data + behind)] == [False, False, True, True, True]


def test_long_files_of_sites_are_kept_up_to_a_total(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archived_hosts, "MAX_KEPT_CHARS", 100)
    rules = b'[{"location":"/","tdm-reservation":1}]'
    data = b"".join(
        site_file("/.well-known/tdmrep.json", rules, site=f"https://{n}.example") for n in range(5)
    )
    behind = b"".join(answer(f"https://{n}.example/1", PAGE) for n in range(5))
    assert [bool(each) for each in signals(data + behind)] == [False, False, False, True, True]
