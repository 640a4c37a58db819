from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.feeds.site_outage import SiteSigns, outage_reason


@pytest.mark.parametrize(
    ("signs", "reason"),
    [
        (SiteSigns(is_feed_read=True), None),
        (SiteSigns(is_feed_read=True, there_count=1, gone_count=2), None),
        (SiteSigns(is_feed_read=True, there_count=3, gone_count=3), None),
        (SiteSigns(is_feed_read=False, there_count=1), None),
        (
            SiteSigns(is_feed_read=True, there_count=3, gone_count=4),
            "4 of 7 other articles looked at are gone, too",
        ),
        (
            SiteSigns(is_feed_read=False, there_count=2, gone_count=3),
            "3 of 5 other articles looked at are gone, too",
        ),
        (
            SiteSigns(is_feed_read=False, gone_count=1),
            "neither its feed nor another of its articles could be read since",
        ),
    ],
)
def test_a_site_that_shows_nothing_or_loses_most_is_out_of_order(
    signs: SiteSigns, reason: str | None
) -> None:
    assert outage_reason(signs) == reason


@given(st.integers(0, 99), st.integers(0, 99), st.booleans())
def test_another_article_that_is_there_never_makes_an_outage(
    there_count: int, gone_count: int, is_feed_read: bool
) -> None:
    before, after = (
        SiteSigns(is_feed_read=is_feed_read, there_count=count, gone_count=gone_count)
        for count in (there_count, there_count + 1)
    )
    assert outage_reason(before) is not None or outage_reason(after) is None
