from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dateline.alert_records import Channel, QuietHours, Surge, Watch
from dateline.errors import ConfigError
from dateline.settings import PROJECT_DIR
from dateline.watches.watch_file import (
    changes_of_import,
    load_watch_file,
    parse_watch_file,
)
from dateline.watches.watchlist import Watchlist

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
LATER = AT + timedelta(days=1)
NOTHING = Watchlist(watches={}, channels={})
TEXT = """
[[channels]]
id = "desk"
kind = "email"
address = "desk@news.example"
quiet_hours = { starts_at = "22:00", ends_at = "06:30", time_zone = "Europe/Lisbon" }

[[watches]]
id = "bridges"
query = '"Marrow Bridge"'
channels = ["desk"]
trigger = "surge"
surge = { window_hours = 12 }
"""


def listed(text: str = TEXT, at: datetime = AT) -> Watchlist:
    return parse_watch_file(text, shown="list.toml", at=at)


def kept(*records: Watch | Channel) -> Watchlist:
    return Watchlist(
        watches={each.watch_id: each for each in records if isinstance(each, Watch)},
        channels={each.channel_id: each for each in records if isinstance(each, Channel)},
    )


def test_the_file_of_the_project_can_be_read_and_lists_nothing() -> None:
    assert load_watch_file(PROJECT_DIR / "config" / "watchlists.toml", at=AT) == NOTHING


def test_the_example_of_the_project_file_is_one() -> None:
    text = (PROJECT_DIR / "config" / "watchlists.toml").read_text(encoding="utf-8")
    lines = [line[4:] for line in text.splitlines() if line.startswith("#   ")]
    found = listed("\n".join(lines))
    assert set(found.channels) == {"desk-mail"}
    assert found.watches["qatar-jcpoa"].channel_ids == ("desk-mail",)


def test_tables_become_records_of_the_file() -> None:
    found = listed()
    assert found.channels["desk"] == Channel(
        channel_id="desk",
        kind="email",
        address="desk@news.example",
        quiet_hours=QuietHours(starts_at="22:00", ends_at="06:30", time_zone="Europe/Lisbon"),
        created_at=AT,
        changed_at=AT,
        came_from="file",
    )
    assert found.watches["bridges"] == Watch(
        watch_id="bridges",
        query='"Marrow Bridge"',
        channel_ids=("desk",),
        trigger="surge",
        surge=Surge(window_hours=12),
        created_at=AT,
        changed_at=AT,
        came_from="file",
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = [", "is not valid TOML"),
        ("[[watch]]", "Did you mean 'watches'?"),
        ("watches = 3", "is not a list"),
        ("watches = [3]", "watches 1 is not a table"),
        ('[[watches]]\nid = "a"\nquerry = "b"', "watches 1: unknown key 'querry'. Did you mean"),
        ('[[watches]]\nid = "a"\ncreated_at = 1', "unknown key 'created_at'"),
        ('[[watches]]\nid = "a"', "missing required field `query`"),
        ('[[watches]]\nquery = "a"', "missing required field `id`"),
        ('[[watches]]\nid = "A B"\nquery = "a"', "$.id"),
        ('[[watches]]\nid = "a"\nquery = "b"\nrepeat = "often"', "$.repeat"),
        ('[[channels]]\nid = "a"\nkind = "pigeon"', "$.kind"),
        (TEXT + '[[watches]]\nid = "bridges"\nquery = "b"', "the id 'bridges' twice"),
        (TEXT.replace("22:00", "25:00"), "$.quiet_hours.starts_at"),
    ],
)
def test_a_wrong_file_is_refused_with_file_entry_and_key(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        listed(text)
    assert "list.toml" in str(caught.value)
    assert words in str(caught.value)


def test_a_first_import_writes_everything_channels_first() -> None:
    found = listed()
    assert changes_of_import(found, NOTHING, at=AT) == [
        found.channels["desk"], found.watches["bridges"],
    ]  # fmt: skip


def test_a_second_import_of_the_same_file_writes_nothing() -> None:
    first = changes_of_import(listed(), NOTHING, at=AT)
    assert changes_of_import(listed(at=LATER), kept(*first), at=LATER) == []


def test_another_name_keeps_the_beginning_another_query_does_not() -> None:
    first = kept(*changes_of_import(listed(), NOTHING, at=AT))
    renamed = listed(TEXT.replace('id = "bridges"', 'id = "bridges"\nname = "B"'), LATER)
    (watch,) = changes_of_import(renamed, first, at=LATER)
    assert isinstance(watch, Watch)
    assert (watch.name, watch.created_at, watch.changed_at) == ("B", AT, LATER)
    asked = listed(TEXT.replace("Marrow Bridge", "Marrow Pier"), LATER)
    (watch,) = changes_of_import(asked, first, at=LATER)
    assert (watch.created_at, watch.changed_at) == (LATER, LATER)


def test_what_the_file_drops_is_removed_and_begins_anew_when_it_comes_back() -> None:
    first = kept(*changes_of_import(listed(), NOTHING, at=AT))
    removed = changes_of_import(NOTHING, first, at=LATER)
    assert [(each.is_active, each.changed_at) for each in removed] == [(False, LATER)] * 2
    back = changes_of_import(listed(), kept(*removed), at=LATER)
    watch = next(each for each in back if isinstance(each, Watch))
    assert watch.is_active
    assert watch.created_at == LATER


def test_what_was_made_elsewhere_stays_and_is_not_taken_over() -> None:
    mine = Watch(watch_id="mine", query="pier", created_at=AT)
    assert changes_of_import(NOTHING, kept(mine), at=LATER) == []
    with pytest.raises(ConfigError, match="'bridges' was made elsewhere already"):
        changes_of_import(listed(), kept(replace(mine, watch_id="bridges")), at=LATER)


def test_a_watch_for_a_channel_that_there_is_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"watch bridges: no channel 'disk'. Did you mean 'desk'"):
        changes_of_import(listed(TEXT.replace('["desk"]', '["disk"]')), NOTHING, at=AT)
    # A channel that this very import removes does not count either.
    gone = kept(Channel(channel_id="disk", kind="email", created_at=AT, came_from="file"))
    with pytest.raises(ConfigError, match="no channel 'disk'"):
        changes_of_import(listed(TEXT.replace('["desk"]', '["disk"]')), gone, at=AT)
