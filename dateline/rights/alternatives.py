"""Join many expressions to one that tries each beginning once.

The engine tries alternatives one after the other, so a list of two hundred words takes two hundred
tests at every letter of a text. Joined by their beginnings they take a few.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

# A plain character, or what stands for a list of words ("{text}"), that is not repeated.
_PLAIN = re.compile(r"(?:\{[a-z]+\}|[^.^$*+?{}\[\]\\|()])(?![*+?{])")
_GROUP_OR_SET = re.compile(r"\((?:\\.|[^()\\])*\)|\[[^\]]*\]")


def joined(expressions: Iterable[str]) -> str:
    """Return one expression that matches what ``"|".join(expressions)`` matches.

    Of several that match at one place it is the first as well: only neighbours that begin plainly
    change their order, and of these only such as exclude each other.
    """
    parts: list[str] = []
    for is_plain, run in groupby(expressions, key=_begins_plainly):
        parts.extend((_by_beginning if is_plain else list)(run))
    return "|".join(parts)


def is_one(expression: str) -> bool:
    """Return whether no alternatives stand outside brackets: what it begins with always holds."""
    while (shorter := _GROUP_OR_SET.sub("", expression)) != expression:
        expression = shorter
    return "|" not in expression


def _begins_plainly(expression: str) -> bool:
    return _PLAIN.match(expression) is not None and ("|" not in expression or is_one(expression))


def _by_beginning(expressions: Iterable[str]) -> Iterator[str]:
    rests: dict[str, list[str]] = {}
    for each in expressions:
        found = _PLAIN.match(each)
        end = found.end() if found else 0
        rests.setdefault(each[:end], []).append(each[end:])
    for first, rest in rests.items():
        behind = joined(rest)
        is_chain = len(rest) == 1 or is_one(behind)
        yield f"{first}{behind}" if is_chain else f"{first}(?:{behind})"
