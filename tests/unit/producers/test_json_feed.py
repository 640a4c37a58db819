from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dateline.records import RightsSignal
from producers.feed_document import FeedDocument, FeedItem
from producers.parsed import ParsedArticle, Refusal
from producers.sources.json_feed import parse_json_feed

BASE = "https://paper.example/feed.json"
BY = "https://creativecommons.org/licenses/by/4.0/"
TEXT = "The council met on Monday and decided that the road stays closed for a year. " * 9


def read(document: Any) -> FeedDocument:
    found = parse_json_feed(json.dumps(document).encode(), base_url=BASE)
    assert isinstance(found, FeedDocument)
    return found


def article(item: dict[str, Any]) -> ParsedArticle:
    [found] = read({"version": "https://jsonfeed.org/version/1.1", "items": [item]}).items
    return found.article


def test_a_json_feed_is_read_whole() -> None:
    feed = read(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": "Paper",
            "home_page_url": "/",
            "feed_url": BASE,
            "language": "en-GB",
            "authors": [{"name": "Newsroom"}],
            "hubs": [{"type": "WebSub", "url": "https://hub.example/"}, {"type": "rssCloud"}],
            "copyright": "All rights reserved",
            "items": [
                {
                    "id": 7,
                    "url": "a/1",
                    "external_url": "https://other.example/",
                    "title": "One",
                    "content_html": f"<p>{TEXT}</p>",
                    "summary": "In short.",
                    "date_published": "2026-11-23T10:00:00+01:00",
                    "date_modified": "2026-11-23T10:00:00Z",
                    "_rights": {"license": {"url": BY}},
                }
            ],
        }
    )
    article = ParsedArticle(
        body=TEXT.strip(),
        media_type="text/html",
        is_alone=False,
        url="https://paper.example/a/1",
        guid="7",
        title="One",
        summary="In short.",
        language="en-GB",
        authors=("Newsroom",),
        published_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        published_at_raw="2026-11-23T10:00:00+01:00",
        updated_at=datetime(2026, 11, 23, 10, tzinfo=UTC),
        rights_signals=(
            RightsSignal(layer="feed", field="item/_rights/license.url", value=BY),
            RightsSignal(layer="feed", field="feed/copyright", value="All rights reserved"),
        ),
        extraction_method="json_feed",
    )
    assert feed == FeedDocument(
        kind="json_feed",
        version="1.1",
        items=(FeedItem(article=article, has_full_text=True),),
        title="Paper",
        home_url="https://paper.example/",
        self_url=BASE,
        hub_urls=("https://hub.example/",),
        language="en-GB",
    )


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ({"id": "https://paper.example/1"}, "https://paper.example/1"),
        ({"id": "1", "external_url": "https://other.example/"}, "https://other.example/"),
        ({"id": "1", "url": "javascript:alert(1)"}, None),
        ({"id": "1", "url": 5}, "https://paper.example/5"),
        ({"id": "1", "url": []}, None),
    ],
)
def test_the_address_of_a_json_item(item: dict[str, Any], url: str | None) -> None:
    assert article(item).url == url


def test_version_1_has_one_author_and_plain_text_wins() -> None:
    found = article(
        {
            "id": "1",
            "author": {"name": "Writer One"},
            "content_text": "Plain",
            "content_html": "<b>Rich</b>",
        }
    )
    assert (found.authors, found.body, found.media_type) == (("Writer One",), "Plain", "text/plain")
    assert found.date_flags == ("missing",)


def test_items_that_are_nothing_are_refused_alone() -> None:
    feed = read({"items": [{}, 5, None, {"id": "1", "title": "half \ud800 pair"}]})
    assert [item.article.title for item in feed.items] == ["half ? pair"]
    assert [each.reason.partition(":")[0] for each in feed.refusals] == [
        "no identity", "broken item", "broken item",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "wrap", [lambda item: item, lambda item: [item], lambda item: {"items": [item]}]
)
def test_ninjs_is_told_by_its_fields(wrap: Any) -> None:
    item = {"uri": "urn:x:1", "pubstatus": "canceled", "versioncreated": "2026-11-23T10:00:00Z"}
    feed = read(wrap(item))
    assert feed.kind == "ninjs"
    assert [each.article.pub_status for each in feed.items] == ["canceled"]
    assert feed.items[0].article.date_flags == ("missing",)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"{", "broken JSON"),
        (b"[" * 1_000_000, "broken JSON"),
        (b'{"items":' * 100_000, "broken JSON"),
        (b'{"a": 1}', "no feed"),
        (b'[{"id": 1}]', "no feed"),
        (b"\xff\xfe", "wrong encoding"),
        (b'{"items": [' + b"9" * 5000 + b"]}", "broken JSON"),
    ],
)
def test_what_is_no_json_feed_is_refused(data: bytes, reason: str) -> None:
    found = parse_json_feed(data, base_url=BASE)
    assert isinstance(found, Refusal)
    assert found.reason.partition(":")[0] == reason
