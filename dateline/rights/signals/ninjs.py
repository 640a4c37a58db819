"""Return what an item of a wire format says about its rights: ninjs, and NewsML-G2 likewise.

Sources: IPTC ninjs 3 (``rightsInfo`` with ``linkedRights`` or ``encodedRights``; each association
has the full set of properties, for itself), IPTC NewsML-G2 (``rightsInfo``, ``idrefs``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dateline.records import RightsSignal
from dateline.rights.record import ObjectKind
from dateline.rights.signals.make_statement import (
    CUT,
    Notices,
    Standing,
    field_statements,
    granted,
    nothing,
    prose_statements,
    stated,
)
from dateline.rights.signals.odrl_policy import policy_statements
from dateline.rights.statement import RANK_OBJECT, Statement

_FIELD = re.compile(
    r"(?:associations\[(?P<name>[^\]:]*)(?::(?P<type>[^\]]*))?\]\.)?"
    r"(?P<info>rightsinfo(?:\[idrefs=(?P<parts>[^\]]*)\])?\.)?(?P<field>\w+)",
    re.IGNORECASE,
)
_KINDS: dict[str, ObjectKind] = {
    "": "image", "picture": "image", "photo": "image", "image": "image", "graphic": "image",
    "video": "video", "audio": "audio",
}  # fmt: skip
_ITEM = Standing(rank=RANK_OBJECT, scope="this_object", rule="ninjs.item")


def ninjs_statements(
    signal: RightsSignal, notices: Notices, *, article_url: str | None
) -> Iterator[Statement]:
    """Yield the statements of one property of a wire item or of one of its associations.

    Raises: Nothing.
    """
    parts = _FIELD.fullmatch(signal.field.removesuffix(CUT))
    if parts is None:
        return
    standing = _standing(parts)
    match parts["field"].lower():
        case "copyrightholder":
            yield stated(signal, standing, "mention", copyright_holder=_first_line(signal))
        case "copyrightnotice":
            yield from prose_statements(signal, standing, notices)
            yield stated(signal, standing, "mention", copyright_notice=signal.value)
        case "usageterms":
            yield from field_statements(signal, standing, notices)
            yield stated(signal, standing, "mention", usage_terms=signal.value)
        case "linkedrights" | "link":
            yield from _linked(signal, standing, notices)
        case "encodedrights" | "rightsexpressionxml" | "rightsexpressiondata":
            yield from policy_statements(signal, standing, notices, article_url=article_url)


def _standing(parts: re.Match[str]) -> Standing:
    if parts["name"] is not None:
        kind = _KINDS.get((parts["type"] or "").lower(), "other")
        return _ITEM.of(kind, parts["name"])
    if parts["parts"]:
        return _ITEM.of("other", parts["parts"])
    return _ITEM


def _first_line(signal: RightsSignal) -> str:
    return signal.value.split("\n", 1)[0]


def _linked(signal: RightsSignal, standing: Standing, notices: Notices) -> Iterator[Statement]:
    """Yield the licence behind an address; NewsML-G2 has its text in the line before."""
    address = signal.value.rpartition("\n")[2]
    license_ = notices.registry.by_address(address)
    span = (len(signal.value) - len(address), len(signal.value))
    if license_ is not None:
        yield granted(signal, standing, license_, span)
    else:
        yield stated(signal, nothing(standing.rule), "mention", span=span)
