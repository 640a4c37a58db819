from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.records import RightsSignal
from producers.parse_input import Input, parse_input
from producers.parsed import Format, Parsed, ParsedArticle, Refusal, Skip
from producers.sources.json_input import parse_json, parse_json_lines

FULL = {
    "id": 17,
    "url": "https://example.org/17",
    "title": "Talks resume",
    "text": "The talks resumed.",
    "summary": "They talk.",
    "language": "en",
    "authors": ["Jane Doe", " "],
    "published_at": "2026-11-23T10:00:00+02:00",
    "updated_at": "Mon, 23 Nov 2026 11:00:00 GMT",
    "source": "example.org",
    "publisher": "Example",
    "credit": "Agency",
    "status": "withheld",
    "rights": ["All rights reserved", "no resale"],
    "license_url": "https://creativecommons.org/licenses/by/4.0/",
    "unknown": {"a": [1]},
}


def lines_of(data: bytes) -> list[Parsed]:
    lines = enumerate(data.splitlines(keepends=True), start=1)
    return list(parse_json_lines(lines, max_bytes=1000))


def reasons(parsed: list[Parsed]) -> list[tuple[int | None, str]]:
    return [(each.line, each.reason) for each in parsed if not isinstance(each, ParsedArticle)]


def test_parse_json_returns_every_known_field() -> None:
    [article] = parse_json(json.dumps(FULL).encode())
    assert article == ParsedArticle(
        body="The talks resumed.",
        media_type="text/plain",
        line=1,
        is_alone=True,
        url="https://example.org/17",
        guid="17",
        source="example.org",
        title="Talks resume",
        summary="They talk.",
        language="en",
        authors=("Jane Doe",),
        credit="Agency",
        publisher="Example",
        published_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
        published_at_raw="2026-11-23T10:00:00+02:00",
        updated_at=datetime(2026, 11, 23, 11, tzinfo=UTC),
        pub_status="withheld",
        rights_signals=(
            RightsSignal(layer="json", field="rights", value="All rights reserved"),
            RightsSignal(layer="json", field="rights", value="no resale"),
            RightsSignal(
                layer="json",
                field="license_url",
                value="https://creativecommons.org/licenses/by/4.0/",
            ),
        ),
    )


def test_parse_json_keeps_an_unreadable_time_as_it_is() -> None:
    [article] = parse_json(b'{"text": "a", "published_at": "last week"}')
    assert isinstance(article, ParsedArticle)
    assert (article.published_at, article.published_at_raw) == (None, "last week")


def test_parse_json_array_gives_the_line_of_each_object() -> None:
    parsed = list(parse_json(b'[{"text": "a"},\n\n {"text":\n "a"},\n {"title": "no text"}]'))
    assert [each.line for each in parsed] == [1, 3, 5]
    assert reasons(parsed) == [(5, "missing text: no field `text` or `body`")]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        pytest.param({}, "missing text: no field `text` or `body`", id="no-text"),
        pytest.param({"text": " \n"}, "missing text: no field `text` or `body`", id="blank"),
        pytest.param({"text": 5}, "field `text`: expected text, got a number", id="number"),
        pytest.param({"text": ["a"]}, "field `text`: expected text, got a list", id="list"),
        pytest.param(
            {"text": "a", "title": True},
            "field `title`: expected text, got true or false",
            id="bool",
        ),
        pytest.param(
            {"text": "a", "authors": [{}]}, "field `authors`: expected text, got an object", id="in"
        ),
        pytest.param({"text": "a", "id": 1.5}, "field `id`: expected text, got a number", id="id"),
        pytest.param(
            {"text": "a", "status": "gone"},
            "field `status`: 'gone' is none of usable, published, withheld, canceled, cancelled,"
            " withdrawn, deleted, killed",
            id="status",
        ),
        pytest.param(
            {"text": "a", "embargoed": "soon"}, "field `embargoed`: 'soon' is no time", id="embargo"
        ),
        pytest.param(
            {"status": "deleted"}, "withdrawn article without `id` or `url`", id="nameless-kill"
        ),
    ],
)
def test_parse_json_refuses_an_object_with_a_reason(item: dict[str, Any], reason: str) -> None:
    assert reasons(list(parse_json(json.dumps(item).encode()))) == [(1, reason)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", (None, "empty: 0 bytes"), id="empty"),
        pytest.param(b"[]", (None, "missing text: the JSON array is empty"), id="empty-array"),
        pytest.param(b"7", (1, "expected a JSON object, got a number"), id="number"),
        pytest.param(
            b'{"text":\n "a",}',
            (2, "broken JSON: Expecting property name enclosed in double quotes at column 6"),
            id="trailing-comma",
        ),
        pytest.param(
            b'[{"text": "a"}', (1, "broken JSON: Expecting ',' delimiter at column 15"), id="cut"
        ),
        pytest.param(
            b'{"a": 1}\n{"b": 2}',
            (
                2,
                "broken JSON: Extra data at column 1 (one object a line? name it .jsonl or give"
                " --format jsonl)",
            ),
            id="lines-in-json",
        ),
        pytest.param(b'{"text": NaN}', (1, "broken JSON: NaN is no JSON value"), id="nan"),
        pytest.param(b'{"a":' * 100_000, (1, "broken JSON: nested too deeply"), id="deep"),
        pytest.param(b"\0{}", (None, "binary: NUL byte at position 0"), id="binary"),
    ],
)
def test_parse_json_refuses_broken_text(data: bytes, reason: tuple[int | None, str]) -> None:
    assert reasons(list(parse_json(data))) == [reason]


