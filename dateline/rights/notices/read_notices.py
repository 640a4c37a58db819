"""Return the statements of rights in prose: in a body, or in a short text that stands alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dateline.rights.folding import folded_text
from dateline.rights.license import NamedLicense
from dateline.rights.notices.context import context_of
from dateline.rights.notices.cut_unit import cut_unit
from dateline.rights.notices.frames import read_credit, read_frame, weighed_features
from dateline.rights.notices.join_sentences import with_neighbours
from dateline.rights.notices.language import is_rather, lexicon_of, lexicons_for
from dateline.rights.notices.lexicon import Lexicon, load_lexicons
from dateline.rights.notices.licensor import licensor_of
from dateline.rights.notices.place import PlacedBody, sentences_about
from dateline.rights.notices.terms import read_terms, term_places
from dateline.rights.notices.unit import Unit, unit_of
from dateline.rights.notices.verdict import Context, Verdict
from dateline.rights.registry import LicenseRegistry
from dateline.rights.sentences import Span
from dateline.rights.statement import RANK_NOTHING, RANK_NOTICE, Statement

# More statements than this is a text about licences, or an attack; it grants nothing.
_MOST_STATEMENTS = 200
_MOST_ANCHORS = 20 * _MOST_STATEMENTS
_MOST_KEPT = 20
_LONGEST_CREDIT_CHARS = 1500
_GRANTS_NOTHING = ("mention", "reported", "negated", "hypothetical", "quoted")


@dataclass(frozen=True, slots=True)
class _Anchor:
    """Where a statement may be: a licence's name, or a word of rights of a lexicon."""

    span: Span
    lexicon: Lexicon | None = None


@dataclass(frozen=True, slots=True)
class _Reader:
    """What all statements of one text have in common."""

    body: PlacedBody
    named: Sequence[NamedLicense]
    registry: LicenseRegistry
    language: str | None
    is_alone: bool


def find_notices(
    text: str, registry: LicenseRegistry, *, language: str | None = None
) -> tuple[Statement, ...]:
    """Return every statement of rights in running text, in order, none overlapping another.

    Args:
        text: an article's body as its source gave it, line breaks kept; offsets refer to it.
        registry: the licences that can be named.
        language: the text's language (BCP 47) where it is known; a statement may be in another.

    Returns:
        statements of layer ``text`` and field ``body``, at most 40. What grants, reserves or sets
        terms has rank 70, all else rank 10. Nothing is returned of readers' comments.

    Raises: Nothing.
    """
    return _found(text, registry, language, is_alone=False)


def read_notice(
    text: str, registry: LicenseRegistry, *, language: str | None = None
) -> tuple[Statement, ...]:
    """Return the statements of a short text that stands alone: a footer, a feed's rights.

    As ``find_notices``, but the text is a notice as a whole: a licence that it names is granted
    unless the words say otherwise, wherever in the text it stands. The caller sets layer, field
    and rank.

    Raises: Nothing.
    """
    return _found(text, registry, language, is_alone=True)


def _found(
    text: str, registry: LicenseRegistry, language: str | None, *, is_alone: bool
) -> tuple[Statement, ...]:
    reader, anchors = _opened(text, registry, language, is_alone=is_alone)
    if not anchors:
        return ()
    credit = _credit(reader)
    if credit:
        return (credit,)
    statements = []
    for statement in _statements(reader, anchors):
        statements.append(statement)
        if len(statements) > _MOST_STATEMENTS:
            break
    if len(statements) > _MOST_STATEMENTS or len(anchors) > _MOST_ANCHORS:
        return tuple(_doubted(each) for each in statements[:_MOST_KEPT])
    return _kept(statements)


def weighed_units(
    text: str, registry: LicenseRegistry, *, language: str | None = None
) -> Iterator[tuple[Span, frozenset[str], Verdict]]:
    """Yield of each statement that is weighed its span, its features and what the rules say."""
    reader, anchors = _opened(text, registry, language, is_alone=False)
    for unit, lexicon, context, _ in _read_units(reader, anchors) if anchors else ():
        found = weighed_features(unit, lexicon, context) if unit.named else None
        if found:
            yield unit.span, *found


def _opened(
    text: str, registry: LicenseRegistry, language: str | None, *, is_alone: bool
) -> tuple[_Reader, list[_Anchor]]:
    """Return what all statements of a text have in common, and where they may be, in order."""
    named = registry.find(text)
    anchors = [_Anchor((each.start, each.end)) for each in named]
    anchors.extend(_word_anchors(text, lexicons_for(text, language)))
    anchors.sort(key=lambda each: each.span)
    sentences = sentences_about(text, [each.span for each in anchors]) if anchors else ()
    return _Reader(PlacedBody(text, sentences), named, registry, language, is_alone), anchors


