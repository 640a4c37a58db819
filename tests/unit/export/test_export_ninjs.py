"""Exported ninjs items: valid by the parts of IPTC's schema that they use, rights mapped."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from export_samples import PURPOSE, URI, licensed, rights
from ninjs_subset import faults

from dateline.export.export_record import export_record
from dateline.export.ninjs import ninjs_item, usage_terms
from dateline.rights.record import Access
from producers.parsed import ParsedArticle
from producers.sources.json_input import parse_json


def _item(**changes: Any) -> dict[str, Any]:
    return ninjs_item(export_record(licensed(**changes), purpose=PURPOSE))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": None, "summary": None, "language": None, "authors": (), "url": None},
        {"published_at": datetime(2026, 11, 20, tzinfo=UTC), "publisher": "Coast Wire"},
        {"url": "https://häfen.example/neue brücke?q=ü|%20"},
        {"rights": rights(license_uri=None, licensor=None)},
        {"rights": rights(access=Access(expires_at=datetime(2027, 1, 1, tzinfo=UTC)))},
    ],
)
def test_items_are_valid(changes: dict[str, Any]) -> None:
    assert faults(_item(**changes)) == []


def test_the_check_sees_what_ninjs_forbids() -> None:
    item = _item()

    for wrong in (
        item | {"rightsInfo": {"linkedRights": URI, "encodedRights": "x"}},
        item | {"rightsInfo": {}},
        item | {"bodies": [{"value": "x", "sha": "y"}]},
        item | {"pubStatus": "gone"},
        item | {"firstCreated": "2026-11-20 08:00"},
        item | {"renditions": [{"name": "web", "href": "https://coast.example/a b"}]},
        item | {"articleId": "x"},
    ):
        assert faults(wrong)


def test_rights_are_mapped() -> None:
    item = _item(
        rights=rights(copyright_notice="(c) 2026 Coast Wire", usage_terms="Name us, please.")
    )

    assert item["rightsInfo"] == {"linkedRights": URI}
    assert item["copyrightHolder"] == "Coast Wire"
    assert item["copyrightNotice"] == "(c) 2026 Coast Wire"
    assert item["usageTerms"] == (
        f"This text is licensed under Creative Commons Attribution 4.0 International ({URI})."
        " Conditions: credit as given in the description `credit`. Name us, please."
    )
    credit = [each["value"] for each in item["descriptions"] if each["role"] == "credit"]
    assert credit == [licensed().rights.attribution.text]


def test_usage_terms_carry_every_constraint() -> None:
    record = export_record(
        licensed(rights=rights(effective=("by", "sa", "nc", "nd"))), purpose=PURPOSE
    )

    told = usage_terms(record)

    for words in ("credit as given", "the same licence", "non-commercial", "verbatim only"):
        assert words in told


def test_our_own_reader_takes_the_item_back_with_its_licence() -> None:
    (read,) = parse_json(json.dumps(_item()).encode(), is_ninjs_only=True)

    assert isinstance(read, ParsedArticle)
    assert read.body == licensed().body
    assert URI in [signal.value for signal in read.rights_signals]
