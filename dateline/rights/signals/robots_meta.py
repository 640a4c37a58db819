"""Read the robots rules of a page: ``meta`` elements, ``X-Robots-Tag`` and ``data-nosnippet``.

Of rules that differ the stricter counts. Rules that name another robot bind that one alone; they
are kept as stated. ``noai`` is no part of any standard and is taken as what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from dateline.records import RightsSignal
from dateline.rights.record import RawPreference
from dateline.rights.signals.robots_lines import USER_AGENT_TOKEN
from dateline.rights.statement import StatedAccess, StatedPreference

PROTOCOL = "robots-meta"
MAX_VALUE_CHARS = 2000
_META = re.compile(r"meta\[(?:name|property|http-equiv|itemprop)=([a-z-]{1,40})\](?: \(cut\))?")
_ROBOTS = frozenset({"robots", "googlebot", "googlebot-news", "bingbot", USER_AGENT_TOKEN})
_EVERYBODY = frozenset({"robots", "*", USER_AGENT_TOKEN})
_EXPIRY = re.compile(
    # A date has commas and colons of its own.
    r"unavailable_after\s*:\s*((?:[a-z]{3,9},\s*)?[^,]{1,60})", re.IGNORECASE,
)  # fmt: skip
_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_LIMIT = re.compile(r"max-snippet\s*[:=]\s*(-?\d{1,9})")
_SCOPE = re.compile(r"([a-z*][\w*.-]{0,60})\s*:\s*(.*)", re.DOTALL)


def read_robots_meta(signals: Sequence[RightsSignal]) -> tuple[StatedPreference, ...]:
    """Return the rules of the page that bind us, the stricter where they differ.

    Returns:
        at most one. ``snippet_max_chars`` None with a stated ``max-snippet:-1`` means no limit.

    Raises: Nothing.
    """
    passages = tuple(
        signal.value
        for signal in signals
        if signal.layer == "html" and signal.field.startswith("data-nosnippet")
    )
    stated = [signal for signal in signals if _robot(signal) is not None]
    if not stated and not passages:
        return ()
    rules = [rule for signal in stated for rule in _binding(signal)]
    limits = [int(found[1]) for rule in rules if (found := _LIMIT.fullmatch(rule))]
    names = frozenset(rules)
    is_nosnippet = "nosnippet" in names
    limits = [0] if is_nosnippet else [limit for limit in limits if limit >= 0]
    return (
        StatedPreference(
            raw=tuple(
                RawPreference(
                    protocol=PROTOCOL,
                    field=signal.field,
                    value=signal.value,
                    source_url=signal.source_url,
                )
                for signal in stated
            ),
            ai_train="disallowed" if "noai" in names else None,
            snippet_max_chars=min(limits, default=None),
            is_nosnippet=is_nosnippet,
            noarchive=not names.isdisjoint({"noarchive", "nocache"}),
            noindex=not names.isdisjoint({"noindex", "none"}),
            nosnippet_texts=passages,
        ),
    )


def read_robots_access(signals: Sequence[RightsSignal]) -> tuple[StatedAccess, ...]:
    """Return when a page's ``unavailable_after`` takes it out of sight; () where none binds us.

    A date that cannot be read says nothing; one without a zone is UTC.

    Raises: Nothing.
    """
    times = [
        time
        for signal in signals
        for found in _EXPIRY.finditer(signal.value[:MAX_VALUE_CHARS])
        if _robot(signal) is not None
        and any(rule.startswith("unavailable_after") for rule in _binding(signal))
        and (time := _time(found[1]))
    ]
    return (StatedAccess(expires_at=min(times)),) if times else ()


def _robot(signal: RightsSignal) -> str | None:
    """Return the robot that a signal is addressed to; None where it is no robots rule."""
    if signal.layer == "http" and signal.field.startswith("x-robots-tag"):
        return "*"
    found = _META.fullmatch(signal.field) if signal.layer == "html" else None
    return found[1] if found and found[1] in _ROBOTS else None


def _binding(signal: RightsSignal) -> Iterator[str]:
    robot = _robot(signal)
    value = signal.value[:MAX_VALUE_CHARS].lower()
    for scope, rule in _scoped(re.split(r"[,\n]", value), robot or ""):
        if scope in _EVERYBODY:
            yield rule


def _scoped(rules: Iterable[str], robot: str) -> Iterator[tuple[str, str]]:
    """Yield each rule with its robot: ``otherbot: noindex, nofollow`` names it once for both."""
    scope = robot
    for rule in rules:
        found = _SCOPE.fullmatch(rule.strip())
        if found and found[1] not in _VALUED:
            scope, rule = found[1], found[2]
        yield scope, rule.strip()


def _time(text: str) -> datetime | None:
    text = text.strip()
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
