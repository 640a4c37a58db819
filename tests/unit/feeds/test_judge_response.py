from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.feed_document import FeedDocument, FeedItem
from producers.feeds.feed_progress import after_failure, after_poll, after_unchanged, first_record
from producers.feeds.feed_record import FeedRecord
from producers.feeds.judge_response import (
    Changed,
    Failed,
    Gone,
    Unchanged,
    feed_address,
    judge,
    request_headers,
)
from producers.feeds.schedule import PollLimits
from producers.feeds.select_items import SelectedItem, Selection
from producers.fetch.fetched import Fetched, FetchProblem
from producers.parsed import ParsedArticle

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
URL = "https://p.example/feed"
LIMITS = PollLimits(min_seconds=60, max_seconds=3600)
NEW = FeedRecord(feed_id=URL, url=URL, source_id="p.example")
KNOWN = replace(
    NEW,
    etag='"a"',
    last_modified="Mon, 23 Nov 2026 10:00:00 GMT",
    body_sha256="0" * 64,
    last_full_at=NOW,
    is_first_poll_done=True,
)
ITEM = SelectedItem(
    key="k",
    item=FeedItem(article=ParsedArticle(body="x", media_type="text/plain"), has_full_text=True),
    is_backfill=False,
)
NEWS = Selection(new=(ITEM,))


def answer(status: int = 200, body: bytes = b"<rss/>", **keys: str) -> Fetched:
    permanent = keys.pop("permanent", URL)
    return Fetched(
        url=URL,
        final_url=permanent,
        permanent_url=permanent,
        status=status,
        headers={name.replace("_", "-"): value for name, value in keys.items()},
        body=body,
        seconds=0.1,
    )


class Site:
    """A feed on a server; ``lie`` says how its validators deceive."""

    def __init__(self, lie: str = "") -> None:
        self.lie = lie
        self.body = b"v0"
        self.version = 0
        self.full_count = 0

    def publish(self) -> None:
        self.version += 1
        self.body = f"v{self.version}".encode()

    def get(self, headers: dict[str, str]) -> Fetched:
        etag = '"constant"' if self.lie == "constant" else f'"{self.version}"'
        asked = headers.get("If-None-Match")
        is_same = asked == etag or (asked is not None and self.lie == "always 304")
        if is_same and self.lie != "never 304":
            return answer(304, b"", etag=etag)
        self.full_count += 1
        return answer(200, self.body, etag=etag)


