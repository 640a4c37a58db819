"""Hold what the readers of rights give to ``resolve``: statements, preferences, access.

One reader for each place (text, markup, JSON-LD, feed, headers, ninjs, RSL, ...) turns what it
finds into these; no reader decides anything about the article.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dateline.rights.license import License
from dateline.rights.record import Frame, Layer, ObjectKind, Preference, RawPreference, Scope

# Levels of the rank lattice (docs/licensing.md), highest first.
RANK_CONTRACT = 100
RANK_OBJECT = 90  # machine-readable on this very object
RANK_ITEM = 80  # element of the feed's item
RANK_NOTICE = 70  # a sentence of the text about the text
RANK_PAGE = 60  # HTTP Link, rel=license outside figure, aside, footer
RANK_SECTION = 50  # section, author or "republish" box
RANK_CHANNEL = 40
RANK_SITE = 30  # footer, site notice
RANK_NOTHING = 10  # any other link or word: never grants


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement about the rights in one object.

    ``license`` is what it names, whatever its frame. ``start`` and ``end`` are offsets into
    ``value_of``: the body (layer ``text``) or the signal's value. ``object_key`` tells two objects
    of one kind apart (an address, an index); ``""`` for the text. ``has_exception``: "except where
    otherwise noted" (rule R2). ``is_about_licensor``: gives only what ``licensor`` owns (R3).
    ``has_condition``: a condition or exception on the text that the licence does not know.
    ``rule_id`` names form and reader (``notice.all_content``, ``html.rel_license``).
    """

    layer: Layer
    field: str
    frame: Frame
    rank: int
    scope: Scope
    start: int
    end: int
    quote: str
    value_sha256: str
    rule_id: str
    license: License | None = None
    object_kind: ObjectKind = "text"
    object_key: str = ""
    licensor: str | None = None
    copyright_holder: str | None = None
    copyright_year: int | None = None
    copyright_notice: str | None = None
    credit_text: str | None = None
    usage_terms: str | None = None
    acquire_license_page: str | None = None
    has_exception: bool = False
    is_about_licensor: bool = False
    has_condition: bool = False
    xpath: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedPreference:
    """One usage preference, resolved inside its protocol already; ``raw`` is what was stated.

    Fields that the statement says nothing of are None.
    """

    raw: tuple[RawPreference, ...]
    tdm_reservation: bool | None = None
    tdm_policy_url: str | None = None
    ai_train: Preference | None = None
    ai_input: Preference | None = None
    search: Preference | None = None
    snippet_max_chars: int | None = None
    is_nosnippet: bool = False
    noarchive: bool = False
    noindex: bool = False
    nosnippet_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedAccess:
    """What a signal says of access and life-cycle."""

    is_free: bool | None = None
    expires_at: datetime | None = None
    embargoed_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that was read of an article's rights, before anything is weighed."""

    statements: tuple[Statement, ...] = ()
    preferences: tuple[StatedPreference, ...] = ()
    access: tuple[StatedAccess, ...] = ()


def joined(*readings: Reading) -> Reading:
    """Return one reading of several, in their order."""
    return Reading(
        statements=tuple(s for reading in readings for s in reading.statements),
        preferences=tuple(p for reading in readings for p in reading.preferences),
        access=tuple(a for reading in readings for a in reading.access),
    )
