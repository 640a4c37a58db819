"""Every example of docs/sources.md, run for real and compared with what the page says."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from poll_doubles import PollBench, open_bench
from push_doubles import MAX_BYTES, Room
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter
from websub_hub import Hub

from dateline.clock import Clock, SystemClock
from dateline.records import KillNotice, RawArticle
from dateline.settings import PROJECT_DIR, Settings, load_settings
from producers.feeds.feed_progress import first_record
from producers.feeds.feed_record import FeedRecord
from producers.feeds.feed_state import FeedState, feeds_state_path
from producers.feeds.poll_feed import FeedPoll
from producers.feeds.source_list import SourceConfig, load_sources
from producers.fetch.fetched import Fetched
from producers.fetch.fetcher import Fetcher
from producers.fetch.host_queue import HostQueue
from producers.push.accept_articles import IntakeAccept
from producers.push.api_keys import parse_api_keys
from producers.push.push_app import PushOptions, create_push_app
from producers.push.push_server import open_push_server
from producers.push.websub_app import WebSubOptions, create_websub_app
from producers.push.websub_client import WebSubClient
from producers.push.websub_state import SubscriptionStore

PAGE = PROJECT_DIR / "docs" / "sources.md"
SITE = "https://harbour.example"
KEY = "a-key-of-the-wire-agency"
HOME = (
    '<html><head><link rel="alternate" type="application/atom+xml" href="/feed.atom"></head></html>'
)
LIST = "/srv/dateline/config/sources.toml"
BLOCK = re.compile(r"^```(?P<language>\w+) (?P<mark>\S+)\n(?P<text>.*?)^```$", re.S | re.M)
# Runs of dashes, blanks and numbers with a unit differ from run to run.
VARYING = (
    (r"\d[\d.,]* (s|min|h|d|articles/s)\b", "N"),
    (r"(?m)\s*$", ""),
    (r"[ \t]+", " "),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    mark: str
    text: str


def blocks() -> list[Block]:
    found = BLOCK.finditer(PAGE.read_text(encoding="utf-8"))
    return [Block(mark=each["mark"], text=each["text"]) for each in found]


def marked(mark: str) -> list[str]:
    return [block.text for block in blocks() if block.mark == mark]


def documents() -> dict[str, bytes]:
    """Return what the site serves, by path; the compressed twins as well."""
    plain = {b.mark: b.text.encode() for b in blocks() if b.mark.startswith("/")}
    packed = {f"{path}.gz": gzip.compress(data) for path, data in plain.items()}
    return {**plain, **packed, "/2026/pier": plain["/2026/ferry"], "/": HOME.encode()}


def examples() -> list[tuple[str, str]]:
    """Return each source entry with the block of what arrives of it."""
    found: list[tuple[str, str]] = []
    for block in blocks():
        if block.mark == "source":
            found.append((block.text, ""))
        elif block.mark == "arrives":
            entry, already = found[-1]
            assert not already, entry
            found[-1] = (entry, block.text)
    return found


def comparable(text: str) -> str:
    for pattern, shown in VARYING:
        text = re.sub(pattern, shown, text)
    return text.strip()


class NamedFetcher(Fetcher):
    """Gets the site of the examples from this machine; everybody else sees its own names."""

    def __init__(self, real: Fetcher, clock: Clock, base: str) -> None:
        super().__init__(real.http, HostQueue(min_delay_seconds=0), clock)
        self._base = base

    async def fetch(self, url: str, **options: Any) -> Fetched:
        match = re.fullmatch(r"(https?://(?:www\.|m\.)?harbour\.example)(/.*)", url)
        assert match, f"{url} is not of the site of the examples"
        answer = await super().fetch(f"{self._base}{match[2]}", **options)
        assert answer.status == 200, url
        return replace(answer, url=url, final_url=url, permanent_url=url)


@asynccontextmanager
async def served_site(
    change: Callable[[str, str], str] | None = None,
) -> AsyncIterator[str]:
    """Serve the documents of the page on a real port; ``change`` gets the site's address."""
    found = documents()

    async def answer(request: web.Request) -> web.Response:
        data = found.get(request.path)
        if data is None:
            return web.Response(status=404)
        if change is not None and not request.path.endswith(".gz"):
            data = change(f"http://{request.host}", data.decode()).encode()
        is_page = "." not in request.path
        return web.Response(body=data, content_type="text/html" if is_page else "text/xml")

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


