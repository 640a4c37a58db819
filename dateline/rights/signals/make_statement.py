"""Make statements of what a signal says, at the level and about the object of its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypedDict, Unpack

from dateline.ids import text_sha256
from dateline.records import RightsSignal
from dateline.rights.license import License
from dateline.rights.notices import read_notice
from dateline.rights.record import Frame, Layer, ObjectKind, Scope
from dateline.rights.registry import LicenseRegistry
from dateline.rights.sentences import Span
from dateline.rights.signals.object_words import kind_of_words
from dateline.rights.statement import RANK_NOTHING, Statement

CUT = " (cut)"
# Prose that names a licence, or its holder too, and does not say what it is of.
ALONE = "notice.alone"
COPYRIGHT_LINE = "notice.copyright_line"
BARE_NOTICE = "notice.bare_notice"
# The record has one layer each for feeds and for wire formats.
_LAYERS: dict[str, Layer] = {
    "html": "html", "jsonld": "jsonld", "feed": "feed", "http": "http", "ninjs": "ninjs",
    "newsml_g2": "ninjs", "json": "feed",
}  # fmt: skip
_SAYS = ("grant_text", "grant_media", "grant_other_object", "reserved", "republish_terms")
_WIDE: tuple[Scope, ...] = ("channel", "site")
# Longer values are texts about licences or an attack; rights fields of real pages are far below.
MAX_PROSE_CHARS = 4000


class Facts(TypedDict, total=False):
    """What a statement says beside its licence."""

    licensor: str | None
    copyright_holder: str | None
    copyright_year: int | None
    copyright_notice: str | None
    credit_text: str | None
    usage_terms: str | None
    acquire_license_page: str | None
    has_exception: bool
    is_about_licensor: bool
    has_condition: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Level, scope and object of what is said in one place; ``rule`` names place and reader.

    ``refused``: forms of prose (rule ids) that may be about anything there.
    """

    rank: int
    scope: Scope
    rule: str
    kind: ObjectKind = "text"
    key: str = ""
    refused: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """Whether anything said here can grant or reserve."""
        return self.rank > RANK_NOTHING

    def of(self, kind: ObjectKind, key: str = "") -> Standing:
        """Return the same standing of another object."""
        return replace(self, kind=kind, key=key)


@dataclass(frozen=True, slots=True)
class Notices:
    """Reads short prose, whose language need not be that of the article."""

    registry: LicenseRegistry
    language: str | None = None

    def read(self, text: str) -> tuple[Statement, ...]:
        """Return the statements of a text that stands alone, none of one that is too long."""
        return _read_once(text, self.registry) if len(text) <= MAX_PROSE_CHARS else ()


# The same footer stands on every page of a site, the same words beside several links of a page.
@lru_cache(maxsize=512)  # at most 512 texts of MAX_PROSE_CHARS, some 10 MB
def _read_once(text: str, registry: LicenseRegistry) -> tuple[Statement, ...]:
    return read_notice(text, registry)


def nothing(rule: str) -> Standing:
    """Return the standing of what is only a mention."""
    return Standing(rank=RANK_NOTHING, scope="unspecified", rule=rule)


def granting_frame(kind: ObjectKind) -> Frame:
    """Return the frame of a grant of an object of this kind."""
    if kind == "text":
        return "grant_text"
    return "grant_media" if kind in ("image", "video", "audio") else "grant_other_object"


def stated(
    signal: RightsSignal,
    standing: Standing,
    frame: Frame,
    *,
    license: License | None = None,
    span: Span | None = None,
    **facts: Unpack[Facts],
) -> Statement:
    """Return a statement about ``[start, end)`` of the signal's value, all of it by default."""
    start, end = span or (0, len(signal.value))
    return Statement(
        layer=_LAYERS[signal.layer],
        field=signal.field,
        frame=frame,
        rank=standing.rank,
        scope=standing.scope,
        start=start,
        end=end,
        quote=signal.value[start:end],
        value_sha256=text_sha256(signal.value),
        rule_id=standing.rule,
        license=license,
        object_kind=standing.kind,
        object_key=standing.key,
        xpath=signal.xpath,
        source_url=signal.source_url,
        **facts,
    )


