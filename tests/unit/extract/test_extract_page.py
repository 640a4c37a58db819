from __future__ import annotations

import gzip
import hashlib
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import trafilatura
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.extract.extract_page import extract_page
from producers.extract.page_text import PageText
from producers.parsed import Refusal
from producers.sources.html_file import DATE_PARAMS, EXTRACTION_METHOD

ROOT = Path(__file__).resolve().parents[3]
DATA = Path(os.environ.get("DATELINE_DATA_DIR", ROOT / "../shared/data"))
URL = "https://news.example/world/talks"
PAGE = """<!doctype html><html lang="en-GB"><head><title>Talks resume</title>
<meta name="author" content="Jane Doe; Ali Reza">
<link rel="canonical" href="/talks?x=1"><link rel="amphtml" href="talks/amp">
<link rel="license" href="https://creativecommons.org/licenses/by/4.0/">
<meta property="article:published_time" content="2024-05-06T07:08:09+02:00"></head><body>
<nav><a href="/">Home</a></nav><article><h1>Talks resume</h1>
<p>The minister said on Monday that talks had resumed after a week of silence in Café de Paris.</p>
<p>A second paragraph follows, long enough that nobody takes it for a caption or a menu.</p>
</article><footer>All the rest</footer></body></html>"""
TIME = '<meta property="article:published_time" content="2024-05-06T07:08:09+02:00">'


def extract(data: bytes, **headers: str) -> PageText | Refusal:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return extract_page(data, url=URL, headers=named)


def page(data: bytes, **headers: str) -> PageText:
    found = extract(data, **headers)
    assert isinstance(found, PageText)
    return found


def reason(data: bytes, **headers: str) -> str:
    found = extract(data, **headers)
    assert isinstance(found, Refusal)
    return found.reason


def test_a_page_gives_text_and_hints() -> None:
    found = page(PAGE.encode(), content_type="text/html; charset=utf-8", tdm_reservation="1")
    assert "talks had resumed" in found.text
    assert "Home" not in found.text
    assert found.title == "Talks resume"
    assert found.authors == ("Jane Doe", "Ali Reza")
    assert found.language == "en-GB"
    assert found.canonical_url == "https://news.example/talks?x=1"
    assert found.amp_url == "https://news.example/world/talks/amp"
    assert found.published_at == datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)
    assert found.published_at_raw == "2024-05-06T07:08:09+02:00"
    assert found.extraction_method == EXTRACTION_METHOD
    assert found.html_sha256 == hashlib.sha256(PAGE.encode()).hexdigest()
    assert found.text_sha256 == hashlib.sha256(found.text.encode()).hexdigest()
    assert [each.field for each in found.rights_signals] == [
        "tdm-reservation",
        "link[rel=license]@head",
    ]


def test_a_date_without_a_time_says_so() -> None:
    found = page(PAGE.replace(TIME, '<meta name="date" content="2024-05-06">').encode())
    assert found.published_at == datetime(2024, 5, 6, tzinfo=UTC)
    assert found.date_flags == ("no_time",)


def test_a_missing_date_is_no_date() -> None:
    found = page(PAGE.replace(TIME, "").encode())
    assert (found.published_at, found.date_flags) == (None, ("missing",))


@pytest.mark.parametrize(
    ("encoding", "header", "meta"),
    [
        ("utf-8", "", ""),
        ("utf-8-sig", "text/html; charset=latin1", ""),
        ("utf-8", "text/html; charset=iso-8859-1", ""),
        ("iso-8859-1", "text/html; charset=ISO-8859-1", ""),
        ("cp1252", "", '<meta charset="iso-8859-1">'),
        (
            "cp1252",
            "",
            '<meta http-equiv="Content-Type" content="text/html; charset=windows-1252">',
        ),
        (
            "iso-8859-1",
            "text/html; charset=nonsense",
            '<meta charset="zip"><meta charset="latin1">',
        ),
        ("utf-16", "", ""),
        ("utf-16-le", "text/html; charset=utf-16le", ""),
    ],
)
def test_the_encoding_is_found(encoding: str, header: str, meta: str) -> None:
    html = PAGE.replace("<head>", f"<head>{meta}")
    assert "Café" in page(html.encode(encoding), content_type=header).text