def test_parse_json_lines_goes_on_after_a_bad_line() -> None:
    data = (
        b'\xef\xbb\xbf{"text": "one"}\n{"text": }\n\n{"text": "\xff"}\n{"text": "\\ud800"}\r\n'
        b'[]\n{"text": "six"}'
    )
    parsed = lines_of(data)
    assert reasons(parsed) == [
        (2, "broken JSON: Expecting value at column 10"),
        (4, "wrong encoding: not UTF-8, byte 0xff at position 10"),
        (5, "field `text`: half a surrogate pair at character 0"),
        (6, "expected a JSON object, got a list"),
    ]
    articles = [each for each in parsed if isinstance(each, ParsedArticle)]
    assert [(each.line, each.body) for each in articles] == [(1, "one"), (7, "six")]


def test_parse_json_lines_refuses_a_line_over_the_limit() -> None:
    parsed = list(parse_json_lines([(1, None), (2, b'{"text": "a"}')], max_bytes=5_000_000))
    assert reasons(parsed) == [(1, "too large: the line is over 5,000,000 bytes")]
    assert len(parsed) == 2


def test_parse_json_lines_stops_at_binary_input() -> None:
    assert reasons(lines_of(b"\x89PNG\0\n\0\n\0\n")) == [(1, "binary: NUL byte at position 4")]


def test_parse_json_lines_refuses_an_empty_input() -> None:
    assert reasons(lines_of(b"\n \n")) == [(None, "empty: no text")]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELD_NAMES = st.sampled_from(
    [*FULL, "body", "author", "embargoed", "uri", "type", "pubStatus", "versioncreated", "bodies",
     "headlines", "body_text", "body_xhtml", "descriptions", "bylines", "by", "infosources",
     "rightsInfo", "copyrightHolder", "standard"]
)  # fmt: skip
ITEMS = st.dictionaries(FIELD_NAMES, JSON_VALUES | st.just("2026-11-23"), max_size=12)
KINDS: st.SearchStrategy[Format] = st.sampled_from(["json", "ninjs"])


def parsed_from(data: bytes, kind: Format) -> list[Parsed]:
    source = Input(shown="f", origin="/f", format=kind, source_id="s", data=data)
    return list(parse_input(source, max_bytes=10_000_000))


@given(st.lists(ITEMS, max_size=3) | ITEMS, KINDS)
def test_json_parsers_answer_every_json(value: Any, kind: Format) -> None:
    parsed = parsed_from(json.dumps(value).encode(), kind)
    assert parsed
    assert all(isinstance(each, ParsedArticle | Refusal | Skip) for each in parsed)
    assert not any("our bug" in reason for _, reason in reasons(parsed))


@given(st.binary(max_size=300) | st.text(alphabet='{}[]",:0a\\u \n', max_size=60).map(str.encode))
def test_json_parsers_answer_every_input(data: bytes) -> None:
    for kind in ("json", "ninjs"):
        parsed = parsed_from(data, kind)
        assert parsed
        assert not any("our bug" in reason for _, reason in reasons(parsed))
    assert lines_of(data)
