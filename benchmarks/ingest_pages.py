"""Parts b and e: pages out of an archive, extracted and sent."""

from __future__ import annotations

import base64
import io
import json
import multiprocessing
import random
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import trafilatura
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from benchmarks.articles import make_corpus
from benchmarks.ingest_process import Command, dateline_words, sampling
from benchmarks.ingest_results import CORES, PartResult, Row, at_least, at_most, stamped
from benchmarks.ingest_topics import record_count, sending_times
from dateline.settings import Settings
from tests.web.articles import Article
from tests.web.pages import render_page

HOSTS = 40
CHUNK_PAGES = 16
WARM_PAGES = 64
PADDING_BYTES = 12_000  # scripts and pictures in the page that no compressor makes smaller
IMAGE_EVERY = 50
PARAGRAPH_SENTENCES = 4
MENU_ITEMS = 60
TEASERS = 75
SCRIPT_BYTES = 24_000
START = datetime(2026, 11, 1, 6, 0, tzinfo=UTC)
# As `producers.sources.html_file`: dates from the head and the address only.
DATE_PARAMS = {"extensive_search": False, "original_date": True}
SENT_FROM_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of an archive."""

    url: str
    html: bytes


def make_pages(count: int) -> list[Page]:
    """Return ``count`` news pages of about 600 words, no two alike."""
    texts = make_corpus(count).texts
    chance = random.Random(5)  # noqa: S311 (seeded pages, no secret)
    titles = [f"Report {number}: {texts[number][40:90]}" for number in range(count)]
    pages = []
    for number, text in enumerate(texts):
        host = f"paper-{number % HOSTS}.example"
        at = START + timedelta(minutes=number)
        article = Article(
            publisher=host,
            number=number,
            version=1,
            path=f"/news/{number // 100}/story-{number}",
            title=titles[number],
            paragraphs=_paragraphs(text),
            token=f"{number:016x}",
            published_at=at,
            updated_at=at,
        )
        html = render_page(
            article,
            origin=f"https://{host}",
            related=chance.sample(titles, min(5, count)),
            has_cc_notice=number % 3 == 0,
        )
        furnished = _furnished(html, titles, chance)
        pages.append(Page(url=f"https://{host}{article.path}", html=furnished.encode()))
    return pages


def _furnished(html: str, titles: Sequence[str], chance: random.Random) -> str:
    """Put around an article what surrounds it on real pages.

    The 168 saved pages of the development data have 79 kB and 634 elements at the median; an
    article alone has 7 kB and 68, and would make everything but the extraction look dear.
    """
    menu = "".join(
        f'<li class="menu-item"><a href="/section/{number}">Section {number}</a></li>'
        for number in range(MENU_ITEMS)
    )
    cards = "".join(
        f'<div class="card teaser"><a href="/news/teaser-{number}"><img src="/i/{number}.jpg"'
        f' alt="" width="300" height="200"><h3>{title}</h3></a><p class="dek">{title} {title}</p>'
        f'<span class="time">{number} minutes ago</span></div>'
        for number, title in enumerate(chance.choices(titles, k=TEASERS))
    )
    state = base64.b64encode(chance.randbytes(SCRIPT_BYTES)).decode()
    return html.replace("<main>", f'<ul class="menu">{menu}</ul><main>', 1).replace(
        "</main>",
        f'</main><section class="more-news">{cards}</section>'
        f'<script>window.__STATE__="{state}"</script>',
        1,
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    sentences = text.split(". ")
    return tuple(
        ". ".join(sentences[start : start + PARAGRAPH_SENTENCES])
        for start in range(0, len(sentences), PARAGRAPH_SENTENCES)
    )


def write_warc(path: Path, pages: Iterable[Page], *, max_bytes: int | None = None) -> int:
    """Return how many pages were written until the file had ``max_bytes``.

    A picture comes after every 50th page, as archives hold more than pages.
    """
    count = 0
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for page in pages:
            _write_response(writer, page.url, page.html, "text/html; charset=utf-8")
            count += 1
            if count % IMAGE_EVERY == 0:
                _write_response(writer, f"{page.url}.png", b"\x89PNG\r\n\x1a\n", "image/png")
            if max_bytes is not None and out.tell() >= max_bytes:
                break
    return count


def _write_response(writer: WARCWriter, url: str, body: bytes, content_type: str) -> None:
    headers = StatusAndHeaders(
        "200 OK",
        [("Content-Type", content_type), ("Content-Length", str(len(body)))],
        protocol="HTTP/1.1",
    )
    record = writer.create_warc_record(
        url, "response", payload=io.BytesIO(body), http_headers=headers
    )
    writer.write_record(record)


def padded(pages: Sequence[Page]) -> Iterator[Page]:
    """Yield pages without end, each with a large script of its own and an address of its own."""
    chance = random.Random(9)  # noqa: S311 (seeded padding, no secret)
    number = 0
    while True:
        page = pages[number % len(pages)]
        state = base64.b64encode(chance.randbytes(PADDING_BYTES))
        script = b'<script>window.__STATE__="' + state + b'"</script></body>'
        mark = b"<article><p>This is page %d of the archive.</p>" % number
        html = page.html.replace(b"</body>", script).replace(b"<article>", mark)
        yield Page(url=f"{page.url}-{number}", html=html)
        number += 1


# Part b


def measure_extraction(
    settings: Settings, folder: Path, *, page_count: int, rounds: int
) -> PartResult:
    """Return how fast Dateline extracts and sends, against trafilatura alone."""
    pages = make_pages(page_count)
    path = folder / "pages.warc.gz"
    write_warc(path, pages)
    bare_rates, plain_rates, whole_rates, steady_rates = [], [], [], []
    for number in range(rounds):
        same, default = bare_trafilatura([page.html for page in pages])
        bare_rates.append(same)
        plain_rates.append(default)
        before = record_count(settings)
        seconds = _ingest(settings, folder, path, source=f"round-{number}")
        moments = sending_times(settings)[before:]
        if len(moments) < page_count:
            raise RuntimeError(f"{len(moments)} of {page_count} pages were sent")
        whole_rates.append(page_count / seconds)
        steady_rates.append(steady_rate(moments))
        print(
            f"  round {number + 1}: bare {same:.1f}, with trafilatura's defaults {default:.1f},"
            f" Dateline {steady_rates[-1]:.1f} articles/s ({whole_rates[-1]:.1f} with its start)",
            flush=True,
        )
    bare, steady, whole = _middle(bare_rates), _middle(steady_rates), _middle(whole_rates)
    plain = _middle(plain_rates)

    def times(ours: Sequence[float], theirs: Sequence[float]) -> float:
        """Compare inside a round: the machine changes from minute to minute."""
        return _middle([one / other for one, other in zip(ours, theirs, strict=True)])

    rows = [
        at_least("extracted and sent, against bare trafilatura with the same options",
                 times(steady_rates, bare_rates), 0.8, unit=" times"),
        Row(measure="the same, start and end of the command included",
            value=f"{times(whole_rates, bare_rates):.2f} times"),
        Row(measure="bare trafilatura / Dateline / whole command",
            value=f"{bare:.0f} / {steady:.0f} / {whole:.0f} articles/s"),
        Row(measure="against trafilatura's own defaults (no date, title, author or licence)",
            value=f"{times(steady_rates, plain_rates):.2f} times of {plain:.0f} articles/s"),
    ]  # fmt: skip
    size_kb = sum(len(page.html) for page in pages) / len(pages) / 1000
    return stamped(
        "b",
        f"{page_count} pages of about 600 words ({size_kb:.0f} kB of HTML), median of {rounds}"
        f" rounds; trafilatura in {CORES} warm processes on pages in memory, Dateline from a WARC"
        " into Kafka on the same cores, Kafka's own work included. Dateline leaves out categories"
        " and tags, which trafilatura has no option for.",
        rows,
    )


def bare_trafilatura(pages: Sequence[bytes]) -> tuple[float, float]:
    """Return pages per second in warm processes: with our options, and with the defaults."""
    with multiprocessing.get_context("spawn").Pool(CORES) as pool:
        return _timed(pool, _extract_same, pages), _timed(pool, _extract_default, pages)


def _timed(
    pool: multiprocessing.pool.Pool, function: Callable[[bytes], int], pages: Sequence[bytes]
) -> float:
    pool.map(function, pages[:WARM_PAGES], chunksize=4)
    started_at = time.perf_counter()
    lengths = list(pool.imap(function, pages, chunksize=CHUNK_PAGES))
    seconds = time.perf_counter() - started_at
    if not all(lengths):
        raise RuntimeError("trafilatura found no text in some page")
    return len(pages) / seconds


def _extract_same(html: bytes) -> int:
    """Extract with the options that Dateline has; trafilatura as it comes, not made lean."""
    document: Any = trafilatura.bare_extraction(
        html,
        fast=True,
        include_comments=False,
        with_metadata=True,
        date_extraction_params=DATE_PARAMS,
    )
    return len(document.text or "") if document else 0


def _extract_default(html: bytes) -> int:
    return len(trafilatura.extract(html) or "")


def steady_rate(moments: Sequence[datetime]) -> float:
    """Return records per second after the first tenth, so that no start counts."""
    first = int(len(moments) * SENT_FROM_SHARE)
    seconds = (moments[-1] - moments[first]).total_seconds()
    return (len(moments) - 1 - first) / max(seconds, 0.001)


def _ingest(settings: Settings, folder: Path, path: Path, *, source: str) -> float:
    """Return the seconds of the whole command."""
    words = [*dateline_words(settings), "ingest", str(path), "--source", source, "--json"]
    started_at = time.perf_counter()
    with (folder / "ingest.log").open("ab") as log:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=log, check=False)
    seconds = time.perf_counter() - started_at
    summary = json.loads(done.stdout or b"{}")
    if not summary.get("sent"):
        tail = (folder / "ingest.log").read_text("utf-8", "replace")[-2000:]
        raise RuntimeError(f"dateline ingest sent nothing: {summary} {tail}")
    return seconds


def _middle(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


# Part e


def measure_archive(settings: Settings, folder: Path, *, archive_mb: int) -> PartResult:
    """Return memory and speed over one large archive."""
    path = folder / "archive.warc.gz"
    count = write_warc(path, padded(make_pages(400)), max_bytes=archive_mb * 1_000_000)
    size_bytes = path.stat().st_size
    print(f"  archive: {size_bytes / 1e6:.0f} MB, {count} pages", flush=True)
    before = record_count(settings)
    started_at = time.monotonic()
    words = [*dateline_words(settings), "ingest", str(path), "--source", "archive", "--json"]
    command = Command(words, folder / "archive.log")
    try:
        with sampling(command) as sampler:
            code = command.wait()
    finally:
        if command.poll() is None:
            command.stop()
    ended_at = time.monotonic()
    path.unlink()
    seconds = ended_at - started_at
    sent = record_count(settings) - before
    tenth = seconds / 10
    own_early, tree_early = sampler.medians(started_at + 2 * tenth, started_at + 3 * tenth)
    # The last tenth less the end itself, when the children are already gone.
    own_late, tree_late = sampler.medians(started_at + 8.5 * tenth, started_at + 9.5 * tenth)
    rows = [
        at_most("memory late / early in the run, command and children", tree_late / tree_early,
                1.05, digits=3),
        Row(measure="the same, the command's own process", value=f"{own_late / own_early:.3f}"),
        Row(measure="peak of command and children", value=f"{sampler.peak_tree_mb():.0f} MiB"),
        Row(measure="speed", value=f"{size_bytes / 1e6 / seconds:.1f} MB/s,"
                                   f" {sent / seconds:.0f} articles/s"),
        Row(measure="pages sent", value=f"{sent} of {count}", goal=str(count),
            is_met=sent == count and code == 0),
    ]  # fmt: skip
    return stamped(
        "e",
        f"one WARC of {size_bytes / 1e6:.0f} MB (gzip, {count} pages of about"
        f" {size_bytes / count / 1000:.0f} kB compressed), {seconds:.0f} s; early is the third"
        " tenth of the run.",
        rows,
    )
