"""Everything that can be watched, by one stage at once: who is told of an article, who is not."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from alerts_on_servers import MARKER, drained, send_grouped, write_index
from grouped_articles import PERSON, grouped, killed, watch
from sample_records import at
from stages_on_servers import running_stages

from dateline.alert_records import Watch
from dateline.settings import Settings
from dateline.watch_topic import send_records

pytestmark = pytest.mark.integration

TEXT = (
    f"{PERSON} spoke in Doha for Harbour Trust. Nuclear talks go on, the Trust said. "
    "No organisation is in this one, but Lisbon is."
)
NAMES = ((PERSON, "person"), ("Doha", "place"), ("Harbour Trust", "organization"),
         ("Lisbon", "place"))  # fmt: skip
QIDS = {"Doha": "Q3861", "Lisbon": "Q597"}

TOLD = {
    "name": f'entity:"{PERSON}"',
    "id": "entity:Q3861",
    "group": 'entity:(Q999 OR "Harbour Trust")',
    "both": "entity:Q3861 AND entity:Q597",
    "sentence": "SENTENCE(type:organization entity:Q3861)",
    "phrase": '"nuclear talks"',
    "boolean": "(talks OR strike) AND doha NOT oslo",
    "near": "doha NEAR/4 trust",
    "wildcard": "nucl*",
    "title": "title:one",
    "source": "source:one.example AND talks",
    "language": "lang:en AND talks",
    "accents": 'entity:"MARTA OLIVÉIRA"',
}
UNTOLD = {
    "apart": "SENTENCE(type:organization entity:Q597)",
    "other": "entity:Q999",
    "not": "talks NOT doha",
    "far": "oliveira NEAR/2 trust",
    "missing": "entity:Q3861 AND entity:Q999",
    "elsewhere": "title:talks",
    "foreign": "lang:fr AND talks",
}


def test_each_kind_of_query_fires_where_it_is_true_and_nowhere_else(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    rows = {**TOLD, **UNTOLD}
    send_records(settings, [MARKER, *(quiet(name, query) for name, query in rows.items())])
    with running_stages(settings, tmp_path / "log", "alerts"):
        send_grouped(settings, grouped(text=TEXT, names=NAMES, qids=QIDS))
        alerts = drained(settings)

    assert sorted(each.watch_id for each in alerts) == sorted(TOLD)
    assert all(each.content and each.content.reasons for each in alerts)


def test_each_trigger_fires_once_for_a_story_whose_article_is_corrected_and_killed(
    pipeline_settings: Settings, tmp_path: Path
) -> None:
    settings = pipeline_settings
    long_ago = at(0) - timedelta(days=90)
    write_index(settings, grouped("past", text=TEXT, names=NAMES[1:], qids=QIDS,
                                  first_seen_at=long_ago))  # fmt: skip
    send_records(
        settings,
        [
            MARKER,
            quiet("story", "entity:Q3861", trigger="new_story"),
            quiet("first", "type:person", trigger="first_mention"),
            quiet("known", "type:organization", trigger="first_mention"),
            quiet("silence", "entity:Q3861", trigger="silence", silence_days=30),
            quiet("updates", "talks", repeat="story_and_updates"),
            quiet("once", "talks"),
        ],
    )
    second = f"{TEXT} Correction: it was in Lisbon."
    third = f"{second} Nobody was hurt."
    same = {"names": NAMES, "qids": QIDS}
    options = {"alerts.learning_days": "0"}
    with running_stages(settings, tmp_path / "log", "alerts", options=options):
        send_grouped(
            settings,
            grouped(text=TEXT, **same),
            grouped(text=second, revision=2, earlier=(TEXT,), **same),
            grouped(text=third, revision=3, earlier=(TEXT, second), **same),
            killed(revision=4),
        )
        alerts = drained(settings)

    found = {(each.watch_id, each.trigger, each.revision) for each in alerts}
    triggers = ("story", "new_story"), ("first", "first_mention"), ("silence", "silence")
    firsts = {*triggers, ("updates", "match"), ("once", "match")}
    assert found == {
        *((watch_id, trigger, 1) for watch_id, trigger in firsts),
        ("updates", "update", 2), ("updates", "update", 3),
        *((name, "correction", 2) for name in ("story", "first", "silence", "once")),
        *((watch_id, "correction", 4) for watch_id, _ in firsts),
    }  # fmt: skip
    assert len({each.alert_id for each in alerts}) == len(found)


def quiet(watch_id: str, query: str, **fields: object) -> Watch:
    made: Watch = watch(watch_id, query, channel_ids=(), **fields)
    return made
