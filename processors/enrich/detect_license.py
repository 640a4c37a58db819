"""Return the licence that an article's text states for itself, with its evidence.

Only a notice grants: a whole sentence of one of the forms of ``notice_grammar``, at the end of the
text or on a line of its own, outside quotation marks. All else that names a licence is a mention
and grants nothing; so does doubt. Offsets refer to the body before anything is cut from it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

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
from processors.enrich.notice_place import PlacedBody
from processors.enrich.sentences import Span, split_sentences

__all__ = [
    "LicenseRule", "Supplied", "detect_license", "find_licenses", "load_license_rules",
    "notice_spans",
]  # fmt: skip

# Rank lattice of the grant axis: an assertion in the text about the text, and any other mention.
RANK_NOTICE = 70
RANK_MENTION = 10
# More licence sentences than this is a text about licences, or an attack; it grants nothing.
_MOST_STATEMENTS = 200
_MOST_EVIDENCE = 20
_QUOTE_CHARS = 300
_CONTEXT_CHARS = 300
_SIGN_OFF_CHARS = 60

# Letters in classes, not IGNORECASE: the search stays a fast scan, and ASCII only.
_ANCHOR = re.compile(
    r"[Cc](?:[Rr][Ee][Aa][Tt][Ii][Vv][Ee][\s-]{0,3}[Cc][Oo][Mm][Mm][Oo][Nn][Ss]"
    r"|[Cc](?:[\s-]{0,3}[Bb][Yy]|[\s-]?0|[\s-]?[Zz][Ee][Rr][Oo])(?![A-Za-z]))"
    r"|[Pp](?:ublic|UBLIC) (?:[Dd]omain|DOMAIN) (?:[Mm]ark|MARK)|PDM 1\.0"
)
# Wire desks sign off with initials and numbers ("MNA/PR", "RD/5512") between story and notice.
_SIGN_OFF = re.compile(r"[A-Z]{2,6}(?:/[A-Z0-9]{1,12}){0,3}\s+")
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
# In ordinary prose nothing is limited by these words: a limit speaks of the licence or of texts.
_OF_LICENCE = re.compile(
    r"\b(?:licen[cs]|permission|re-?publi|reproduc|re-?us|copyright|content|article|stor(?:y|ies)\b"
    r"|material|notice|terms|rights|stated|noted)",
    re.ASCII | re.IGNORECASE,
)
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_NEGATED = re.compile(r"\b(?:not|never|no longer|nor)\b", re.ASCII | re.IGNORECASE)
_OF_THIS_TEXT = re.compile(
    r"\b(?:this|all|our|the) (?:\w+ )?(?:article|story|text|work|content|piece)s?\b",
    re.ASCII | re.IGNORECASE,
)
_RESERVED = re.compile(
    r"\ball rights reserved\b|\b(?:it|this (?:article|content|material|story|text)) may not be"
    r" (?:copied|reproduced|republished|redistributed|reused)\b",
    re.ASCII | re.IGNORECASE,
)


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
    whole = PlacedBody(body, split_sentences(body))
    if whole.sentences[-1][1] - whole.sentences[0][0] <= LONGEST_CREDIT_CHARS:
        span = whole.sentences[0][0], whole.sentences[-1][1]
        # A credit line inside an article is mostly a picture's; it counts where it is all there is.
        text = body[slice(*span)]
        is_one_line = "\n" not in text and (text[0] == '"' or len(whole.sentences) == 1)
        credit = read_credit(text, rules) if is_one_line else None
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


def _statement(body: PlacedBody, anchor: Span, rules: tuple[LicenseRule, ...]) -> _Statement:
    sentence = body.sentences[bisect_right(body.sentence_starts, anchor[0]) - 1]
    for span in _clips(body.text, sentence, anchor):
        notice = read_sentence(body.text[slice(*span)], rules)
        if notice and (span == sentence or notice.rule_id in BEGINS_WITH_SUBJECT):
            return _Statement(*span, notice, _doubt(body, span, notice))
    line = body.line_of(anchor[0])
    notice = read_line(body.text[slice(*line)], rules) if _is_short(line) else None
    if notice:
        return _Statement(*line, notice, _doubt(body, line, notice))
    return _Statement(*_around(body.text, sentence, anchor))


def _is_short(span: Span) -> bool:
    return span[1] - span[0] <= LONGEST_NOTICE_CHARS


def _clips(text: str, sentence: Span, anchor: Span) -> Iterator[Span]:
    """Give the sentence, then what stands of it on lines that begin with a capital.

    The line before a notice may be a heading or a byline without a full stop, and so may the next;
    on its own line a sign-off may stand before it.
    """
    ends = [sentence[1]]
    line_end = text.find("\n", anchor[1], sentence[1])
    if line_end >= 0 and text[line_end : line_end + 20].lstrip()[:1].isupper():
        ends.append(line_end)
    starts = [sentence[0]]
    line_start = text.rfind("\n", sentence[0], anchor[0]) + 1
    if line_start and text[line_start : line_start + 20].lstrip()[:1].isupper():
        starts.append(line_start)
    sign_off = _SIGN_OFF.match(text, sentence[0], min(anchor[0], sentence[0] + _SIGN_OFF_CHARS))
    if sign_off:
        starts.append(sign_off.end())
    for start in starts:
        for end in ends:
            piece = text[start : min(end, start + LONGEST_NOTICE_CHARS + 1)]
            left = start + len(piece) - len(piece.lstrip())
            if _is_short((left, end)):
                yield left, left + len(text[left:end].rstrip())


def _around(text: str, sentence: Span, anchor: Span) -> Span:
    """Return the sentence on its line, or the words about the anchor where that is too long."""
    line_end = text.find("\n", anchor[1], sentence[1])
    line_start = text.rfind("\n", sentence[0], anchor[0]) + 1
    sentence = max(sentence[0], line_start), line_end if line_end >= 0 else sentence[1]
    if sentence[1] - sentence[0] <= _QUOTE_CHARS:
        return sentence
    spare = (_QUOTE_CHARS - (anchor[1] - anchor[0])) // 2
    return max(sentence[0], anchor[0] - spare), min(sentence[1], anchor[1] + max(spare, 0))


def _doubt(body: PlacedBody, span: Span, notice: Notice) -> str:
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
    same_paragraph = _PARAGRAPH.split(following, maxsplit=1)[0]
    sentences = (same_paragraph[a:b] for a, b in split_sentences(same_paragraph)[:2])
    return any(
        _LIMIT.search(s) and _OF_LICENCE.search(s) and not _OTHER_OBJECT.search(s)
        for s in sentences
    )


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
