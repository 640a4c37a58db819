"""Return the rules as Kibana's alerting API takes them.

They are made through the API and not imported: an imported rule arrives switched off and without
its key, and one import fails as a whole when a connector that it names is missing.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any

from dateline.errors import ConfigError
from dateline.kibana.conditions import kql, query
from dateline.kibana.declarations import Declarations, Rule
from dateline.kibana.saved_objects import Names

WINDOW = re.compile(r"^(\d+)([smhd])$")
TAG = "dateline"
ES_QUERY, INDEX_THRESHOLD = ".es-query", ".index-threshold"
# What an operator may have set in Kibana; an update that leaves it out would reset it.
KEPT = ("actions", "alert_delay", "artifacts", "flapping", "notify_when", "throttle")
# In the answer about an action and refused in a request.
ANSWER_ONLY = frozenset({"connector_type_id"})


def rule_id(rule: Rule, names: Names) -> str:
    """Return the id of a rule: a random-looking UUID, as Kibana demands, always the same."""
    digest = hashlib.sha256(f"rule {names.id(rule.id)}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))


def rule_body(rule: Rule, declared: Declarations, names: Names) -> dict[str, Any]:
    """Return name, tags, schedule and parameters of a rule.

    A rule that tells one alert for all documents is an Elasticsearch query, one that tells an alert
    for each value of a field an index threshold.

    Raises:
        ConfigError: the view or the time window of the rule is not known.
    """
    match = WINDOW.match(rule.window)
    if match is None:
        raise ConfigError(f"config/kibana: rule {rule.id}: {rule.window!r} is no time window.")
    common = {
        "index": [names.index(declared.view(rule.view))], "timeField": rule.time_field,
        "timeWindowSize": int(match[1]), "timeWindowUnit": match[2],
        "thresholdComparator": rule.comparator, "threshold": [rule.threshold], "aggType": "count",
    }  # fmt: skip
    params = {**common, **(_threshold(rule) if rule.per else _es_query(rule))}
    return {
        "name": rule.title + names.title_suffix,
        "tags": [TAG],
        "schedule": {"interval": rule.every},
        "params": params,
    }


def rule_type(rule: Rule) -> str:
    """Return Kibana's id of the type of a rule; both types are in the free licence."""
    return INDEX_THRESHOLD if rule.per else ES_QUERY


def _es_query(rule: Rule) -> dict[str, Any]:
    return {
        "searchType": "esQuery", "groupBy": "all", "size": 0, "excludeHitsFromPreviousRun": False,
        "esQuery": json.dumps({"query": query(rule.where)}),
    }  # fmt: skip


def _threshold(rule: Rule) -> dict[str, Any]:
    return {
        "groupBy": "top", "termField": rule.per, "termSize": rule.per_top,
        "filterKuery": kql(rule.where),
    }  # fmt: skip


def creation(rule: Rule, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request that makes a rule: switched on, without actions."""
    return {
        **body, "rule_type_id": rule_type(rule), "consumer": "stackAlerts", "enabled": True,
        "actions": [],
    }  # fmt: skip


def is_current(body: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Return whether a rule in Kibana is as declared; parameters that Kibana added do not count."""
    same = all(found.get(key) == body[key] for key in ("name", "tags", "schedule"))
    params = found.get("params", {})
    return same and all(params.get(key) == value for key, value in body["params"].items())


def update(body: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request that makes a rule as declared and keeps what an operator has set."""
    kept = {key: found[key] for key in KEPT if found.get(key) is not None}
    kept["actions"] = [
        {key: value for key, value in action.items() if key not in ANSWER_ONLY}
        for action in kept.get("actions", [])
    ]
    return {**kept, **body}
