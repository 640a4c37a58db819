from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dateline.records import RightsSignal
from producers.parsed import Parsed, ParsedArticle, Refusal, Skip
from producers.sources.json_input import parse_json
from producers.sources.ninjs import is_ninjs

VERSION_2 = {
    "uri": "http://agency.example/items/1",
    "type": "text",
    "firstcreated": "2026-11-23T08:00:00Z",
    "versioncreated": "2026-11-23T10:00:00+01:00",
    "pubstatus": "usable",
    "language": "en",
    "copyrightholder": "The Agency",
    "copyrightnotice": "Copyright 2026",
    "usageterms": "Not for resale",
    "by": "Jane Doe",
    "infosources": [{"name": "Local Paper"}],
    "headlines": [{"role": "sub", "value": "Second"}, {"role": "main", "value": "First"}],
    "descriptions": [{"role": "text", "value": "In short."}],
    "bodies": [
        {"role": "rich", "contenttype": "text/html", "value": "<p>One.</p><p>Two.</p>"},
        {"role": "main", "contenttype": "text/plain", "value": "One.\nTwo."},
    ],
    "rightsinfo": {"langid": "http://www.w3.org/ns/odrl/2/", "linkedrights": "https://a.example/r"},
}
VERSION_3 = {
    "uri": "urn:newsml:agency.example:20261123:2",
    "versionCreated": "2026-11-23T10:00:00Z",
    "contentCreated": "2026-11-22T10:00:00Z",
    "pubStatus": "usable",
    "copyrightHolder": "The Agency",
    "headlines": [{"role": "main", "value": "First"}],
    "bodies": [{"role": "html", "contentType": "text/html", "value": "<p>One.</p><p>Two.</p>"}],
}


def only(item: dict[str, Any]) -> Parsed:
    [parsed] = parse_json(json.dumps(item).encode())
    return parsed


def article(item: dict[str, Any]) -> ParsedArticle:
    parsed = only(item)
    assert isinstance(parsed, ParsedArticle)
    return parsed


def test_ninjs_version_2_is_read_whole() -> None:
    assert article(VERSION_2) == ParsedArticle(
        body="One.\nTwo.",
        media_type="text/plain",
        line=1,
        url="http://agency.example/items/1",
        guid="http://agency.example/items/1",
        title="First",
        summary="In short.",
        language="en",
        authors=("Jane Doe",),
        credit="Local Paper",
        publisher="The Agency",
        published_at=datetime(2026, 11, 23, 8, tzinfo=UTC),
        published_at_raw="2026-11-23T08:00:00Z",
        updated_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        rights_signals=(
            RightsSignal(layer="ninjs", field="copyrightholder", value="The Agency"),
            RightsSignal(layer="ninjs", field="copyrightnotice", value="Copyright 2026"),
            RightsSignal(layer="ninjs", field="usageterms", value="Not for resale"),
            RightsSignal(
                layer="ninjs", field="rightsinfo.langid", value="http://www.w3.org/ns/odrl/2/"
            ),
            RightsSignal(
                layer="ninjs", field="rightsinfo.linkedrights", value="https://a.example/r"
            ),
        ),
        is_pub_status_explicit=True,
        extraction_method="ninjs",
    )


def test_ninjs_version_3_markup_becomes_text() -> None:
    found = article(VERSION_3)
    assert (found.body, found.media_type) == ("One.\nTwo.", "text/html")
    assert (found.guid, found.url) == ("urn:newsml:agency.example:20261123:2", None)
    assert found.published_at == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_ninjs_version_1_single_fields_are_read() -> None:
    found = article(
        {"uri": "u:1", "headline": "H", "byline": "B", "body_text": "T", "versioncreated": "x"}
    )
    assert (found.title, found.authors, found.body, found.updated_at) == ("H", ("B",), "T", None)


def test_ninjs_canceled_is_a_withdrawal_without_text() -> None:
    found = article({"uri": "u:1", "pubstatus": "canceled", "ednote": "Wrong name."})
    assert (found.pub_status, found.kill_reason, found.body) == ("canceled", "Wrong name.", "")


