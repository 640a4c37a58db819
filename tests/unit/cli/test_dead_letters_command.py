"""Dead letters: folded, shown safely, sent back in an order that loses nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_doubles import AT, MemoryReader, invoke, record
from click.testing import Result

from dateline.cli import dead_letters as module
from dateline.cli.dead_letters import dead_letters
from dateline.cli.payload_view import payload_text
from dateline.clock import FixedClock
from dateline.dead_letter_store import fold_letters, read_letters, requeue, selected
from dateline.dead_letters import REQUEUED_HEADER, to_headers
from dateline.errors import BrokerUnavailable, ConfigError
from dateline.records import DeadLetter
from dateline.topic_reader import TopicRecord

TOPIC = "news.dead.letter.v1"
RAW = "news.raw.v1"


def _row(offset: int, *, of: int = 7, payload: bytes = b"{}", **changes: Any) -> TopicRecord:
    """Return a dead letter of the record at offset ``of`` of the raw topic."""
    fields: dict[str, Any] = {
        "payload": payload, "code": "E201", "stage": "enrich", "topic": RAW, "partition": 0,
        "offset": of, "attempts": 1, "first_failed_at": AT, "error": "not JSON", "key": b"the-key",
        "headers": (("trace", b"1"),),
    }  # fmt: skip
    letter = DeadLetter(**(fields | changes))
    return record(
        topic=TOPIC, offset=offset, key=f"{RAW}/0/{of}".encode(), value=payload,
        headers=tuple(to_headers(letter)), at=AT + timedelta(minutes=offset),
    )  # fmt: skip


def _mark(offset: int, *, of: int = 7) -> TopicRecord:
    return record(
        topic=TOPIC, offset=offset, key=f"{RAW}/0/{of}".encode(), value=b"",
        headers=((REQUEUED_HEADER, AT.isoformat().encode()),),
    )  # fmt: skip


class Sender:
    """Keeps what is sent; fails at the given call."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self._fails_at = fails_at

    def __call__(self, topic: str, **fields: Any) -> None:
        if len(self.sent) == self._fails_at:
            raise BrokerUnavailable("Kafka does not answer")
        self.sent.append((topic, fields))


def _reader(*rows: TopicRecord) -> MemoryReader:
    reader = MemoryReader()
    reader._topics = {TOPIC: [list(rows)], RAW: [[]]}
    return reader


def test_letters_of_one_record_are_one_letter() -> None:
    letters = fold_letters([_row(0), _row(1, of=8), _row(2)]).letters

    assert [(one.key, one.number, one.times_count) for one in letters] == [
        (f"{RAW}/0/7", 0, 2),
        (f"{RAW}/0/8", 1, 1),
    ]


def test_a_mark_says_when_its_letter_was_sent_back() -> None:
    letters = fold_letters([_row(0), _row(1, of=8), _mark(2)]).letters

    assert [one.requeued_at for one in letters] == [AT, None]


def test_a_header_of_the_original_record_is_no_mark() -> None:
    row = _row(0, payload=b"", headers=((REQUEUED_HEADER, AT.isoformat().encode()),))

    assert fold_letters([row]).letters[0].requeued_at is None


def test_records_of_others_are_counted() -> None:
    found = fold_letters([record(topic=TOPIC, headers=(("code", b"E201"),)), _row(1)])

    assert (len(found.letters), found.unreadable_count) == (1, 1)


def test_a_long_topic_is_read_from_its_end() -> None:
    found = read_letters(_reader(_row(0), _row(1, of=8)), TOPIC, max_records=1)

    assert [one.number for one in found.letters] == [1]
    assert not found.is_complete


def test_selected_by_code_stage_and_time() -> None:
    rows = [_row(0), _row(1, of=8, code="E901"), _row(2, of=9, stage="index")]
    letters = fold_letters(rows).letters

    assert [one.number for one in selected(letters, code="e901")] == [1]
    assert [one.number for one in selected(letters, stage="index")] == [2]
    assert [one.number for one in selected(letters, since=AT + timedelta(minutes=1))] == [1, 2]


def test_requeue_sends_the_original_before_the_mark() -> None:
    reader = _reader(_row(0, payload=b"\x00\xff"))
    send = Sender()

    requeue(reader, send, TOPIC, read_letters(reader, TOPIC).letters[0], FixedClock(AT))

    assert send.sent == [
        (
            RAW,
            {
                "key": b"the-key", "value": b"\x00\xff", "headers": [("trace", b"1")],
                "partition": 0,
            },
        ),
        (
            TOPIC,
            {
                "key": f"{RAW}/0/7".encode(), "value": b"",
                "headers": [(REQUEUED_HEADER, AT.isoformat().encode())], "partition": 0,
            },
        ),
    ]  # fmt: skip


def test_requeue_marks_nothing_that_was_not_acknowledged() -> None:
    reader = _reader(_row(0))
    send = Sender(fails_at=0)

    with pytest.raises(BrokerUnavailable):
        requeue(reader, send, TOPIC, read_letters(reader, TOPIC).letters[0], FixedClock(AT))

    assert send.sent == []


def test_requeue_refuses_a_partition_that_is_gone() -> None:
    reader = _reader(_row(0, partition=6))

    with pytest.raises(ConfigError, match=r"there is no news.raw.v1\[6\] any more"):
        requeue(reader, Sender(), TOPIC, read_letters(reader, TOPIC).letters[0], FixedClock(AT))


@pytest.fixture
def sender(monkeypatch: pytest.MonkeyPatch) -> Sender:
    return Sender()


