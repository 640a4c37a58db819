"""Drift of licences on a real index: counted, raised once, shown."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cli_on_servers import index_documents, run_command
from export_samples import EVIDENCE, licensed, rights
from sample_documents import tombstone

from dateline.cli.license import license_command
from dateline.cli.license_drift import look
from dateline.clock import FixedClock
from dateline.endpoints import search_client
from dateline.license_history import (
    all_drifts,
    raise_notices,
    read_history,
    read_notices,
)
from dateline.license_watch import LicenseKey
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


def test_an_empty_index_has_no_history_and_no_notices(pipeline_settings: Settings) -> None:
    with search_client(pipeline_settings) as client:
        history = read_history(client, articles_index(pipeline_settings), now=NOW)
        assert history == {}
        assert raise_notices(client, pipeline_settings, all_drifts(history), now=NOW) == ()
        assert read_notices(client, pipeline_settings) == ()


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
