"""``dateline license check``: every format is read, every statement is shown where it stands."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cli_doubles import console, context, invoke, written
from click.testing import CliRunner, Result

from dateline.cli.license import license_command
from dateline.cli.license_check import exit_code
from dateline.cli.license_inputs import Document, format_of
from dateline.cli.license_view import in_context
from dateline.errors import ConfigError, DependencyUnavailable
from dateline.rights.record import PURPOSES, RightsEvidence
from dateline.settings import FeedsSettings, FetchSettings, ProducerSettings, Settings

NOTICE = "All content by Coast Wire is licensed under a Creative Commons Attribution 4.0 License."
STORY = (
    "LISBON (Coast Wire) - The harbour council opened the new pier on Friday, and many people came"
    " to see it. The pier cost twelve million euros."
)
BY = "https://creativecommons.org/licenses/by/4.0/"
PAGE = f"""<!doctype html><html lang="en"><head><title>Pier</title>
<link rel="license" href="{BY}"><meta name="author" content="M. Roe"></head>
<body><article><h1>Pier</h1><p>{STORY}</p><p>{STORY}</p>
<figure><img src="a.jpg"><figcaption>Photo: N. Roe, CC BY-NC 2.0</figcaption></figure>
</article></body></html>"""
FEED = f"""<?xml version="1.0"?><rss version="2.0"
 xmlns:cc="http://backend.userland.com/creativeCommonsRssModule"><channel><title>Coast</title>
