"""From markup, feed and text to rights by way of every reader, for tests with hostile input."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from known_licenses import REGISTRY
from sample_records import raw_article
from trafilatura.utils import load_html

from dateline.records import RightsSignal
from dateline.rights.confidence import Confidences
from dateline.rights.read_rights import read_rights
from dateline.rights.record import Rights
from producers.extract.page_signals import page_signals
from producers.feed_document import FeedDocument
from producers.parse_feed import parse_feed

URL = "https://paper.example/2026/harbour"
STORY = (
    "The harbour council voted on Tuesday to dredge the northern basin. Work begins in May. "
    "The cost is put at nine million crowns. Fishermen had asked for it since the storm."
)
MOST_SECONDS = 5.0


def rights_of(body: str = STORY, *signals: RightsSignal, **fields: Any) -> Rights:
    article = raw_article(body, url=URL, rights_signals=signals, **fields)
    return read_rights(article, registry=REGISTRY, confidences=Confidences())


def rights_of_page(markup: str | bytes, body: str = STORY) -> Rights:
    """Return the rights of ``body`` beside the signals of a page; markup that is none says none."""
    tree = load_html(markup)
    return rights_of(body, *(page_signals(tree, {}) if tree is not None else ()))


def rights_of_feed(xml: str) -> Rights:
    """Return the rights of the first item; a feed that is refused says nothing."""
    found = parse_feed(xml.encode(), base_url="https://paper.example/feed.xml")
    items = found.items if isinstance(found, FeedDocument) else ()
    return rights_of(STORY, *(items[0].article.rights_signals if items else ()))


def is_grant(rights: Rights) -> bool:
    return rights.status in ("granted", "public_domain")


@contextmanager
def bounded(most_seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Fail when the block takes more of the processor's time: other work does not count."""
    started = time.process_time()
    yield
    assert time.process_time() - started < most_seconds
