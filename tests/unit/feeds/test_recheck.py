from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.extract.page_text import PageText
from producers.feeds.feed_record import RecheckRow
from producers.feeds.recheck import (
    Back,
    Deleted,
    Edited,
    Held,
    Missing,
    RecheckVerdict,
    Same,
    Unknown,
    after_recheck,
    held_in_outage,
    judge_recheck,
    next_recheck,
    normal_text_sha256,
    recheck_headers,
    with_page_text,
)
from producers.feeds.site_outage import SiteSigns
from producers.fetch.fetched import Fetched, FetchProblem
from producers.parsed import Refusal

SEEN = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = SEEN + HOUR
URL = "https://www.p.example/news/2026/bridge.html"
TEXT = "The council voted on Monday to keep the old bridge open to walkers. " * 10
ROW = with_page_text(
    RecheckRow(
        article_id="a" * 64, key=URL, source_id="p.example", url=URL, first_seen_at=SEEN, due_at=NOW
    ),
    TEXT,
)
KILLED = replace(ROW, is_killed=True, step=1, due_at=SEEN + DAY)
NO_TEXT = Refusal(reason="too little text: 12 characters")


def answer(status: int = 200, *, final_url: str = URL, **headers: str) -> Fetched:
    return Fetched(
        url=URL,
        final_url=final_url,
        permanent_url=URL,
        status=status,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=b"",
        seconds=0.1,
    )


def page(text: str = TEXT, *, title: str | None = "Old bridge stays open") -> PageText:
    return PageText(text=text, extraction_method="x", html_sha256="0", text_sha256="0", title=title)


def look(
    fetched: Fetched | FetchProblem,
    text: PageText | Refusal | None = None,
    known: RecheckRow = ROW,
    *,
    now: datetime = NOW,
) -> RecheckVerdict:
    return judge_recheck(fetched, text, known, now=now)


def test_looks_are_after_an_hour_a_day_and_a_week() -> None:
    due = [next_recheck(SEEN, step) for step in range(4)]
    assert due == [SEEN + HOUR, SEEN + DAY, SEEN + 7 * DAY, None]


def test_same_text_in_other_white_space_is_the_same() -> None:
    assert isinstance(look(answer(), page("\n" + TEXT.replace(" ", " \n\t"))), Same)
    assert isinstance(look(answer(304)), Same)


def test_other_text_is_an_edit() -> None:
    edited = page(TEXT.replace("Monday", "Tuesday"))
    assert look(answer(), edited) == Edited(page=edited)


def test_410_is_a_deletion_at_once() -> None:
    assert look(answer(410)) == Deleted(reason="deleted by the publisher (HTTP 410)")


@pytest.mark.parametrize(
    ("fetched", "text"),
    [
        pytest.param(answer(404), None, id="404"),
        pytest.param(answer(final_url="https://www.p.example/"), page("Home."), id="home"),
        pytest.param(answer(final_url="http://p.example"), page("Home."), id="home-twin"),
        pytest.param(answer(final_url="https://www.p.example/news/"), page("News."), id="section"),
        pytest.param(answer(final_url="https://www.p.example/"), NO_TEXT, id="home-no-text"),
        pytest.param(answer(final_url="https://p.example/404"), page("?"), id="error-page"),
        pytest.param(answer(), page("Latest. " * 99, title="Page not found"), id="soft-404"),
        pytest.param(answer(), page("Sorry.", title="404 - P Example"), id="soft-404-number"),
        pytest.param(answer(), page("Leider.", title="Seite nicht gefunden"), id="soft-404-de"),
    ],
)
def test_missing_twice_an_hour_apart_is_a_deletion(
    fetched: Fetched, text: PageText | Refusal | None
) -> None:
    first = look(fetched, text)
    assert isinstance(first, Missing)
    assert first.again_at == NOW + HOUR
    row = after_recheck(ROW, first, fetched, now=NOW)
    assert row is not None
    assert (row.misses, row.due_at, row.step) == (1, NOW + HOUR, 0)
    early = look(fetched, text, row, now=NOW + HOUR / 2)
    assert isinstance(early, Missing)
    assert early.again_at == NOW + HOUR
    second = look(fetched, text, row, now=NOW + HOUR)
    assert isinstance(second, Deleted)
    killed = after_recheck(row, second, fetched, now=NOW + HOUR)
    assert killed is not None
    assert (killed.is_killed, killed.step, killed.due_at) == (True, 1, SEEN + DAY)


def test_page_that_is_there_again_ends_the_row_of_misses() -> None:
    missed = after_recheck(ROW, look(answer(404)), answer(404), now=NOW)
    assert missed is not None
    row = after_recheck(missed, look(answer(), page(), missed), answer(), now=NOW + HOUR)
    assert row is not None
    assert (row.misses, row.missing_at) == (0, None)
    assert isinstance(look(answer(404), None, row, now=SEEN + DAY), Missing)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("404 days in the desert: a diary", "Another text. " * 40),
        ("410 people found alive", "Another text. " * 40),
        ("Page not found: the art of the lost website", "Another text. " * 40),
        ("Not found guilty: how the trial ended", "Another text. " * 40),
        ("Page not found", TEXT + "More."),
        (None, "Another text. " * 40),
    ],
)
def test_article_about_404_is_edited_as_any_other(title: str | None, text: str) -> None:
    assert isinstance(look(answer(), page(text, title=title)), Edited)