<link>https://coast.example/</link>
<item><title>One</title><link>https://coast.example/1</link><description>{STORY}</description>
<cc:license>{BY}</cc:license></item>
<item><title>Two</title><link>https://coast.example/2</link><description>{STORY}</description></item>
</channel></rss>"""
NINJS = {
    "uri": "https://wire.example/1", "type": "text", "pubStatus": "usable",
    "headlines": [{"value": "Pier"}], "bodies": [{"value": STORY}],
    "rightsInfo": {"linkedRights": BY},
}  # fmt: skip
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1", "title": "Coast",
    "items": [{"id": "1", "url": "https://coast.example/1", "content_text": f"{STORY} {NOTICE}"}],
}  # fmt: skip
PLAIN_JSON = {"title": "Pier", "text": f"{STORY} {NOTICE}", "url": "https://coast.example/1"}


def _check(*words: str, settings: Settings | None = None) -> Result:
    return invoke(license_command, "check", *words, settings=settings)


def _answer(*words: str, settings: Settings | None = None) -> dict[str, Any]:
    result = _check(*words, "--json", settings=settings)
    assert result.exit_code in (0, 3), result.output
    answer: dict[str, Any] = json.loads(result.stdout)
    return answer


def _file(folder: Path, name: str, content: str | dict[str, Any]) -> str:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("name", "content", "layer"),
    [
        ("story.txt", f"{STORY} {NOTICE}", "text"),
        ("page.html", PAGE, "html"),
        ("page.xml", '<?xml version="1.0"?>' + PAGE, "html"),
        ("wire.json", NINJS, "ninjs"),
        ("feed.json", JSON_FEED, "text"),
        ("story.json", PLAIN_JSON, "text"),
        ("lines.jsonl", json.dumps(PLAIN_JSON) + "\n", "text"),
        ("no-extension", FEED.split("<item><title>Two")[0] + "</channel></rss>", "feed"),
    ],
)
def test_every_format_is_read(tmp_path: Path, name: str, content: Any, layer: str) -> None:
    answer = _answer(_file(tmp_path, name, content))

    (article,) = answer["articles"]
    assert article["rights"]["status"] == "granted"
    assert article["rights"]["spdx_expression"] == "CC-BY-4.0"
    (winner,) = [s for s in article["explanation"]["statements"] if s["role"] == "won"]
    by_id = {each["id"]: each for each in article["rights"]["evidence"]}
    assert by_id[winner["evidence"]]["layer"] == layer
    assert [each["purpose"] for each in article["decisions"]] == list(PURPOSES)


def test_a_notice_is_shown_marked_in_its_context(tmp_path: Path) -> None:
    result = _check(_file(tmp_path, "story.txt", f"{STORY} {NOTICE}"))

    assert result.exit_code == 0
    assert f"twelve million euros. >>{NOTICE}<<" in result.stdout
    start = len(STORY) + 1
    assert f"text, characters {start} to {start + len(NOTICE)}" in result.stdout
    assert "CC-BY-4.0 (Creative Commons Attribution 4.0 International) by Coast Wire" in (
        result.stdout
    )


def test_colours_underline_the_words_and_nothing_acts_on_the_terminal() -> None:
    evidence = RightsEvidence(
        id="e1", object_id="text", layer="text", field="body", start=5, end=9, quote="CC\x1bB",
        text_sha256="a" * 64, frame="mention", scope="site", rank=10, confidence=0.5,
        detector="d", registry_version="1",
    )  # fmt: skip
    value = "abc: CC\x1bB and more"

    terminal = console(colours=True)
    terminal.print(in_context(evidence, value, is_coloured=True))

    assert "\x1b[1;4mCC␛B\x1b[0m" in written(terminal)
    assert in_context(evidence, value, is_coloured=False).plain == "abc: >>CC␛B<< and more"
    # Another value than the one that was read gives no context.
    assert in_context(evidence, "abc: others", is_coloured=False).plain == ">>CC␛B<<"


def test_a_picture_never_licences_its_page(tmp_path: Path) -> None:
    page = PAGE.replace(f'<link rel="license" href="{BY}">', "").replace(
        "CC BY-NC 2.0", f'<a rel="license" href="{BY}">CC BY</a>'
    )

    (article,) = _answer(_file(tmp_path, "page.html", page))["articles"]

    assert article["rights"]["status"] == "unknown"
    assert [each["kind"] for each in article["rights"]["objects"]] == ["image"]
    assert "other_object" in {each["role"] for each in article["explanation"]["statements"]}


def test_a_page_without_a_text_still_shows_what_it_says(tmp_path: Path) -> None:
    page = f'<!doctype html><html><head><link rel="license" href="{BY}"></head><body></body></html>'

    (article,) = _answer(_file(tmp_path, "page.html", page))["articles"]

    assert [signal["field"] for signal in article["signals"]] == ["link[rel=license]@head"]


def test_pages_of_an_archive_are_read_with_their_headers(tmp_path: Path) -> None:
    path = tmp_path / "pages.warc.gz"
    answer = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\ntdm-reservation: 1\r\n\r\n{PAGE}"
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://coast.example/1\r\n"
        "WARC-Date: 2026-11-20T08:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        f"Content-Length: {len(answer.encode())}\r\n\r\n"
    )
    packed = gzip.compress(f"{head}{answer}\r\n\r\n".encode())
    path.write_bytes(packed)
    words = ["check", "-", "--json"]

    piped = CliRunner().invoke(license_command, words, input=packed, obj=context())

    for answered in (_answer(str(path)), json.loads(piped.stdout)):
        (article,) = answered["articles"]
        assert article["url"] == "https://coast.example/1"
        assert article["rights"]["spdx_expression"] == "CC-BY-4.0"
        assert article["rights"]["preferences"]["tdm_reservation"] is True


def test_exit_codes_say_what_was_asked(tmp_path: Path) -> None:
    granted = _file(tmp_path, "a.txt", f"{STORY} {NOTICE}")
    unknown = _file(tmp_path, "b.txt", STORY)
    feed = _file(tmp_path, "feed.xml", FEED)

    assert _check(granted).exit_code == 0
    assert _check(unknown).exit_code == 3
    assert _check(feed).exit_code == 3, "the second article has no licence"
    assert _check(granted, "--purpose", "redistribution_commercial").exit_code == 0
    assert _check(granted, "--purpose", "ml_training").exit_code == 3
    assert _check(_file(tmp_path, "empty.txt", "")).exit_code == 1
    assert exit_code([]) == 1


def test_a_purpose_shows_its_decision_alone(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.txt", f"{STORY} {NOTICE}")

    (article,) = _answer(path, "--purpose", "rag")["articles"]

    assert [each["purpose"] for each in article["decisions"]] == ["rag"]
    assert not article["is_allowed"]


def test_signals_are_listed_on_demand(tmp_path: Path) -> None:
    path = _file(tmp_path, "page.html", PAGE)

    assert "--signals lists them" in _check(path).stdout
    assert "html, link[rel=license]@head" in _check(path, "--signals").stdout


def test_standard_input_is_read() -> None:
    words = ["check", "-", "--url", "https://coast.example/1", "--json"]

    result = CliRunner().invoke(license_command, words, input=PAGE, obj=context())

    (article,) = json.loads(result.stdout)["articles"]
    assert article["url"] == "https://coast.example/1"
    assert article["source_id"] == "coast.example"


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    small = Settings(producer=ProducerSettings(max_file_bytes=10))

    assert "cannot be read: No such file" in str(_check(str(tmp_path / "none.txt")).exception)
    too_large = _check(_file(tmp_path, "a.txt", STORY), settings=small)
    assert isinstance(too_large.exception, ConfigError)
    assert "larger than 10 bytes" in str(too_large.exception)
    refused = _check(_file(tmp_path, "bad.json", "{"))
    assert refused.exit_code == 1
    assert _check("https://coast.example/1", "--url", "https://x.example/").exit_code == 2
    assert _check("ftp://coast.example/1").exit_code == 2


def test_nothing_of_a_document_acts_on_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07[bold]\u202e"
    article = PLAIN_JSON | {"title": evil, "authors": [evil], "text": f"{evil} {NOTICE}"}

    shown = _check(_file(tmp_path, "evil.json", article), "--signals").stdout

    assert "[bold]" in shown
    assert not {"\x1b", "\x07", "\u202e"} & set(shown)


def test_a_withdrawn_article_is_no_article(tmp_path: Path) -> None:
    result = _check(_file(tmp_path, "k.json", NINJS | {"pubStatus": "canceled"}), "--json")

    assert result.exit_code == 1
    assert json.loads(result.stdout)["unread"][0]["reason"] == "the source withdrew the article"


@pytest.mark.parametrize(
    ("shown", "data", "expected"),
    [
        ("-", b"<!DOCTYPE html><p>", "html"),
        ("-", b'\xef\xbb\xbf <?xml version="1.0"?><rss>', "feed"),
        ("-", b"Some words", "txt"),
        ("-", b"[{}]", "json"),
        ("a.rss", b"<rss>", "feed"),
        ("a.xml", b"<html>", "html"),
        ("a.txt", b"<html>", "txt"),
        ("-", b"<!-- <rss> --><html>", "html"),
        ("-", b"<rss><![CDATA[<html>", "feed"),
        ("-", b"WARC/1.0", "warc"),
        ("-", gzip.compress(b"<rss>"), "feed"),
        ("-", b"\x1f\x8b broken", "txt"),
    ],
)
def test_the_format_is_told_by_name_or_content(shown: str, data: bytes, expected: str) -> None:
    assert format_of(Document(shown=shown, data=data)) == expected


Handler = Callable[[web.Request], web.StreamResponse]


@contextmanager
def _site(answers: dict[str, tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """Serve ``path: (content type, text)`` on a port of this machine; yield address and paths."""
    asked: list[str] = []
    ready = threading.Event()
    stop = asyncio.Event()
    place: dict[str, Any] = {}

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.path not in answers:
            return web.Response(status=404)
        kind, text = answers[request.path]
        text = text.replace("{site}", place["url"])
        return web.Response(text=text, content_type=kind)

    async def serve() -> None:
        place["loop"] = asyncio.get_running_loop()
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        place["url"] = f"http://127.0.0.1:{runner.addresses[0][1]}"
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    try:
        yield place["url"], asked
    finally:
        place["loop"].call_soon_threadsafe(stop.set)
        thread.join(10)


def _fetching(**fetch: Any) -> Settings:
    allowed = {"allow_networks": "127.0.0.0/8", "min_host_delay_seconds": 0.0, **fetch}
    return Settings(fetch=FetchSettings(**allowed), feeds=FeedsSettings())


def test_an_address_is_fetched_with_what_its_host_says() -> None:
    robots = (
        "User-agent: *\nContent-Signal: ai-train=no\nLicense: {site}/rsl.xml\nDisallow: /private\n"
    )
    rsl = (
        '<rsl xmlns="https://rslstandard.org/rsl"><content url="/"><license>'
        '<prohibits type="usage">ai-input</prohibits></license></content></rsl>'
    )
    answers = {
        "/pier": ("text/html", PAGE),
        "/robots.txt": ("text/plain", robots),
        "/.well-known/tdmrep.json": (
            "application/json", '[{"location": "/", "tdm-reservation": 1}]',
        ),
        "/rsl.xml": ("application/xml", rsl),
    }  # fmt: skip
    with _site(answers) as (url, asked):
        (article,) = _answer(f"{url}/pier", settings=_fetching())["articles"]
        forbidden = _check(f"{url}/private", settings=_fetching())
        missing = _check(f"{url}/none", settings=_fetching())
        guarded = _check(f"{url}/pier", settings=_fetching(allow_networks=""))

    rights = article["rights"]
    assert rights["status"] == "granted"
    assert rights["preferences"]["tdm_reservation"] is True
    assert rights["preferences"]["ai_train"] == "disallowed"
    assert rights["preferences"]["ai_input"] == "disallowed"
    assert rights["resolution"]["conflicts"] == ["grant_vs_reservation"]
    layers = {signal["layer"] for signal in article["signals"]}
    assert {"html", "robots", "wellknown", "rsl"} <= layers
    assert "/private" not in asked
    assert isinstance(forbidden.exception, ConfigError)
    assert "robots.txt forbids" in str(forbidden.exception)
    assert isinstance(missing.exception, DependencyUnavailable)
    assert isinstance(guarded.exception, ConfigError)
    assert "fetch.allow_networks" in str(guarded.exception)
