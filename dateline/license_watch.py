"""Return where the licences of a source have drifted from what was usual.

Its licence or its notice is gone, changed or stricter, or another agency is credited. Pure: days of
counts in, drifts out. What was usual is remembered along the days, so that a change over weeks is
seen as well as one over night.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from dateline.rights.record import CONSTRAINTS, NOASSERTION, RightsStatus

# Fewer articles show no habit: with 30 a share of 90 % is not less than 75 % (95 % confidence).
MIN_USUAL_ARTICLES = 30
WINDOW_ARTICLES = 50
USUAL_SHARE = 0.9
# So many of the youngest articles tell that a habit is over; one guest article does not.
RECENT_ARTICLES = 10
GONE_SHARE = 0.5
# One credit may be a slip.
MIN_CREDITS = 3

DriftKind = Literal[
    "license_disappeared", "license_stricter", "license_version", "license_changed",
    "notice_disappeared", "third_party_credit",
]  # fmt: skip
KIND_WORDS: Mapping[DriftKind, str] = {
    "license_disappeared": "its usual licence is gone",
    "license_stricter": "its terms have become stricter",
    "license_version": "another version of its licence",
    "license_changed": "another licence",
    "notice_disappeared": "the usual notice is gone from its texts",
    "third_party_credit": "texts are credited to another agency",
}
NOTICE_IN_TEXT = "a notice in the text"


@dataclass(frozen=True, slots=True, order=True)
class LicenseKey:
    """What counts as one licence of a source."""

    status: RightsStatus
    spdx_expression: str = NOASSERTION

    @property
    def is_given(self) -> bool:
        """Return whether anything is granted."""
        return self.status in ("granted", "public_domain")

    @property
    def words(self) -> str:
        """Return the licence, or the status where none is named."""
        return self.spdx_expression if self.is_given else self.status

    @property
    def constraints(self) -> frozenset[str]:
        """Return what binds a reuser, as the names of Creative Commons say it."""
        parts = self.spdx_expression.lower().split("-")
        return frozenset(each for each in CONSTRAINTS if each in parts)

    @property
    def code(self) -> str:
        """Return the name without numbers: ``CC-BY-SA`` of ``CC-BY-SA-4.0``."""
        parts = self.spdx_expression.split("-")
        return "-".join(part for part in parts if not part[:1].isdigit())


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """The articles of one source that were first seen on one day (UTC).

    ``notice_count``: how many have a notice of a licence in their text. ``credits`` counts other
    agencies that are credited, by name.
    """

    day: date
    licenses: Mapping[LicenseKey, int]
    notice_count: int = 0
    credits: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """Return the number of articles."""
        return sum(self.licenses.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """One change; ``day`` is when it could first be told."""

    source_id: str
    kind: DriftKind
    before: str
    after: str
    day: date

    @property
    def notice_id(self) -> str:
        """Return the id under which it is raised once, whoever finds it how often."""
        parts = (self.source_id, self.kind, self.before, self.after)
        return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()

    @property
    def message(self) -> str:
        """Return it in one sentence."""
        change = f"{self.before} -> {self.after}" if self.before else self.after
        return f"{self.source_id}: {KIND_WORDS[self.kind]} ({change}), since {self.day}"


def find_drifts(source_id: str, days: Sequence[DayCounts]) -> tuple[Drift, ...]:
    """Return the drifts of one source, in their order.

    Args:
        source_id: the publisher.
        days: its days with articles, oldest first.

    A licence is usual once it has 90 % of the last 50 articles (30 at least); it is gone when fewer
    than half of the last 10 have it. Days are never split: a window ends with a whole day.
    """
    by_license = list(_license_drifts(source_id, days))
    changed_days = {drift.day for drift in by_license}
    notices = (d for d in _notice_drifts(source_id, days) if d.day not in changed_days)
    found = [*by_license, *notices, *_credit_drifts(source_id, days)]
    return tuple(sorted(found, key=lambda drift: (drift.day, drift.kind, drift.after)))


def _license_drifts(source_id: str, days: Sequence[DayCounts]) -> Iterator[Drift]:
    usual: LicenseKey | None = None
    for number, each in enumerate(days, start=1):
        if usual is None:
            usual = _usual_license(days[:number])
            continue
        recent = _licenses(_newest(days[:number], RECENT_ARTICLES))
        if recent.total() < RECENT_ARTICLES or recent[usual] >= GONE_SHARE * recent.total():
            continue
        others = Counter({key: count for key, count in recent.items() if key != usual})
        after = max(sorted(others), key=others.__getitem__)
        yield Drift(
            source_id=source_id, kind=_kind(usual, after), before=usual.words, after=after.words,
            day=each.day,
        )  # fmt: skip
        usual = None


def _notice_drifts(source_id: str, days: Sequence[DayCounts]) -> Iterator[Drift]:
    is_usual = False
    for number, each in enumerate(days, start=1):
        size = RECENT_ARTICLES if is_usual else WINDOW_ARTICLES
        window = _newest(days[:number], size)
        total = sum(day.total for day in window)
        share = sum(day.notice_count for day in window) / total if total else 0.0
        if not is_usual:
            is_usual = total >= MIN_USUAL_ARTICLES and share >= USUAL_SHARE
        elif total >= RECENT_ARTICLES and share < GONE_SHARE:
            yield Drift(
                source_id=source_id, kind="notice_disappeared", before=NOTICE_IN_TEXT,
                after="none", day=each.day,
            )  # fmt: skip
            is_usual = False


def _credit_drifts(source_id: str, days: Sequence[DayCounts]) -> Iterator[Drift]:
    before_count = 0
    known: set[str] = set()  # credited before a habit could be told
    counts: Counter[str] = Counter()
    for each in days:
        for agency, count in sorted(each.credits.items()):
            if before_count < MIN_USUAL_ARTICLES:
                known.add(agency)
            if agency in known:
                continue
            counts[agency] += count
            if counts[agency] >= MIN_CREDITS:
                known.add(agency)
                yield Drift(
                    source_id=source_id, kind="third_party_credit", before="", after=agency,
                    day=each.day,
                )  # fmt: skip
        before_count += each.total


def _usual_license(days: Sequence[DayCounts]) -> LicenseKey | None:
    counts = _licenses(_newest(days, WINDOW_ARTICLES))
    if counts.total() < MIN_USUAL_ARTICLES:
        return None
    key, count = counts.most_common(1)[0]
    return key if key.is_given and count >= USUAL_SHARE * counts.total() else None


def _kind(before: LicenseKey, after: LicenseKey) -> DriftKind:
    if not after.is_given:
        return "license_disappeared" if after.status == "unknown" else "license_stricter"
    if after.constraints > before.constraints:
        return "license_stricter"
    return "license_version" if after.code == before.code else "license_changed"


def _newest(days: Sequence[DayCounts], article_count: int) -> list[DayCounts]:
    """Return the youngest days that together have so many articles, whole."""
    taken: list[DayCounts] = []
    count = 0
    for each in reversed(days):
        if count >= article_count:
            break
        taken.append(each)
        count += each.total
    return taken


def _licenses(days: Sequence[DayCounts]) -> Counter[LicenseKey]:
    counts: Counter[LicenseKey] = Counter()
    for each in days:
        counts.update(each.licenses)
    return counts
