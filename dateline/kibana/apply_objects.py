"""Bring the declared objects and rules into Kibana; safe to repeat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dateline.errors import ConfigError
from dateline.kibana.declarations import Declarations
from dateline.kibana.http_client import KibanaClient
from dateline.kibana.rules import creation, is_current, rule_body, rule_id, update
from dateline.kibana.saved_objects import Names, build_objects, to_ndjson
from dateline.local.pins import load_pins

MAX_ERRORS_SHOWN = 5
RuleChange = Literal["created", "updated", "unchanged"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedToKibana:
    """What an import did: Kibana's version, the objects written, and each rule's change."""

    version: str
    objects: int
    rules: dict[str, RuleChange]


def apply_objects(
    client: KibanaClient, declared: Declarations, namespace: str = ""
) -> AppliedToKibana:
    """Import the objects over earlier ones, and create or update the rules.

    What was changed in Kibana in these objects is replaced; actions of rules are kept.

    Raises:
        ConfigError: Kibana does not become ready, is older than the objects are made for, refuses
            the login, or refuses an object (named with its reason).
    """
    version = client.version()
    _check_version(version)
    objects = build_objects(declared, namespace)
    report = client.import_objects(to_ndjson(objects))
    if not report.get("success"):
        raise ConfigError(import_failure(report))
    return AppliedToKibana(
        version=version,
        objects=report.get("successCount", 0),
        rules=_apply_rules(client, declared, Names(namespace)),
    )


def _check_version(version: str) -> None:
    pinned = load_pins().elasticsearch_version  # Kibana's must be the same
    if version and _numbers(version) < _numbers(pinned):
        raise ConfigError(
            f"Kibana is {version}; the objects are made for {pinned} and newer.",
            hint="Saved objects cannot be imported into an older version.",
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.partition("-")[0].split(".") if part.isdigit())


def _apply_rules(
    client: KibanaClient, declared: Declarations, names: Names
) -> dict[str, RuleChange]:
    changes: dict[str, RuleChange] = {}
    for rule in declared.rules:
        body, own_id = rule_body(rule, declared, names), rule_id(rule, names)
        found = client.rule(own_id)
        if found is None:
            if client.create_rule(own_id, creation(rule, body)):
                changes[rule.id] = "created"
                continue
            found = client.rule(own_id) or {}  # made meanwhile
        if is_current(body, found):
            changes[rule.id] = "unchanged"
        else:
            client.update_rule(own_id, update(body, found))
            changes[rule.id] = "updated"
    return changes


def import_failure(report: Mapping[str, Any]) -> str:
    """Return what Kibana would not import, and why, in one sentence."""
    errors = report.get("errors") or []
    shown = "; ".join(_object_error(error) for error in errors[:MAX_ERRORS_SHOWN])
    more = len(errors) - MAX_ERRORS_SHOWN
    rest = f"; and {more} more" if more > 0 else ""
    done = report.get("successCount", 0)
    return (
        f"Kibana refused {len(errors)} objects and took {done}: {shown or 'no reason given'}{rest}."
    )


def _object_error(error: Mapping[str, Any]) -> str:
    reason = error.get("error", {})
    name = f"{error.get('type')} {error.get('id')}"
    match reason.get("type"):
        case "missing_references":
            missing = ", ".join(f"{row['type']} {row['id']}" for row in reason["references"])
            return f"{name} refers to what is not there ({missing})"
        case "conflict":
            return f"{name} exists already"
        case "ambiguous_conflict":
            others = ", ".join(str(row.get("id")) for row in reason.get("destinations", ()))
            return f"{name} may stand for several objects ({others}); delete all but one"
        case "unsupported_type":
            return f"{name} is of a type that this Kibana does not know"
        case other:
            return f"{name}: {reason.get('message') or other}"
