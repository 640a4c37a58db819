"""Return what changed between two texts, word by word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

Kind = Literal["same", "removed", "added"]

_WORD = re.compile(r"\S+\s*|\s+")
# The unit of long texts: a line, or a sentence of one.
_PASSAGE = re.compile(r".+?(?:[.!?]\s+|\n\s*|\Z)", re.DOTALL)
# Equal pairs that one comparison looks at, at most; two texts of 4,500 words have so many. difflib
# looks at each of them again for every place that it finds unchanged: the worst text made for it
# takes about 5 s, a usual one 0.1 s.
MAX_PAIRS = 300_000
# Passages share the pairs, but a sentence of 300 words can always be compared.
MIN_PAIRS = 2_000
# A single short word that happens to stand in both of two rewritten sentences is no help to a
# reader: "[-he said-]{+they wrote+} in [-May-]{+June+}" is, "[-he-]{+they+} a [-b-]{+c+}" is not.
MAX_STRAY_CHARS = 2


@dataclass(frozen=True, slots=True)
class Operation:
    """A run of text that stayed, went or came; ``text`` is never empty."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffCounts:
    """How much changed: words removed and added, in so many places."""

    removed_words: int
    added_words: int
    places: int


def diff_words(old: str, new: str) -> tuple[Operation, ...]:
    """Return the runs of words that stayed, went and came, in reading order.

    Where a place changed, what was removed stands before what was added. White space is no change:
    the kept and added texts together are ``new`` exactly, and the kept and removed words are those
    of ``old``. Long texts with many changes are compared by lines and sentences first, and a
    passage that is too long to compare by words is removed and added as a whole, so that the time
    is bounded (about a second for two different texts of 1 MB).

    Raises: Nothing.
    """
    return tuple(_joined(_without_strays(list(_joined(_by_words(old, new))))))


def count_changes(operations: Iterable[Operation]) -> DiffCounts:
    """Return the number of words removed and added, and of places where something changed."""
    counts: Counter[str] = Counter()
    places = 0
    is_in_change = False
    for operation in operations:
        counts[operation.kind] += len(operation.text.split())
        if operation.kind == "same":
            is_in_change = False
        elif not is_in_change:
            is_in_change = True
            places += 1
    return DiffCounts(removed_words=counts["removed"], added_words=counts["added"], places=places)


def _by_words(old: str, new: str) -> list[Operation]:
    return _by(_WORD, old, new, max_pairs=MAX_PAIRS, otherwise=_by_passages)


def _by_passages(old: str, new: str) -> Iterator[Operation]:
    passages = _by(_PASSAGE, old, new, max_pairs=MAX_PAIRS, otherwise=_replaced)
    places = list(_places(passages))
    max_pairs = max(MAX_PAIRS // max(len(places), 1), MIN_PAIRS)
    for kind, removed, added in places:
        if kind == "same":
            yield Operation("same", added)
        else:
            yield from _by(_WORD, removed, added, max_pairs=max_pairs, otherwise=_replaced)


def _by(
    unit: re.Pattern[str],
    old: str,
    new: str,
    *,
    max_pairs: int,
    otherwise: Callable[[str, str], Iterable[Operation]],
) -> list[Operation]:
    """Return the difference by units.

    ``otherwise`` compares what lies between the first and the last change where that has too many
    pairs.
    """
    old_units, new_units = unit.findall(old), unit.findall(new)
    old_keys, new_keys = _keys(old_units), _keys(new_units)
    head = _common_head(old_keys, new_keys)
    tail = _common_head(old_keys[head:][::-1], new_keys[head:][::-1])
    old_end, new_end = len(old_keys) - tail, len(new_keys) - tail
    old_keys, new_keys = old_keys[head:old_end], new_keys[head:new_end]
    found = [Operation("same", "".join(new_units[:head]))]
    if _pairs(old_keys, new_keys) > max_pairs:
        found.extend(otherwise("".join(old_units[head:old_end]), "".join(new_units[head:new_end])))
    else:
        # Without autojunk: it would take the frequent words of a text of 200 words for noise.
        matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            added = "".join(new_units[head + j1 : head + j2])
            if tag == "equal":
                found.append(Operation("same", added))
            else:
                found.extend(_replaced("".join(old_units[head + i1 : head + i2]), added))
    found.append(Operation("same", "".join(new_units[new_end:])))
    return found


def _replaced(old: str, new: str) -> Iterator[Operation]:
    if old.strip():
        yield Operation("removed", old)
    if new:
        yield Operation("added" if new.strip() else "same", new)


def _keys(units: Sequence[str]) -> list[str]:
    return [" ".join(unit.split()) for unit in units]


def _common_head(first: Sequence[str], second: Sequence[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count


def _pairs(old: Sequence[str], new: Sequence[str]) -> int:
    in_new = Counter(new)
    return sum(count * in_new[key] for key, count in Counter(old).items())


def _without_strays(operations: Sequence[Operation]) -> Iterator[Operation]:
    """Yield the runs, a stray short word between two rewritten places counted as rewritten."""
    for position, operation in enumerate(operations):
        is_short = operation.kind == "same" and len(operation.text.strip()) <= MAX_STRAY_CHARS
        before = operations[max(position - 2, 0) : position]
        if (
            is_short
            and _is_rewritten(before)
            and _is_rewritten(operations[position + 1 : position + 3])
        ):
            yield Operation("removed", operation.text)
            yield Operation("added", operation.text)
        else:
            yield operation


def _is_rewritten(operations: Sequence[Operation]) -> bool:
    return {operation.kind for operation in operations} == {"removed", "added"}


def _joined(operations: Iterable[Operation]) -> Iterator[Operation]:
    """Yield the runs, neighbours of one kind as one, removed before added in each place."""
    for kind, removed, added in _places(operations):
        if kind == "same":
            yield Operation("same", added)
        else:
            yield from _replaced(removed, added)


def _places(operations: Iterable[Operation]) -> Iterator[tuple[str, str, str]]:
    """Yield kept runs and changed places in turn, each place with all that went and came."""
    kept = (operation for operation in operations if operation.text)
    for is_same, run in groupby(kept, key=lambda operation: operation.kind == "same"):
        texts: dict[Kind, list[str]] = {"same": [], "removed": [], "added": []}
        for operation in run:
            texts[operation.kind].append(operation.text)
        if is_same:
            yield "same", "".join(texts["same"]), "".join(texts["same"])
        else:
            yield "changed", "".join(texts["removed"]), "".join(texts["added"])
