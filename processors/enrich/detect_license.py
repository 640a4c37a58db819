"""Return the licence that an article's text states for itself, with its evidence.

Only a notice grants: a whole sentence of one of the forms of ``notice_grammar``, at the end of the
text or on a line of its own, outside quotation marks. All else that names a licence is a mention
and grants nothing; so does doubt. Offsets refer to the body before anything is cut from it.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from dateline.ids import text_sha256
from dateline.records import LicenseEvidence, Rights
from processors.enrich.license_rules import (
    CONSTRAINTS,
    LicenseRule,
    find_licenses,
    load_license_rules,
)
from processors.enrich.notice_grammar import (
    BEGINS_WITH_SUBJECT,
    LONGEST_CREDIT_CHARS,
    LONGEST_NOTICE_CHARS,
    MAY_MEAN_OTHER_OBJECT,
    Notice,
    read_credit,
    read_line,
    read_sentence,
)
from processors.enrich.sentences import Span, split_sentences

__all__ = [
    "LicenseRule", "Supplied", "detect_license", "find_licenses", "load_license_rules",
    "notice_spans",
]  # fmt: skip

# Rank lattice of the grant axis: an assertion in the text about the text, and any other mention.
RANK_NOTICE = 70
RANK_MENTION = 10
# A tail of three sentences: notice, credit of the picture, "read more".
_TAIL_SENTENCES = 3
_TAIL_PARAGRAPH_CHARS = 600
# More licence sentences than this is a text about licences, or an attack; it grants nothing.
_MOST_STATEMENTS = 200
_MOST_EVIDENCE = 20
_QUOTE_CHARS = 300
_CONTEXT_CHARS = 300

# Letters in classes, not IGNORECASE: the search stays a fast scan, and ASCII only.
_ANCHOR = re.compile(
    r"[Cc](?:[Rr][Ee][Aa][Tt][Ii][Vv][Ee][\s-]{0,3}[Cc][Oo][Mm][Mm][Oo][Nn][Ss]"
    r"|[Cc](?:[\s-]{0,3}[Bb][Yy]|[\s-]?0|[\s-]?[Zz][Ee][Rr][Oo])(?![A-Za-z]))"
    r"|[Pp](?:ublic|UBLIC) (?:[Dd]omain|DOMAIN) (?:[Mm]ark|MARK)|PDM 1\.0"
)
_OTHER_OBJECT = re.compile(
    r"\b(?:photo(?:graph)?|picture|image|video|footage|map|illustration|graphic|chart|figure|cover"
    r"|banner|logo|font|theme|template|icon|data|dataset|music|audio|podcast|credit|caption|flickr"
    r"|wikimedia|unsplash)s?\b",
    re.ASCII | re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:except(?:ing|ion)?|excluding|unless|not apply|no longer|(?:do|does|did|is|are|was) not"
    r"|not (?:covered|included|licensed|available)|all rights reserved|may not be"
    r"|without (?:prior |written )*permission|prohibited)\b",
    re.ASCII | re.IGNORECASE,
)
_NEGATED = re.compile(r"\b(?:not|never|no longer|nor)\b", re.ASCII | re.IGNORECASE)
_OF_THIS_TEXT = re.compile(
    r"\b(?:this|all|our|the) (?:\w+ )?(?:article|story|text|work|content|piece)s?\b",
    re.ASCII | re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\ball rights reserved\b|\bmay not be (?:reproduced|republished|redistributed|published)\b",
    re.ASCII | re.IGNORECASE,
)
_COMMENTS = re.compile(
    r"^[^\S\n]{0,8}(?:\d{1,5} )?(?:reader |user )?comments?(?: ?\(\d{1,5}\))?:?[^\S\n]{0,8}\r?$",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "‘": "’"}
# Apostrophes may stand between a notice and the mark that ends a quotation of it.
_MARKS_AHEAD = 20
_QUOTE_MARK = re.compile("[\"“”„«»‘’']|\n[^\\S\n]*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """What the source said beside the text; only this goes into the attribution line."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    url: str | None = None
    publisher: str | None = None


NOTHING_SUPPLIED = Supplied()


@dataclass(frozen=True, slots=True)
class _Statement:
    """A sentence or line that names a licence; ``doubt`` says why its notice grants nothing."""

    start: int
    end: int
    notice: Notice | None = None
    doubt: str = ""


