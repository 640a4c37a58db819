"""Cut a name out of what a model took for one: no possessive, quote, bracket or dash."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from dateline.document_records import EntityType
from dateline.names.fold import fold_name

_BREAKS = re.compile(
    r"\s[–—-]\s|[–—]|\s?[|;\n]|(?<=[a-z]{4})\.\s(?=[A-Z])|\s\((?!.*\))"
)  # fmt: skip
_QUOTES = '"“”«»„‟‘‛`'
_NICKNAME = re.compile(r"\s*[\"“”«»]([^\"“”«»]{0,40})[\"“”«»]\s*")
_EDGE = _QUOTES + " ,;:-–—'’("
POSSESSIVE = re.compile(r"['’][sS]?(?=\s|$)")
_DEFINED = re.compile(r"\s?\(([^()]{2,60})\)$")


class CutName(NamedTuple):
    """A name and where it stands in what it was cut from.

    Attributes:
        name: on one line.
        key: the folded name.
        other_name: a name inside the name: what stood in brackets ("... Agency (IAEA)"), or a
            nickname in quotes with the surname; else empty.
    """

    start: int
    end: int
    name: str
    key: str
    other_name: str


@lru_cache(maxsize=20_000)
def cut_name(raw: str, entity_type: EntityType) -> CutName:
    """Return the name in ``raw``; its key is empty where no letter is left."""
    start, end, other = 0, len(raw), ""
    if raw.replace(" ", "").isalnum() and raw == raw.strip():
        return CutName(start, end, raw, _key(raw, entity_type), "")
    if found := _DEFINED.search(raw):
        other, end = found[1].strip(), found.start()
    for pattern in (_BREAKS, POSSESSIVE):
        if (cut := pattern.search(raw, start, end)) and cut.start() > start:
            end = cut.start()
    while start < end and raw[start] in _EDGE:
        start += 1
    while end > start and raw[end - 1] in _EDGE:
        end -= 1
    name = _without_quotes(raw[start:end])
    if not other and (found := _NICKNAME.search(raw, start, end)) and " " in name:
        other = f"{found[1]} {name.split()[-1]}" if found[1] else ""
    return CutName(start, end, name, _key(name, entity_type), other)


def _key(name: str, entity_type: EntityType) -> str:
    key = fold_name(name, entity_type)
    return key if any(map(str.isalpha, key)) else ""


def _without_quotes(name: str) -> str:
    """Return a name on one line without quotes and what stands in them."""
    if any(mark in name for mark in _QUOTES):
        name = _NICKNAME.sub(" ", name)
    return " ".join(name.split()).strip(_EDGE)
