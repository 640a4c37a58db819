"""Cut the sentence or line that makes a statement out of a body, and put it in plain form."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dateline.rights.license import License, NamedLicense
from dateline.rights.license_names import folded_text
from dateline.rights.notices.lexicon import MARK, Lexicon
from dateline.rights.notices.place import PlacedBody
from dateline.rights.sentences import Span

# A notice is short; what is longer is a paragraph that speaks of licences.
LONGEST_UNIT_CHARS = 500
_QUOTE_CHARS = 300
_PUBLIC_DOMAIN = "LicenseRef-Public-Domain"
_MOST_BARE_WORDS = 2
_MOST_COPYRIGHT_CHARS = 80
_COPYRIGHT = re.compile(r"©|\(c\)|copyright\b")
_IGNORED = re.compile(
    "[\u00ad\u200b\u200d\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\u0640\u064b-\u0655\u0670]+"
)
_SPACES = re.compile(r"\s+")
# Wire desks sign off between story and notice: "MNA/PR", "RD/5512", "(tmr/jk)", "End of item/".
_SIGN_OFF = re.compile(
    r"(?:[A-Z]{2,6}(?:/[A-Z0-9]{1,12}){0,3}\s+(?=[A-Z©])|[^\W\d_]+(?: [^\W\d_]+)?/[\w]{0,6}\s+"
    r"|\((?!c\))[^()\n\x1a]{1,60}\)\s+)(?=\S)"
)
# A sentence may begin in lower case where the one before ends in an ordinary word.
_INNER_END = re.compile(
    r"(?<=[.!?…])\s+\((?!c\))[^()\n]{1,60}\)\s+|[.!?]\s+(?=\([cC]\)|©)|(?<=\w)/\w{1,8}\.?\s+(?=[A-Z©])"
)
_LOWER_START = re.compile(r"(?<=[^\W\d_]{4})[.!?]\s+(?=[^\W\d_])")
_HARD_START = re.compile(r"[^\w\s]*[^\W_]")
_PAIRS = re.compile(
    '“[^“”]*”|„[^“”„]*[“”]|«[^«»]*»|»[^«»]*«|"[^"]*"|‘[^‘]*’|(?<!\\w)\'[^\n]{3,}?\'(?!\\w)|「[^」]*」|『[^』]*』'
)
_BRACKETS = {"[": "]", "(": ")", "{": "}"}
_FACTS = re.compile(r" [|•·/] ")
_LETTER = re.compile(r"[^\W_]")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_MIXED = re.compile(
    "[a-zA-Z][\u0370-\u04ff]|[\u0370-\u04ff][a-zA-Z]|[\u017f\u212a\u2100-\u214f\uff21-\uff5a]"
    "|[\U0001d400-\U0001d7ff\u202d\u202e]"
)
_CC_LOOKALIKE = re.compile(
    r"creative-?commons?[\w.\-]*\.|creativecomm|/creativecommons|\bjavascript:", re.IGNORECASE
)


@dataclass(frozen=True)
class Unit:
    """A piece of the body that may make one statement; licences in it stand as one mark each."""

    body: str
    span: Span
    named: tuple[NamedLicense, ...]
    is_cut: bool = False  # too long to be a notice: only the words about a licence

    @property
    def source(self) -> str:
        """The words as they stand in the body."""
        return self.body[slice(*self.span)]

    @cached_property
    def plain(self) -> str:
        """The words folded, on one line, each licence as one mark, in their own case."""
        pieces = []
        position = self.span[0]
        for each in self.named:
            pieces.append(self.body[position : each.start])
            pieces.append(MARK)
            position = each.end
        pieces.append(self.body[position : self.span[1]])
        text = "".join(pieces)
        if not text.isascii():
            text = _IGNORED.sub("", folded_text(text))
        return _SPACES.sub(" ", text).strip()

    @cached_property
    def low(self) -> str:
        """``plain`` in lower case."""
        return self.plain.lower()

    @cached_property
    def licenses(self) -> tuple[License, ...]:
        """The different licences named; of the same with and without a version the former."""
        found = {n.license.spdx_id: n.license for n in self.named if n.license}
        versions = {each.code for each in found.values() if each.version}
        kept = [each for each in found.values() if each.version or each.code not in versions]
        # "Into the public domain under CC0" names one.
        named_domain = [e for e in kept if e.spdx_id != _PUBLIC_DOMAIN]
        is_domain = any(each.is_public_domain for each in named_domain)
        return tuple(named_domain if is_domain else kept)

    @property
    def is_suspicious(self) -> bool:
        """Whether a word mixes scripts or is turned round, or an address looks like another."""
        rest = self.plain
        return bool(_MIXED.search(self.source) or _CC_LOOKALIKE.search(rest))

    def quotes_more_than_a_name(self) -> bool:
        """Return whether a licence stands in quotation marks with words that are not its name."""
        for pair in _PAIRS.finditer(self.plain):
            inner = pair.group()
            if MARK in inner and len(_LETTERS.findall(inner)) > 1:
                return True
        return False

    def quotes(self, start: int, end: int) -> bool:
        """Return whether ``[start, end)`` of ``low`` is inside quotation marks."""
        return any(p.start() < start and end < p.end() + 1 for p in _PAIRS.finditer(self.plain))

    def source_of(self, words: str) -> str:
        """Return ``words`` of ``plain`` as they stand in the body, white space made one."""
        gap = f"[\\s{_IGNORED.pattern[1:-2]}\u200c]*"
        pattern = gap.join("." if char != " " else r"\s*" for char in words)
        folded = folded_text(self.source)
        exact = gap.join(re.escape(char) if char != " " else r"[\s\u200c]*" for char in words)
        found = re.search(exact, folded) or re.search(pattern, folded)
        return " ".join(self.source[slice(*found.span())].split()) if found else words


def cut_unit(
    body: PlacedBody, anchor: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit:
    """Return the unit that ``anchor`` stands in.

    It is the sentence, or of a sentence over several lines the lines that belong together: a
    heading, a byline or a caption without a full stop is no part of what follows it.
    """
    index = body.sentence_index(anchor[0])
    start, end = body.sentences[index]
    end = max(end, anchor[1])
    if end > body.comments_start > start and anchor[0] < body.comments_start:
        end = min(end, max(anchor[1], body.comments_start))
    if end - start > 20 * LONGEST_UNIT_CHARS:
        return _narrowed(body.text, (start, end), anchor, named)
    start, end = _lines(body.text, (start, end), anchor, lexicon)
    start = _after_inner_end(body.text, start, anchor)
    start = _after_sign_off(body.text, start, anchor)
    end = _closing(body.text, start, end, anchor)
    start, end = _fact(body.text, (start, end), anchor, named, lexicon)
    start, end = _trimmed(body.text, start, end)
    if end - start > LONGEST_UNIT_CHARS:
        return _narrowed(body.text, (start, end), anchor, named)
    return unit_of(body.text, (start, end), named)


def with_lead(
    body: PlacedBody, unit: Unit, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit:
    """Return ``unit`` with the sentence before it where only both together make the statement.

    These are a credit and its licence ("Picture: N. Roe. CC BY 2.0.") and a question about our text
    with its answer ("Want to use this text? Do, under CC BY 4.0.").
    """
    line_start = body.text.rfind("\n", 0, unit.span[0]) + 1
    previous = body.sentences[max(0, body.sentence_index(unit.span[0] - 1))]
    if unit.span[0] == line_start:
        line_start = body.text.rfind("\n", 0, max(0, line_start - 1)) + 1
    start = max(previous[0], line_start)
    lead = folded_text(body.text[start : unit.span[0]]).lower()
    is_named = any(
        start <= n.start < unit.span[0]
        for n in unit_of(body.text, (start, unit.span[0]), named).named
    )
    if not lead.strip() or len(lead) > LONGEST_UNIT_CHARS or "\n\n" in lead or is_named:
        return unit
    is_bare = len(_LETTERS.findall(unit.plain)) <= _MOST_BARE_WORDS
    is_free = not _has_subject(unit, lexicon)
    is_credited = lexicon.has("caption", lead) or lexicon.has("byline", lead.strip())
    is_credit = is_bare and is_free and is_credited and MARK in unit.plain
    is_copyright = (
        len(lead) < _MOST_COPYRIGHT_CHARS and bool(_COPYRIGHT.match(lead)) and "\n" not in lead
    )
    is_answer = is_free and lead.rstrip().endswith(("?", "؟")) and lexicon.has("own_this", lead)
    if is_credit or is_answer or is_copyright:
        return unit_of(body.text, _trimmed(body.text, start, unit.span[1]), named)
    return unit


def _has_subject(unit: Unit, lexicon: Lexicon) -> bool:
    return any(
        lexicon.has(kind, unit.low) for kind in ("own_this", "own_site", "definite", "pronoun_we")
    )


def unit_of(text: str, span: Span, named: Sequence[NamedLicense]) -> Unit:
    """Return the unit of ``span`` with the licences inside it."""
    first = bisect_left(named, span[0], key=lambda each: each.start)
    last = bisect_left(named, span[1], key=lambda each: each.start)
    return Unit(text, span, tuple(each for each in named[first:last] if each.end <= span[1]))


def _narrowed(text: str, span: Span, anchor: Span, named: Sequence[NamedLicense]) -> Unit:
    """Return the words about the anchor in what is too long to be a notice."""
    spare = max(0, (_QUOTE_CHARS - (anchor[1] - anchor[0])) // 2)
    start, end = max(span[0], anchor[0] - spare), min(span[1], anchor[1] + spare)
    return replace(unit_of(text, _trimmed(text, start, end), named), is_cut=True)


def _trimmed(text: str, start: int, end: int) -> Span:
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    return start, end


def _lines(text: str, span: Span, anchor: Span, lexicon: Lexicon) -> Span:
    start, end = span
    while (line_end := text.rfind("\n", start, anchor[0])) >= 0:
        before_start = text.rfind("\n", start, line_end) + 1
        if _is_hard(text, max(start, before_start), line_end, lexicon):
            start = line_end + 1
            break
        start_of_line = max(start, before_start)
        if start_of_line == start:
            break
        anchor = (line_end, anchor[1])
    stop = anchor[1]
    while (line_end := text.find("\n", stop, end)) >= 0:
        line_start = text.rfind("\n", start, line_end) + 1
        if _is_hard(text, max(start, line_start), line_end, lexicon):
            end = line_end
            break
        stop = line_end + 1
    return start, end


def _is_hard(text: str, line_start: int, line_end: int, lexicon: Lexicon) -> bool:
    """Return whether the line break at ``line_end`` ends a statement without a full stop."""
    line = folded_text(text[line_start:line_end]).strip()
    following = folded_text(text[line_end : line_end + 80]).split("\n")[1].strip()
    if not following or not _LETTER.search(line):
        return True
    if following[0].islower() or line[-1] in ",،-–(":
        return False
    words = following.lower().split()
    if words[0] in lexicon.soft_starts or line.lower().split()[-1] in lexicon.soft_ends:
        return False
    return bool(_HARD_START.match(following) or following[0] in "©([{|>-*")


def _after_inner_end(text: str, start: int, anchor: Span) -> int:
    near = max(start, anchor[0] - 2 * LONGEST_UNIT_CHARS)
    ends = [s.end() for s in _INNER_END.finditer(text, near, anchor[0] + 1)]
    ends += [
        s.end() for s in _LOWER_START.finditer(text, near, anchor[0] + 1) if text[s.end()].islower()
    ]
    return max((end for end in ends if end <= anchor[0]), default=start)


def _closing(text: str, start: int, end: int, anchor: Span) -> int:
    """Return where a notice in brackets ends: a dateline may follow on its line."""
    begin = start + len(text[start:end]) - len(text[start:end].lstrip())
    closer = _BRACKETS.get(text[begin : begin + 1])
    found = text.find(closer, anchor[1], end) if closer else -1
    return found + 1 if found >= 0 else end


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
    words = lexicon.without("neutral", folded_text(text[slice(*part)]).lower())
    return lexicon.has("reserved", words) or bool(unit_of(text, part, named).licenses)


def _after_sign_off(text: str, start: int, anchor: Span) -> int:
    found = _SIGN_OFF.match(text, start, start + 120)
    return found.end() if found and found.end() <= anchor[0] else start