@pytest.mark.parametrize(
    "title",
    [
        "404", "404 Not Found", "Error 404", "404 - Page not found | P", "Page Not Found – P",
        "Sorry, this page is no longer available", "The article could not be found.",
        "Not Found (P Example)", "Página no encontrada", "Page introuvable - P",
    ],
)  # fmt: skip
def test_title_of_an_error_page_is_known(title: str) -> None:
    assert isinstance(look(answer(), page("Latest news. " * 60, title=title)), Missing)


@pytest.mark.parametrize(
    "fetched",
    [
        *(answer(status) for status in (401, 403, 405, 429, 451, 500, 502, 503, 301)),
        *(
            FetchProblem(kind, "x")
            for kind in ("timeout", "robots", "dns", "tls", "connection", "busy", "address")
        ),
    ],
    ids=str,
)
def test_trouble_is_never_a_deletion(fetched: Fetched | FetchProblem) -> None:
    row: RecheckRow | None = replace(ROW, misses=1, missing_at=NOW - HOUR)
    now, looks = NOW, 0
    while row is not None:
        verdict = look(fetched, None, row, now=now)
        assert isinstance(verdict, Unknown)
        row = after_recheck(row, verdict, fetched, now=now)
        now = max(now, row.due_at) if row else now
        looks += 1
    assert looks < 20


def test_trouble_is_asked_again_with_back_off() -> None:
    verdicts = [
        look(answer(503), None, replace(ROW, failure_count=count)) for count in (0, 1, 2, 5)
    ]
    waits = [each.again_at - NOW for each in verdicts if isinstance(each, Unknown)]
    assert waits == [HOUR, 2 * HOUR, 4 * HOUR, DAY]
    busy = look(answer(503, retry_after="10800"))
    assert isinstance(busy, Unknown)
    assert busy.again_at == NOW + 3 * HOUR


@pytest.mark.parametrize(
    "final_url",
    [
        "https://www.p.example/other/story.html",
        "https://consent.example/",
        "https://p.example/login?next=x",
    ],
)
def test_redirect_elsewhere_tells_nothing(final_url: str) -> None:
    assert isinstance(look(answer(final_url=final_url), page("Other text. " * 50)), Unknown)
    assert isinstance(look(answer(final_url=final_url), NO_TEXT), Unknown)


def test_article_that_moved_with_its_text_is_the_same() -> None:
    assert isinstance(look(answer(final_url="https://p.example/news/"), page()), Same)


def test_redirect_to_a_twin_is_no_redirect() -> None:
    edited = page(TEXT + "More.")
    for final_url in (URL.replace("www.", ""), URL.replace("https", "http"), URL + "?utm_source=x"):
        assert look(answer(final_url=final_url), edited) == Edited(page=edited)


def test_much_shorter_text_is_an_edit_when_it_is_seen_twice() -> None:
    notice = page("This article was withdrawn for legal reasons.")
    first = look(answer(), notice)
    assert isinstance(first, Unknown)
    row = after_recheck(ROW, first, answer(), now=NOW)
    assert row is not None
    assert recheck_headers(row) == {}
    assert look(answer(), notice, row, now=row.due_at) == Edited(page=notice)
    whole = look(answer(), page(), row, now=row.due_at)
    assert isinstance(whole, Same)
    healed = after_recheck(row, whole, answer(), now=row.due_at)
    assert healed is not None
    assert not healed.is_short_seen


def test_teaser_of_the_same_text_is_no_edit() -> None:
    assert isinstance(look(answer(), page(TEXT[:150])), Same)


def test_page_without_text_tells_nothing() -> None:
    assert isinstance(look(answer(), NO_TEXT), Unknown)


def test_body_from_the_feed_is_edited_by_the_feed_alone() -> None:
    row = replace(ROW, body_from="feed", text_sha256=None, text_chars=None, lead_sha256=None)
    assert isinstance(look(answer(), page("Anything else."), row), Same)
    assert isinstance(look(answer(), NO_TEXT, row), Same)
    assert isinstance(look(answer(), None, row), Same)
    assert isinstance(look(answer(404), None, row), Missing)
    learned = after_recheck(row, look(answer(), page(), row), answer(), now=NOW)
    assert learned is not None
    assert learned.text_sha256 == normal_text_sha256(TEXT)


def test_killed_article_comes_back_with_its_text() -> None:
    assert look(answer(), page(), KILLED) == Back(page=page())
    row = after_recheck(KILLED, Back(page=page()), answer(), now=SEEN + DAY)
    assert row is not None
    assert (row.is_killed, row.step) == (False, 2)


