from __future__ import annotations

import gzip
import io
import json
import zlib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dateline.cli import cli
from dateline.cli.ingest import _are_archives
from dateline.errors import ConfigError
from producers.build_record import IngestOptions
from producers.parse_input import Input, parse_input
from producers.parsed import Parsed, ParsedArticle, Refusal, Skip
from producers.read_paths import NotRead, make_root, open_input
from producers.sources.warc_file import WarcPage, iterate_pages, parse_warc

HTML = (
    "<!doctype html><html lang='en'><head><title>Harbour {n} reopens</title></head><body><article>"
    "<h1>Harbour {n} reopens</h1><p>The harbour was opened again on Monday after a storm that had"
    " kept every ship outside for three days, its master said.</p></article></body></html>"
)


def page(number: int) -> bytes:
    return HTML.format(n=number).encode()


def archive(
    *bodies: bytes,
    is_gzip: bool = True,
    headers: list[tuple[str, str]] | None = None,
    status: str = "200 OK",
) -> bytes:
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=is_gzip)
    target.write(b"")
    for number, body in enumerate(bodies, start=1):
        http = StatusAndHeaders(
            status, headers or [("Content-Type", "text/html")], protocol="HTTP/1.1"
        )
        record = writer.create_warc_record(
            f"https://www.news.example/{number}",
            "response",
            payload=io.BytesIO(body),
            length=len(body),
            http_headers=http,
            warc_headers_dict={"WARC-Date": "2026-11-20T10:11:12Z"},
        )
        writer.write_record(record)
    return target.getvalue()


def parsed(data: bytes) -> list[Parsed]:
    return list(parse_warc(io.BytesIO(data)))


def urls(data: bytes) -> list[str]:
    return [item.url for item in iterate_pages(io.BytesIO(data)) if isinstance(item, WarcPage)]


def reasons(data: bytes) -> list[str]:
    return [item.reason for item in parsed(data) if isinstance(item, Refusal)]


@pytest.mark.parametrize("is_gzip", [True, False])
def test_parse_warc_returns_the_pages_as_articles(is_gzip: bool) -> None:
    headers = [("Content-Type", "text/html; charset=utf-8"), ("TDM-Reservation", "1")]
    first, second = parsed(archive(page(1), page(2), is_gzip=is_gzip, headers=headers))
    assert isinstance(first, ParsedArticle)
    assert isinstance(second, ParsedArticle)
    assert first.url == "https://www.news.example/1"
    assert first.source == "news.example"
    assert first.updated_at == datetime(2026, 11, 20, 10, 11, 12, tzinfo=UTC)
    assert first.title == "Harbour 1 reopens"
    assert "opened again" in first.body
    assert (first.line, second.line, first.is_alone) == (1, 2, False)
    assert [signal.field for signal in first.rights_signals] == ["tdm-reservation"]
    assert first.page_text_sha256


def test_other_records_are_passed_over_and_other_answers_skipped() -> None:
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    writer.write_record(writer.create_warcinfo_record("x.warc.gz", {"software": "none"}))
    http = StatusAndHeaders("GET / HTTP/1.1", [("Host", "news.example")], is_http_request=True)
    writer.write_record(
        writer.create_warc_record("https://news.example/1", "request", http_headers=http)
    )
    missing = archive(page(1), status="404 Not Found")
    image = archive(b"x", headers=[("Content-Type", "image/png")])
    assert parsed(target.getvalue() + missing + image) == [
        Skip(reason="HTTP status 404", line=3),
        Skip(reason="no HTML (image)", line=4),
    ]


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(page(1))),
        ("deflate", zlib.compress(page(1))),
        ("deflate", zlib.compressobj(wbits=-15).compress(b"") + zlib.compress(page(1), wbits=-15)),
        ("gzip", page(1)),  # decompressed by the crawler, header kept
        ("br", page(1)),
    ],
)
def test_compressed_bodies_are_read(encoding: str, packed: bytes) -> None:
    data = archive(packed, headers=[("Content-Type", "text/html"), ("Content-Encoding", encoding)])
    [found] = iterate_pages(io.BytesIO(data))
    assert isinstance(found, WarcPage)
    assert found.data == page(1)


def test_chunked_bodies_are_joined() -> None:
    body = page(1)
    chunked = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in (body[:50], body[50:])) + b"0\r\n\r\n"
    data = archive(
        chunked, headers=[("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")]
    )
    [found] = iterate_pages(io.BytesIO(data))
    assert isinstance(found, WarcPage)
    assert found.data == body


def test_unknown_compression_is_refused() -> None:
    data = archive(b"\x1b\x00", headers=[("Content-Type", "text/html"), ("Content-Encoding", "br")])
    assert reasons(data) == ["unknown compression: 'br'"]


def test_pages_that_unpack_to_too_much_are_refused_and_the_next_is_read() -> None:
    bomb = gzip.compress(b"\0" * 50_000_000)
    headers = [("Content-Type", "text/html"), ("Content-Encoding", "gzip")]
    data = archive(bomb, headers=headers) + archive(page(1))
    assert reasons(data) == ["too large: over 10,000,000 bytes"]
    assert urls(data) == ["https://www.news.example/1"]


def test_pages_over_the_limit_are_passed_by() -> None:
    data = archive(b"<html>" + b"a" * 10_100_000) + archive(page(1))
    assert reasons(data) == ["too large: over 10,000,000 bytes"]
    assert urls(data) == ["https://www.news.example/1"]


