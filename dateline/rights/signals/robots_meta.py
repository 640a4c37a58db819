"""Read the robots rules of a page: ``meta`` elements, ``X-Robots-Tag`` and ``data-nosnippet``.

Source: Google's documentation of the robots meta tag and ``X-Robots-Tag``. Of rules that differ the
stricter counts. A rule that names another robot binds that one alone; it is kept as stated. Headers
that are repeated reach us joined by commas, so that a rule without a name behind one of another
robot is that robot's or everybody's, nobody can tell: it binds us. ``noai`` is no part of any
standard and is taken as what it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
# A date may have a comma of its own, behind its weekday.
_PIECE = re.compile(
    r"[^,\n]*?unavailable_after\s*:\s*(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6}\s*,[^,\n]*|[^,\n]+",
    re.IGNORECASE,
)
_RULE = re.compile(r"([\w-]+)(?:\s*[:=]\s*(.*))?", re.DOTALL)
_ADDRESSED = re.compile(
    r"([a-z*][\w*.-]{0,60})(?:/[\w.]{1,20})?\s*:(.*)", re.IGNORECASE | re.DOTALL
)
_VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview", "unavailable_after"})
_LIMIT = re.compile(r"-?\d{1,9}")

# The name of a rule, and what stands behind it: `max-snippet`, `120`.
Rule = tuple[str, str]


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
    limits = [int(x) for name, x in rules if name == "max-snippet" and _LIMIT.fullmatch(x)]
    names = frozenset(name for name, _ in rules)
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
        if _robot(signal) is not None
        for name, argument in _binding(signal)
        if name == "unavailable_after" and (time := _time(argument))
    ]
    return (StatedAccess(expires_at=min(times)),) if times else ()


def _robot(signal: RightsSignal) -> str | None:
    """Return the robot that a signal is addressed to; None where it is no robots rule."""
    if signal.layer == "http" and signal.field.startswith("x-robots-tag"):
        return "*"
    found = _META.fullmatch(signal.field) if signal.layer == "html" else None
    return found[1] if found and found[1] in _ROBOTS else None


def _binding(signal: RightsSignal) -> Iterator[Rule]:
    """Yield the rules that bind us; the names of robots and rules are not case sensitive."""
    robot = _robot(signal) or ""
    for piece in _PIECE.findall(signal.value[:MAX_VALUE_CHARS]):
        addressee, rule = robot, piece.strip()
        found = _ADDRESSED.fullmatch(rule)
        if found and found[1].lower() not in _VALUED:
            addressee, rule = found[1].lower(), found[2].strip()
        stated = _RULE.fullmatch(rule)
        if addressee in _EVERYBODY and stated:
            yield stated[1].lower(), (stated[2] or "").strip()


def _time(text: str) -> datetime | None:
    text = text.strip()
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = parse(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
