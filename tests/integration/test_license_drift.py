"""Drift of licences on a real index: counted, raised once, shown."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from cli_on_servers import index_documents, run_command
from export_samples import EVIDENCE, licensed, rights
from sample_documents import tombstone

from dateline.cli.license import license_command
from dateline.cli.license_drift import look
from dateline.cli.servers import status
from dateline.cli.terminal import short_id
from dateline.clock import FixedClock
from dateline.endpoints import search_client
from dateline.license_history import read_history
from dateline.license_notices import (
    LEDGER_MAPPING,
    LicenseNotice,
    all_drifts,
    close_returned,
    ledger_index,
    raise_notices,
    read_notices,
)
from dateline.license_watch import Drift, LicenseKey
from dateline.records import SearchDocument
from dateline.search.templates import articles_index
from dateline.settings import Settings

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC).replace(microsecond=0)
UNKNOWN = rights(status="unknown", spdx_expression="NOASSERTION", evidence=())


def _articles(
    count: int, days_ago: int, name: str, source_id: str = "coast", **changes: object
) -> list[SearchDocument]:
    at = NOW - timedelta(days=days_ago)
    return [
        licensed(f"{name}-{number}", source_id=source_id, first_seen_at=at, **changes)
        for number in range(count)
    ]


@pytest.fixture
def drifted(pipeline_settings: Settings) -> Settings:
    photo = (EVIDENCE, EVIDENCE)  # two statements in one text are one article with a notice
    index_documents(
        pipeline_settings,
        [
            *_articles(40, 5, "usual", rights=rights(evidence=photo)),
            *_articles(12, 1, "lost", rights=UNKNOWN, dateline_agency="AFP", credit="AFP"),
            *_articles(40, 5, "steady", source_id="harbour"),
            *_articles(12, 1, "steady-now", source_id="harbour"),
            *_articles(60, 200, "long-ago", source_id="coast", rights=UNKNOWN),
            tombstone(),
        ],
    )
    return pipeline_settings


def test_the_history_counts_licences_notices_and_credits_by_day(drifted: Settings) -> None:
    with search_client(drifted) as client:
        history = read_history(client, articles_index(drifted), now=NOW)

    usual, lost = history["coast"]
    assert usual.day == (NOW - timedelta(days=5)).date()
    assert usual.licenses == {LicenseKey("granted", "CC-BY-4.0"): 40}
    assert (usual.notice_count, usual.credits) == (40, {})
    assert lost.licenses == {LicenseKey("unknown"): 12}
    assert (lost.notice_count, lost.credits) == (0, {"AFP": 12})
    assert set(history) == {"coast", "harbour"}


def test_a_drift_is_raised_once_by_one_of_several_workers(
    drifted: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "dateline.license_watch"):

        def work(_: int) -> None:
            with search_client(drifted) as client:
                look(client, drifted, FixedClock(NOW))

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(8)))

    assert sorted(record.getMessage() for record in caplog.records) == [
        "licence drift: coast: its usual licence is gone (CC-BY-4.0 -> unknown), since"
        f" {(NOW - timedelta(days=1)).date()}",
        "licence drift: coast: texts are credited to another agency (AFP), since"
        f" {(NOW - timedelta(days=1)).date()}",
    ]
    with search_client(drifted) as client:
        assert len(read_notices(client, drifted)) == 2
        assert read_notices(client, drifted, source_id="harbour") == ()


def _looked(settings: Settings, days_ago: int = 0) -> None:
    with search_client(settings) as client:
        look(client, settings, FixedClock(NOW - timedelta(days=days_ago)))


def test_a_licence_that_came_back_and_went_again_is_raised_again_once(
    pipeline_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    steps = [
        ([*_articles(40, 30, "usual"), *_articles(12, 25, "lost", rights=UNKNOWN)], 24),
        (_articles(60, 20, "back"), 19),
        (_articles(12, 10, "lost-again", rights=UNKNOWN), 9),
        (_articles(12, 8, "still-lost", rights=UNKNOWN), 0),
    ]

    with caplog.at_level(logging.WARNING, "dateline.license_watch"):
        for documents, days_ago in steps:
            index_documents(pipeline_settings, documents)
            with ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda _, ago=days_ago: _looked(pipeline_settings, ago), range(8)))

    days = [(NOW - timedelta(days=ago)).date() for ago in (25, 10)]
    assert [record.getMessage() for record in caplog.records] == [
        f"licence drift: coast: its usual licence is gone (CC-BY-4.0 -> unknown), since {day}"
        for day in days
    ]
    second, first = _notices(pipeline_settings)
    assert (first.closed_at is not None, second.closed_at) == (True, None)


def _drift(usual_days_ago: int, days_ago: int, source_id: str = "coast", **changes: Any) -> Drift:
    today = NOW.date()
    fields: dict[str, Any] = {
        "kind": "notice_disappeared", "before": "a notice in the text", "after": "none", **changes,
    }  # fmt: skip
    return Drift(
        source_id=source_id, day=today - timedelta(days=days_ago),
        usual_since=today - timedelta(days=usual_days_ago), **fields,
    )  # fmt: skip


def _raise(settings: Settings, *drifts: Drift) -> int:
    with search_client(settings) as client:
        return len(tuple(raise_notices(client, settings, drifts, now=NOW)))


def _notices(settings: Settings, **chosen: Any) -> tuple[LicenseNotice, ...]:
    with search_client(settings) as client:
        return read_notices(client, settings, **chosen)


def test_one_notice_an_episode_whoever_reads_the_days_how(pipeline_settings: Settings) -> None:
    year_ago = _drift(440, 400)
    assert _raise(pipeline_settings, year_ago, year_ago) == 1
    # Read again with fewer days before it, with its evening, with something else in its place.
    assert _raise(pipeline_settings, _drift(402, 399), _drift(440, 398, after="other")) == 0
    assert _raise(pipeline_settings, _drift(30, 3)) == 1
    assert _raise(pipeline_settings, year_ago, _drift(30, 3), _drift(20, 2)) == 0
    # A drift of another source or of the licence itself is another one.
    license_lost = _drift(30, 3, kind="license_disappeared", before="CC-BY-4.0", after="unknown")
    assert _raise(pipeline_settings, _drift(30, 3, "harbour"), license_lost) == 2
    assert _raise(pipeline_settings, replace(license_lost, kind="license_stricter")) == 0

    notices = _notices(pipeline_settings)
    assert len({notice.notice_id for notice in notices}) == len(notices) == 4


def test_an_agency_is_news_once_for_ever(pipeline_settings: Settings) -> None:
    credit = {"kind": "third_party_credit", "before": ""}
    first = replace(_drift(0, 400, after="AFP", **credit), usual_since=date.min)

    assert _raise(pipeline_settings, first) == 1
    assert _raise(pipeline_settings, replace(first, day=NOW.date())) == 0
    assert _raise(pipeline_settings, replace(first, after="Reuters")) == 1


def test_a_watcher_that_dies_between_two_notices_leaves_the_other_to_its_successor(
    pipeline_settings: Settings,
) -> None:
    drifts = [_drift(30, 3, name) for name in ("coast", "harbour", "island")]
    with search_client(pipeline_settings) as client:
        dying = raise_notices(client, pipeline_settings, drifts, now=NOW)
        next(dying)
        dying.close()

    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: _raise(pipeline_settings, *drifts), range(8)))

    assert sum(counts) == 2
    assert len(_notices(pipeline_settings)) == 3


def test_a_ledger_of_an_earlier_version_counts_and_can_be_closed(
    pipeline_settings: Settings,
) -> None:
    known = _drift(30, 3)
    with search_client(pipeline_settings) as client:
        properties = {
            name: kind for name, kind in LEDGER_MAPPING["properties"].items() if name != "closed_at"
        }
        name = ledger_index(pipeline_settings)
        client.indices.create(index=name, mappings={**LEDGER_MAPPING, "properties": properties})
        client.index(
            index=name, id="f" * 64, refresh=True,
            document={
                "notice_id": "f" * 64, "source_id": "coast", "kind": known.kind,
                "before": known.before, "after": known.after, "day": known.day.isoformat(),
                "raised_at": NOW.isoformat(), "message": known.message,
            },
        )  # fmt: skip

    assert len(_notices(pipeline_settings, is_open=True)) == 1
    assert _raise(pipeline_settings, known) == 0
    closed = run_command(pipeline_settings, license_command, "drift", "--close", "ffff")
    assert closed.exit_code == 0, closed.output
    assert _notices(pipeline_settings, is_open=True) == ()
    assert _raise(pipeline_settings, known) == 0


def test_status_shows_open_notices_until_they_are_closed(pipeline_settings: Settings) -> None:
    _raise(pipeline_settings, _drift(30, 3), _drift(30, 3, "harbour\x1b[2J"))
    by_source = {notice.source_id: notice for notice in _notices(pipeline_settings)}
    coast = by_source["coast"]

    shown = run_command(pipeline_settings, status)
    assert "Licence drift: 2 open" in shown.stdout
    line = next(line for line in shown.stdout.splitlines() if " coast " in line)
    assert short_id(coast.notice_id) in line
    assert (NOW.date() - timedelta(days=3)).isoformat() in line
    assert "the usual notice is gone from its texts (a notice in the text -> none)" in line
    assert line.rstrip().endswith(coast.what_to_do)
    assert "\x1b[2J" not in shown.stdout
    value = json.loads(run_command(pipeline_settings, status, "--json").stdout)
    assert {row["source_id"] for row in value["license_notices"]} == set(by_source)
    assert value["license_notices"][0]["what_to_do"]

    for unknown in ("zz", ""):
        refused = run_command(pipeline_settings, license_command, "drift", "--close", unknown)
        assert "an id that begins with" in refused.output
    run_command(pipeline_settings, license_command, "drift", "--close", coast.notice_id[:12])
    value = json.loads(run_command(pipeline_settings, status, "--json").stdout)
    assert [row["source_id"] for row in value["license_notices"]] == ["harbour\x1b[2J"]


def test_an_empty_index_has_no_history_and_no_notices(pipeline_settings: Settings) -> None:
    with search_client(pipeline_settings) as client:
        history = read_history(client, articles_index(pipeline_settings), now=NOW)
        assert history == {}
        drifts = all_drifts(history)
        assert list(raise_notices(client, pipeline_settings, drifts, now=NOW)) == []
        assert close_returned(client, pipeline_settings, history, now=NOW) == ()
        assert read_notices(client, pipeline_settings) == ()
    assert "no open notice" in run_command(pipeline_settings, status).stdout


def test_a_server_that_is_away_is_waited_for(
    pipeline_settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    away = replace(
        pipeline_settings,
        elasticsearch=replace(pipeline_settings.elasticsearch, url="http://127.0.0.1:9"),
    )

    with (
        search_client(away) as client,
        caplog.at_level(logging.WARNING, "dateline.license_watch"),
    ):
        look(client, away, FixedClock(NOW))

    assert "licences were not looked at" in caplog.text


def test_drift_shows_sources_and_notices(drifted: Settings) -> None:
    watched = run_command(drifted, license_command, "watch", "--once")
    shown = run_command(drifted, license_command, "drift")
    as_json = run_command(drifted, license_command, "drift", "--source", "coast", "--json")

    assert watched.exit_code == 0
    assert "CC-BY-4.0 77%, unknown 23%" in shown.stdout
    assert "coast: its usual licence is gone (CC-BY-4.0 -> unknown)" in shown.stdout
    value = json.loads(as_json.stdout)
    assert [source["source_id"] for source in value["sources"]] == ["coast"]
    assert {notice["kind"] for notice in value["notices"]} == {
        "license_disappeared", "third_party_credit",
    }  # fmt: skip