class Example:
    """One source of the page, polled by hand."""

    def __init__(
        self, bench: PollBench, source: SourceConfig, base: str, *, is_local: bool = False
    ) -> None:
        self.room = bench.room
        fetcher = NamedFetcher(bench.tools.fetcher, bench.room.clock, base)
        self.tools = bench.tools if is_local else replace(bench.tools, fetcher=fetcher)
        self.bench = bench
        self.poll = FeedPoll(source, self.tools)
        self.record = first_record(
            feed_id=source.feed_id,
            url=source.url,
            source_id=source.publisher,
            now=bench.room.clock.now(),
        )

    async def run(self) -> FeedRecord:
        self.record = await self.poll.run(self.record)
        assert (self.record.last_error, self.bench.lines) == (None, [])
        return self.record

    def arrived(self) -> str:
        """Return what Kafka has, in the form of the page."""
        return "\n".join(arrival(record) for record in self.bench.sent)


def arrival(record: RawArticle | KillNotice) -> str:
    if isinstance(record, KillNotice):
        return f"{record.origin}  {record.key}  kill: {record.reason}"
    method = record.extraction_method or ""
    text = "page" if method.startswith("trafilatura@") else "feed"
    text = "summary" if method == "feed-summary" else text
    return f"{record.origin}  {record.key}  {record.title}  text: {text}"


@asynccontextmanager
async def open_example(tmp_path: Path, entry: str) -> AsyncIterator[Example]:
    path = tmp_path / "sources.toml"
    path.write_text(entry, encoding="utf-8")
    [source] = load_sources(path)
    async with open_bench(tmp_path) as bench, served_site() as base:
        yield Example(bench, source, base)


@pytest.mark.parametrize(("entry", "expected"), examples())
def test_what_the_source_of_an_example_gives(tmp_path: Path, entry: str, expected: str) -> None:
    async def scene() -> None:
        async with open_example(tmp_path, entry) as example:
            await example.run()
            if "wire.xml" in entry:
                assert example.arrived() == ""
                example.room.clock.advance(seconds=86_400)
                await example.tools.intake.submit(lambda ingest: ingest.release_due())
            assert comparable(example.arrived()) == comparable(expected)

    asyncio.run(scene())


def test_each_kind_of_source_has_an_example() -> None:
    sources = [entry for entry, arrives in examples() if arrives]
    kinds = re.findall(r"/(?:feed|sitemap|wire)[^\"]*", "".join(sources))
    assert kinds == [
        "/feed.rss", "/feed.atom", "/feed.json", "/sitemap_news.xml", "/sitemap.xml",
        "/sitemap_index.xml", "/sitemap.xml.gz", "/wire.json", "/wire.xml",
    ]  # fmt: skip
    assert len(examples()) == len(sources)


def test_the_keys_of_a_source_and_their_defaults() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", section("Keys of a source"), flags=re.M)
    defaults = {field.name: field.default for field in fields(SourceConfig)}
    assert [name for name, _ in rows] == list(defaults)
    polls = Settings().feeds
    for name, text in rows:
        if isinstance(defaults[name], bool | str):
            assert text == f"`{json.dumps(defaults[name])}`"
        elif hasattr(polls, name):
            assert text == f"`feeds.{name}`, {getattr(polls, name):g}"
        else:
            assert text == {"url": "required", "publisher": "host without `www.`"}.get(name, "none")