def _run(
    monkeypatch: pytest.MonkeyPatch, reader: MemoryReader, sender: Sender, *arguments: str
) -> Result:
    @contextmanager
    def opened(_settings: object) -> Iterator[Any]:
        yield reader

    @contextmanager
    def sending(_settings: object) -> Iterator[Any]:
        yield sender

    monkeypatch.setattr(module, "open_reader", opened)
    monkeypatch.setattr(module, "open_sender", sending)
    monkeypatch.setattr(module, "dead_letter_topic", lambda _context: TOPIC)
    return invoke(dead_letters, *arguments)


def test_list_is_one_line_a_letter(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    reader = _reader(_row(0, error="\x1b[2J[red]x"), _row(1), _mark(2))

    lines = _run(monkeypatch, reader, sender, "list").stdout.splitlines()

    assert lines[1].split() == [
        "0", f"{RAW}/0/7", "E201", "enrich", "2026-11-20", "08:31:00", "×2", "requeued",
        "␛[2J[red]x",
    ]  # fmt: skip
    assert lines[2] == "1 dead letter"


def test_list_says_that_there_are_none(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    assert _run(monkeypatch, _reader(), sender, "list").stdout == "There are no dead letters.\n"
    printed = _run(monkeypatch, _reader(_row(0)), sender, "list", "--code", "E999").stdout
    assert printed == "No dead letter matches.\n"


def test_list_as_json(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    result = _run(monkeypatch, _reader(_row(0), _mark(1)), sender, "list", "--json")

    letter = json.loads(result.stdout)[0]
    assert letter["key"] == f"{RAW}/0/7"
    assert letter["requeued_at"] == AT.isoformat()
    assert letter["headers"] == [{"name": "trace", "value_base64": "MQ=="}]


@pytest.mark.parametrize("key", ["0", f"{RAW}/0/7"])
def test_show_by_number_and_by_key(
    monkeypatch: pytest.MonkeyPatch, sender: Sender, key: str
) -> None:
    reader = _reader(_row(0, payload=b'{"a": "\\u001b[31m"}', code="E901"))

    printed = _run(monkeypatch, reader, sender, "show", key).stdout

    assert "code          E901, see docs/errors.md: our bug, not the record's\n" in printed
    assert "headers       trace: 1\n" in printed
    assert '{\n  "a": "\\u001b[31m"\n}' in printed


def test_show_raw_gives_the_exact_bytes(
    monkeypatch: pytest.MonkeyPatch, sender: Sender, tmp_path: Path
) -> None:
    payload = bytes(range(256))
    reader = _reader(_row(0, payload=payload))

    assert _run(monkeypatch, reader, sender, "show", "0", "--raw").stdout_bytes == payload
    output = tmp_path / "letter"
    _run(monkeypatch, reader, sender, "show", "0", "--raw", "--output", str(output))
    assert output.read_bytes() == payload


def test_show_of_an_unknown_key(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    error = _run(monkeypatch, _reader(), sender, "show", "5").exception

    assert str(error) == "there is no dead letter '5'. See `dateline dead-letters list`."


def test_requeue_of_a_requeued_letter_needs_force(
    monkeypatch: pytest.MonkeyPatch, sender: Sender
) -> None:
    reader = _reader(_row(0), _mark(1))

    refused = _run(monkeypatch, reader, sender, "requeue", "0")
    assert refused.exit_code == 1
    assert "was sent back at 2026-11-20 08:30:00; --force sends it again." in refused.stderr
    assert sender.sent == []
    assert _run(monkeypatch, reader, sender, "requeue", "0", "--force").exit_code == 0
    assert len(sender.sent) == 2


def test_requeue_all_leaves_out_what_was_sent_back(
    monkeypatch: pytest.MonkeyPatch, sender: Sender
) -> None:
    reader = _reader(_row(0), _row(1, of=8), _row(2, of=9, code="E202"), _mark(3))

    printed = _run(monkeypatch, reader, sender, "requeue", "--all", "--code", "E201").stdout

    assert printed == f"sent {RAW}/0/8 (E201, 2 bytes) to {RAW}[0]\n1 record sent back.\n"


def test_requeue_dry_run_sends_nothing(monkeypatch: pytest.MonkeyPatch, sender: Sender) -> None:
    result = _run(monkeypatch, _reader(_row(0)), sender, "requeue", "--all", "--dry-run")

    assert result.stdout == f"would send {RAW}/0/7 (E201, 2 bytes) to {RAW}[0]\n"
    assert sender.sent == []


def test_requeue_twice_in_one_call_sends_once(
    monkeypatch: pytest.MonkeyPatch, sender: Sender
) -> None:
    _run(monkeypatch, _reader(_row(0)), sender, "requeue", "0", f"{RAW}/0/7")

    assert len(sender.sent) == 2


@pytest.mark.parametrize("arguments", [["requeue"], ["requeue", "0", "--all"]])
def test_requeue_needs_keys_or_all(
    monkeypatch: pytest.MonkeyPatch, sender: Sender, arguments: list[str]
) -> None:
    result = _run(monkeypatch, _reader(_row(0)), sender, *arguments)

    assert result.exit_code == 2
    assert "give either KEYs or --all." in result.stderr


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        pytest.param(b"", "(no bytes)", id="empty"),
        pytest.param(b'{"a":1}', '{\n  "a": 1\n}', id="json"),
        pytest.param(b"\x1b[2J", "00000000  1b 5b 32 4a" + " " * 38 + ".[2J", id="escape"),
        pytest.param(b"NaN", "NaN", id="nan"),
    ],
)
def test_payload_text(payload: bytes, shown: str) -> None:
    assert payload_text(payload) == shown


def test_payload_text_is_bounded() -> None:
    assert payload_text(b"\xff" * 600).endswith("… 88 more bytes; --raw writes all of them")
    assert len(payload_text(json.dumps("x" * 50_000).encode())) < 21_000
    assert payload_text(b"[" * 200_000).startswith("00000000  5b 5b")
