"""The indices of ledger and claims have the fields of their records, no more and no fewer."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from dateline.alert_records import Alert, AlertContent, AlertEntity
from dateline.alerts.first_mention import Claim
from dateline.alerts.ledger import LedgerEntry
from dateline.search.templates import MAPPINGS, load_mapping


def properties(name: str) -> dict[str, Any]:
    mapping = load_mapping(MAPPINGS / name)["mappings"]
    assert mapping["dynamic"] == "strict"
    found: dict[str, Any] = mapping["properties"]
    return found


def names(record_type: Any) -> set[str]:
    return {field.name for field in fields(record_type)}


def test_ledger_holds_alerts_with_their_channels() -> None:
    own = names(LedgerEntry) - {"alert"}
    ledger = properties("alerts.json")

    assert set(ledger) == (names(Alert) - {"channel_id"}) | own
    assert set(ledger["content"]["properties"]) == names(AlertContent)
    assert set(ledger["content"]["properties"]["entities"]["properties"]) == names(AlertEntity)


def test_claims_have_their_fields() -> None:
    assert set(properties("claims.json")) == names(Claim)