def test_settings_and_links_of_the_page_exist() -> None:
    text = PAGE.read_text(encoding="utf-8")
    named = re.findall(r"`(fetch|feeds|push|producer|project)\.(\w+)`", text)
    variables = re.findall(r"DATELINE_([A-Z]+)_([A-Z_]+)=", text)
    named += [(part.lower(), key.lower()) for part, key in variables]
    assert len(named) > 10
    assert [each for each in named if not hasattr(getattr(Settings(), each[0]), each[1])] == []
    for name, anchor in re.findall(r"\]\(([\w./-]+)(?:#([\w-]+))?\)", text):
        linked = (PAGE.parent / name).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", linked, flags=re.M)
        assert not anchor or anchor in {each.lower().replace(" ", "-") for each in headings}


def section(title: str) -> str:
    [text] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.S | re.M)
    return str(text)


def commands() -> dict[str, str]:
    """Return what follows each command line of the page, by the line."""
    found = (text.removeprefix("$ ").partition("\n") for text in marked("command"))
    return {line: output for line, _, output in found}


def run_command(line: str, folder: Path, **values: object) -> str:
    """Return what a command line writes to its standard output in ``folder``."""
    first, _, words = line.rpartition("dateline ")
    stdin = (folder / shlex.split(first)[1]).read_bytes() if first else b""
    values = {"project.state_dir": folder / "state", **values}
    options = [f"--set={name}={value}" for name, value in values.items()]
    done = subprocess.run(
        [sys.executable, "-m", "dateline", *options, *shlex.split(words)],
        cwd=folder, input=stdin, capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr
    return done.stdout.decode().replace(f"{folder}/", "")


def test_the_commands_on_the_list_of_sources(tmp_path: Path) -> None:
    add, show, *_ = commands()
    path = tmp_path / "sources.toml"
    names = {"feeds.sources_file": path, "fetch.allow_networks": "127.0.0.0/8"}

    def shown(text: str, base: str) -> str:
        text = text.replace(base, SITE).replace(base.replace("http:", "https:"), SITE)
        return text.replace("127.0.0.1", "harbour.example").replace("to sources.toml", f"to {LIST}")

    async def scene() -> None:
        async with served_site(here) as base:
            line = add.replace("harbour.example", base)
            options = {**names, "fetch.min_host_delay_seconds": 0}
            added = await asyncio.to_thread(run_command, line, tmp_path, **options)
            assert comparable(shown(added, base)) == comparable(commands()[add])
            [source] = load_sources(path)
            async with open_bench(tmp_path) as bench:
                # Polled a moment ago by the clock of this machine, which the command goes by.
                ago_seconds = (SystemClock().now() - bench.room.clock.now()).total_seconds() - 10
                bench.room.clock.advance(seconds=ago_seconds)
                record = await Example(bench, source, base, is_local=True).run()
            with FeedState(feeds_state_path(settings_of(tmp_path), "cluster")) as state:
                state.save_feed(record)
            table = run_command(show, tmp_path, **names)
            assert comparable(shown(table, base)) == comparable(commands()[show])

    asyncio.run(scene())


def here(base: str, text: str) -> str:
    return re.sub(r"https?://(www\.|m\.)?harbour\.example", base, text)


def settings_of(folder: Path) -> Settings:
    return load_settings(environ={}, assignments=[f"project.state_dir={folder / 'state'}"])


@pytest.mark.parametrize("line", [line for line in commands() if " ingest " in line])
def test_the_commands_on_files(tmp_path: Path, line: str) -> None:
    write_files(tmp_path)
    assert comparable(run_command(line, tmp_path)) == comparable(commands()[line])


def write_files(folder: Path) -> None:
    """Write the files of the page, and the archive that it cannot show."""
    for block in blocks():
        if re.fullmatch(r"[\w-]+/[\w.-]+", block.mark):
            (folder / block.mark).parent.mkdir(exist_ok=True)
            (folder / block.mark).write_text(block.text, encoding="utf-8")
    target = io.BytesIO()
    writer = WARCWriter(target, gzip=True)
    for status in ("200 OK", "404 Not Found"):
        payload = documents()["/2026/ferry"]
        record = writer.create_warc_record(
            "https://www.harbour.example/2026/ferry", "response",
            payload=io.BytesIO(payload), length=len(payload),
            http_headers=StatusAndHeaders(
                status, [("Content-Type", "text/html")], protocol="HTTP/1.1"
            ),
            warc_headers_dict={"WARC-Date": "2026-11-20T09:00:00Z"},
        )  # fmt: skip
        writer.write_record(record)
    (folder / "crawl.warc.gz").write_bytes(target.getvalue())


def test_the_push_of_the_page(tmp_path: Path) -> None:
    write_files(tmp_path)
    [text] = marked("push")
    command, _, expected = text.removeprefix("$ ").partition("\n")
    words = shlex.split(command.replace("$KEY", KEY))
    assert words[0] == "curl"
    data = (tmp_path / words[words.index("--data-binary") + 1].removeprefix("@")).read_bytes()
    headers = dict(words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H")

    async def scene() -> None:
        room = Room(tmp_path)
        options = PushOptions(keys=parse_api_keys(f"wire.example:{KEY}"))
        async with room.intake() as intake:
            accept = IntakeAccept(intake, max_line_bytes=MAX_BYTES, max_articles=options.max_lines)
            app = create_push_app(options, accept)
            async with (
                open_push_server(app, bind="127.0.0.1", port=0, shutdown_seconds=1) as port,
                aiohttp.ClientSession() as session,
            ):
                url = words[1].replace(":8650/", f":{port}/")
                async with session.post(url, data=data, headers=headers) as answer:
                    assert (answer.status, await answer.json()) == (207, json.loads(expected))
        assert [record.source_id for record in room.writer.articles()] == ["wire.example"]

    asyncio.run(scene())


def test_the_hub_of_the_atom_example_delivers(tmp_path: Path) -> None:
    [entry] = [entry for entry, _ in examples() if "feed.atom" in entry]
    delivered = (
        documents()["/feed.atom"].replace(b"2026/ferry", b"2026/pier").replace(b":118<", b":120<")
    )

    async def scene() -> None:
        async with open_example(tmp_path, entry) as example:
            record = await example.run()
            assert (record.self_url, record.hub_url) == (
                f"{SITE}/feed.atom",
                "https://hub.example/",
            )

            async def on_content(feed_id: str, data: bytes, content_type: str) -> None:
                assert feed_id == record.feed_id
                await example.poll.deliver(record, data, content_type)

            with SubscriptionStore(tmp_path / "websub.sqlite") as store:
                app = web.Application()
                callbacks = create_websub_app(
                    store=store,
                    clock=example.room.clock,
                    options=WebSubOptions(),
                    on_content=on_content,
                )
                app.add_subapp("/websub/", callbacks)
                async with aiohttp.ClientSession() as session:
                    hub = Hub(session)
                    async with (
                        open_push_server(app, bind="127.0.0.1", port=0) as port,
                        open_push_server(hub.app(), bind="127.0.0.1", port=0) as hub_port,
                    ):
                        client = WebSubClient(
                            example.tools.fetcher.http,
                            store,
                            public_url=f"http://127.0.0.1:{port}",
                            clock=example.room.clock,
                        )
                        # Https for http: the hub is on this machine and has no certificate.
                        await client.subscribe(
                            record.feed_id,
                            f"{SITE}/feed.atom".replace("https:", "http:"),
                            f"http://127.0.0.1:{hub_port}/hub",
                        )
                        await hub.verify()
                        answer = await hub.deliver(
                            delivered, headers={"Content-Type": "application/atom+xml"}
                        )
                        assert answer.status == 200
            assert example.arrived().splitlines()[1:] == [
                f"live  {SITE}/2026/pier  The ferry sails again  text: page"
            ]

    asyncio.run(scene())