@pytest.mark.parametrize("position", [0.1, 0.5, 0.9])
def test_damaged_compression_costs_one_record(position: float) -> None:
    members = [archive(page(number)) for number in range(5)]
    broken = bytearray(members[2])
    at = int(len(broken) * position)
    broken[at : at + 4] = b"\xff\xff\xff\xff"
    data = b"".join([*members[:2], bytes(broken), *members[3:]])
    assert len(urls(data)) == 4
    assert len(reasons(data)) == 1
    assert reasons(data)[0].startswith("broken record: ")


def test_a_cut_archive_gives_what_is_whole() -> None:
    data = b"".join(archive(page(number)) for number in range(3))
    cut = data[:-40]
    assert len(urls(cut)) == 2
    assert reasons(cut)[0].startswith("broken record: ")


def test_a_wrong_length_costs_its_own_record_only() -> None:
    plain = [archive(page(number), is_gzip=False) for number in range(4)]
    for wrong in (b"Content-Length: 9\r\n", b"Content-Length: x\r\n", b"X: 1\r\n"):
        lines = [
            wrong if line.startswith(b"Content-Length") else line
            for line in plain[1].splitlines(keepends=True)
        ]
        data = plain[0] + b"".join(lines) + plain[2] + plain[3]
        assert len(urls(data)) == 3
        assert len(reasons(data)) >= 1


def test_endless_headers_end() -> None:
    many = b"WARC/1.0\r\n" + b"A: b\r\n" * 400_000
    long = b"WARC/1.0\r\nA: " + b"b" * 5_000_000
    for bad in (many, long):
        data = gzip.compress(bad) + archive(page(1))
        assert reasons(data)[0].startswith("broken record: ")
        assert urls(data) == ["https://www.news.example/1"]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"no archive", b"\x1f\x8b\x08 nothing"])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    [*_, last] = parsed(data)
    assert isinstance(last, Refusal)
    assert last.reason.startswith(("no WARC: ", "broken record: "))


def test_one_compressed_member_for_all_records_is_read() -> None:
    plain = b"".join(archive(page(number), is_gzip=False) for number in range(3))
    assert len(urls(gzip.compress(plain))) == 3


def test_refusals_of_one_archive_are_told_apart() -> None:
    refusals = [item for item in parsed(archive(b"<p>a", b"<p>a")) if isinstance(item, Refusal)]
    assert [refusal.line for refusal in refusals] == [1, 2]
    assert len({refusal.unit_sha256 for refusal in refusals}) == 2


SAMPLE = archive(page(1), page(2))
PLAIN_SAMPLE = archive(page(1), page(2), is_gzip=False)


@settings(max_examples=150, deadline=None)
@given(
    data=st.sampled_from([SAMPLE, PLAIN_SAMPLE]),
    at=st.integers(0, len(PLAIN_SAMPLE)),
    new=st.binary(max_size=30),
    cut=st.integers(0, 60),
)
def test_no_damage_raises(data: bytes, at: int, new: bytes, cut: int) -> None:
    for item in iterate_pages(io.BytesIO(data[:at] + new + data[at + cut :])):
        assert isinstance(item, (WarcPage, Refusal, Skip))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "crawl"
    made.mkdir()
    (made / "one.WARC.gz").write_bytes(archive(page(1), page(2), b"<p>short"))
    (made / "two.warc").write_bytes(archive(page(3), is_gzip=False))
    return made


def ingest(tmp_path: Path, *arguments: str | Path) -> Result:
    options = [f"--set=project.state_dir={tmp_path / 'state'}", "ingest", "--dry-run", "--json"]
    return CliRunner().invoke(cli, [*options, *map(str, arguments)])


def test_archives_are_ingested_in_order_by_child_processes(folder: Path, tmp_path: Path) -> None:
    summary = json.loads(ingest(tmp_path, folder).stdout)
    assert (summary["sent"], summary["refused"]) == (3, 1)
    [refusal] = summary["refusals"]
    assert (Path(refusal["file"]).name, refusal["line"]) == ("one.WARC.gz", 3)


def test_archives_are_backfill_unless_told_otherwise(folder: Path) -> None:
    root = make_root(folder, source=None)
    assert _are_archives([root], IngestOptions())
    assert _are_archives([None], IngestOptions(format_="warc"))
    (folder / "readme.pdf").touch()  # not read, so it says nothing
    assert _are_archives([root], IngestOptions())
    assert not _are_archives([root], IngestOptions(format_="txt"))


def test_archives_and_other_files_are_not_mixed(folder: Path, tmp_path: Path) -> None:
    (folder / "a.txt").write_text("News of today.")
    refused = ingest(tmp_path, folder)
    assert isinstance(refused.exception, ConfigError)
    assert str(refused.exception) == (
        "WARC archives (old articles) and other files in one run."
        " Ingest them apart, or say --backfill or --live for all."
    )
    assert json.loads(ingest(tmp_path, folder, "--live").stdout)["sent"] == 4


def test_a_watched_folder_leaves_archives_alone(folder: Path) -> None:
    root = make_root(folder, source=None)
    found = open_input(folder / "two.warc", root, max_bytes=10)
    assert isinstance(found, NotRead)
    assert found.problem == Skip(reason="a WARC archive (use `dateline ingest`)")


def test_an_archive_may_be_larger_than_other_files(folder: Path) -> None:
    root = make_root(folder, source=None)
    found = open_input(folder / "two.warc", root, max_bytes=10, are_archives_read=True)
    assert isinstance(found, Input)
    assert [type(each) for each in parse_input(found, max_bytes=10)] == [ParsedArticle]


def test_reading_may_stop_before_the_end(folder: Path) -> None:
    root = make_root(folder, source=None)
    path = folder / "one.WARC.gz"
    found = open_input(path, root, max_bytes=10, are_archives_read=True)
    assert isinstance(found, Input)
    articles = parse_input(found, max_bytes=10)
    assert isinstance(next(articles), ParsedArticle)
    articles.close()
