"""Cut the sentence or line that makes a statement out of a body."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from dateline.rights.license import NamedLicense
from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.lines import lines_of_statement
from dateline.rights.notices.names import MARK
from dateline.rights.notices.place import PlacedBody
from dateline.rights.notices.term_points import terms_in
from dateline.rights.notices.unit import Unit, unit_of
from dateline.rights.sentences import Span

# A notice is short; what is longer is a paragraph that speaks of licences.
LONGEST_UNIT_CHARS = 500
_QUOTE_CHARS = 300
_LONGEST_QUOTATION_CHARS = 400
_LONGEST_BRACKET_CHARS = 300
_COPYRIGHT = re.compile(r"©|\(c\)|copyright\b")
# Wire desks sign off between story and notice: "MNA/PR", "RD/5512", "(tmr/jk)", "End of item/".
_SIGN_OFF = re.compile(
    r"(?:[A-Z]{2,6}(?:/[A-Z0-9]{1,12}){1,3}\s+(?=[A-Z©])|[A-Z]{2,6}\s+(?=[A-Z©])(?![A-Z]{3})"
    r"|[^\W\d_]+(?: [^\W\d_]+)?/[\w]{0,6}\s+|\((?!c\))[^()\n\x1a]{1,60}\)\s+)(?=[^\s|])"
)
_SIGN_OFF_CHARS = 120
# Where a story begins: "OLMGATE - ", "Halmo, March 3 (Lakeside Wire) - ".
_PLACE = re.compile(r"[A-ZÀ-Þ][\w.' ]{2,30}(?:, [\w. ]{3,20})? ?")
_DATELINE = re.compile(
    r"(?:[A-ZÀ-Þ]{3}[A-ZÀ-Þ.' ]{0,30}(?:, [\w. ]{3,20})?"
    r"|[A-ZÀ-Þ][\w.' ]{2,30}(?:, [\w. ]{3,20})? ?\([^()\n]{2,60}\)) [-–—] (?=[\"“«„]?[A-ZÀ-Þ])"
)
_AFTER_DATELINE = re.compile(r" ?[-–—:] ")
# A sentence may begin in lower case where the one before ends in an ordinary word.
_INNER_END = re.compile(
    r"(?<=[.!?…])\s+\((?!c\))[^()\n]{1,60}\)\s+|[.!?]\s+(?=\([cC]\)|©)|(?<=\w)/\w{1,8}\.?\s+(?=[A-Z©])"
)
_LOWER_START = re.compile(r"(?:(?<=[^\W\d_]{4})|(?<=[^\W\d_]{2}[)\"”»]))[.!?]\s+(?=[^\W\d_])")
_BULLET = re.compile(r"(?:[>*–—-]\s+)+(?=\S)")
_BRACKET = re.compile(r"\((?![cC]\))|(?<!\([cC])\)|[\[\]{}（）［］【】]")
_OPENERS = "([{（［【"
_STOP_BEFORE = re.compile(r"(?:^|\n|[.!?…؟۔。][\"'”“’»]?)\s*$")
_END_OF_ASIDE = re.compile(r"[.!?]?\s*$|[.!?]?[^\S\n]*\n|[.!?]\s")
_FACTS = re.compile(r" ?[|¦│] ?| [•·●▪‣/] ")
_OURS = (
    "own_this", "own_site", "definite", "bare_text", "bare_notice", "caption", "byline", "media",
)  # fmt: skip
_TOLD = ("telling", "saying", "negation", "hypothetical")


def cut_unit(
    body: PlacedBody, anchor: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit:
    """Return the unit that ``anchor`` stands in.

    It is the sentence, or of a sentence over several lines the lines that belong together; what is
    in brackets of its own is a unit of its own.
    """
    start, end = body.sentences[body.sentence_index(anchor[0])]
    end = max(end, anchor[1])
    if end > body.comments_start > start and anchor[0] < body.comments_start:
        end = min(end, max(anchor[1], body.comments_start))
    if end - start > 20 * LONGEST_UNIT_CHARS:
        return _narrowed(body.text, (start, end), anchor, named)
    start, end = lines_of_statement(body, (start, end), anchor, named, lexicon)
    start = _after_inner_end(body.text, start, anchor)
    start = _after_sign_off(body.text, start, anchor, lexicon)
    bracket = _own_bracket(body.text, (start, end), anchor, named, lexicon)
    if bracket:
        return unit_of(body.text, bracket, named)
    start, end = _whole_quotation(body, (start, end))
    start, end = _fact(body.text, (start, end), anchor, named, lexicon)
    unit = unit_of(body.text, (start, end), named)
    if unit.span[1] - unit.span[0] > LONGEST_UNIT_CHARS:
        return _narrowed(body.text, unit.span, anchor, named)
    return unit


def _narrowed(text: str, span: Span, anchor: Span, named: Sequence[NamedLicense]) -> Unit:
    """Return the words about the anchor in what is too long to be a notice."""
    spare = max(0, (_QUOTE_CHARS - (anchor[1] - anchor[0])) // 2)
    start, end = max(span[0], anchor[0] - spare), min(span[1], anchor[1] + spare)
    return replace(unit_of(text, (start, end), named), is_cut=True)


def _after_inner_end(text: str, start: int, anchor: Span) -> int:
    near = max(start, anchor[0] - 2 * LONGEST_UNIT_CHARS)
    ends = [s.end() for s in _INNER_END.finditer(text, near, anchor[0] + 1)]
    ends += [
        s.end() for s in _LOWER_START.finditer(text, near, anchor[0] + 1) if text[s.end()].islower()
    ]
    return max((end for end in ends if end <= anchor[0]), default=start)


def _after_sign_off(text: str, start: int, anchor: Span, lexicon: Lexicon) -> int:
    """Return where a statement begins behind a sign-off or a dateline, which are the story's."""
    dateline = _DATELINE.match(text, start, start + _SIGN_OFF_CHARS)
    if dateline and not lexicon.has("lead_in", dateline.group().lower()):
        found: re.Match[str] | None = dateline
    else:
        window = start, start + _SIGN_OFF_CHARS
        found = _SIGN_OFF.match(text, *window) or _BULLET.match(text, *window)
    return found.end() if found and found.end() <= anchor[0] else start


