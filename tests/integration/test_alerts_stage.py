"""The alerts stage on real Kafka and Elasticsearch: once, with the reason, and nothing lost."""

from __future__ import annotations

import json
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alerts_on_servers import (
    MARKER,
    drained,
    in_ledger,
    log_counts,
    send_grouped,
    told,
    until_told,
    values_of,
    write_index,
)
from grouped_articles import (
    PERSON,
    PLACE,
    RESERVED,
    TEXT,
    article_id,
    grouped,
    killed,
    story_id,
    watch,
)
from sample_records import at
from stages_on_servers import running_stages, until

from dateline import ids
from dateline.alert_records import Channel
from dateline.records import GroupedArticle
from dateline.settings import Settings
from dateline.watch_topic import read_watchlist, send_records

pytestmark = pytest.mark.integration


def test_one_alert_a_story_with_the_reason_whichever_article_is_first(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    send_records(
        settings,
        [MARKER, watch(channel_ids=("mail", "chat")), watch("each", repeat="every_article")],
    )
    story = story_id("one")
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped("two", story_id=story))
        until_told(settings, 2)
        send_grouped(settings, grouped("one", story_id=story), grouped("three", story_id=story))
        alerts = drained(settings)

    assert told(alerts) == sorted(
        [("w", "match", article_id("two"))] * 2
        + [("each", "match", article_id(name)) for name in ("one", "two", "three")]
    )
    first = [each for each in alerts if each.watch_id == "w"]
    assert {each.channel_id for each in first} == {"mail", "chat"}
    (alert_id,) = {each.alert_id for each in first}
    assert alert_id == ids.alert_id("w", "match", story)
    content = first[0].content
    assert content is not None
    assert content.sentence == "Marta Oliveira opened the new pier in Lisbon."
    assert content.reasons == (f'entity:"{PERSON}" ({PERSON}) in the text',)
    assert [each.name for each in content.entities] == [PERSON]
    entries = [each for each in in_ledger(settings) if each.alert.watch_id == "w"]
    assert [each.channel_ids for each in entries] == [("mail", "chat")]
    assert entries[0].alert == replace(first[0], channel_id="")


@pytest.mark.parametrize("point", ["after_claims", "after_ledger", "after_publish", "before_ack"])
def test_kill_between_any_two_writes_loses_none_and_makes_no_other_id(
    pipeline_settings: Settings, tmp_path: Path, point: str
) -> None:
    settings = pipeline_settings
    send_records(settings, [MARKER, watch(), watch("first", "type:person type:place",
                                                   trigger="first_mention")])  # fmt: skip
    log = tmp_path / "log"
    learn_nothing = {"alerts.learning_days": "0"}
    with running_stages(
        settings, log, "alerts", failpoint=f"alerts.{point}", options=learn_nothing
    ) as (dying,):
        send_grouped(settings, grouped("one"))
        assert dying.wait(90) == -signal.SIGKILL
    made = {each.alert.alert_id for each in in_ledger(settings)}
    assert len(made) == (0 if point == "after_claims" else 3)
    with running_stages(settings, log, "alerts", options=learn_nothing):
        alerts = drained(settings)

    entries = [each.alert for each in in_ledger(settings) if each.alert.watch_id != "marker"]
    assert {each.alert_id for each in alerts} == {each.alert_id for each in entries}
    assert len(entries) == 3
    assert {each.alert_id for each in entries} >= made
    assert told({each.alert_id: each for each in alerts}.values()) == [  # type: ignore[arg-type]  # read once
        ("first", "first_mention", article_id("one")),
        ("first", "first_mention", article_id("one")),
        ("w", "match", article_id("one")),
    ]