class Poller:
    """Polls a site every few minutes as the real one does."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.record = first_record(feed_id=URL, url=URL, source_id="p", now=NOW)
        self.now = NOW
        self.got: list[bytes] = []

    def poll(self, *, minutes: float = 10) -> None:
        headers = request_headers(self.record, self.now)
        verdict = judge(
            self.site.get(headers), self.record, now=self.now, is_conditional=bool(headers)
        )
        if isinstance(verdict, Changed):
            self.got.append(verdict.body)
            document = FeedDocument(kind="rss")
            self.record = after_poll(
                self.record, verdict, document, NEWS, now=self.now, limits=LIMITS
            )
        elif isinstance(verdict, Unchanged):
            self.record = after_unchanged(self.record, verdict, now=self.now, limits=LIMITS)
        else:
            self.record = after_failure(self.record, verdict, now=self.now, limits=LIMITS)
        self.now += timedelta(minutes=minutes)


def test_honest_feed_is_sent_in_full_when_it_changed_and_now_and_then() -> None:
    poller = Poller(Site())
    for number in range(200):
        if number % 20 == 5:
            poller.site.publish()
        poller.poll()
    assert poller.got == [f"v{n}".encode() for n in range(11)]
    assert poller.record.is_validator_trusted
    # 11 versions, and one probe for each nine 304 in a row.
    assert poller.site.full_count < 45


@pytest.mark.parametrize("lie", ["constant", "always 304"])
def test_lying_feed_is_found_out_and_polled_in_full(lie: str) -> None:
    poller = Poller(Site(lie))
    poller.poll()
    poller.site.publish()
    for _ in range(12):
        poller.poll()
    assert poller.got == [b"v0", b"v1"]
    assert not poller.record.is_validator_trusted
    for _ in range(3):
        poller.site.publish()
        poller.poll()
    assert poller.got == [b"v0", b"v1", b"v2", b"v3", b"v4"]
    assert poller.record.error_count == 0


def test_feed_that_never_answers_304_is_compared_by_its_body() -> None:
    poller = Poller(Site("never 304"))
    for _ in range(5):
        poller.poll()
    assert poller.got == [b"v0"]


def test_honest_feed_that_changes_at_the_time_of_a_probe_stays_trusted() -> None:
    poller = Poller(Site())
    for _ in range(10):
        poller.poll()
    poller.site.publish()
    assert request_headers(poller.record, poller.now) == {}
    poller.poll()
    assert poller.record.is_validator_on_trial
    poller.poll()
    assert poller.record.is_validator_trusted
    assert not poller.record.is_validator_on_trial
    assert poller.record.etag == '"1"'
    assert poller.got == [b"v0", b"v1"]


def test_body_that_differs_by_more_than_entries_proves_no_lie() -> None:
    verdict = judge(answer(etag='"a"'), KNOWN, now=NOW, is_conditional=False)
    assert isinstance(verdict, Changed)
    assert not verdict.validators.is_trusted
    document = FeedDocument(kind="rss")
    quiet = after_poll(KNOWN, verdict, document, Selection(), now=NOW, limits=LIMITS)
    assert quiet.is_validator_trusted
    loud = after_poll(KNOWN, verdict, document, NEWS, now=NOW, limits=LIMITS)
    assert not loud.is_validator_trusted


def test_request_has_the_validators_of_the_last_answer() -> None:
    assert request_headers(KNOWN, NOW + timedelta(hours=1)) == {
        "If-None-Match": '"a"',
        "If-Modified-Since": "Mon, 23 Nov 2026 10:00:00 GMT",
    }


@pytest.mark.parametrize(
    "known",
    [
        NEW,
        replace(KNOWN, is_validator_trusted=False),
        replace(KNOWN, pending_count=1),
        replace(KNOWN, not_modified_count=9),
        replace(KNOWN, last_full_at=NOW - timedelta(hours=6)),
        replace(KNOWN, last_full_at=NOW + timedelta(hours=1)),
        replace(KNOWN, is_validator_on_trial=True, pending_count=1),
    ],
)
def test_request_asks_for_the_body_itself(known: FeedRecord) -> None:
    assert request_headers(known, NOW) == {}


def test_same_body_is_unchanged_unless_entries_wait() -> None:
    first = judge(answer(), NEW, now=NOW, is_conditional=False)
    assert isinstance(first, Changed)
    known = replace(KNOWN, body_sha256=first.validators.body_sha256)
    again = judge(answer(etag='"b"'), known, now=NOW, is_conditional=True)
    assert isinstance(again, Unchanged)
    assert again.validators.etag == '"b"'
    waiting = replace(known, pending_count=3)
    assert isinstance(judge(answer(), waiting, now=NOW, is_conditional=False), Changed)
    kept = judge(answer(), waiting, now=NOW, is_conditional=False, is_document_kept=True)
    assert isinstance(kept, Unchanged)


def test_request_is_conditional_while_entries_wait_in_a_kept_document() -> None:
    waiting = replace(KNOWN, pending_count=3)
    assert request_headers(waiting, NOW, is_document_kept=True) == request_headers(KNOWN, NOW)
    lying = replace(waiting, is_validator_trusted=False)
    assert request_headers(lying, NOW, is_document_kept=True) == {}


def test_304_to_an_unconditional_request_is_an_error() -> None:
    verdict = judge(answer(304), KNOWN, now=NOW, is_conditional=False)
    assert verdict == Failed(
        reason="broken answer: 304 to a request that asked for the feed itself"
    )


def test_permanent_redirect_is_remembered_and_the_identity_stays() -> None:
    verdict = judge(
        answer(permanent="https://new.example/feed"), KNOWN, now=NOW, is_conditional=True
    )
    assert isinstance(verdict, Changed)
    record = after_poll(
        KNOWN, verdict, FeedDocument(kind="rss"), Selection(), now=NOW, limits=LIMITS
    )
    assert (record.feed_id, record.url) == (URL, "https://new.example/feed")


def test_feed_that_moved_into_nothing_is_sought_where_it_was() -> None:
    moved = replace(KNOWN, url="https://new.example/feed")
    asked = [feed_address(replace(moved, error_count=n), URL) for n in range(8)]
    assert [n for n, url in enumerate(asked) if url == URL] == [3, 6]


def test_410_is_gone() -> None:
    assert judge(answer(410), KNOWN, now=NOW, is_conditional=True) == Gone()


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "forbidden: a login is needed (401)"),
        (403, "forbidden: the server refuses us (403), perhaps for the user agent"),
        (404, "missing: nothing at this address (404)"),
        (418, "refused: the server does not accept the request (418)"),
        (429, "busy: too many requests (429)"),
        (451, "forbidden: for legal reasons (451)"),
        (503, "server error: the server cannot answer now (503)"),
        (204, "broken answer: status 204 where a feed was expected"),
        (302, "broken answer: status 302 where a feed was expected"),
    ],
)
def test_status_is_told_in_words(status: int, reason: str) -> None:
    verdict = judge(answer(status), KNOWN, now=NOW, is_conditional=True)
    assert verdict == Failed(reason=reason, is_missing=status == 404)


def test_retry_after_is_read_in_seconds_and_as_a_date() -> None:
    date = format_datetime(NOW + timedelta(minutes=5), usegmt=True)
    for value in ("300", date):
        verdict = judge(answer(503, retry_after=value), KNOWN, now=NOW, is_conditional=True)
        assert isinstance(verdict, Failed)
        assert verdict.retry_after_seconds == 300


def test_empty_body_is_an_error() -> None:
    verdict = judge(answer(body=b" \n"), KNOWN, now=NOW, is_conditional=True)
    assert verdict == Failed(reason="empty: the answer has no content")


def test_problem_of_a_fetch_is_told_by_its_class() -> None:
    problem = FetchProblem("robots", "not allowed", retry_after_seconds=60)
    assert judge(problem, KNOWN, now=NOW, is_conditional=True) == Failed(
        reason="robots.txt: not allowed", retry_after_seconds=60
    )


@pytest.mark.parametrize("etag", ["", " ", "x\r\nHost: y", "\x00", "é", "x" * 2000])
def test_validator_that_cannot_be_sent_back_is_not_kept(etag: str) -> None:
    verdict = judge(answer(etag=etag), KNOWN, now=NOW, is_conditional=True)
    assert isinstance(verdict, Changed)
    assert verdict.validators.etag is None


def test_freshness_is_passed_on() -> None:
    verdict = judge(answer(cache_control="max-age=120"), KNOWN, now=NOW, is_conditional=True)
    assert isinstance(verdict, Changed)
    assert verdict.cache_seconds == 120


@given(
    st.integers(100, 599),
    st.binary(max_size=20),
    st.dictionaries(
        st.sampled_from(["etag", "last_modified", "retry_after", "cache_control", "age"]),
        st.text(max_size=30),
    ),
    st.booleans(),
)
def test_any_answer_has_a_verdict(
    status: int, body: bytes, headers: dict[str, str], is_conditional: bool
) -> None:
    for known in (NEW, KNOWN, replace(KNOWN, is_validator_on_trial=True)):
        verdict = judge(
            answer(status, body, **headers), known, now=NOW, is_conditional=is_conditional
        )
        if isinstance(verdict, Failed):
            assert ": " in verdict.reason
