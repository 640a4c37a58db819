"""Read an ODRL policy (JSON-LD, or the XML of RightsML) into rules with bare terms.

Sources: W3C ODRL information model and vocabulary 2.2, IPTC RightsML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import lxml.etree

MAX_RULES = 50
_CC = re.compile(r"(?:cc:|https?://creativecommons\.org/ns#)", re.IGNORECASE)
_RULES = ("permission", "prohibition", "obligation")
_LIMITS = ("constraint", "refinement", "consequence", "remedy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: ``actions`` and ``duties`` as bare lower-case terms, ``cc:`` kept.

    ``is_limited``: it has a constraint, a refinement or a duty's own condition. ``has_assignee``:
    it is for somebody named.
    """

    actions: frozenset[str]
    duties: frozenset[str] = frozenset()
    target: str | None = None
    is_limited: bool = False
    has_assignee: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy's rules; ``type`` is ``set``, ``offer``, ``agreement``, ...; ``names`` addresses."""

    uid: str
    type: str
    names: tuple[str, ...]
    permissions: tuple[Rule, ...]
    prohibitions: tuple[Rule, ...]
    obligations: tuple[Rule, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules of all kinds."""
        return self.permissions + self.prohibitions + self.obligations


def parse_policy(text: str) -> Policy | None:
    """Return the policy, or None where ``text`` is none or has too many rules to trust.

    Raises: Nothing.
    """
    data = _from_xml(text) if text.lstrip().startswith("<") else _from_json(text)
    if not isinstance(data, dict):
        return None
    rules = {name: tuple(_rules(data, name)) for name in _RULES}
    if sum(map(len, rules.values())) > MAX_RULES:
        return None
    uid = _word(data.get("uid") or data.get("@id"))
    kind = data.get("@type") or data.get("type") or "set"
    names = (
        _word(each) for key in ("license", "inheritFrom", "source") for each in _list(data, key)
    )
    return Policy(
        uid=uid,
        type=_term(kind[0] if isinstance(kind, list) and kind else kind),
        names=tuple(each for each in (uid, *names) if each),
        permissions=rules["permission"],
        prohibitions=rules["prohibition"],
        obligations=rules["obligation"],
    )


def _from_json(text: str) -> Any:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    graph = data.get("@graph") if isinstance(data, dict) else data
    return graph[0] if isinstance(graph, list) and len(graph) == 1 else data


def _from_xml(text: str) -> dict[str, Any] | None:
    """Return an XML policy in the shape of a JSON one; entities are never read."""
    if "<!DOCTYPE" in text:
        return None
    parser = lxml.etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        root = lxml.etree.fromstring(text.strip(), parser)
    except (lxml.etree.XMLSyntaxError, ValueError):
        return None
    if _local_name(root) != "Policy":
        return None
    policy: dict[str, Any] = {str(name): str(value) for name, value in root.attrib.items()}
    for child in root.iterchildren(lxml.etree.Element):
        policy.setdefault(_local_name(child), []).append(_xml_rule(child))
    return policy


def _local_name(element: Any) -> str:
    return str(lxml.etree.QName(element).localname)


def _xml_rule(element: Any) -> dict[str, Any]:
    rule: dict[str, Any] = {}
    for child in element.iterchildren(lxml.etree.Element):
        name = _local_name(child)
        key = {"asset": "target", "party": child.get("function") or "assignee"}.get(name, name)
        if name == "duty":
            rule.setdefault("duty", []).append(_xml_rule(child))
        else:
            value = child.get("name") or child.get("uid") or child.get("id") or name
            rule.setdefault(key.rpartition("/")[2].rpartition(":")[2], []).append(value)
    return rule


def _rules(data: dict[str, Any], name: str) -> Iterator[Rule]:
    for each in _list(data, name):
        if isinstance(each, dict):
            yield _rule(each, data)
        elif each:
            yield Rule(actions=frozenset({"unreadable"}), is_limited=True)


def _rule(rule: dict[str, Any], policy: dict[str, Any]) -> Rule:
    duties = [duty for name in ("duty", "obligation") for duty in _list(rule, name)]
    actions = _list(rule, "action") or _list(policy, "action")
    targets = _list(rule, "target") or _list(policy, "target")
    read = [duty for duty in duties if isinstance(duty, dict)]
    is_limited = (
        _has_limit(rule)
        or any(isinstance(action, dict) and _has_limit(action) for action in actions)
        or any(_has_limit(duty) for duty in read)
        or len(read) < len(duties)
        or len(targets) > 1
    )
    return Rule(
        actions=frozenset(map(_term, actions)),
        duties=frozenset(_term(action) for duty in read for action in _list(duty, "action")),
        target=_word(targets[0]) if targets else None,
        is_limited=is_limited,
        has_assignee=bool(rule.get("assignee") or policy.get("assignee")),
    )


def _has_limit(node: dict[str, Any]) -> bool:
    return any(node.get(name) or node.get(f"odrl:{name}") for name in _LIMITS)


def _list(node: dict[str, Any], name: str) -> list[Any]:
    value = node.get(name, node.get(f"odrl:{name}"))
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _word(value: Any) -> str:
    if isinstance(value, dict):
        named = (value.get(key) for key in ("@id", "uid", "id", "rdf:value", "@value"))
        return next((_word(each) for each in named if each), "")
    return value.strip() if isinstance(value, str) else ""


def _term(value: Any) -> str:
    """Return a term without its namespace: ``odrl:distribute``, ``.../odrl/2/distribute``."""
    word = _word(value)
    bare = re.split(r"[/#:]", word)[-1].lower()
    return f"cc:{bare}" if _CC.match(word) else bare