def test_two_workers_do_not_both_have_the_first_mention(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    send_records(
        settings,
        [MARKER, watch("first", "type:person", trigger="first_mention", channel_ids=())],
    )
    people = [f"Ada Number{letter}son" for letter in "abcdefghij"]
    records = [
        grouped(f"{paper}{number}", f"{name} met us in Lisbon.", names=((name, "person"),))
        for number, name in enumerate(people)
        for paper in ("a", "b", "c")
    ]
    stages = ("alerts", "alerts")
    with running_stages(settings, tmp_path / "log", *stages, options={"alerts.learning_days": "0"}):
        until(lambda: log_counts(tmp_path / "log")["watches are in force"] == 2, "two workers")
        send_grouped(settings, *records)
        alerts = drained(settings)

    assert len({each.alert_id for each in alerts}) == len(people)
    named = [each.content.entities[0].name for each in alerts if each.content]
    assert sorted(set(named)) == people
    assert Counter(each.alert.watch_id for each in in_ledger(settings))["first"] == len(people)


def test_a_watch_added_at_run_time_matches_what_comes_and_not_the_past(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    channel = Channel(channel_id="mail", kind="email", created_at=at(0), address="a@b.example")
    send_records(settings, [MARKER, channel])
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped("past"))
        assert drained(settings) == []
        new = watch(created_at=at(10), repeat="every_article")
        send_records(settings, [new, watch("broken", "(never closed")])
        until(lambda: log_counts(tmp_path / "log")["ALARM"] == 1, "the watch")
        later = {"first_seen_at": at(11)}
        send_grouped(settings, grouped("past", revision=2), grouped("next", **later))
        assert told(drained(settings)) == [("w", "match", article_id("next"))]

        send_records(settings, [replace(new, is_active=False), watch("mark", "obelisk-two")])
        send_records(settings, [watch("broken", "(still open")])
        until(lambda: log_counts(tmp_path / "log")["ALARM"] == 2, "its end")
        send_grouped(settings, grouped("third", **later))
        assert len(drained(settings)) == 1
    watchlist = read_watchlist(settings)
    assert sorted(watchlist.watches) == ["broken", "mark", "marker", "w"]
    assert watchlist.channels == {"mail": channel}
    assert not watchlist.watches["w"].is_active


def test_what_never_alerts(pipeline_settings: Settings, tmp_path: Path) -> None:
    settings = pipeline_settings
    send_records(settings, [MARKER, watch(repeat="every_article")])
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(
            settings,
            grouped("old", origin="backfill"),
            grouped("moved", change="story", revision=2, earlier=(TEXT,)),
            grouped("linked", change="entity", revision=2, earlier=(TEXT,)),
            grouped("decided", change="policy", revision=2, earlier=(TEXT,)),
            grouped("held", pub_status="withheld"),
            killed("gone", revision=1),
            b'{"schema":"grouped_article","version":99}',
            b"no JSON",
        )
        assert drained(settings) == []
        assert log_counts(tmp_path / "log")["dead letter"] == 2
    assert len(values_of(settings, "dead_letter")) == 2
    assert b"no JSON" in values_of(settings, "dead_letter")


def test_merged_stories_are_not_told_again_and_updates_are(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    send_records(settings, [MARKER, watch(), watch("up", repeat="story_and_updates")])
    merged, other = story_id("one"), story_id("two")
    point = TEXT.replace("Lisbon.", "Lisbon!")
    news = f"{TEXT} Two workers were hurt."
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped("one"), grouped("two"))
        until_told(settings, 4)
        aliases = {"story_id": merged, "story_aliases": (other,)}
        send_grouped(
            settings,
            # The story of "two" is now part of that of "one", and a third article joins.
            grouped("two", change="story", revision=2, earlier=(TEXT,), **aliases),
            grouped("three", **aliases),
            grouped("three", point, revision=2, earlier=(TEXT,), **aliases),
            grouped("three", news, revision=3, earlier=(TEXT, point), **aliases),
            # Said again: the writer of stories was killed between state and output.
            grouped("three", news, revision=3, earlier=(TEXT, point), **aliases),
        )
        alerts = drained(settings)

    distinct = {each.alert_id: each for each in alerts}
    assert told(list(distinct.values())) == [
        *(("up", "match", article_id(name)) for name in sorted(("one", "two"), key=article_id)),
        ("up", "update", article_id("three")),
        *(("w", "match", article_id(name)) for name in sorted(("one", "two"), key=article_id)),
    ]
    (update,) = [each for each in distinct.values() if each.trigger == "update"]
    assert update.corrects_alert_id == ids.alert_id("up", "match", merged)
    assert update.content is not None
    assert update.content.note == "another text of this article"
    assert update.revision == 3


def test_kill_is_told_to_whoever_was_told(pipeline_settings: Settings, tmp_path: Path) -> None:
    settings = pipeline_settings
    send_records(settings, [MARKER, watch(channel_ids=("mail", "chat")), watch("other", "Porto")])
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped("one"), grouped("two", "Porto is far.", names=()))
        until_told(settings, 2)
        send_grouped(settings, killed("one"), killed("one"), killed("unknown"))
        alerts = drained(settings)

    corrections = [each for each in alerts if each.trigger == "correction"]
    (correction,) = {each.alert_id: each for each in corrections}.values()
    assert {each.channel_id for each in corrections} == {"mail", "chat"}
    assert correction.corrects_alert_id == ids.alert_id("w", "match", story_id("one"))
    content = correction.content
    assert content is not None
    assert (content.title, content.sentence, content.excerpt) == (None, None, None)
    assert content.note == "withdrawn by its source: withdrawn"
    assert content.url == "https://one.example/1"
    assert "Oliveira" not in json.dumps(str(content).replace(content.query, ""))