def granted(
    signal: RightsSignal, standing: Standing, license_: License, span: Span | None = None
) -> Statement:
    """Return the grant of a licence to the object of the place, a mention where nothing counts."""
    is_whole = not signal.field.endswith(CUT)
    frame = granting_frame(standing.kind) if standing.counts and is_whole else "mention"
    return stated(signal, standing, frame, license=license_, span=span)


def named_license(text: str, registry: LicenseRegistry) -> License | None:
    """Return the licence that ``text`` names if it is nothing but its address, id or name."""
    bare = text.strip()
    found = registry.by_address(bare) or registry.by_spdx(bare)
    if found is not None or len(bare) > 200:  # noqa: PLR2004 (no licence has a longer name)
        return found
    named = registry.find(bare)
    is_all = len(named) == 1 and not (bare[: named[0].start] + bare[named[0].end :]).strip(" .()")
    return named[0].license if is_all else None


def field_statements(
    signal: RightsSignal, standing: Standing, notices: Notices, span: Span | None = None
) -> Iterator[Statement]:
    """Yield what a field for a licence says: an address, an id, a name or prose."""
    start, end = span or (0, len(signal.value))
    license_ = named_license(signal.value[start:end], notices.registry)
    if license_ is not None:
        yield granted(signal, standing, license_, (start, end))
    else:
        yield from prose_statements(signal, standing, notices, (start, end))


def prose_statements(
    signal: RightsSignal, standing: Standing, notices: Notices, span: Span | None = None
) -> Iterator[Statement]:
    """Yield what prose in a field says, at the level and about the object of its place."""
    start, end = span or (0, len(signal.value))
    for found in notices.read(signal.value[start:end]):
        where = (start + found.start, start + found.end)
        yield placed(signal, standing, notices, found, where)


def placed(
    signal: RightsSignal, standing: Standing, notices: Notices, found: Statement, span: Span
) -> Statement:
    """Return a statement of prose as one of its place."""
    kind = kind_said(found, notices) if standing.kind == "text" else standing.kind
    says = found.frame in _SAYS and standing.counts
    if found.frame.startswith("grant"):
        is_refused = found.rule_id in standing.refused and kind == "text"
        says = says and found.license is not None and not is_refused
    if says and signal.field.endswith(CUT) and found.frame != "reserved":
        says = False  # what limits it may stand in the part that is missing
    if found.frame == "negated" and standing.counts and found.object_kind == standing.kind:
        return stated(signal, standing, "negated", license=found.license, span=span)
    if not says:
        frame = "mention" if found.frame in _SAYS else found.frame
        return stated(signal, nothing(standing.rule), frame, license=found.license, span=span)
    frame = granting_frame(kind) if found.frame.startswith("grant") else found.frame
    has_own_scope = found.scope == "site_by_licensor" or (
        standing.scope not in _WIDE and found.scope != "unspecified"
    )
    return stated(
        signal,
        replace(
            standing,
            kind=kind,
            key=found.object_key if standing.kind == "text" else standing.key,
            scope=found.scope if has_own_scope else standing.scope,
            rule=f"{standing.rule}.{found.rule_id}",
        ),
        frame,
        license=found.license,
        span=span,
        licensor=found.licensor,
        has_exception=found.has_exception,
        is_about_licensor=found.is_about_licensor,
        has_condition=found.has_condition,
    )


def kind_said(found: Statement, notices: Notices) -> ObjectKind:
    """Return what a statement of prose is about; of a bare licence the words beside it say it."""
    if found.rule_id in (ALONE, COPYRIGHT_LINE):
        return kind_of_words(found.quote, notices.language)
    return found.object_kind
