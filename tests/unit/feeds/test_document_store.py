from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dateline.errors import ConfigError
from producers.feed_document import ChildSitemap, FeedDocument, FeedItem
from producers.feeds.document_store import DocumentStore
from producers.parse_feed import parse_feed
from producers.parsed import ParsedArticle

FEED = "https://paper.example/feed"
NOW = datetime(2026, 11, 23, 10, 0, 0, 123456, tzinfo=UTC)


def document(title: str = "Title") -> FeedDocument:
    article = ParsedArticle(
        body="Text", media_type="text/html", url=f"{FEED}/1", title=title, updated_at=NOW,
        date_flags=("no_time",), authors=("A", "B"),
    )  # fmt: skip
    return FeedDocument(
        kind="rss",
        items=(FeedItem(article=article, has_full_text=True),),
        children=(ChildSitemap(url=f"{FEED}/map", modified_at=NOW),),
        hub_urls=("https://hub.example/",),
        ttl_seconds=60.0,
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "documents.sqlite"


def test_a_document_comes_back_as_it_was_over_a_restart(path: Path) -> None:
    with DocumentStore(path) as store:
        store.put(FEED, "one", document("old"))
        store.put(FEED, "two", document())
    with DocumentStore(path) as store:
        assert [store.has(FEED, each) for each in ("one", "two", None)] == [False, True, False]
        assert store.get(FEED) == document()
        assert not store.has("https://other.example/feed", "two")


def test_a_feed_of_every_field_comes_back(path: Path) -> None:
    found = parse_feed(
        b"<rss version='2.0' xmlns:c='http://backend.userland.com/creativeCommonsRssModule'>"
        b"<channel><title>P</title><ttl>5</ttl><item><title>One</title><link>https://p.example/1"
        b"</link><c:license>https://creativecommons.org/licenses/by/4.0/</c:license>"
        b"<pubDate>Mon, 23 Nov 2026 10:00:00 GMT</pubDate></item><item/></channel></rss>",
        base_url=FEED,
    )
    assert isinstance(found, FeedDocument)
    assert found.items[0].article.rights_signals
    with DocumentStore(path) as store:
        store.put(FEED, "one", found)
        assert store.get(FEED) == found


def test_a_document_that_is_dropped_is_gone(path: Path) -> None:
    with DocumentStore(path) as store:
        store.put(FEED, "one", document())
        store.drop(FEED)
        assert not store.has(FEED, "one")
        with pytest.raises(LookupError):
            store.get(FEED)


def test_a_document_that_cannot_be_written_takes_the_earlier_one_with_it(path: Path) -> None:
    with DocumentStore(path) as store:
        store.put(FEED, "one", document())
        store.put(FEED, "two", document("half a pair: \ud800"))
        assert not store.has(FEED, "one")
        assert not store.has(FEED, "two")


def test_a_damaged_file_says_what_to_do(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"no database" * 1000)
    with pytest.raises(ConfigError, match="cannot be used") as caught:
        DocumentStore(path)
    assert "Move the file away" in caught.value.hint
