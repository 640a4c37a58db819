"""Return a condition on documents in Kibana's query language and in Elasticsearch's.

Both come from one declaration, so that what a panel asks and what a test runs are the same.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec

BOUNDS = {"above": ("gt", ">"), "at_least": ("gte", ">="), "at_most": ("lte", "<=")}


class Condition(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that must be true of a document; exactly one of the tests is given.

    ``above``, ``at_least`` and ``at_most`` are a number or a date expression (``now-1h``).
    """

    field: str
    any_of: tuple[str, ...] = ()
    exists: bool = False
    above: str | None = None
    at_least: str | None = None
    at_most: str | None = None
    negate: bool = False

    def __post_init__(self) -> None:
        """Refuse none or several tests at once."""
        given = [
            bool(self.any_of),
            self.exists,
            *(self._bound(name) is not None for name in BOUNDS),
        ]
        if sum(given) != 1:
            raise ValueError(f"the condition on {self.field} needs exactly one test")

    def _bound(self, name: str) -> str | None:
        bound: str | None = getattr(self, name)
        return bound

    @property
    def bound(self) -> tuple[str, str, str] | None:
        """Return Elasticsearch's word, KQL's sign and the value of a bound."""
        for name, (word, sign) in BOUNDS.items():
            value = self._bound(name)
            if value is not None:
                return word, sign, value
        return None


def kql(conditions: Sequence[Condition]) -> str:
    """Return the conditions, joined by *and*, in Kibana's query language."""
    return " and ".join(_kql_one(condition) for condition in conditions)


def _kql_one(condition: Condition) -> str:
    if condition.exists:
        text = f"{condition.field} : *"
    elif condition.bound is not None:
        _, sign, value = condition.bound
        text = f"{condition.field} {sign} {json.dumps(value)}"
    else:
        values = " or ".join(json.dumps(value, ensure_ascii=False) for value in condition.any_of)
        text = f"{condition.field} : ({values})" if len(condition.any_of) > 1 else (
            f"{condition.field} : {values}"
        )  # fmt: skip
    return f"not {text}" if condition.negate else text


def query(conditions: Sequence[Condition]) -> dict[str, Any]:
    """Return the conditions as an Elasticsearch query."""
    if not conditions:
        return {"match_all": {}}
    wanted = [_clause(each) for each in conditions if not each.negate]
    unwanted = [_clause(each) for each in conditions if each.negate]
    return {"bool": {"filter": wanted, "must_not": unwanted}}


def _clause(condition: Condition) -> dict[str, Any]:
    if condition.exists:
        return {"exists": {"field": condition.field}}
    if condition.bound is not None:
        word, _, value = condition.bound
        return {"range": {condition.field: {word: value}}}
    return {"terms": {condition.field: list(condition.any_of)}}