def _own_bracket(
    text: str, span: Span, anchor: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Span | None:
    """Return the brackets around ``anchor`` if they hold a statement of their own.

    They do between sentences, in a dateline, and as an aside at a sentence's end that names whose
    work it is ("... on the lake (photo: N. Roe, CC BY 2.0).").
    """
    bracket = _bracket_around(text, anchor)
    if bracket is None:
        return None
    start, end = bracket
    before = text[min(span[0], start) : start]
    if not before.strip() or _STOP_BEFORE.search(text[max(0, start - 5) : start]):
        return bracket
    if _PLACE.fullmatch(before) and _AFTER_DATELINE.match(text, end):
        return bracket
    if not _END_OF_ASIDE.match(text, end):
        return None
    inner = unit_of(text, (start + 1, end - 1), named).low
    outer = unit_of(text, (span[0], start), named).low
    is_credit = any(mark in inner.partition(MARK)[0] for mark in ":,،") and MARK in inner
    is_notice = lexicon.has("bare_notice", inner) or any(
        lexicon.has(kind, outer) for kind in (*_OURS, *_TOLD)
    )
    return bracket if is_credit and not is_notice and MARK not in outer else None


def _bracket_around(text: str, anchor: Span) -> Span | None:
    """Return the outermost brackets about ``anchor``, or None."""
    open_at: list[int] = []
    for found in _BRACKET.finditer(text, max(0, anchor[0] - _LONGEST_BRACKET_CHARS), anchor[0]):
        if found.group() in _OPENERS:
            open_at.append(found.start())
        elif open_at:
            open_at.pop()
    if not open_at:
        return None
    depth = len(open_at)
    for found in _BRACKET.finditer(text, anchor[1], anchor[1] + _LONGEST_BRACKET_CHARS):
        depth += 1 if found.group() in _OPENERS else -1
        if depth == 0:
            span = open_at[0], found.end()
            is_link = text[span[0]] == "[" and text[span[1] : span[1] + 1] == "("
            return None if is_link or "\n\n" in text[slice(*span)] else span
    return None


def _whole_quotation(body: PlacedBody, span: Span) -> Span:
    """Return ``span`` with the sentences of the quotation that it begins or ends in."""
    first = last = body.sentence_index(span[0])
    start, end = span
    while last + 1 < len(body.sentences) and body.is_inside_quotation(end):
        last += 1
        end = body.sentences[last][1]
        if end - start > _LONGEST_QUOTATION_CHARS:
            return span
    # The mark that closes it may end a line.
    line_end = body.text.find("\n", span[1], end)
    if line_end >= 0 and not body.is_inside_quotation(line_end):
        end = line_end
    while first and body.is_inside_quotation(start):
        first -= 1
        start = body.sentences[first][0]
        if end - start > _LONGEST_QUOTATION_CHARS:
            return span
    return span if "\n\n" in body.text[start:end] else (start, end)


def _fact(
    text: str, span: Span, anchor: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Span:
    """Return the part of a line of facts ("Text: CC BY 4.0 | Photos: ...") that ``anchor`` is in.

    That is the whole line unless several of its parts make statements.
    """
    if span[1] - span[0] > LONGEST_UNIT_CHARS:
        return span
    if _COPYRIGHT.match(text[slice(*span)].lower()):
        return span
    cuts = [each.span() for each in _FACTS.finditer(text, *span)]
    starts, ends = [span[0], *(cut[1] for cut in cuts)], [*(cut[0] for cut in cuts), span[1]]
    parts = list(zip(starts, ends, strict=True))
    making = [part for part in parts if _makes_statement(text, part, named, lexicon)]
    if len(making) < 2:  # noqa: PLR2004 - several
        return span
    return next((part for part in parts if part[0] <= anchor[0] < part[1]), span)


def _makes_statement(
    text: str, part: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> bool:
    unit = unit_of(text, part, named)
    terms = terms_in(unit.low, lexicon)
    is_reserved = terms is not None and terms.frame == "reserved" and terms.is_stated
    return is_reserved or bool(unit.licenses)