@dataclass(frozen=True)
class _Body:
    """The body with what is known of its places, each found once."""

    text: str
    sentences: tuple[Span, ...] = field(repr=False)

    @cached_property
    def sentence_starts(self) -> list[int]:
        return [start for start, _ in self.sentences]

    @cached_property
    def tail_start(self) -> int:
        """Where the last sentences begin, or the last paragraph if it is short."""
        start = self.sentences[-_TAIL_SENTENCES:][0][0]
        end = self.sentences[-1][1]
        paragraph = self.text.rfind("\n", 0, end) + 1
        return min(start, paragraph) if end - paragraph <= _TAIL_PARAGRAPH_CHARS else start

    @cached_property
    def comments_start(self) -> int:
        header = _COMMENTS.search(self.text)
        return header.start() if header else len(self.text)

    @cached_property
    def quote_marks(self) -> tuple[list[int], list[bool]]:
        """The positions of quotation marks, and whether the text after each is inside them."""
        positions: list[int] = []
        inside: list[bool] = []
        opener = ""
        for mark in _QUOTE_MARK.finditer(self.text):
            opener = _opener_after(self.text, mark, opener)
            positions.append(mark.start())
            inside.append(bool(opener))
        return positions, inside

    def is_quoted(self, span: Span) -> bool:
        """Return whether quotation marks are open before the span, or closed after it."""
        positions, inside = self.quote_marks
        before = bisect_left(positions, span[0]) - 1
        if before >= 0 and inside[before]:
            return True
        after = bisect_left(positions, span[1])
        turns = (_turn(self.text, p) for p in positions[after : after + _MARKS_AHEAD])
        return next((turn for turn in turns if turn), "") == "close"

    def line_of(self, position: int) -> Span:
        """Return the line at ``position``, without white space around it if it is short."""
        start = self.text.rfind("\n", 0, position) + 1
        end = self.text.find("\n", position)
        end = len(self.text) if end < 0 else end
        if end - start > 2 * LONGEST_NOTICE_CHARS:
            return start, end
        line = self.text[start:end]
        return end - len(line.lstrip()), start + len(line.rstrip())


def _opener_after(text: str, mark: re.Match[str], opener: str) -> str:
    """Return the quotation mark that is open after ``mark``, if one is."""
    char = mark.group()
    if char.startswith("\n"):
        # Straight marks do not tell where they begin; a blank line ends a quotation of theirs.
        return "" if opener == '"' else opener
    if opener:
        is_straight_end = char == opener == '"' and _turn(text, mark.start()) != "open"
        return "" if is_straight_end or char in _CLOSERS.get(opener, "") else opener
    if char == '"':
        return char if _turn(text, mark.start()) == "open" else ""
    return char if char in _CLOSERS else ""


def _turn(text: str, position: int) -> str:
    """Return whether the mark at ``position`` looks like an ``open`` or a ``close``, or neither."""
    char = text[position]
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    if char == "\n" or char in "„«‘":
        return "open"
    if char in "”»":
        return "close"
    if not after or after.isspace() or not (after.isalnum() or before.isspace() or not before):
        return "close" if before and not before.isspace() else ""
    is_in_word = before.isalnum() or before in tuple(".!?)")
    return "" if is_in_word else "open"


def detect_license(
    body: str, rules: tuple[LicenseRule, ...], supplied: Supplied = NOTHING_SUPPLIED
) -> Rights:
    """Return the licence that ``body`` states for itself, or say that it states none.

    Args:
        body: the article's text as its source gave it, line breaks kept.
        rules: the registry; the order of rows changes nothing.
        supplied: title, authors, address and publisher, as far as the source gave them.

    Returns:
        ``granted`` or ``public_domain`` with evidence and attribution line; ``conflict`` where
        notices differ or are limited, with the constraints of all; else ``unknown``.
    """
    anchors = [found.span() for found in _ANCHOR.finditer(body)]
    if not anchors:
        return Rights(status="unknown")
    statements = _statements(body, rules, anchors)
    grants = [s for s in statements if s.notice and not s.doubt]
    evidence = _evidence(body, statements, rules)
    if not grants or len(statements) > _MOST_STATEMENTS:
        return Rights(status="unknown", evidence=evidence, notes=_unknown_notes(statements))
    conflicts = _conflicts(body, statements, grants)
    if conflicts:
        return _conflict(grants, statements, evidence, conflicts)
    return _grant(grants, evidence, supplied)


def notice_spans(rights: Rights) -> tuple[Span, ...]:
    """Return the spans of the body that are notices, to be cut before names are looked for."""
    return tuple((e.start, e.end) for e in rights.evidence if e.frame == "grant_text")


def _statements(
    body: str, rules: tuple[LicenseRule, ...], anchors: Sequence[Span]
) -> list[_Statement]:
    whole = _Body(body, split_sentences(body))
    if whole.sentences[-1][1] - whole.sentences[0][0] <= LONGEST_CREDIT_CHARS:
        span = whole.sentences[0][0], whole.sentences[-1][1]
        # A credit line inside an article is mostly a picture's; it counts where it is all there is.
        credit = read_credit(body[slice(*span)], rules)
        if credit:
            return [_Statement(*span, credit)]
    statements: list[_Statement] = []
    for start, end in anchors:
        if statements and start < statements[-1].end:
            continue
        if len(statements) > _MOST_STATEMENTS:
            break
        statements.append(_statement(whole, (start, end), rules))
    return statements


