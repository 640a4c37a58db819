"""Pages of an archive that are compressed by Brotli, which Dateline does not unpack."""

from __future__ import annotations

import io
import json
from pathlib import Path

from click.testing import CliRunner
from test_warc_file import page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dateline.cli import cli

# Two bytes that are a Brotli stream: an empty one.
EMPTY_BROTLI = b"\x1b\x00"


def write_archive(path: Path, *answers: tuple[bytes, str]) -> None:
    """Write an archive of (body, Content-Encoding)."""
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for number, (body, encoding) in enumerate(answers, start=1):
            fields = [("Content-Type", "text/html"), ("Content-Encoding", encoding)]
            record = writer.create_warc_record(
                f"https://www.news.example/{number}", "response",
                payload=io.BytesIO(body), length=len(body),
                http_headers=StatusAndHeaders("200 OK", fields, protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-Date": "2026-11-20T10:11:12Z"},
            )  # fmt: skip
            writer.write_record(record)


def test_a_brotli_page_is_counted_by_its_reason_and_costs_no_other(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    # Crawlers often undo the compression and leave the header.
    write_archive(path, (EMPTY_BROTLI, "br"), (page(2), "br"), (EMPTY_BROTLI, "br"))
    state = f"--set=project.state_dir={tmp_path / 'state'}"
    done = CliRunner().invoke(cli, [state, "ingest", str(path), "--dry-run", "--json"])
    summary = json.loads(done.stdout)
    assert (summary["sent"], summary["refused"]) == (1, 2)
    assert summary["refused_reasons"] == {"unknown compression": 2}
    assert summary["refusals"] == [
        {"file": str(path), "line": line, "reason": "unknown compression: 'br'"} for line in (1, 3)
    ]