def test_change_of_licence_is_told_where_the_watch_asks(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    send_records(settings, [MARKER, watch(), watch("legal", is_license_told=True)])
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped("one"))
        until_told(settings, 2)
        same = {"change": "policy", "earlier": (TEXT,)}
        send_grouped(
            settings,
            grouped("one", revision=2, **same),
            grouped("one", revision=3, rights=RESERVED, **same),
            grouped("one", revision=4, rights=RESERVED, **same),
        )
        alerts = drained(settings)

    (change,) = [each for each in alerts if each.trigger == "license_change"]
    assert (change.watch_id, change.revision) == ("legal", 3)
    assert change.content is not None
    note = "now NOASSERTION, the first 300 characters may be shown; before NOASSERTION, the whole"
    assert change.content.note.startswith(note)


def test_first_mention_learns_first_and_knows_the_index_and_later_links(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    early = grouped("early", first_seen_at=at(0))
    write_index(settings, early)
    send_records(
        settings,
        [
            MARKER,
            watch("first", "type:person", trigger="first_mention"),
            watch("here", "type:person", trigger="first_mention", scope="source"),
        ],
    )
    ada = "Ada Brookfield"
    text = f"{ada} met Marta Oliveira."
    names = ((ada, "person"), (PERSON, "person"))
    with running_stages(
        settings, tmp_path / "log", "alerts", options={"alerts.learning_days": "0"}
    ):
        send_grouped(settings, grouped("one", text, names=names))
        until_told(settings, 3)
        send_grouped(
            settings,
            # Linked since: the same person under another id, in the same article and in another.
            grouped("one", text, names=names, qids={ada: "Q42"}, change="entity", revision=2,
                    earlier=(text,)),
            grouped("one", f"{text} Later.", names=names, qids={ada: "Q42"}, revision=3,
                    earlier=(text, text)),
            grouped("two", text, names=names, qids={ada: "Q42"}),
        )  # fmt: skip
        alerts = drained(settings)

    said = sorted(
        (each.watch_id, each.content.source_id, each.content.reasons[0])
        for each in {each.alert_id: each for each in alerts}.values()
        if each.content
    )
    assert said == [
        ("first", "one.example", "first mention of Ada Brookfield (person)"),
        *(
            ("here", f"{paper}.example", f"first mention of {name} (person) by this source")
            for paper in ("one", "two")
            for name in (ada, PERSON)
        ),
    ]


def test_learning_period_claims_and_does_not_alert(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    first = watch("first", "type:person", trigger="first_mention")
    send_records(settings, [MARKER, first])
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped("one"))
        assert drained(settings) == []
    long_after = {"first_seen_at": at(0) + timedelta(days=9_000)}
    with running_stages(settings, tmp_path / "log", "alerts"):
        name = "Ada Brookfield"
        send_grouped(
            settings,
            grouped("two", **long_after),
            grouped("three", f"{name} met us.", names=((name, "person"),), **long_after),
        )
        assert told(drained(settings)) == [("first", "first_mention", article_id("three"))]


def test_silence_and_surge_go_by_what_is_indexed(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings

    def of_day(name: str, day: float, hour: float = 0) -> GroupedArticle:
        moment = at(0) + timedelta(days=day, hours=hour)
        return grouped(name, first_seen_at=moment, raw={"published_at": moment})

    write_index(settings, *(of_day(f"past{day}", day - 40) for day in range(6)))
    silent = watch("silent", trigger="silence", silence_days=30, created_at=at(-90_000))
    surge = watch("surge", trigger="surge", created_at=at(-90_000))
    send_records(settings, [MARKER, silent, surge])
    burst = [of_day(f"burst{number}", 0, 1 + number / 100) for number in range(8)]
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, burst[0])
        until_told(settings, 1)
        write_index(settings, *burst)
        send_grouped(settings, *burst[1:])
        alerts = drained(settings)

    by_watch = Counter(each.watch_id for each in alerts)
    assert by_watch == {"silent": 1, "surge": 1}
    (said,) = [each.content for each in alerts if each.watch_id == "surge"]
    assert said is not None
    assert f"{PERSON} is in 8 articles since" in said.reasons[0]
    assert PLACE not in said.query
