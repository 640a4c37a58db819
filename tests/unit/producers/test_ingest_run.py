from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from producer_doubles import NOW, Harness

from dateline import ids
from dateline.records import KillNotice, RawArticle
from producers.build_record import IngestOptions
from producers.sent_state import SentState, find_sent

OLD = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


def write(path: Path, text: str, *, modified: datetime = OLD) -> None:
    path.write_text(text, encoding="utf-8")
    os.utime(path, (modified.timestamp(), modified.timestamp()))


def lines(*items: dict[str, object]) -> str:
    return "".join(json.dumps(item) + "\n" for item in items)


def test_ingest_sends_each_file_under_its_identity(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    (harness.folder / "sub").mkdir()
    write(harness.folder / "sub" / "b.txt", "Two.")

    totals = harness.run()

    assert (totals.sent, totals.skipped, totals.refused) == (2, 0, 0)
    first, second = harness.articles()
    assert first == RawArticle(
        article_id=ids.article_id("wire", "a.txt"),
        source_id="wire",
        key="a.txt",
        content_sha256=ids.content_sha256(title=None, summary=None, body="One."),
        body="One.",
        media_type="text/plain",
        origin="live",
        observed_at=NOW,
        updated_at=OLD,
        date_flags=("missing",),
    )
    assert second.key == "sub/b.txt"
    assert [record.key for record in harness.writer.records] == [
        article.article_id.encode() for article in (first, second)
    ]


def test_ingest_of_the_same_folder_twice_sends_nothing_new(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.run()
    totals = harness.run()
    assert (totals.sent, dict(totals.skipped_reasons)) == (0, {"unchanged": 1})
    assert len(harness.writer.records) == 1


def test_ingest_sends_a_changed_file_as_a_version_of_the_same_article(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.run()
    write(harness.folder / "a.txt", "Two.", modified=OLD + timedelta(hours=1))
    harness.run()
    first, second = harness.articles()
    assert first.article_id == second.article_id
    assert (second.body, second.updated_at) == ("Two.", OLD + timedelta(hours=1))


def test_ingest_never_lets_a_version_step_back_in_time(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.run()
    write(harness.folder / "a.txt", "Two.", modified=OLD - timedelta(days=9))
    harness.clock.advance(seconds=-3600)
    harness.run()
    first, second = harness.articles()
    assert second.updated_at == second.observed_at == NOW
    assert second.updated_at >= first.updated_at


def test_ingest_takes_a_restored_text_for_the_newest_version(harness: Harness) -> None:
    for text in ("One.", "Two.", "One."):
        write(harness.folder / "a.txt", text)
        harness.clock.advance(seconds=60)
        harness.run()
    assert [article.body for article in harness.articles()] == ["One.", "Two.", "One."]
    times = [article.updated_at for article in harness.articles()]
    assert times == sorted(times)


def test_ingest_clamps_a_file_time_in_the_future(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.", modified=NOW + timedelta(days=9))
    harness.run()
    assert harness.articles()[0].updated_at == NOW


def test_ingest_clamps_and_flags_a_time_in_the_future(harness: Harness) -> None:
    future = "2027-01-01T00:00:00Z"
    write(
        harness.folder / "a.jsonl",
        lines({"id": 1, "text": "a", "updated_at": future, "published_at": future}),
    )
    harness.run()
    [article] = harness.articles()
    assert article.updated_at == NOW
    assert (article.published_at, article.published_at_raw) == (NOW, future)
    assert article.date_flags == ("future",)


def test_ingest_resend_sends_what_is_known(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.run()
    assert harness.run(options=IngestOptions(is_forced=True)).sent == 1


def test_ingest_dry_run_sends_nothing_and_remembers_nothing(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    for _ in range(2):
        assert harness.run(options=IngestOptions(is_dry_run=True)).sent == 1
    assert harness.writer.records == []


def test_ingest_backfill_marks_the_records(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.run(options=IngestOptions(is_backfill=True))
    assert harness.articles()[0].origin == "backfill"


def test_ingest_key_is_the_address_then_the_id_then_the_text(harness: Harness) -> None:
    write(
        harness.folder / "a.jsonl",
        lines(
            {"id": 1, "url": "http://Example.org/a?utm_source=x", "text": "a"},
            {"id": 2, "text": "b"},
            {"text": "c"},
        ),
    )
    write(harness.folder / "b.json", '{"text": "d"}')
    harness.run()
    text_hash = ids.content_sha256(title=None, summary=None, body="c")
    assert [article.key for article in harness.articles()] == [
        "https://example.org/a",
        "2",
        f"sha256:{text_hash}",
        "b.json",
    ]


def test_ingest_takes_the_page_path_for_its_key_not_the_canonical_address(
    harness: Harness,
) -> None:
    write(
        harness.folder / "a.html",
        '<html><head><link rel="canonical" href="https://example.org/a"></head><body><article>'
        "<p>The minister said on Monday that talks had resumed after a week of silence.</p>"
        "<p>Another paragraph that is long enough to be a part of the article.</p>"
        "</article></body></html>",
    )
    harness.run()
    [article] = harness.articles()
    assert (article.key, article.url) == ("a.html", "https://example.org/a")


def test_ingest_source_is_the_option_then_the_item_then_the_folder(harness: Harness) -> None:
    write(harness.folder / "a.jsonl", lines({"text": "a", "source": "own"}, {"text": "b"}))
    harness.run()
    harness.run(options=IngestOptions(publisher="given"))
    assert [article.source_id for article in harness.articles()] == [
        "own",
        "wire",
        "given",
        "given",
    ]


def test_ingest_withdrawal_becomes_a_kill_notice_once(harness: Harness) -> None:
    write(harness.folder / "a.jsonl", lines({"id": 1, "text": "a"}))
    harness.run()
    write(harness.folder / "a.jsonl", lines({"id": 1, "status": "deleted", "reason": "wrong"}))
    assert harness.run().withdrawn == 1
    assert harness.run().skipped_reasons == {"unchanged": 1}
    article, kill = harness.sent()
    assert isinstance(kill, KillNotice)
    assert (kill.article_id, kill.reason) == (article.article_id, "wrong")


def test_ingest_the_same_text_after_a_withdrawal_is_sent_again(harness: Harness) -> None:
    for item in ({"text": "a"}, {"status": "canceled"}, {"text": "a"}):
        write(harness.folder / "a.jsonl", lines({"id": 1, **item}))
        harness.run()
    assert [type(record) for record in harness.sent()] == [RawArticle, KillNotice, RawArticle]


def test_ingest_two_versions_with_times_in_one_file_are_sent_once(harness: Harness) -> None:
    write(
        harness.folder / "a.jsonl",
        lines(
            {"id": 1, "text": "a", "updated_at": "2026-11-01"},
            {"id": 1, "text": "b", "updated_at": "2026-11-02"},
        ),
    )
    assert harness.run().sent == 2
    totals = harness.run()
    assert totals.sent == 0
    assert totals.skipped_reasons == {"an earlier version, sent before": 1, "unchanged": 1}


def test_ingest_two_texts_of_one_id_without_times_are_refused(harness: Harness) -> None:
    write(harness.folder / "a.jsonl", lines({"id": 1, "text": "a"}, {"id": 1, "text": "b"}))
    for _ in range(2):
        harness.run()
        assert harness.refused() == [
            "a.jsonl:2: two texts under one id: '1' stands in line 1 with another text; give"
            " `updated_at` to say which is newer"
        ]
    assert [article.body for article in harness.articles()] == ["a"]


def test_ingest_of_an_appended_file_sends_the_appended_version_once(harness: Harness) -> None:
    file = harness.folder / "a.jsonl"
    write(file, lines({"id": 1, "text": "a"}))
    harness.run()
    write(
        file,
        lines({"id": 1, "text": "a"}, {"id": 1, "text": "b"}),
        modified=OLD + timedelta(hours=1),
    )
    assert harness.run().sent == 1
    assert harness.run().sent == 0
    assert [article.body for article in harness.articles()] == ["a", "b"]


def test_ingest_two_files_with_one_id_settle_after_one_run(harness: Harness) -> None:
    write(harness.folder / "a.jsonl", lines({"id": 1, "text": "a"}))
    write(harness.folder / "b.jsonl", lines({"id": 1, "text": "b"}))
    assert harness.run().sent == 2
    assert harness.run().sent == 0


def test_ingest_refuses_another_file_under_the_same_name(harness: Harness, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "wire"
    other.mkdir(parents=True)
    write(harness.folder / "a.txt", "One.")
    write(other / "a.txt", "Two.")
    harness.run()
    harness.run(other)
    assert harness.refused() == [
        f"a.txt: same name: source 'wire' already has 'a.txt' from {harness.folder / 'a.txt'};"
        " give this folder another --source, or --resend to take this file as the newer version"
    ]


def test_ingest_takes_a_moved_folder_for_the_same(harness: Harness, tmp_path: Path) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.run()
    moved = tmp_path / "moved" / "wire"
    moved.parent.mkdir()
    harness.folder.rename(moved)
    write(moved / "a.txt", "Two.")
    assert harness.run(moved).sent == 1
    first, second = harness.articles()
    assert first.article_id == second.article_id


EMBARGOED = '{"id": "a", "text": "a", "embargoed": "2026-11-23T13:00:00Z"}'


def held_count(harness: Harness) -> int:
    with SentState(harness.state_file) as state:
        return state.held.count()


def test_ingest_holds_what_is_under_embargo_until_it_is_due(harness: Harness) -> None:
    path = harness.folder / "a.json"
    write(path, EMBARGOED)
    assert (harness.run().held, harness.writer.records) == (1, [])
    assert [event.reason for event in harness.events] == [
        "embargoed until 2026-11-23T13:00:00+00:00"
    ]
    assert harness.run().skipped_reasons == {"embargoed, held already": 1}
    path.unlink()
    harness.clock.advance(seconds=3600)
    assert harness.run().sent == 1
    [article] = harness.articles()
    assert (article.body, article.source_id, article.key) == ("a", "wire", "a")
    assert held_count(harness) == 0
    assert harness.run().sent == 0


def test_a_held_article_keeps_its_publisher_and_its_way_in(harness: Harness) -> None:
    path = harness.folder / "a.json"
    write(path, EMBARGOED)
    harness.run(options=IngestOptions(publisher="agency.example", is_backfill=True))
    path.unlink()
    harness.clock.advance(seconds=3600)
    harness.run(options=IngestOptions(publisher="other.example"))
    [article] = harness.articles()
    assert (article.source_id, article.origin) == ("agency.example", "backfill")
    assert harness.writer.records[0].topic == "news.raw_backfill.v1"


def test_a_withdrawal_takes_a_held_article_away(harness: Harness) -> None:
    path = harness.folder / "a.json"
    ninjs = {
        "uri": "urn:a", "type": "text", "versioncreated": "2026-11-23T10:00:00Z", "body_text": "a",
        "embargoed": "2026-11-23T13:00:00Z",
    }  # fmt: skip
    write(path, json.dumps(ninjs))
    harness.run()
    canceled = {**ninjs, "pubstatus": "canceled", "versioncreated": "2026-11-23T11:00:00Z"}
    write(path, json.dumps(canceled))
    assert harness.run().withdrawn == 1
    harness.clock.advance(seconds=7200)
    path.unlink()
    assert harness.run().sent == 0
    assert harness.articles() == []


def test_an_article_that_is_freed_early_goes_out_at_once_and_once(harness: Harness) -> None:
    path = harness.folder / "a.json"
    write(path, EMBARGOED)
    harness.run()
    write(path, '{"id": "a", "text": "a"}')
    assert harness.run().sent == 1
    harness.clock.advance(seconds=7200)
    path.unlink()
    assert harness.run().sent == 0
    assert len(harness.articles()) == 1


def test_a_held_article_that_kafka_did_not_take_stays_held(harness: Harness) -> None:
    path = harness.folder / "a.json"
    write(path, EMBARGOED)
    harness.run()
    path.unlink()
    harness.clock.advance(seconds=3600)
    harness.writer.is_dead = True
    harness.run()
    assert held_count(harness) == 1
    harness.writer.close()
    harness.writer.is_dead = False
    assert harness.run().sent == 1
    assert held_count(harness) == 0


def test_a_dry_run_holds_nothing(harness: Harness) -> None:
    write(harness.folder / "a.json", EMBARGOED)
    harness.run(options=IngestOptions(is_dry_run=True))
    assert held_count(harness) == 0


def test_ingest_bad_input_does_not_stop_the_rest(harness: Harness) -> None:
    (harness.folder / "a.txt").write_bytes(b"caf\xe9")
    (harness.folder / "b.txt").write_bytes(b"")
    (harness.folder / "c.jsonl").write_bytes(b'{"text": "good"}\n{"text": 1}\n')
    (harness.folder / "d.txt").write_bytes(b"good")
    totals = harness.run()
    assert totals.sent == 2
    assert harness.refused() == [
        "a.txt: wrong encoding: not UTF-8, byte 0xe9 at position 3 (line 1)",
        "b.txt: empty: 0 bytes",
        "c.jsonl:2: field `text`: expected text, got a number",
    ]
    assert totals.refused_reasons == {"wrong encoding": 1, "empty": 1, "field `text`": 1}


def test_ingest_refuses_a_record_over_the_limit_of_the_topic(harness: Harness) -> None:
    write(harness.folder / "a.txt", '"' * 2_600_000)  # each becomes two bytes in JSON
    harness.run()
    [refusal] = harness.refused()
    assert refusal.startswith("a.txt: too large: 5,200,")
    assert refusal.endswith(" bytes as a record, the limit is 5,000,000")


def test_ingest_counts_what_kafka_refuses(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.writer.refuse_keys.add(ids.article_id("wire", "a.txt").encode())
    totals = harness.run()
    assert (totals.sent, totals.refused) == (0, 1)
    assert harness.refused() == ["a.txt: Kafka refuses the record"]


def test_ingest_remembers_only_what_was_acknowledged(harness: Harness) -> None:
    write(harness.folder / "a.txt", "One.")
    harness.writer.is_dead = True
    assert harness.run().sent == 0
    harness.writer.is_dead = False
    harness.writer.close()
    assert harness.run().sent == 1


def test_ingest_stops_between_articles_and_settles(harness: Harness) -> None:
    write(harness.folder / "a.jsonl", lines(*({"id": n, "text": "a"} for n in range(10))))
    harness.stop.set()
    assert harness.run().sent == 0
    harness.stop.clear()
    assert harness.run().sent == 10


def test_ingest_skips_name_their_reason(harness: Harness, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("a")
    (harness.folder / "a.txt").write_text("a")
    (harness.folder / ".hidden.txt").write_text("a")
    (harness.folder / ".git").mkdir()
    (harness.folder / ".git" / "b.txt").write_text("a")
    (harness.folder / "c.pdf").write_text("a")
    (harness.folder / "d").write_text("a")
    (harness.folder / "e.txt").symlink_to(tmp_path / "outside.txt")
    (harness.folder / "f.txt").symlink_to("a.txt")
    os.mkfifo(harness.folder / "g.txt")
    totals = harness.run()
    assert (totals.sent, totals.refused) == (1, 0)
    assert harness.skipped() == [
        "hidden file",
        "unknown format (extension .pdf)",
        "unknown format (no extension)",
        "symbolic link out of the folder",
        "symbolic link to a file that is read itself",
        "no regular file",
    ]


def test_ingest_refuses_files_that_cannot_be_read(harness: Harness) -> None:
    harness.max_bytes = 10
    (harness.folder / "a.txt").write_text("a" * 11)
    (harness.folder / "b.txt").write_text("a" * 10)
    (harness.folder / "c.jsonl").write_text('{"text": "long enough"}\n{}\n')
    (harness.folder / "d.txt").symlink_to("nowhere.txt")
    os.close(os.open(os.fsencode(harness.folder) + b"/caf\xe9.txt", os.O_CREAT))
    assert harness.run().sent == 1
    assert harness.refused() == [
        "a.txt: too large: 11 bytes, the limit is 10",
        "c.jsonl:1: too large: the line is over 10 bytes",
        "c.jsonl:2: missing text: no field `text` or `body`",
        "caf\\udce9.txt: file name: not UTF-8, rename it",
        "d.txt: cannot be read: No such file or directory",
    ]


def test_ingest_format_option_wins_over_the_name(harness: Harness) -> None:
    (harness.folder / "a.dat").write_text('{"text": "a"}\n{"text": "b"}\n')
    assert harness.run(options=IngestOptions(format_="jsonl")).sent == 2


def test_find_sent_finds_an_article_by_address_key_and_id(harness: Harness) -> None:
    write(harness.folder / "a.jsonl", lines({"url": "http://example.org/a#x", "text": "a"}))
    harness.run()
    [article] = harness.articles()
    with SentState(harness.state_file) as state:
        [by_url] = find_sent(state, url="https://EXAMPLE.org/a?utm_medium=mail")
        assert find_sent(state, article_id=article.article_id) == [by_url]
        assert find_sent(state, key="https://example.org/a") == [by_url]
        assert find_sent(state, url="not an address") == []
    assert (by_url.topic, by_url.partition, by_url.offset) == ("news.raw.v1", 0, 0)
    assert (by_url.updated_at, by_url.line) == (OLD, 1)


@pytest.mark.parametrize("count", [1, 2500])
def test_ingest_sends_everything_of_a_long_file(harness: Harness, count: int) -> None:
    write(harness.folder / "a.jsonl", lines(*({"id": n, "text": "a"} for n in range(count))))
    assert harness.run().sent == count
    assert len({record.key for record in harness.writer.records}) == count
