"""Return what the JSON-LD of a page says about rights, cut down to the nodes that say it."""

from __future__ import annotations

import json
import re
from typing import Any

LICENCE_KEYS = frozenset(
    {
        "license", "licence", "usageInfo", "copyrightNotice", "copyrightHolder", "copyrightYear",
        "acquireLicensePage", "isAccessibleForFree", "creditText", "conditionsOfAccess",
        "sdLicense", "usageTerms",
    }
)  # fmt: skip
# What tells which thing a statement is about: the article, a picture of it, the site.
CONTEXT_KEYS = ("@type", "@id", "url", "contentUrl", "mainEntityOfPage", "name")
# A page's data is some kilobytes; larger blocks are data dumps or an attack on memory.
MAX_BLOCK_CHARS = 1_000_000
MAX_DEPTH = 24
_MENTIONS = re.compile(
    r"licen[sc]e|usageInfo|usageTerms|copyright|isAccessibleForFree|creditText|conditionsOfAccess",
    re.IGNORECASE,
)
_BROKEN_PAIR = re.compile(
    r'"(?:license|licence|usageInfo|copyrightNotice|copyrightHolder|acquireLicensePage)"'
    r'\s{0,20}:\s{0,20}"[^"\\]{1,500}"'
)
_COMMENT_MARKS = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\s*\]\]>|\]\]>)\s*$"
)


def jsonld_statements(block: str) -> list[str]:
    """Return one compact JSON text for each top node of ``block`` that says something of rights.

    A node keeps its licence-like keys, what names it (`@type`, `@id`, `url`, ...) and the way to
    nested nodes that have such keys. Of JSON that cannot be read the licence-like pairs are given
    as they stand.

    Raises: Nothing.
    """
    if len(block) > MAX_BLOCK_CHARS or not _MENTIONS.search(block):
        return []
    text = _COMMENT_MARKS.sub("", block).strip().rstrip(";")
    try:
        # Raw line breaks inside strings are common in pages.
        decoded = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return [", ".join(pairs)] if (pairs := _broken_pairs(block)) else []
    kept = (_restricted(node, MAX_DEPTH) for node in _top_nodes(decoded))
    return [_compact(node) for node in kept if node is not None]


def _top_nodes(decoded: Any) -> list[Any]:
    nodes: list[Any] = []
    for node in decoded if isinstance(decoded, list) else [decoded]:
        graph = node.get("@graph") if isinstance(node, dict) else None
        if isinstance(graph, list):
            nodes.extend(graph)
            nodes.append({key: value for key, value in node.items() if key != "@graph"})
        else:
            nodes.append(node)
    return nodes


def _restricted(node: Any, depth: int) -> Any:
    """Return ``node`` without what says nothing of rights; None when nothing is left."""
    if depth == 0:
        return None
    if isinstance(node, list):
        kept = [
            each for each in (_restricted(item, depth - 1) for item in node) if each is not None
        ]
        return kept or None
    if not isinstance(node, dict):
        return None
    found = {
        key: value if key in LICENCE_KEYS else _restricted(value, depth - 1)
        for key, value in node.items()
        if isinstance(value, (dict, list)) or key in LICENCE_KEYS
    }
    found = {key: value for key, value in found.items() if value not in (None, "", [], {})}
    if not found:
        return None
    context = {key: _short(node[key]) for key in CONTEXT_KEYS if key in node and key not in found}
    return {**context, **found}


def _short(value: Any) -> Any:
    """Return a naming value without what hangs below it."""
    if isinstance(value, dict):
        return {"@id": value["@id"]} if isinstance(value.get("@id"), str) else None
    if isinstance(value, list):
        return [item for item in value[:8] if isinstance(item, str)]
    return value


def _compact(node: Any) -> str:
    try:
        return json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return ""


def _broken_pairs(block: str) -> list[str]:
    return _BROKEN_PAIR.findall(block)[:8]