@pytest.mark.parametrize(
    ("fetched", "text", "expected"),
    [
        (answer(404), None, Same),
        (answer(410), None, Same),
        (answer(final_url="https://www.p.example/"), page(), Back),
        (answer(final_url="https://www.p.example/"), page("Home."), Same),
        (answer(), page("Short."), Same),
        (answer(), page("Not here. " * 90, title="Page not found"), Same),
        (answer(final_url="https://p.example/other"), page("Other. " * 99), Unknown),
        (answer(503), None, Unknown),
        (answer(), NO_TEXT, Unknown),
    ],
)
def test_killed_article_does_not_come_back_by_accident(
    fetched: Fetched, text: PageText | Refusal | None, expected: type[RecheckVerdict]
) -> None:
    assert isinstance(look(fetched, text, KILLED), expected)


def test_article_killed_at_the_last_look_is_looked_at_once_more() -> None:
    last = replace(ROW, step=2)
    now = SEEN + 7 * DAY
    row = after_recheck(last, look(answer(410)), answer(410), now=now)
    assert row is not None
    assert row.due_at == now + 7 * DAY
    assert after_recheck(row, Same(), answer(404), now=row.due_at) is None


def test_looks_that_were_slept_through_are_not_made_up_for() -> None:
    row = after_recheck(ROW, Same(), answer(), now=SEEN + 2 * DAY)
    assert row is not None
    assert (row.step, row.due_at) == (2, SEEN + 7 * DAY)
    assert after_recheck(row, Same(), answer(), now=row.due_at) is None


def test_request_is_conditional_unless_the_body_is_needed() -> None:
    row = after_recheck(ROW, Same(), answer(etag='"a"', last_modified="x"), now=NOW)
    assert row is not None
    assert recheck_headers(row) == {"If-None-Match": '"a"', "If-Modified-Since": "x"}
    assert recheck_headers(replace(row, is_killed=True)) == {}
    assert recheck_headers(replace(row, text_sha256=None)) == {}


DOWN = SiteSigns(is_feed_read=False)
UP = SiteSigns(is_feed_read=True)


@pytest.mark.parametrize("status", [404, 410])
def test_deletion_is_held_while_the_site_is_down_and_proven_anew_afterwards(status: int) -> None:
    row: RecheckRow | None = ROW
    now = NOW
    for _ in range(3):
        assert row is not None
        verdict = look(answer(status), None, row, now=now)
        if isinstance(verdict, Deleted):
            verdict = held_in_outage(verdict, row, DOWN, now=now)
            assert isinstance(verdict, Held)
            assert verdict.reason == (
                "neither its feed nor another of its articles could be read since"
            )
        row = after_recheck(row, verdict, answer(status), now=now)
        now = row.due_at if row else now
    assert row is not None
    assert not row.is_killed
    # Missing since the last look of the outage, not since its first.
    assert row.missing_at is not None
    assert row.due_at - row.missing_at >= HOUR
    verdict = look(answer(404), None, row, now=now)
    assert isinstance(verdict, Deleted)
    assert held_in_outage(verdict, row, UP, now=now) == verdict
    there = after_recheck(row, look(answer(), page(), row, now=now), answer(), now=now)
    assert there is not None
    assert (there.misses, there.missing_at, there.failure_count) == (0, None, 0)


def test_an_outage_without_end_kills_nothing_and_is_not_looked_at_for_ever() -> None:
    row: RecheckRow | None = ROW
    now, waits = NOW, []
    while row is not None:
        verdict = look(answer(410), None, row, now=now)
        assert isinstance(verdict, Deleted)
        row = after_recheck(row, held_in_outage(verdict, row, DOWN, now=now), answer(410), now=now)
        if row is not None:
            assert not row.is_killed
            waits.append(row.due_at - now)
            now = row.due_at
    assert waits[:5] == [HOUR * 2**count for count in range(5)]
    assert len(waits) < 20
    assert now - SEEN > 7 * DAY


events = st.lists(
    st.tuples(
        st.sampled_from([200, 304, 403, 404, 410, 429, 500, 503, 0]),
        st.sampled_from([TEXT, TEXT + "More.", "Short.", ""]),
        st.sampled_from([URL, "https://www.p.example/", "https://x.example/"]),
    ),
    max_size=40,
)


@given(events)
def test_any_course_of_looks_ends_and_kills_only_on_evidence(
    course: list[tuple[int, str, str]],
) -> None:
    row: RecheckRow | None = ROW
    now, evidence = NOW, 0
    for status, text, final_url in course:
        if row is None:
            break
        fetched = (
            answer(status, final_url=final_url) if status else FetchProblem("timeout", "timed out")
        )
        found = (page(text) if text else NO_TEXT) if status == 200 else None
        verdict = judge_recheck(fetched, found, row, now=now)
        is_away = status == 404 or (status == 200 and final_url == "https://www.p.example/")
        evidence += is_away
        if isinstance(verdict, Deleted):
            assert status == 410 or evidence >= 2
            assert not row.is_killed
        if isinstance(verdict, Back):
            assert row.is_killed
        row = after_recheck(row, verdict, fetched, now=now)
        if row is not None:
            now = max(now + timedelta(seconds=1), row.due_at)