def _statement(body: _Body, anchor: Span, rules: tuple[LicenseRule, ...]) -> _Statement:
    sentence = body.sentences[bisect_right(body.sentence_starts, anchor[0]) - 1]
    for span in _clips(body.text, sentence, anchor):
        notice = read_sentence(body.text[slice(*span)], rules)
        if notice and (span == sentence or notice.rule_id in BEGINS_WITH_SUBJECT):
            return _Statement(*span, notice, _doubt(body, span, notice))
    line = body.line_of(anchor[0])
    notice = read_line(body.text[slice(*line)], rules) if _is_short(line) else None
    if notice:
        return _Statement(*line, notice, _doubt(body, line, notice))
    return _Statement(*_around(sentence, anchor))


def _is_short(span: Span) -> bool:
    return span[1] - span[0] <= LONGEST_NOTICE_CHARS


def _clips(text: str, sentence: Span, anchor: Span) -> Iterator[Span]:
    """Give the sentence, then what stands of it on lines that begin with a capital.

    The line before a notice may be a heading or a byline without a full stop, and so may the next.
    """
    ends = [sentence[1]]
    line_end = text.find("\n", anchor[1], sentence[1])
    if line_end >= 0 and text[line_end : line_end + 20].lstrip()[:1].isupper():
        ends.append(line_end)
    starts = [sentence[0]]
    line_start = text.rfind("\n", sentence[0], anchor[0]) + 1
    if line_start and text[line_start : line_start + 20].lstrip()[:1].isupper():
        starts.append(line_start)
    for start in starts:
        for end in ends:
            piece = text[start : min(end, start + LONGEST_NOTICE_CHARS + 1)]
            left = start + len(piece) - len(piece.lstrip())
            if _is_short((left, end)):
                yield left, left + len(text[left:end].rstrip())


def _around(sentence: Span, anchor: Span) -> Span:
    """Return the sentence, or the words about the anchor where it is too long to quote."""
    if sentence[1] - sentence[0] <= _QUOTE_CHARS:
        return sentence
    spare = (_QUOTE_CHARS - (anchor[1] - anchor[0])) // 2
    return max(sentence[0], anchor[0] - spare), min(sentence[1], anchor[1] + max(spare, 0))


def _doubt(body: _Body, span: Span, notice: Notice) -> str:
    """Return why a well-formed notice at ``span`` does not grant, or nothing."""
    before = body.text[max(0, span[0] - _CONTEXT_CHARS) : span[0]]
    if _leads_on(before):
        return "reported"
    if span[0] > body.comments_start:
        return "comment"
    if body.is_quoted(span):
        return "quoted"
    if notice.rule_id in MAY_MEAN_OTHER_OBJECT and _OTHER_OBJECT.search(_last_words(before)):
        return "other object"
    is_own_line = body.line_of(span[0])[0] == span[0] and body.line_of(span[1] - 1)[1] == span[1]
    if span[0] < body.tail_start and not is_own_line:
        return "place"
    return ""


def _leads_on(before: str) -> bool:
    """Return whether the words before a notice announce it; a row of dashes does not."""
    line = before.rstrip().rpartition("\n")[2]
    return line[-1:] in tuple(":,;-–—(") and any(char.isalnum() for char in line)


def _last_words(before: str) -> str:
    """Return the sentence or line that ends where the notice begins."""
    sentences = split_sentences(before)
    return before[sentences[-1][0] :] if sentences else ""


def _conflicts(
    body: str, statements: Sequence[_Statement], grants: Sequence[_Statement]
) -> tuple[str, ...]:
    """Return why the grants cannot be taken at their word."""
    notes: list[str] = []
    stated = {s.notice.rule.spdx_id for s in statements if s.notice and s.doubt in ("", "place")}
    if len(stated) > 1:
        notes.append("the text states different licences: " + ", ".join(sorted(stated)))
    if any(not s.notice and _denies(body[s.start : s.end]) for s in statements):
        notes.append("the text denies a licence")
    if any(_is_limited(body, s) for s in grants):
        notes.append("the words after the notice limit it")
    if _RESERVED.search(body, max(0, len(body) - 4 * _CONTEXT_CHARS)):
        notes.append("the text reserves all rights")
    return tuple(notes)


def _denies(sentence: str) -> bool:
    return bool(_NEGATED.search(sentence) and _OF_THIS_TEXT.search(sentence))


