"""`dateline watch`, `channel` and `alerts` on the servers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from channel_samples import ALERT
from cli_on_servers import index_documents, run_command
from click.testing import Result
from kafka import KafkaProducer
from sample_documents import document
from watch_articles import Named, grouped_article

from dateline import ids
from dateline.alert_records import Channel, Watch
from dateline.alerts.deliveries import DeliveryStore, new_delivery
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.cli.alerts import alerts
from dateline.cli.channel import channel
from dateline.cli.watch import watch
from dateline.endpoints import async_search_client, kafka_bootstrap
from dateline.errors import ConfigError, QueryInvalid, QueryTooBroad
from dateline.records import GroupedArticle
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.topics import load_topics
from dateline.watch_topic import read_watchlist, send_records
from dateline.wire import to_wire

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)


def ok(result: Result) -> str:
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def as_json(result: Result) -> Any:
    return json.loads(ok(result))


def refused(result: Result, kind: type[Exception] = ConfigError) -> str:
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return str(result.exception)


def send_grouped(settings: Settings, *records: GroupedArticle) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka_bootstrap(settings))
    topic = load_topics(settings)["grouped"].name
    try:
        for each in records:
            producer.send(topic, key=each.article_id.encode(), value=to_wire(each)).get(30)
    finally:
        producer.close()


def write_ledger(settings: Settings, *entries: LedgerEntry) -> None:
    async def write() -> None:
        client = async_search_client(settings)
        try:
            index = articles_index(settings)
            assert all(await Ledger(client, index.alerts).create(entries))
            store = DeliveryStore(client, index.deliveries)
            await store.create(
                [
                    new_delivery(replace(entry.alert, channel_id=each), NOW)
                    for entry in entries
                    for each in entry.channel_ids
                ]
            )
            names = [index.alerts.alias, index.deliveries.alias]
            await client.indices.refresh(index=names, ignore_unavailable=True)
        finally:
            await client.close()

    asyncio.run(write())


def index_at(settings: Settings, *grouped: GroupedArticle) -> None:
    index_documents(settings, [
        document(
            each.article_id[:8], article_id=each.article_id, source_id=each.source_id,
            story_id=each.story_id, first_seen_at=each.first_seen_at, origin=each.origin,
        )
        for each in grouped
    ])  # fmt: skip


PIER = grouped_article(
    "Marta Oliveira opened the new pier. Nobody spoke of money.",
    [Named(name="Marta Oliveira")],
    key="pier",
    title="Pier opens",
    first_seen_at=NOW - timedelta(hours=1),
)


def test_a_watch_is_added_shown_changed_paused_and_removed(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    send_records(settings, [Channel(channel_id="desk", kind="email", created_at=NOW)])
    told = ok(
        run_command(settings, watch, "add", 'pier NEAR/5 "new works"', "--channel", "desk",
                    "--name", "Piers")
    )  # fmt: skip
    assert told.splitlines() == [
        "Watch piers is in force.",
        'query         pier NEAR/5 "new works"',
        "fires         once a story",
        "channels      desk",
        "estimate      nothing is indexed yet to estimate from",
    ]
    before = read_watchlist(settings).watches["piers"]
    assert before.created_at > NOW

    assert "is a watch 'piers' already" in refused(
        run_command(settings, watch, "add", "dock", "--id", "piers")
    )
    ok(run_command(settings, watch, "add", "dock works", "--id", "piers", "--replace"))
    after = read_watchlist(settings).watches["piers"]
    assert after.query == "dock works"
    assert after.created_at > before.created_at  # another question: nothing of the past

    ok(run_command(settings, watch, "pause", "piers"))
    assert "is off already" in refused(run_command(settings, watch, "remove", "piers"))
    assert as_json(run_command(settings, watch, "--json")) == {"watches": []}
    ok(run_command(settings, watch, "resume", "piers"))
    (row,) = as_json(run_command(settings, watch, "--json"))["watches"]
    assert datetime.fromisoformat(row["created_at"]) > after.created_at
    shown = ok(run_command(settings, watch, "show", "piers"))
    assert "made by       command line" in shown
    assert "Did you mean 'piers'?" in refused(run_command(settings, watch, "show", "pier"))


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (["title:(a OR"], QueryInvalid, "^"),
        (["lang:en"], QueryTooBroad, ""),
        (["pier", "--channel", "nowhere"], ConfigError, "no channel 'nowhere'"),
    ],
)
def test_a_watch_that_cannot_be_is_refused_and_not_written(
    pipeline_settings: Settings, arguments: Sequence[str], kind: type[Exception], words: str
) -> None:
    assert words in refused(run_command(pipeline_settings, watch, "add", *arguments), kind)
    assert read_watchlist(pipeline_settings).watches == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["pier", "--trigger", "silence"],
        ["pier", "--silence-days", "3"],
        ["pier", "--min-articles", "3"],
        ["pier", "--scope", "source"],
        ["pier", "--look-back", "soon"],
        ["pier", "--id", "Not An Id"],
    ],
)
def test_options_that_do_not_fit_are_a_usage_error(
    pipeline_settings: Settings, arguments: Sequence[str]
) -> None:
    assert run_command(pipeline_settings, watch, "add", *arguments).exit_code == 2
    assert read_watchlist(pipeline_settings).watches == {}


def test_look_back_shows_what_there_was_and_alerts_nothing(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    rows = [
        document("one", first_seen_at=NOW - timedelta(hours=2), story_id="5a" * 32, title="Pier A"),
        document("two", first_seen_at=NOW - timedelta(hours=1), story_id="5a" * 32, title="Pier B"),
        document("three", first_seen_at=NOW - timedelta(days=30), title="Pier C"),
        document("four", first_seen_at=NOW, title="Pier D", origin="backfill"),
    ]
    index_documents(settings, rows)
    arguments = ("add", "title:pier", "--look-back", "7d", "--dry-run", "--json")
    found = as_json(run_command(settings, watch, *arguments))
    assert found["is_written"] is False
    assert found["look_back"]["article_count"] == 2
    assert [each["title"] for each in found["look_back"]["stories"]] == ["Pier A"]
    assert found["matches_per_day"] > 0
    assert read_watchlist(settings).watches == {}


def test_a_file_is_imported_and_what_it_drops_goes(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    path = tmp_path / "list.toml"
    path.write_text('[[watches]]\nid = "piers"\nquery = "pier"\n')
    ok(run_command(settings, watch, "import", str(path), "--dry-run"))
    assert read_watchlist(settings).watches == {}
    assert ok(run_command(settings, watch, "import", str(path))) == "watch piers: in force\n"
    assert ok(run_command(settings, watch, "import", str(path))) == "Nothing has changed.\n"
    path.write_text('[[watches]]\nid = "piers"\nquery = "(pier"\n')
    told = refused(run_command(settings, watch, "import", str(path)))
    assert "watch piers" in told
    path.write_text("")
    assert ok(run_command(settings, watch, "import", str(path))) == "watch piers: removed\n"
    assert not read_watchlist(settings).watches["piers"].is_active


def test_a_match_and_a_miss_are_explained(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    send_grouped(settings, PIER)
    index_at(settings, PIER)
    on = ("--on", PIER.article_id[:10])
    shown = ok(run_command(settings, watch, "test", "--query", 'entity:"Marta Oliveira" pier', *on))
    assert shown.startswith("It matches.\n")
    assert "Marta Oliveira" in shown
    missed = run_command(settings, watch, "test", "--query", "pier NEAR/2 money", *on, "--json")
    assert missed.exit_code == 1
    found = json.loads(missed.stdout)
    assert found["is_match"] is False
    assert "nowhere within 2 words" in found["explanation"]["note"]

    send_records(settings, [Watch(watch_id="late", created_at=NOW, query="pier")])
    shown = ok(run_command(settings, watch, "test", "late", *on))
    assert "no alert      it was first seen" in shown
    assert ids.alert_id("late", "match", PIER.story_id) in shown
    assert run_command(settings, watch, "test", *on).exit_code == 2


def test_articles_whose_record_is_gone_cannot_be_tested(pipeline_settings: Settings) -> None:
    index_at(pipeline_settings, PIER)
    told = refused(
        run_command(
            pipeline_settings, watch, "test", "--query", "pier", "--on", PIER.article_id[:10]
        )
    )
    assert "which keeps seven days" in told


def test_channels_are_made_listed_removed_and_enabled(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    ok(
        run_command(
            settings, channel, "add", "hook", "--kind", "webhook", "--address",
            "https://news.example/hook", "--secret-env", "HOOK_SECRET", "--quiet", "22:00-06:30",
            "--time-zone", "Europe/Lisbon", "--max-per-hour", "20",
        )
    )  # fmt: skip
    (row,) = as_json(run_command(settings, channel, "--json"))["channels"]
    assert row["quiet_hours"]["ends_at"] == "06:30"
    assert row["state"] == "ok"
    shown = ok(run_command(settings, channel))
    assert "at once, quiet 22:00 to 06:30 Europe/Lisbon, at most 20 an hour" in shown
    ok(run_command(settings, channel, "remove", "hook"))
    assert as_json(run_command(settings, channel, "--json"))["channels"] == []
    ok(run_command(settings, channel, "enable", "hook"))
    assert read_watchlist(settings).channels["hook"].is_active


@pytest.mark.parametrize(
    "arguments",
    [
        ["x", "--kind", "webhook"],
        ["x", "--kind", "webhook", "--address", "news.example"],
        ["x", "--kind", "email", "--address", "desk"],
        ["x", "--kind", "apprise"],
        ["x", "--kind", "apprise", "--address", "slack://token", "--secret-env", "X"],
        ["X Y", "--kind", "email", "--address", "a@news.example"],
        ["x", "--kind", "email", "--address", "a@news.example", "--time-zone", "Mars/Base"],
        ["x", "--kind", "email", "--address", "a@news.example", "--quiet", "late"],
        ["x", "--kind", "email", "--address", "a@news.example", "--quiet", "22:00-25:00"],
    ],
)
def test_a_channel_that_cannot_be_used_is_refused(
    pipeline_settings: Settings, arguments: Sequence[str]
) -> None:
    assert run_command(pipeline_settings, channel, "add", *arguments).exit_code == 2


def test_a_test_message_that_cannot_be_sent_says_why(pipeline_settings: Settings) -> None:
    hook = Channel(
        channel_id="hook", kind="webhook", created_at=NOW, address="https://127.0.0.1:9/hook",
        secret_env="HOOK_SECRET",  # noqa: S106 (a name)
    )  # fmt: skip
    send_records(pipeline_settings, [hook])
    result = run_command(pipeline_settings, alerts, "test", "hook")
    assert result.exit_code == 1
    assert "Not delivered to hook: refused." in result.stdout


def test_alerts_are_listed_shown_and_sent_again(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    assert "No alert yet" in ok(run_command(settings, alerts))
    other = replace(ALERT, alert_id="d" * 64, watch_id="other", created_at=NOW)
    entries = [
        LedgerEntry(alert=replace(ALERT, channel_id=""), channel_ids=("desk", "hook")),
        LedgerEntry(alert=replace(other, channel_id=""), channel_ids=()),
    ]
    write_ledger(settings, *entries)
    listed = as_json(run_command(settings, alerts, "list", "--json"))["alerts"]
    assert [each["watch_id"] for each in listed] == ["other", ALERT.watch_id]
    assert {each["channel_id"] for each in listed[1]["deliveries"]} == {"desk", "hook"}
    table = ok(run_command(settings, alerts))
    assert "desk: on its way, hook: on its way" in table
    assert "no channel" in table
    assert "other" not in ok(run_command(settings, alerts, "list", "--watch", ALERT.watch_id))
    assert "No alert yet" in ok(run_command(settings, alerts, "list", "--status", "failed"))

    shown = ok(run_command(settings, alerts, "show", "a" * 8))
    assert "sentence      Al-Khulaifi said the talks went on." in shown
    assert "why           the word “talks” in the title" in shown
    assert "no alert has an id" in refused(run_command(settings, alerts, "show", "b" * 8))
    assert "too short" in refused(run_command(settings, alerts, "show", "aa"))

    again = ok(run_command(settings, alerts, "resend", "a" * 8, "--channel", "desk"))
    assert again.startswith("desk: on its way")
    told = refused(run_command(settings, alerts, "resend", "d" * 64))
    assert "has no delivery" in told


def test_the_sweep_finds_what_was_not_told(pipeline_settings: Settings) -> None:
    settings = pipeline_settings
    began = NOW - timedelta(days=1)
    send_records(settings, [Watch(watch_id="piers", created_at=began, query="pier")])
    young = grouped_article("Another pier.", key="young", first_seen_at=datetime.now(UTC))
    send_grouped(settings, PIER, young)
    index_at(settings, PIER, young)
    missed = run_command(settings, alerts, "sweep", "--json")
    assert missed.exit_code == 1
    found = json.loads(missed.stdout)
    expected = ids.alert_id("piers", "match", PIER.story_id)
    assert [each["alert_id"] for each in found["missed"]] == [expected]
    assert found["articles_checked"] == 1  # the other is younger than ten minutes

    write_ledger(settings, LedgerEntry(
        alert=replace(ALERT, alert_id=expected, channel_id=""), channel_ids=(),
    ))  # fmt: skip
    shown = ok(run_command(settings, alerts, "sweep"))
    assert "1 articles, 1 alerts expected, 0 missed." in shown