def _kept(statements: list[Statement]) -> tuple[Statement, ...]:
    """Return the statements, of many the last that count and the first that do not."""
    counting = [each for each in statements if each.rank > RANK_NOTHING][-_MOST_KEPT:]
    others = [each for each in statements if each.rank == RANK_NOTHING][:_MOST_KEPT]
    return tuple(sorted(counting + others, key=lambda each: each.start))


def _doubted(statement: Statement) -> Statement:
    return replace(
        statement,
        frame="mention",
        rank=RANK_NOTHING,
        scope="unspecified",
        rule_id="notice.too_many",
    )


def _word_anchors(text: str, lexicons: Sequence[Lexicon]) -> Iterator[_Anchor]:
    """Give where words stand that rights are kept or given with, licence or not."""
    for place, lexicon in term_places(folded_text(text).lower(), lexicons):
        yield _Anchor(place, lexicon)


def _credit(reader: _Reader) -> Statement | None:
    """Return the statement of a text that is one credit line and nothing else."""
    text = reader.body.text
    start, end = reader.body.sentences[0][0], reader.body.sentences[-1][1]
    if not reader.named or end - start > _LONGEST_CREDIT_CHARS or "\n" in text[start:end]:
        return None
    if len(reader.body.sentences) > 1 and text[start] != '"':
        return None
    unit = unit_of(text, (start, end), reader.named)
    verdict = read_credit(unit)
    if verdict is None:
        return None
    return _statement(reader, unit, verdict, load_lexicons()["en"])


def _statements(reader: _Reader, anchors: Sequence[_Anchor]) -> Iterator[Statement]:
    for unit, lexicon, _, verdict in _read_units(reader, anchors):
        yield _statement(reader, unit, verdict, lexicon)


def _read_units(
    reader: _Reader, anchors: Sequence[_Anchor]
) -> Iterator[tuple[Unit, Lexicon, Context, Verdict]]:
    end = tried = 0
    for anchor in anchors[:_MOST_ANCHORS]:
        start = anchor.span[0]
        if start < (tried if anchor.lexicon else end) or start >= reader.body.comments_start:
            continue
        unit, lexicon = _unit(reader, anchor, end)
        tried = max(unit.span[1], anchor.span[1])
        if unit.span[0] < end:
            continue
        context = context_of(reader.body, unit, lexicon, is_alone=reader.is_alone)
        verdict = (read_frame if unit.named else read_terms)(unit, lexicon, context)
        if verdict:
            end = tried
            yield unit, lexicon, context, verdict


def _unit(reader: _Reader, anchor: _Anchor, end: int) -> tuple[Unit, Lexicon]:
    """Return what ``anchor`` stands in, no part of it before ``end``, and its language's words."""
    body, named = reader.body, reader.named
    lexicon = lexicon_of(body, anchor.span, named, reader.language)
    unit = cut_unit(body, anchor.span, named, lexicon)
    joined = unit if unit.is_cut else with_neighbours(body, unit, named, lexicon)
    unit = joined if joined.span[0] >= end else unit
    if unit.named or anchor.lexicon is None:
        return unit, lexicon
    if lexicon.has_terms(unit.low) or is_rather(
        unit.source, lexicon, anchor.lexicon, reader.language
    ):
        return unit, lexicon
    # The words that were found are of this language.
    return unit, anchor.lexicon


def _statement(reader: _Reader, unit: Unit, verdict: Verdict, lexicon: Lexicon) -> Statement:
    license_ = unit.licenses[0] if unit.licenses else None
    if verdict.spdx_id:
        license_ = reader.registry.by_spdx(verdict.spdx_id)
    return Statement(
        layer="text",
        field="body",
        frame=verdict.frame,
        rank=RANK_NOTHING if verdict.frame in _GRANTS_NOTHING else RANK_NOTICE,
        scope=verdict.scope,
        start=unit.span[0],
        end=unit.span[1],
        quote=unit.source,
        value_sha256=reader.body.sha256,
        rule_id=f"notice.{verdict.rule}",
        license=license_,
        object_kind=verdict.kind,
        licensor=licensor_of(unit, lexicon) if verdict.frame == "grant_text" else None,
        has_exception=verdict.has_exception,
        is_about_licensor=verdict.is_about_licensor,
        has_condition=verdict.has_condition,
    )