def test_a_declared_encoding_wins_over_a_guess() -> None:
    html = PAGE.replace("Café de Paris", "Łódź, Kraków")
    assert "Łódź" in page(html.encode("iso-8859-2"), content_type="text/html; charset=latin2").text


def test_escaped_japanese_is_decoded_as_declared() -> None:
    words = "港は月曜日に再び開かれました。" * 8
    html = (
        f"<html><head><title>x</title></head><body><article><p>{words}</p></article></body></html>"
    )
    assert (
        "再び"
        in page(html.encode("iso-2022-jp"), content_type="text/html; charset=iso-2022-jp").text
    )


@pytest.mark.parametrize(
    ("data", "content_type", "expected"),
    [
        (PAGE.encode(), "application/pdf", "no HTML: content type 'application/pdf'"),
        (PAGE.encode(), "image/png; x=1", "no HTML: content type 'image/png'"),
        (b"plain words", "text/plain", "no HTML: content type 'text/plain'"),
        (b"%PDF-1.4 ...", "", "no HTML: a PDF file"),
        (b"", "text/html", "empty: 0 bytes"),
        (b" \n ", "text/html", "empty: no text"),
        (b"<html>\0\0</html>", "", "binary: NUL at position 6"),
        (
            b"<html><body><p>Not found</p></body></html>",
            "text/html",
            "too little text: 9 characters",
        ),
        (b"{}", "text/html", "HTML cannot be read: no markup"),
    ],
)
def test_what_is_no_article_is_refused(data: bytes, content_type: str, expected: str) -> None:
    assert reason(data, content_type=content_type) == expected


@pytest.mark.parametrize("content_type", ["", "text/html", "application/xhtml+xml", "text/xml"])
def test_html_by_type_or_by_its_bytes_is_read(content_type: str) -> None:
    assert page(PAGE.encode(), content_type=content_type).title == "Talks resume"


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "http://[::1", "", "file:///etc/passwd", "data:,x"]
)
def test_odd_canonical_addresses_are_left_out(href: str) -> None:
    assert page(PAGE.replace("/talks?x=1", href).encode()).canonical_url is None


@pytest.mark.parametrize(
    "data",
    [
        b"<html>" + b"<div>" * 200_000 + b"x" * 200,
        b"<html><p>" + b"<b>" * 100_000,
        b"<html><table>" + b"<tr><td>x" * 20_000,
        b"<html><body>" + b"<p>word word</p>" * 30_000,
        b"<!doctype html>" + b"<html " + b"a=b " * 200_000 + b">",
        b"<html>" + b"&" * 1_000_000,
    ],
    ids=["deep", "open", "table", "long", "attributes", "ampersands"],
)
def test_hostile_pages_are_read_or_refused_in_time(data: bytes) -> None:
    started = time.process_time()
    assert isinstance(extract(data, content_type="text/html"), (PageText, Refusal))
    assert time.process_time() - started < 20


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(PAGE)), cut=st.integers(0, 200), new=st.binary(max_size=30))
def test_no_page_raises(at: int, cut: int, new: bytes) -> None:
    data = PAGE.encode()
    assert isinstance(extract(data[:at] + new + data[at + cut :]), (PageText, Refusal))


@pytest.mark.skipif(
    not (DATA / "README.md").is_file(), reason=f"development data not found at {DATA}"
)
def test_the_text_of_real_pages_is_that_of_bare_trafilatura() -> None:
    folder = DATA / "licence_pages"
    rows = [json.loads(line) for line in (folder / "labels.jsonl").read_text("utf-8").splitlines()]
    different = []
    for row in rows[::4]:
        data = gzip.decompress((folder / row["file"]).read_bytes())
        bare = trafilatura.bare_extraction(
            data, url=row["url"], fast=True, include_comments=False, with_metadata=True,
            date_extraction_params=DATE_PARAMS,
        )  # fmt: skip
        found = extract_page(data, url=row["url"], headers={})
        if not isinstance(found, PageText) or bare is None or found.text != bare.text:
            different.append(row["file"])
    assert different == []
