"""Return times as sources write them; a time that cannot be read is None, never now."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from dateline.records import DateFlag

# Feeds began in 1999 and some sites publish their archive; what lies outside is a typing error,
# an epoch of 0 or "no date" in another spelling.
FIRST_YEAR, LAST_YEAR = 1990, 2100
MAX_TIME_CHARS = 100  # longer than any time with its comment; bounds the work on hostile text
# Clocks of publishers run ahead by minutes; more is a date set by hand.
FUTURE_TOLERANCE = timedelta(minutes=10)

# RFC 5322 section 4.3, and the European and Japanese names that mean one zone only. BST, IST and
# the like mean several and are left out.
ZONE_HOURS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0,
    "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
    "cet": 1, "cest": 2, "west": 1, "eet": 2, "eest": 3, "jst": 9, "kst": 9,
}  # fmt: skip
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_CLOCK = (
    r"(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?\b)?"
)
_ZONE = r"(?:\s*(?P<zone>(?:GMT|UTC|UT)?\s?[+-]\d\d?(?::?\d\d)?|[a-z][a-z ]*))?"
_ISO = re.compile(
    r"(?P<year>\d{4})(?:(?P<dash>[-/]?)(?P<month>\d\d?)(?:(?P=dash)(?P<day>\d\d?))?)?"
    rf"(?:(?:T|\s+){_CLOCK}{_ZONE})?",
    re.IGNORECASE,
)
# RFC 822: "Mon, 23 Nov 2026 10:00:00 GMT", also with dashes and without week day or seconds.
_RFC = re.compile(
    r"(?:[a-z]+\.?,?\s*)?(?P<day>\d\d?)[\s-]+(?P<month>[a-z]{3,9})\.?,?[\s-]+(?P<year>\d{4}|\d\d)"
    rf"(?:,?\s+{_CLOCK}{_ZONE})?",
    re.IGNORECASE,
)
# C and American: "Mon Nov 23 10:00:00 2026", "Nov 23, 2026 10:00 am".
_MONTH_FIRST = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d\d?)(?:"
    rf",?\s+(?P<year>\d{{4}})(?:,?\s+{_CLOCK}{_ZONE})?"
    r"|\s+(?P<c_hour>\d\d):(?P<c_minute>\d\d):(?P<c_second>\d\d)\s+(?:(?P<c_zone>[a-z]+)\s+)?"
    r"(?P<c_year>\d{4}))",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?P<milliseconds>\d{3})?")
_COMMENT = re.compile(r"\s*\([^()]*\)\Z")
_OFFSET = re.compile(r"(?:GMT|UTC|UT)?\s?(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTime:
    """A time as a source wrote it: in UTC, word for word, and what is doubtful about it.

    ``at`` is None with one of the flags ``missing``, ``unreadable`` and ``implausible``.
    """

    at: datetime | None
    raw: str | None
    flags: tuple[DateFlag, ...]


def parse_time(text: str) -> datetime | None:
    """Return an ISO 8601 or RFC 5322 time in UTC, or None.

    A time without a zone is read as UTC; the caller keeps the raw text beside it.

    Raises: Nothing.
    """
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text.strip())
            aware = found if found.tzinfo else found.replace(tzinfo=UTC)
            return aware.astimezone(UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None


@functools.lru_cache(maxsize=4096)  # sitemaps repeat the times of their sections
def read_time(text: str | None) -> ReadTime:
    """Return the time that ``text`` states, with flags for what it does not state.

    Read are ISO 8601 and W3C-DTF (year and month alone, too), RFC 822 and 5322, the C and American
    order, and seconds or milliseconds since 1970. A day, month or year alone is its first moment
    in UTC, flagged ``no_time``; a missing or unknown zone is read as UTC, flagged ``no_time_zone``.

    Raises: Nothing.
    """
    raw = (text or "").strip()
    if not raw:
        return ReadTime(at=None, raw=None, flags=("missing",))
    kept = raw[:MAX_TIME_CHARS]
    if len(raw) > MAX_TIME_CHARS or not raw.isascii():
        return ReadTime(at=None, raw=kept, flags=("unreadable",))
    try:
        found, flags = _read(_COMMENT.sub("", raw))
    except (ValueError, OverflowError):  # 31 February, hour 25, year 0
        found, flags = None, ()
    if found is None:
        return ReadTime(at=None, raw=kept, flags=("unreadable",))
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        return ReadTime(at=None, raw=kept, flags=("implausible",))
    return ReadTime(at=found, raw=kept, flags=flags)


def clamp_published(
    read: ReadTime, observed_at: datetime
) -> tuple[datetime | None, tuple[DateFlag, ...]]:
    """Return the time of publication, never later than ``observed_at``, and its flags.

    More than ten minutes ahead is flagged ``future``; less is a clock that runs fast.
    """
    if read.at is None or read.at <= observed_at:
        return read.at, read.flags
    if read.at <= observed_at + FUTURE_TOLERANCE:
        return observed_at, read.flags
    return observed_at, (*read.flags, "future")


def _read(text: str) -> tuple[datetime | None, tuple[DateFlag, ...]]:
    epoch = _EPOCH.fullmatch(text)
    if epoch is not None:
        since = timedelta(
            seconds=int(epoch["seconds"]), milliseconds=int(epoch["milliseconds"] or 0)
        )
        return datetime(1970, 1, 1, tzinfo=UTC) + since, ()
    for pattern in (_ISO, _RFC, _MONTH_FIRST):
        match = pattern.fullmatch(text)
        if match is not None:
            return _build({name: value for name, value in match.groupdict().items() if value})
    return None, ()


def _build(parts: dict[str, str]) -> tuple[datetime | None, tuple[DateFlag, ...]]:
    for name in ("hour", "minute", "second", "zone", "year"):
        if f"c_{name}" in parts:
            parts[name] = parts[f"c_{name}"]
    month = _month(parts.get("month", "1"))
    if month is None:
        return None, ()
    day = datetime(_year(parts["year"]), month, int(parts.get("day", "1")), tzinfo=UTC)
    if "hour" not in parts:
        return day, ("no_time",)
    offset = _offset(parts.get("zone"))
    zone = UTC if offset is None else timezone(offset)
    at = (day.replace(tzinfo=zone) + _since_midnight(parts)).astimezone(UTC)
    return at, ("no_time_zone",) if offset is None else ()


def _since_midnight(parts: dict[str, str]) -> timedelta:
    hour, minute, second = (int(parts.get(name, "0")) for name in ("hour", "minute", "second"))
    half = parts.get("half", "").lower()
    if half and not 1 <= hour <= 12:  # noqa: PLR2004 (a clock face)
        raise ValueError(hour)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    # 24:00 is the end of the day and :60 a leap second (ISO 8601); both are the next moment here.
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):  # noqa: PLR2004
        raise ValueError(hour, minute, second)
    fraction = float(f"0.{parts.get('fraction', '0')[:6]}")
    return timedelta(hours=hour, minutes=minute, seconds=second + fraction)


def _month(text: str) -> int | None:
    if text.isdigit():
        return int(text)
    name = text[:3].lower()
    return MONTHS.index(name) + 1 if name in MONTHS else None


def _year(text: str) -> int:
    year = int(text)
    if len(text) > 2:  # noqa: PLR2004 (digits)
        return year
    return year + (2000 if year < 50 else 1900)  # noqa: PLR2004 (RFC 5322 section 4.3)


def _offset(zone: str | None) -> timedelta | None:
    """Return the distance from UTC, or None for no zone and for a name that says too little."""
    if zone is None:
        return None
    numeric = _OFFSET.fullmatch(zone.strip())
    if numeric is None:
        hours = ZONE_HOURS.get(zone.strip().lower())
        return None if hours is None else timedelta(hours=hours)
    size = timedelta(hours=int(numeric["hours"]), minutes=int(numeric["minutes"] or 0))
    # The widest zones in use are -12 and +14; the rest is a mistake, not another time.
    if size > timedelta(hours=14):
        return None
    return -size if numeric["sign"] == "-" else size