def _is_limited(body: str, grant: _Statement) -> bool:
    following = body[grant.end : grant.end + _CONTEXT_CHARS]
    sentences = (following[a:b] for a, b in split_sentences(following)[:2])
    return any(_LIMIT.search(s) and not _OTHER_OBJECT.search(s) for s in sentences)


def _evidence(
    body: str, statements: Sequence[_Statement], rules: tuple[LicenseRule, ...]
) -> tuple[LicenseEvidence, ...]:
    digest = text_sha256(body)
    grants = [s for s in statements if s.notice and not s.doubt][-_MOST_EVIDENCE:]
    mentions = [s for s in statements if not s.notice or s.doubt][:_MOST_EVIDENCE]
    version = rules[0].registry_version if rules else ""
    return tuple(
        _one_evidence(body, statement, digest, version)
        for statement in sorted(grants + mentions, key=lambda s: s.start)
    )


def _one_evidence(body: str, statement: _Statement, digest: str, version: str) -> LicenseEvidence:
    notice = statement.notice
    is_grant = notice is not None and not statement.doubt
    by_licensor = notice is not None and notice.rule_id in ("all_content", "all_text")
    return LicenseEvidence(
        layer="text",
        field="body",
        start=statement.start,
        end=statement.end,
        quote=body[statement.start : statement.end],
        text_sha256=digest,
        frame="grant_text" if is_grant else "mention",
        scope=("site_by_licensor" if by_licensor else "this_text") if is_grant else "unspecified",
        rank=RANK_NOTICE if is_grant else RANK_MENTION,
        rule_id=f"notice.{notice.rule_id}" if notice else "mention",
        registry_version=version,
    )


def _unknown_notes(statements: Sequence[_Statement]) -> tuple[str, ...]:
    if len(statements) > _MOST_STATEMENTS:
        return ("the text names licences too often to be a notice",)
    doubts = sorted({s.doubt for s in statements if s.doubt})
    reason = f" ({', '.join(doubts)})" if doubts else ""
    return (f"a licence is named in the text but not granted to it{reason}",)


def _conflict(
    grants: Sequence[_Statement],
    statements: Sequence[_Statement],
    evidence: tuple[LicenseEvidence, ...],
    notes: tuple[str, ...],
) -> Rights:
    stated = [s.notice for s in statements if s.notice and s.doubt in ("", "place")]
    asked = {constraint for notice in stated for constraint in notice.rule.effective}
    licensors = {s.notice.licensor for s in grants if s.notice and s.notice.licensor}
    return Rights(
        status="conflict",
        spdx_expression=" AND ".join(sorted({notice.rule.spdx_id for notice in stated})),
        licensor=licensors.pop() if len(licensors) == 1 else None,
        effective=tuple(c for c in CONSTRAINTS if c in asked),
        evidence=evidence,
        notes=notes,
    )


def _grant(
    grants: Sequence[_Statement], evidence: tuple[LicenseEvidence, ...], supplied: Supplied
) -> Rights:
    notices = [s.notice for s in grants if s.notice]
    rule = notices[-1].rule
    licensor = next((n.licensor for n in reversed(notices) if n.licensor), None)
    is_public = rule.family == "public_domain"
    return Rights(
        status="public_domain" if is_public else "granted",
        spdx_expression=rule.spdx_id,
        license_uri=rule.uri,
        license_name=rule.name,
        # The mark is a label: nobody licenses what is free already.
        licensor=None if rule.code == "mark" else licensor,
        attribution_text=_attribution_text(rule, licensor or supplied.publisher, supplied),
        effective=rule.effective,
        evidence=evidence,
        notes=_missing_notes(licensor, supplied),
    )


def _missing_notes(licensor: str | None, supplied: Supplied) -> tuple[str, ...]:
    facts = {
        "title": supplied.title,
        "author": supplied.authors,
        "address": supplied.url,
        "licensor": licensor,
    }
    return tuple(f"{name} not supplied by the source" for name, value in facts.items() if not value)


def _attribution_text(rule: LicenseRule, credited: str | None, supplied: Supplied) -> str:
    """Return title, author, source and licence, of what is there (licensing.md section 6, 4)."""
    authors = " and ".join(_one_line(author) for author in supplied.authors)
    names = ", ".join(filter(None, (authors, _one_line(credited or ""))))
    title = f'"{_one_line(supplied.title).replace(chr(34), chr(39))}"' if supplied.title else ""
    by = "by " if title and authors else ""
    joint = " " if by else ", "
    work = joint.join(filter(None, (title, by + names)))
    if supplied.url:
        work = f"{work} ({supplied.url})".strip()
    verb = "marked with" if rule.family == "public_domain" else "licensed under"
    license_ = f"{verb} {rule.name} ({rule.uri})."
    return f"{work}, {license_}" if work else license_[0].upper() + license_[1:]


def _one_line(text: str) -> str:
    return " ".join(text.split())