def test_ninjs_withheld_is_kept() -> None:
    assert article(VERSION_2 | {"pubstatus": "stat:withheld"}).pub_status == "withheld"


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        pytest.param(
            {"uri": "u:1", "versioncreated": "x"},
            Refusal(
                reason="missing text: no `bodies`, `body_text`, `body_xhtml` or `body_html`", line=1
            ),
            id="no-text",
        ),
        pytest.param(
            {"uri": "u:1", "type": "picture", "versioncreated": "x"},
            Skip(reason="ninjs type 'picture' holds no text", line=1),
            id="picture",
        ),
        pytest.param(
            {"uri": "u:1", "body_text": "a", "pubstatus": "odd"},
            Refusal(
                reason="field `pubstatus`: 'odd' is none of usable, withheld, canceled, cancelled",
                line=1,
            ),
            id="status",
        ),
        pytest.param(
            {"uri": "u:1", "bodies": ["a"]},
            Refusal(reason="field `bodies`: expected objects, got text", line=1),
            id="bodies",
        ),
        pytest.param(
            {"uri": 5, "body_text": "a"},
            Refusal(reason="field `uri`: expected text, got a number", line=1),
            id="uri",
        ),
        pytest.param(
            {"standard": {"name": "ninjs"}, "body_text": "a"},
            Refusal(reason="field `uri` is missing", line=1),
            id="no-uri",
        ),
    ],
)
def test_ninjs_refuses_with_a_reason(item: dict[str, Any], expected: Refusal | Skip) -> None:
    found = only(item)
    if isinstance(found, Refusal) and isinstance(expected, Refusal):
        assert (found.reason, found.line) == (expected.reason, expected.line)
    else:
        assert found == expected


def test_is_ninjs_tells_it_from_our_own_fields() -> None:
    assert is_ninjs(VERSION_3)
    assert not is_ninjs({"uri": "x", "type": "text", "text": "a"})
    assert not is_ninjs({"id": "x", "headlines": []})
    assert not is_ninjs([])


PICTURE = {"type": "picture", "usageterms": "Not for resale", "copyrightholder": "N. Roe"}


def fields(item: dict[str, Any]) -> list[tuple[str, str]]:
    return [(signal.field, signal.value) for signal in article(item).rights_signals]


@pytest.mark.parametrize(
    "associations",
    [
        pytest.param({"main": PICTURE}, id="version 2"),
        pytest.param([{"name": "main", **PICTURE}], id="version 3"),
        pytest.param([{"Name": "main", "Type": "picture", "usageTerms": "Not for resale",
                       "copyrightHolder": "N. Roe"}], id="camel case"),
    ],
)  # fmt: skip
def test_ninjs_rights_of_a_picture_are_the_pictures(associations: object) -> None:
    item = {**VERSION_3, "associations": associations}
    assert fields(item) == [
        ("copyrightholder", "The Agency"),
        ("associations[main:picture].copyrightholder", "N. Roe"),
        ("associations[main:picture].usageterms", "Not for resale"),
    ]


def test_ninjs_associations_have_linked_rights_and_associations_of_their_own() -> None:
    inner = {"thumb: [1]": {"rightsinfo": {"linkedrights": "https://a.example/p"}}}
    item = {**VERSION_3, "associations": {"gallery": {"type": "composite", "associations": inner}}}
    assert fields(item)[1:] == [
        ("associations[gallery/thumb_1_:].rightsinfo.linkedrights", "https://a.example/p")
    ]


def test_ninjs_associations_without_a_name_are_told_by_their_place() -> None:
    item = {**VERSION_3, "associations": [{"usageterms": "a"}, {"usageterms": "b"}]}
    assert [field for field, _ in fields(item)[1:]] == [
        "associations[1:].usageterms", "associations[2:].usageterms",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "associations",
    [7, "main", [7, None, "x"], {"main": 7}, {"main": {"usageterms": 7}}, {"main": {"type": 7}}],
)
def test_ninjs_associations_of_the_wrong_type_refuse_no_article(associations: object) -> None:
    assert fields({**VERSION_3, "associations": associations}) == [
        ("copyrightholder", "The Agency")
    ]


def test_ninjs_items_that_nest_for_ever_are_read_so_far() -> None:
    nested: dict[str, Any] = {"usageterms": "x"}
    for _ in range(50):
        nested = {"usageterms": "x", "associations": {"a": nested, "b": {"usageterms": "y"}}}
    many = {str(number): PICTURE for number in range(5000)}
    assert len(fields({**VERSION_3, "associations": {"deep": nested}})) < 10
    assert len(fields({**VERSION_3, "associations": many})) == 200
