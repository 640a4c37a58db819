from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import feedparser
import pytest
from channel_samples import ALERT, CONTENT, NOW, alert_with

from dateline.alert_records import Surge, Watch
from dateline.alerts.ledger import LedgerEntry, LedgerPlace, place_of
from dateline.errors import ConfigError, QueryInvalid
from dateline.watches.new_watch import made_id, misfit, read_query
from dateline.web.alert_stream import Since, read_since
from dateline.web.alert_value import alert_value, cursor_of, read_cursor
from dateline.web.atom_feed import feed_bytes
from dateline.web.etags import is_known
from dateline.web.page_values import form_error
from dateline.web.problems import OUR_BUG, RequestProblem, meaning, refusal
from dateline.web.request_body import read_form
from dateline.web.watch_request import read_json, wanted_watch

WATCH = Watch(watch_id="w", created_at=NOW, query="talks")


@pytest.mark.parametrize(
    ("text", "taken", "made"),
    [
        ("Qatar & the Deal!", (), "qatar-and-the-deal"),
        ("pier", ("pier", "pier-2"), "pier-3"),
        ("!!", (), "watch"),
        ("x" * 39 + " y", (), "x" * 39),
    ],
)
def test_made_id_is_free_and_readable(text: str, taken: tuple[str, ...], made: str) -> None:
    assert made_id(text, taken) == made


@pytest.mark.parametrize(
    ("watch", "words"),
    [
        (replace(WATCH, trigger="silence"), "needs silence_days"),
        (replace(WATCH, silence_days=3), "silence_days belongs"),
        (replace(WATCH, surge=Surge()), "surge belongs"),
        (replace(WATCH, scope="source"), "scope belongs"),
    ],
)
def test_what_a_trigger_lacks_or_leaves_out_is_refused(watch: Watch, words: str) -> None:
    assert words in misfit(watch)
    with pytest.raises(ConfigError, match=words):
        read_query(watch)


def test_a_watch_that_fits_has_its_query_read() -> None:
    assert misfit(WATCH) == ""
    assert read_query(WATCH).text == "talks"


def test_a_surge_has_its_usual_limits_where_none_are_given() -> None:
    asked = read_json(b'{"query": "entity:Q846", "trigger": "surge"}')
    assert wanted_watch(asked, taken=[], at=NOW, came_from="api").surge == Surge()


def test_a_cursor_comes_back_as_the_place_it_was() -> None:
    place = place_of(
        replace(ALERT, created_at=datetime(2026, 11, 23, 1, 2, 3, 999_999, tzinfo=UTC))
    )
    assert place == LedgerPlace(1_795_395_723_999, ALERT.alert_id)
    assert read_cursor(cursor_of(place)) == place
    for text in ("", "1", f"-1-{'a' * 64}", f"1-{'g' * 64}", f"{'9' * 16}-{'a' * 64}"):
        assert read_cursor(text) is None


def test_the_last_event_counts_more_than_a_time() -> None:
    assert read_since("a" * 64, "nonsense") == Since(alert_id="a" * 64)
    assert read_since("../x", "2026-11-23T01:00:00+01:00") == Since(
        at=datetime(2026, 11, 23, tzinfo=UTC)
    )
    assert read_since("", "") == Since()


@pytest.mark.parametrize(
    ("header", "expected"),
    [('"a"', True), ('W/"a"', True), ('"b", "a"', True), ("*", True), ('"b"', False), ("", False)],
)
def test_etags_are_compared_weakly(header: str, expected: bool) -> None:
    assert is_known(header, '"a"') is expected


def test_an_alert_without_a_web_address_has_none() -> None:
    row = LedgerEntry(alert=alert_with(url="javascript:alert(1)"), channel_ids=("desk",))
    assert alert_value(row)["content"]["url"] is None
    assert "channel_id" not in alert_value(row)
    assert alert_value(replace(row, alert=replace(ALERT, content=None)))["content"] is None


def test_an_empty_feed_is_valid_and_always_the_same() -> None:
    content = feed_bytes(WATCH, [], base_url="http://127.0.0.1:1")
    feed = feedparser.parse(content)
    assert not feed.bozo
    assert (feed.feed.title, feed.entries) == ("Alerts: talks", [])
    assert content == feed_bytes(WATCH, [], base_url="http://127.0.0.1:1")


def test_a_feed_has_what_an_alert_without_content_can_say() -> None:
    bare = LedgerEntry(alert=replace(ALERT, content=None), channel_ids=())
    feed = feedparser.parse(feed_bytes(WATCH, [bare], base_url="http://127.0.0.1:1"))
    assert not feed.bozo
    (entry,) = feed.entries
    assert entry.link == f"http://127.0.0.1:1/alerts/{ALERT.alert_id}"
    assert "not kept any more" in entry.content[0].value


def test_a_feed_shows_nothing_that_the_alert_withholds() -> None:
    held = alert_with(title=None, sentence=None, excerpt=None, withheld_reason="not licensed")
    row = LedgerEntry(alert=held, channel_ids=())
    content = feed_bytes(WATCH, [row], base_url="http://127.0.0.1:1").decode()
    assert "not licensed" in content
    for text in (CONTENT.title, CONTENT.sentence, CONTENT.excerpt):
        assert f">{text}" not in content


def test_the_form_marks_the_character_also_behind_the_end() -> None:
    invalid = QueryInvalid("no end (character 6):\n  (pier\n       ^", position=5)
    error = form_error(refusal(invalid), "(pier")
    assert (error.before, error.at, error.behind) == ("(pier", " ", "")
    assert error.detail == "no end (character 6)."
    other = form_error(RequestProblem(409, "taken"), "pier")
    assert (other.before, other.at, other.behind) == (None, None, None)


def test_our_own_bugs_tell_nothing(caplog: pytest.LogCaptureFixture) -> None:
    problem = meaning(ValueError("a secret"))
    assert (problem.status, problem.detail) == (500, OUR_BUG)
    assert "a secret" in caplog.text


@pytest.mark.parametrize("body", [b"\xff=1", b"query=%ff", b"&".join([b"a=1"] * 300)])
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(RequestProblem) as refused:
        read_form(body)
    assert refused.value.status == 400
