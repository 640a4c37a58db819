"""Return the records of rights that travel with an article, one frozen class each.

``Rights`` is what is known, ``Decision`` what a policy makes of it for one purpose. Offsets are
Python code points, ``[start, end)``. Terms: SPDX (expressions), ODRL (permission, prohibition,
duty), TDMRep, IETF AIPREF (preferences), IPTC ninjs (life-cycle).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta

AwareDatetime = Annotated[datetime, Meta(tz=True)]
RightsStatus = Literal["granted", "reserved", "unknown", "conflict", "public_domain"]
Layer = Literal[
    "config", "text", "html", "jsonld", "feed", "http", "ninjs", "robots", "wellknown", "rsl"
]
ObjectKind = Literal[
    "text", "image", "video", "audio", "embed", "dataset", "quoted_work", "software", "metadata",
    "other",
]  # fmt: skip
Frame = Literal[
    "grant_text", "grant_media", "grant_other_object", "mention", "reported", "negated",
    "hypothetical", "quoted", "reserved", "republish_terms",
]  # fmt: skip
Scope = Literal["this_object", "site_by_licensor", "section", "channel", "site", "unspecified"]
Purpose = Literal[
    "public_search", "internal_analytics", "redistribution_nc", "redistribution_commercial",
    "ml_training", "rag",
]  # fmt: skip
StoreTier = Literal["full", "full_internal", "snippet", "metadata_only", "no_index"]
DisplayTier = Literal["full", "snippet", "metadata_only", "no_index"]
AiUse = Literal["allowed", "review", "denied"]
Preference = Literal["allowed", "disallowed", "unknown"]
Rule = Literal["R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8", "R9"]

NOASSERTION = "NOASSERTION"
CONSTRAINTS = ("by", "sa", "nc", "nd")  # the order of `effective`
PURPOSES: tuple[Purpose, ...] = (
    "public_search", "internal_analytics", "redistribution_nc", "redistribution_commercial",
    "ml_training", "rag",
)  # fmt: skip
TEXT_OBJECT_ID = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsEvidence:
    """One statement about rights, word for word, and where it stands.

    ``start`` and ``end`` are offsets into the body before anything was cut from it (layer
    ``text``), else into the value of the signal at ``field`` (and ``xpath``); ``text_sha256`` is of
    that body or value. ``spdx_expression`` is what the statement names, even where it grants
    nothing. ``rank`` is its level (docs/licensing.md), ``confidence`` measured for its kind.
    """

    id: str
    object_id: str
    layer: Layer
    field: str
    start: int
    end: int
    quote: str
    text_sha256: str
    frame: Frame
    scope: Scope
    rank: int
    confidence: float
    detector: str
    registry_version: str
    spdx_expression: str = NOASSERTION
    licensor: str | None = None
    xpath: str | None = None
    source_url: str | None = None
    observed_at: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsObject:
    """A picture, embed, quoted work or data set with rights of its own, never the text's."""

    id: str
    kind: ObjectKind
    spdx_expression: str = NOASSERTION
    credit: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawPreference:
    """A usage preference as it was stated; ``protocol`` is ``tdmrep``, ``aipref``, ..."""

    protocol: str
    field: str
    value: str
    source_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Usage preferences and reservations: never a licence, each resolved by its own protocol.

    ``tdm_reservation`` is TDMRep's (None: not stated). ``snippet_max_chars``: 0 allows none, None
    sets no limit. ``nosnippet_texts`` are passages of the page that no snippet may show.
    """

    tdm_reservation: bool | None = None
    tdm_policy_url: str | None = None
    ai_train: Preference = "unknown"
    ai_input: Preference = "unknown"
    search: Preference = "unknown"
    snippet_max_chars: int | None = None
    noarchive: bool = False
    noindex: bool = False
    raw: tuple[RawPreference, ...] = ()
    nosnippet_texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Access and life-cycle: neither licence nor preference; None is not stated."""

    is_free: bool | None = None
    expires_at: AwareDatetime | None = None
    embargoed_until: AwareDatetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Which statement won and why: evidence ids, names of the rules, what contradicts what."""

    winner: str | None = None
    losers: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    has_disagreement: bool = False
    conflicts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The attribution line (title, author, source, licence) in three forms.

    ``missing`` names what the source did not supply; it is never filled in. Incomplete (no
    licensor or author, or no licence address) blocks export.
    """

    text: str
    html: str
    jsonld: str
    is_complete: bool
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What is known about the rights in an article's text; absence is ``unknown``, never free.

    ``effective`` holds the constraints that bind a reuser, in the order of ``CONSTRAINTS``; of
    conflicting statements all of them. ``license_uri`` is the exact versioned or ported address.
    """

    status: RightsStatus
    schema_version: str = "1"
    spdx_expression: str = NOASSERTION
    license_uri: str | None = None
    license_name: str | None = None
    family: str | None = None
    code: str | None = None
    version: str | None = None
    jurisdiction: str | None = None
    licensor: str | None = None
    copyright_holder: str | None = None
    copyright_year: int | None = None
    copyright_notice: str | None = None
    credit_text: str | None = None
    usage_terms: str | None = None
    acquire_license_page: str | None = None
    effective: tuple[str, ...] = ()
    preferences: Preferences = Preferences()
    access: Access = Access()
    objects: tuple[RightsObject, ...] = ()
    evidence: tuple[RightsEvidence, ...] = ()
    resolution: Resolution = Resolution()
    confidence: float = 0.0
    attribution: Attribution | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a policy allows for one purpose; the index stage refuses a document without one.

    ``store`` is what may be kept (``full_internal``: searched, not shown, for ``store_days`` after
    the first sight where that is set), ``display`` what may be shown, ``snippet_chars`` the most of
    it in a snippet. ``is_verbatim_only`` (ND) and ``is_share_alike`` bind whoever exports.
    """

    policy_id: str
    purpose: Purpose
    store: StoreTier
    display: DisplayTier
    snippet_chars: int
    export: bool
    ai_use: AiUse
    attribution_required: bool
    is_verbatim_only: bool = False
    is_share_alike: bool = False
    store_days: int | None = None
    reasons: tuple[str, ...] = ()
