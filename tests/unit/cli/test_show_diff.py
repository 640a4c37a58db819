"""What ``dateline show --diff`` says of two versions, and what it keeps to itself."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_doubles import MemoryReader, console, context, invoke, record, written
from click import ClickException
from sample_documents import FIRST_SEEN_AT, FULL, document, snippet_document, tombstone

from dateline.cli import show_diff as module
from dateline.cli.show import show
from dateline.cli.show_diff import print_diff, show_diff
from dateline.cli.version_diff import (
    VersionDiff,
    chosen_pair,
    compare,
    number_versions,
)
from dateline.records import KillNotice, RawArticle, SearchDocument, VersionSeen
from dateline.settings import ProjectSettings, Settings
from dateline.topic_reader import TopicReader
from dateline.wire import to_wire
from producers.sent_state import SentRecord, SentState, state_path

TOPIC = "news.raw.v1"
OLD = "The pier in Lisbon cost 12 million euros, and the dock workers were thanked."
NEW = "The pier in Lisbon cost 14 million euros, and the dock workers were not thanked."
HASHES = {"1": "1" * 64, "2": "2" * 64, "3": "3" * 64}


def _decided(of: SearchDocument, *names: str, **changes: Any) -> SearchDocument:
    """Return the document as the index has it once these versions were seen."""
    seen = tuple(
        VersionSeen(content_sha256=HASHES[name], updated_at=FIRST_SEEN_AT, revision=int(name))
        for name in names
    )
    fields = {"content_sha256": HASHES[names[-1]], "versions": seen}
    return dataclasses.replace(of, **{**fields, **changes})


DOCUMENT = _decided(document(), "1", "2")


def _sent(offset: int, name: str | None, **changes: Any) -> SentRecord:
    at = FIRST_SEEN_AT + timedelta(minutes=offset)
    row = SentRecord(
        source_id=DOCUMENT.source_id, key=DOCUMENT.key, article_id=DOCUMENT.article_id, url=None,
        content_sha256=HASHES[name] if name else None, pub_status="usable" if name else "canceled",
        updated_at=at, own_updated_at=None, observed_at=at, topic=TOPIC, partition=0,
        offset=offset, origin_file="-", line=None, mtime_ns=None,
    )  # fmt: skip
    return dataclasses.replace(row, **changes)


def _payload(name: str | None, text: str, title: str | None = "New pier") -> bytes:
    ids: dict[str, Any] = {
        "article_id": DOCUMENT.article_id, "source_id": DOCUMENT.source_id, "key": DOCUMENT.key,
        "origin": "live", "observed_at": FIRST_SEEN_AT, "updated_at": FIRST_SEEN_AT,
    }  # fmt: skip
    if name is None:
        return to_wire(KillNotice(**ids, reason="wrong"))
    return to_wire(
        RawArticle(
            **ids, content_sha256=HASHES[name], body=text, media_type="text/plain", title=title
        )
    )


def _reader(*payloads: bytes) -> MemoryReader:
    rows = [record(topic=TOPIC, offset=at, value=value) for at, value in enumerate(payloads)]
    return MemoryReader(news_raw_v1=[rows])


def _compared(of: SearchDocument, reader: TopicReader, *sent: SentRecord) -> VersionDiff:
    versions = number_versions(sent)
    pair = chosen_pair(versions, from_number=None, to_number=None)
    assert pair is not None
    return compare(reader, of, versions, pair)


TWO = (_sent(0, "1"), _sent(1, "2"))


def _two(title: str = "New pier opens") -> MemoryReader:
    return _reader(_payload("1", OLD), _payload("2", NEW, title=title))


def _printed(of: SearchDocument, diff: VersionDiff, *, colours: bool = False) -> str:
    terminal = console(colours=colours)
    print_diff(terminal, of, number_versions(TWO), diff)
    return written(terminal)


def test_a_full_licence_shows_the_changed_words_with_their_surroundings() -> None:
    printed = _printed(DOCUMENT, _compared(DOCUMENT, _two(), *TWO))

    assert (
        "changes from version 1 to version 2: 1 word removed, 2 words added, in 2 places" in printed
    )
    assert (
        "The pier in Lisbon cost [-12-]{+14+} million euros, and the dock workers were {+not+}"
        " thanked." in printed
    )
    assert "title         New [-pier-]{+pier opens+}" in printed or "New pier {+opens+}" in printed
    assert "not shown" not in printed


def test_colours_replace_the_marks() -> None:
    printed = _printed(DOCUMENT, _compared(DOCUMENT, _two(), *TWO), colours=True)

    assert "\x1b[9;31m12\x1b[0m \x1b[32m14\x1b[0m million" in printed
    assert "[-" not in printed


def test_long_unchanged_text_is_left_out() -> None:
    middle = " ".join(f"word{number}" for number in range(400))
    reader = _reader(_payload("1", f"A {middle} B"), _payload("2", f"X {middle} Y"))

    printed = _printed(DOCUMENT, _compared(DOCUMENT, reader, *TWO))

    body = printed.splitlines()[-1]
    assert body.startswith("[-A-]{+X+} word0 word1")
    assert body.endswith("word399 [-B-]{+Y+}")
    assert " … " in body
    assert len(body) < 300


def test_a_snippet_licence_shows_counts_and_titles_only() -> None:
    of = _decided(snippet_document("pier.txt"), "1", "2")

    diff = _compared(of, _two(), *TWO)
    printed = _printed(of, diff)

    assert diff.body is None
    assert "1 word removed, 2 words added, in 2 places" in printed
    assert "The texts are not shown: no licence is known." in printed
    assert "opens" in printed
    assert "million" not in printed


def test_titles_are_cut_to_the_snippet() -> None:
    decision = dataclasses.replace(FULL, display="snippet", snippet_chars=8)
    of = _decided(document(decisions=(decision,)), "1", "2")

    diff = _compared(of, _two(title="New port secret words"), *TWO)

    assert diff.title is not None
    assert "secret" not in "".join(operation.text for operation in diff.title)


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (document(decisions=(dataclasses.replace(FULL, display="metadata_only", reasons=()),)),
         "only metadata only may be shown"),
        (document(decisions=()), "there is no licence decision"),
        (document(pub_status="withheld"), "the article was withheld by its source"),
        (tombstone("pier.txt"), "the article was withdrawn by its source"),
    ],
)  # fmt: skip
def test_nothing_is_shown_without_permission(of: SearchDocument, reason: str) -> None:
    of = _decided(of, "1", "2")

    diff = _compared(of, _two(), *TWO)

    assert (diff.title, diff.body, diff.withheld_reason) == (None, None, reason)
    assert "pier opens" not in _printed(dataclasses.replace(of, title=None), diff)


def test_a_version_that_was_taken_back_stays_hidden_after_a_revival() -> None:
    reader = _reader(_payload("1", OLD), _payload(None, ""), _payload("2", NEW))
    sent = (_sent(0, "1"), _sent(1, None), _sent(2, "2"))
    versions = number_versions(sent)

    diff = compare(reader, DOCUMENT, versions, (versions[0], versions[2]))

    assert diff.body is None
    assert diff.withheld_reason == "version 1 was taken back by its source"


def test_a_version_that_is_not_indexed_yet_has_no_decision() -> None:
    of = _decided(document(), "1")

    diff = _compared(of, _two(), *TWO)

    assert diff.body is None
    assert diff.withheld_reason == "version 2 is not indexed yet, so its licence is not decided"


def test_an_old_version_that_the_index_has_forgotten_was_decided_once() -> None:
    of = _decided(document(), "2")

    assert _compared(of, _two(), *TWO).body is not None


def test_a_version_gone_by_retention_is_named() -> None:
    reader = _two()
    reader.starts[TOPIC, 0] = 1

    diff = _compared(DOCUMENT, reader, *TWO)

    assert diff.counts is None
    assert "version 1 is gone: retention removed news.raw.v1[0] offset 0." in _printed(
        DOCUMENT, diff
    )


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (_payload("3", "another article"), "version 1 is gone: another record is at"),
        (_payload(None, ""), "version 1 is gone: another record is at"),
        (b"broken", "version 1 cannot be read at"),
    ],
)
def test_another_record_in_its_place_is_never_shown(payload: bytes, reason: str) -> None:
    diff = _compared(DOCUMENT, _reader(payload, _payload("2", NEW)), *TWO)

    assert diff.body is None
    assert diff.absent_reasons[0].startswith(reason)


def test_the_same_content_sent_again_is_one_version_at_its_last_place() -> None:
    versions = number_versions([_sent(0, "1"), _sent(1, "1"), _sent(2, "2"), _sent(3, "1")])

    assert [version.sent.offset for version in versions] == [1, 2, 3]
    assert [version.number for version in versions] == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "expected"),
    [((None, None), (2, 3)), ((1, None), (1, 3)), ((None, 2), (1, 2)), ((1, 2), (1, 2))],
)
def test_the_last_two_versions_are_compared_unless_told(
    given: tuple[int | None, int | None], expected: tuple[int, int]
) -> None:
    versions = number_versions([_sent(0, "1"), _sent(1, "2"), _sent(2, "3")])

    pair = chosen_pair(versions, from_number=given[0], to_number=given[1])

    assert pair is not None
    assert tuple(version.number for version in pair) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ((4, None), "there is no version 4: this article has versions 1 to 3."),
        ((2, 2), "version 2 is not older than version 2: --from takes the older one."),
        ((3, None), "version 3 is not older than version 3: --from takes the older one."),
        ((None, 1), "version 0 is not older than version 1: --from takes the older one."),
    ],
)
def test_wrong_numbers_are_explained(given: tuple[int | None, int | None], message: str) -> None:
    versions = number_versions([_sent(0, "1"), _sent(1, "2"), _sent(2, "3")])

    with pytest.raises(ClickException) as error:
        chosen_pair(versions, from_number=given[0], to_number=given[1])

    assert error.value.message == message


def test_nothing_of_a_version_acts_on_the_terminal() -> None:
    evil = "\x1b]0;x\x07[red] \x9b"
    reader = _reader(_payload("1", OLD, title="t"), _payload("2", NEW + evil, title=evil))

    for colours in (False, True):
        printed = _printed(
            dataclasses.replace(DOCUMENT, title=evil), _compared(DOCUMENT, reader, *TWO),
            colours=colours,
        )  # fmt: skip
        assert "\x1b]0;x" not in printed
        assert not set(printed) & set("\x07\x9b")
        assert "␛]0;x␇[red]" in printed


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def open_memory(_: Settings) -> Iterator[TopicReader]:
        yield _two()

    monkeypatch.setattr(module, "open_reader", open_memory)


def _settings(folder: Path) -> Settings:
    return Settings(project=ProjectSettings(state_dir=str(folder)))


def _with_state(folder: Path, *sent: SentRecord) -> Settings:
    settings = _settings(folder)
    with SentState(state_path(settings, "cluster")) as state:
        state.record(sent)
    return settings


@pytest.mark.usefixtures("in_memory")
def test_json_has_versions_and_operations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = _with_state(tmp_path, *TWO)

    show_diff(context(settings), DOCUMENT, from_number=None, to_number=None, as_json=True)

    answer = json.loads(capsys.readouterr().out)
    assert [version["offset"] for version in answer["versions"]] == [0, 1]
    assert answer["diff"]["counts"] == {"removed_words": 1, "added_words": 2, "places": 2}
    assert {"kind": "removed", "text": "12 "} in answer["diff"]["operations"]
    assert answer["diff"]["withheld_reason"] is None


@pytest.mark.usefixtures("in_memory")
def test_json_of_a_withheld_text_has_no_operations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = _with_state(tmp_path, *TWO)
    of = _decided(snippet_document("pier.txt"), "1", "2")

    show_diff(context(settings), of, from_number=None, to_number=None, as_json=True)

    printed = capsys.readouterr().out
    assert json.loads(printed)["diff"]["operations"] is None
    assert "million" not in printed


@pytest.mark.usefixtures("in_memory")
def test_one_version_has_nothing_to_compare(tmp_path: Path) -> None:
    at = context(_with_state(tmp_path, TWO[0]))

    show_diff(at, DOCUMENT, from_number=None, to_number=None, as_json=False)

    assert "One version is known: there is nothing to compare." in written(at.console)


@pytest.mark.usefixtures("in_memory")
def test_without_the_producers_state_it_says_where_it_looked(tmp_path: Path) -> None:
    with pytest.raises(ClickException, match=r"is not in .*producer: only the machine"):
        show_diff(
            context(_settings(tmp_path)), DOCUMENT, from_number=None, to_number=None,
            as_json=False,
        )  # fmt: skip

    assert not list(tmp_path.rglob("*.sqlite"))


def test_from_and_to_need_diff() -> None:
    result = invoke(show, "abcdef", "--from", "1")

    assert result.exit_code == 2
    assert "--from and --to belong to --diff." in result.output
