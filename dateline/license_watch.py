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
KIND_ACTIONS: Mapping[DriftKind, str] = {
    "license_disappeared": (
        "look whether a new article states it elsewhere (`dateline license check URL`), or ask the"
        " source; what it agrees to goes into config/contracts.toml"
    ),
    "license_stricter": "read its new terms before more of its texts are passed on",
    "license_version": "see that credit lines name the new version",
    "license_changed": "read the new terms; credit lines and conditions are other ones now",
    "notice_disappeared": "look whether its pages still give the licence, and to these texts",
    "third_party_credit": "see that its licence is not taken for texts of the agency",
}
NOTICE_IN_TEXT = "a notice in the text"
# What can end one habit: a licence is lost in one way only, whatever came in its place.
_SAME_HABIT: tuple[tuple[DriftKind, ...], ...] = (
    ("license_disappeared", "license_stricter", "license_version", "license_changed"),
    ("notice_disappeared",),
    ("third_party_credit",),
)


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
    """One change; ``day`` is when it could first be told.

    ``usual_since`` is when what is gone became usual: a notice of the same loss that is older is of
    an earlier episode. An agency is new once for ever, so of a credit it is the first day there is.
    """

    source_id: str
    kind: DriftKind
    before: str
    after: str
    day: date
    usual_since: date = date.min

    @property
    def same_kinds(self) -> tuple[DriftKind, ...]:
        """Return the kinds that a notice of the same loss may have."""
        return next(kinds for kinds in _SAME_HABIT if self.kind in kinds)

    @property
    def lost(self) -> tuple[str, str]:
        """Return what a notice of the same loss has as well: before, and of a credit the agency."""
        return self.before, self.after if self.kind == "third_party_credit" else ""

    def notice_id(self, episode: int) -> str:
        """Return the id under which an episode is raised once, whoever finds it how often.

        Args:
            episode: how many notices of the same loss were raised before it.
        """
        parts = (self.source_id, self.same_kinds[0], *self.lost, str(episode))
        return hashlib.sha256("".join(f"{len(p)}:{p}" for p in parts).encode()).hexdigest()

    @property
    def message(self) -> str:
        """Return it in one sentence."""
        change = f"{self.before} -> {self.after}" if self.before else self.after
        return f"{self.source_id}: {KIND_WORDS[self.kind]} ({change}), since {self.day}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What was usual of a source: a licence or its notice, since the day it could be told.

    ``drift`` is its end; None: it lasts.
    """

    words: str
    since: date
    drift: Drift | None = None


def find_drifts(source_id: str, days: Sequence[DayCounts]) -> tuple[Drift, ...]:
    """Return the drifts of one source, in their order.

    Args:
        source_id: the publisher.
        days: its days with articles, oldest first.

    A licence is usual once it has 90 % of the last 50 articles (30 at least); it is gone when fewer
    than half of the last 10 have it. Days are never split: a window ends with a whole day.
    """
    by_license = _ends(_license_habits(source_id, days))
    changed_days = {drift.day for drift in by_license}
    notices = [d for d in _ends(_notice_habits(source_id, days)) if d.day not in changed_days]
    found = [*by_license, *notices, *_credit_drifts(source_id, days)]
    return tuple(sorted(found, key=lambda drift: (drift.day, drift.kind, drift.after)))


def find_habits(source_id: str, days: Sequence[DayCounts]) -> tuple[Habit, ...]:
    """Return what was usual of a source, ended or not; arguments as for ``find_drifts``."""
    return (*_license_habits(source_id, days), *_notice_habits(source_id, days))


def _ends(habits: Iterator[Habit]) -> list[Drift]:
    return [habit.drift for habit in habits if habit.drift is not None]


def _license_habits(source_id: str, days: Sequence[DayCounts]) -> Iterator[Habit]:
    usual: LicenseKey | None = None
    since = date.min
    for number, each in enumerate(days, start=1):
        if usual is None:
            usual, since = _usual_license(days[:number]), each.day
            continue
        recent = _licenses(_newest(days[:number], RECENT_ARTICLES))
        if recent.total() < RECENT_ARTICLES or recent[usual] >= GONE_SHARE * recent.total():
            continue
        others = Counter({key: count for key, count in recent.items() if key != usual})
        after = max(sorted(others), key=others.__getitem__)
        drift = Drift(
            source_id=source_id, kind=_kind(usual, after), before=usual.words, after=after.words,
            day=each.day, usual_since=since,
        )  # fmt: skip
        yield Habit(words=usual.words, since=since, drift=drift)
        usual = None
    if usual is not None:
        yield Habit(words=usual.words, since=since)


def _notice_habits(source_id: str, days: Sequence[DayCounts]) -> Iterator[Habit]:
    is_usual, since = False, date.min
    for number, each in enumerate(days, start=1):
        size = RECENT_ARTICLES if is_usual else WINDOW_ARTICLES
        window = _newest(days[:number], size)
        total = sum(day.total for day in window)
        share = sum(day.notice_count for day in window) / total if total else 0.0
        if not is_usual:
            is_usual, since = total >= MIN_USUAL_ARTICLES and share >= USUAL_SHARE, each.day
        elif total >= RECENT_ARTICLES and share < GONE_SHARE:
            drift = Drift(
                source_id=source_id, kind="notice_disappeared", before=NOTICE_IN_TEXT,
                after="none", day=each.day, usual_since=since,
            )  # fmt: skip
            yield Habit(words=NOTICE_IN_TEXT, since=since, drift=drift)
            is_usual = False
    if is_usual:
        yield Habit(words=NOTICE_IN_TEXT, since=since)


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
