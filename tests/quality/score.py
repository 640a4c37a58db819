"""Compare answers with the gold set, item by item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dateline.rights.record import CONSTRAINTS, NOASSERTION

from .detectors import Prediction, registry
from .gold import GRANTED, Item, Notice

Pair = tuple[Notice | None, Notice | None]
_RESERVATIONS = {"tdm": "reserved", "ai_train": "n", "ai_input": "n", "search": "n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """An item, an answer to it, and what is right and wrong about the answer.

    ``permissive`` names what the answer gives that the rights holder did not give; empty is good.
    ``notices`` pairs what is expected with what was found at the same place; None where one lacks.
    """

    item: Item
    prediction: Prediction
    permissive: tuple[str, ...]
    notices: tuple[Pair, ...]

    @property
    def is_status_right(self) -> bool:
        return self.item.expect.status == self.prediction.status

    @property
    def is_spdx_right(self) -> bool:
        return self.item.expect.spdx == self.prediction.spdx

    @property
    def is_right(self) -> bool:
        """Whether status, licence and constraints are all right."""
        same = self.item.expect.effective == self.prediction.effective
        return self.is_status_right and self.is_spdx_right and same

    @property
    def is_granting(self) -> bool:
        return self.prediction.status in GRANTED

    @property
    def is_expected_granting(self) -> bool:
        return self.item.expect.status in GRANTED


@dataclass(frozen=True, slots=True)
class Tally:
    """Hits among what was found and what was expected."""

    hits: int
    found: int
    expected: int

    @property
    def precision(self) -> float | None:
        """Share of hits in what was found, None for nothing found."""
        return self.hits / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Share of hits in what was expected, None for nothing expected."""
        return self.hits / self.expected if self.expected else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of both: hits counted twice over found and expected."""
        total = self.found + self.expected
        return 2 * self.hits / total if total else None


def score(item: Item, prediction: Prediction) -> Scored:
    """Return what is right and wrong about an answer."""
    return Scored(
        item=item,
        prediction=prediction,
        permissive=tuple(_permissive(item, prediction)),
        notices=tuple(_paired(item.notices, prediction.notices)),
    )


def tally(pairs: Iterable[tuple[Any, Any]]) -> dict[Any, Tally]:
    """Return the tally of each class from pairs (expected, found), None where there is none."""
    hits: Counter[Any] = Counter()
    found: Counter[Any] = Counter()
    expected: Counter[Any] = Counter()
    for right, given in pairs:
        expected.update([right] if right is not None else [])
        found.update([given] if given is not None else [])
        hits.update([right] if right is not None and right == given else [])
    # In the order in which classes were first seen.
    return {key: Tally(hits[key], found[key], expected[key]) for key in {**expected, **found}}


def all_of(tallies: Iterable[Tally]) -> Tally:
    """Return one tally of all classes together."""
    listed = list(tallies)
    return Tally(
        sum(t.hits for t in listed), sum(t.found for t in listed), sum(t.expected for t in listed)
    )


def family(spdx: str) -> str | None:
    """Return the family of a licence: ``BY-NC-SA`` whatever version and port; None without one."""
    if spdx in ("", NOASSERTION):
        return None
    if " AND " in spdx:
        return "several"
    license_ = registry().by_spdx(spdx)
    if license_ is None:
        return spdx
    if license_.family == "cc" and license_.code:
        return license_.code.upper()
    return license_.family


def status_pairs(rows: Sequence[Scored]) -> list[tuple[Any, Any]]:
    return [(row.item.expect.status, row.prediction.status) for row in rows]


def family_pairs(rows: Sequence[Scored]) -> list[tuple[Any, Any]]:
    return [(family(row.item.expect.spdx), family(row.prediction.spdx)) for row in rows]


def constraint_pairs(rows: Sequence[Scored]) -> list[tuple[Any, Any]]:
    return [
        (
            each if each in row.item.expect.effective else None,
            each if each in row.prediction.effective else None,
        )
        for each in CONSTRAINTS
        for row in rows
    ]


def frame_pairs(rows: Sequence[Scored]) -> list[tuple[Any, Any]]:
    return _notice_pairs(rows, lambda notice: notice.frame)


def object_pairs(rows: Sequence[Scored]) -> list[tuple[Any, Any]]:
    """Objects of notices that grant; for other frames no object is expected."""
    return _notice_pairs(
        rows, lambda notice: notice.object if notice.frame.startswith("grant_") else None
    )


def named_pairs(rows: Sequence[Scored]) -> list[tuple[Any, Any]]:
    """Licences that notices name, one class for all."""
    return [
        (("licence", right) if right else None, ("licence", given) if given else None)
        for right, given in _notice_pairs(rows, lambda notice: notice.spdx or None)
    ]


def span_tally(rows: Sequence[Scored]) -> Tally:
    """Notices whose offsets are exact, whatever is said of them."""
    pairs = [pair for row in rows for pair in row.notices]
    return Tally(
        sum(1 for a, b in pairs if a and b and (a.start, a.end) == (b.start, b.end)),
        sum(1 for _, b in pairs if b),
        sum(1 for a, _ in pairs if a),
    )


def other_object_tally(rows: Sequence[Scored]) -> Tally:
    """Objects other than the text, with kind and licence exact."""
    hits = found = expected = 0
    for row in rows:
        right: Counter[tuple[str, str]] = Counter(
            (each.kind, each.spdx) for each in row.item.expect.objects if each.spdx
        )
        given = Counter(row.prediction.objects)
        hits += (right & given).total()
        found += given.total()
        expected += right.total()
    return Tally(hits, found, expected)


def licensor_tally(rows: Sequence[Scored]) -> Tally:
    """Licensors, compared without case and outer white space, of articles that grant."""
    hits = found = expected = 0
    for row in rows:
        right = row.item.expect.licensor
        given = row.prediction.licensor if row.is_granting else None
        expected += right is not None
        found += given is not None
        hits += bool(right and given and right.casefold() == given.casefold().strip())
    return Tally(hits, found, expected)


def preference_tally(rows: Sequence[Scored]) -> Tally:
    """Preferences, each field exact; ``snippet_max`` -1 is no limit, as is none found."""
    hits = found = expected = 0
    for row in rows:
        right = {k: v for k, v in row.item.expect.preferences.items() if (k, v) != _NO_LIMIT}
        given = dict(row.prediction.preferences)
        hits += sum(1 for name, value in right.items() if given.get(name) == value)
        found += len(given)
        expected += len(right)
    return Tally(hits, found, expected)


def reservations_lost(rows: Sequence[Scored]) -> list[str]:
    """Return the ids of items where a reservation or refusal was not read."""
    return [
        row.item.id
        for row in rows
        if any(
            row.item.expect.preferences.get(name) == value
            and row.prediction.preferences.get(name) != value
            for name, value in _RESERVATIONS.items()
        )
    ]


def flag_tally(rows: Sequence[Scored], name: str) -> Tally:
    """Conflicts or rules that are expected and named; more may be named."""
    hits = expected = 0
    for row in rows:
        right = set(getattr(row.item.expect.flags, name))
        hits += len(right & set(getattr(row.prediction, name)))
        expected += len(right)
    return Tally(hits, hits, expected)


_NO_LIMIT = ("snippet_max", -1)


def _permissive(item: Item, prediction: Prediction) -> Iterator[str]:
    if prediction.status not in GRANTED:
        return
    expect = item.expect
    if expect.status not in GRANTED:
        others = {each.spdx for each in expect.objects} | {
            notice.spdx for notice in item.notices if notice.object != "text"
        }
        is_others = prediction.spdx in others - {"", NOASSERTION}
        yield "licence of another object given to the text" if is_others else "granted"
        return
    lost = [each for each in expect.effective if each not in prediction.effective]
    if lost:
        yield f"lost {' '.join(lost)}"


def _paired(expected: Sequence[Notice], found: Sequence[Notice]) -> Iterator[Pair]:
    """Pair notices that overlap, the largest overlap first; the rest stand alone."""
    overlaps = sorted(
        (
            (min(a.end, b.end) - max(a.start, b.start), a.frame == b.frame, i, j)
            for i, a in enumerate(expected)
            for j, b in enumerate(found)
        ),
        key=lambda each: (-each[0], not each[1], each[2], each[3]),
    )
    left, right = set(range(len(expected))), set(range(len(found)))
    for overlap, _, i, j in overlaps:
        if overlap > 0 and i in left and j in right:
            left.remove(i)
            right.remove(j)
            yield expected[i], found[j]
    yield from ((expected[i], None) for i in sorted(left))
    yield from ((None, found[j]) for j in sorted(right))


def _notice_pairs(rows: Sequence[Scored], part: Callable[[Notice], Any]) -> list[tuple[Any, Any]]:
    return [
        (part(right) if right else None, part(given) if given else None)
        for row in rows
        for right, given in row.notices
    ]
