from __future__ import annotations

from dateline.rights.signals.preferences import read_preferences
from producers.feed_document import FeedDocument
from producers.parse_feed import parse_feed

URL = "https://paper.example/1"


def test_the_terms_of_an_item_are_kept_whole() -> None:
    uses = "".join(f"<r:legal>clause {number} of the terms</r:legal>" for number in range(200))
    terms = f'{uses}<r:prohibits type="usage">ai-train</r:prohibits>'
    feed = (
        '<rss version="2.0" xmlns:r="https://rslstandard.org/rsl"><channel><title>P</title><item>'
        f"<title>t</title><link>{URL}</link><description>What happened.</description>"
        f'<r:content url="{URL}"><r:license>{terms}</r:license></r:content></item></channel></rss>'
    )
    parsed = parse_feed(feed.encode(), base_url="https://paper.example/feed", content_type=None)
    assert isinstance(parsed, FeedDocument)
    signals = parsed.items[0].article.rights_signals
    assert len(signals[0].value) > 4000
    (stated,) = read_preferences(signals, article_url=URL)
    assert stated.ai_train == "disallowed"
