"""Compare what the publishers showed with the records of the raw topics: nothing lost or doubled.

Pure. Records are told apart by the tokens that stand in their texts, articles by (source, key), and
keys come from the simulated web, not from the code under test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from .articles import closing
from .publisher import Expected

TOKEN = re.compile(r"The reference of this report is ([0-9a-f]{16})\.")
EXAMPLES_COUNT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A record of a raw topic; ``text`` is None for a kill."""

    source_id: str
    key: str
    text: str | None

    @property
    def token(self) -> str | None:
        """Return the token of the version that the text is of."""
        match = TOKEN.search(self.text or "")
        return match[1] if match else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What the oracle found; every list has one line a case.

    ``repeated_count`` is harmless (at least once): a record right after one of the same version.
    ``undeleted`` waits for the page to be looked at again. ``cut`` has a teaser for a text.
    """

    articles: int
    versions: int
    lost: tuple[str, ...] = ()
    doubled: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    unkilled: tuple[str, ...] = ()
    undeleted: tuple[str, ...] = ()
    killed_wrongly: tuple[str, ...] = ()
    too_early: tuple[str, ...] = ()
    unexpected: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()
    repeated_count: int = 0

    @property
    def is_clean(self) -> bool:
        """Return whether every article is there once, as it last was, and every kill arrived."""
        return not any(rows for _, rows in self._faults())

    @property
    def is_caught_up(self) -> bool:
        """Return whether nothing is missing that may still arrive."""
        return self.missing_count == 0

    @property
    def missing_count(self) -> int:
        """Return how many articles lack something that may still arrive."""
        return sum(map(len, (self.lost, self.stale, self.unkilled, self.killed_wrongly)))

    def __str__(self) -> str:
        counts = ", ".join(f"{name} {len(rows)}" for name, rows in self._faults())
        lines = [
            f"{self.articles} articles, {self.versions} versions: {counts};"
            f" undeleted {len(self.undeleted)}, repeated {self.repeated_count}"
        ]
        lines += [row for _, rows in self._faults() for row in rows[:EXAMPLES_COUNT]]
        return "\n  ".join(lines)

    def _faults(self) -> list[tuple[str, tuple[str, ...]]]:
        return [
            ("lost", self.lost),
            ("doubled", self.doubled),
            ("stale", self.stale),
            ("unkilled", self.unkilled),
            ("killed wrongly", self.killed_wrongly),
            ("too early", self.too_early),
            ("unexpected", self.unexpected),
            ("cut", self.cut),
        ]


class _Faults:
    def __init__(self) -> None:
        self.rows: dict[str, list[str]] = {
            name: []
            for name in (
                "lost", "stale", "unkilled", "undeleted", "killed_wrongly", "too_early", "cut",
            )
        }  # fmt: skip

    def add(self, name: str, wanted: Expected, detail: str) -> None:
        self.rows[name].append(f"{name}: {wanted.source_id} {wanted.key} {detail}")


def compare(expected: Iterable[Expected], records: Sequence[Found], *, now: datetime) -> Result:
    """Return what is wrong with ``records``.

    Args:
        expected: of the simulated web.
        records: of all raw topics, those of one key in the order of their partition (live and
            backfill put in order by time).
        now: what is under embargo by then must not have a record.
    """
    wanted_rows = list(expected)
    by_key: dict[tuple[str, str], list[Found]] = {}
    for record in records:
        by_key.setdefault((record.source_id, record.key), []).append(record)
    faults = _Faults()
    for wanted in wanted_rows:
        _check(wanted, by_key.get((wanted.source_id, wanted.key), []), now, faults)
    known = {(wanted.source_id, wanted.key) for wanted in wanted_rows}
    owner = {token: wanted.key for wanted in wanted_rows for token in wanted.tokens}
    doubled, unexpected = [], []
    for place in by_key.keys() - known:
        first_owner = owner.get(by_key[place][0].token or "")
        if first_owner is None:
            unexpected.append(f"unexpected: {place[0]} {place[1]}")
        else:
            doubled.append(f"doubled: {place[0]} {first_owner} is also {place[1]}")
    return Result(
        articles=len(wanted_rows),
        versions=sum(len(wanted.tokens) for wanted in wanted_rows),
        doubled=tuple(sorted(doubled)),
        unexpected=tuple(sorted(unexpected)),
        repeated_count=sum(_repeats(rows) for rows in by_key.values()),
        **{name: tuple(rows) for name, rows in faults.rows.items()},
    )


def _check(wanted: Expected, rows: Sequence[Found], now: datetime, faults: _Faults) -> None:
    if wanted.embargoed_until is not None and wanted.embargoed_until > now:
        if any(record.text is not None for record in rows):
            faults.add("too_early", wanted, f"until {wanted.embargoed_until.isoformat()}")
        return
    if wanted.state == "usable":
        _check_usable(wanted, rows, faults)
    elif rows and rows[-1].text is not None:
        # An article that came and went between two polls was never known: no kill is due.
        faults.add("unkilled" if wanted.state == "canceled" else "undeleted", wanted, "stands")


def _check_usable(wanted: Expected, rows: Sequence[Found], faults: _Faults) -> None:
    if not rows:
        faults.add("lost", wanted, wanted.current[-1])
    elif rows[-1].text is None:
        faults.add("killed_wrongly", wanted, wanted.current[-1])
    elif rows[-1].token not in wanted.current:
        faults.add("stale", wanted, f"has {rows[-1].token}, not {wanted.current}")
    elif not any(closing(token) in rows[-1].text for token in wanted.current):
        faults.add("cut", wanted, f"ends {rows[-1].text[-60:]!r}")


def _repeats(rows: Sequence[Found]) -> int:
    """Count records of the version that stands right before them."""
    return sum(
        (before.token, before.text is None) == (after.token, after.text is None)
        for before, after in pairwise(rows)
    )
