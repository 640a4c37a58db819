"""Return what stands around a unit: its place, a quotation, what leads on to it or limits it."""

from __future__ import annotations

import re

from dateline.rights.folding import folded_text
from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.place import PlacedBody
from dateline.rights.notices.unit import Unit
from dateline.rights.notices.verdict import Context
from dateline.rights.own_terms import speaks_of_others, without_own_terms
from dateline.rights.sentences import split_sentences

_CONTEXT_CHARS = 300
_LONGEST_HEADING_CHARS = 40
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_LEADS_ON = tuple(":,;-–—(،：")
_DATELINE_END = re.compile(
    r"[A-ZÀ-Þ]{3}[^a-z\n]*(?:, [\w. ]{3,20})?(?: ?\([^()\n]{2,60}\))? ?[-–—]$"
)
# Headings of notes of our own, folded.
_OUR_NOTE = re.compile(
    r"\W*(?:editor(?:s|'s|s'|ial)? notes?|notes? (?:to|for|from) (?:the )?editors?|small print"
    r"|about this (?:article|story|text|page)|legal(?: notice)?|impressum"
    r"|(?:hinweis|anmerkung)(?: der redaktion)?|note de la rédaction|mentions légales"
    r"|nota de(?: la)? redacción|nota del editor"
    r"|aviso(?: legal)?|nota (?:della redazione|da redação)|(?:noot|opmerking) van de redactie"
    r"|(?:от |примечание )?редакции|یادداشت|توضیح|ملاحظة|تنويه)\W*"
)


def context_of(body: PlacedBody, unit: Unit, lexicon: Lexicon, *, is_alone: bool) -> Context:
    """Return what stands around ``unit``; ``is_alone``: the text is a notice as a whole."""
    span = unit.span
    if is_alone:
        return Context(text=body.text, start=span[0], is_alone=True)
    before = body.text[max(0, span[0] - _CONTEXT_CHARS) : span[0]]
    line = before.rstrip().rpartition("\n")[2]
    sentences = split_sentences(line)
    previous = line[sentences[-1][0] :] if sentences else ""
    is_cited = body.text[span[0]] == ">" or before.rstrip().endswith(">")
    is_own_line = body.is_own_line(span) or body.is_own_fact(span)
    is_in_tail = span[0] >= body.tail_start
    return Context(
        text=body.text,
        start=span[0],
        previous=folded_text(previous).lower(),
        is_quoted=is_cited or body.is_quoted(span) or _leads_on(line, lexicon),
        is_own_line=is_own_line,
        is_placed=is_own_line or is_in_tail or span[0] < body.head_end,
        is_limited=(is_own_line or is_in_tail) and _is_limited(body, unit, lexicon),
    )


def _leads_on(line: str, lexicon: Lexicon) -> bool:
    """Return whether the words before a notice announce it as another's; a row of dashes does not.

    A heading of our own ("Republish:", "Editor's note:") announces our own; a dateline nothing.
    """
    if not line.endswith(_LEADS_ON) or not any(char.isalnum() for char in line):
        return False
    if _DATELINE_END.fullmatch(line):
        return False
    low = folded_text(line).lower()
    is_heading = len(line) <= _LONGEST_HEADING_CHARS
    return not (is_heading and (lexicon.has("lead_in", low) or _OUR_NOTE.fullmatch(low)))


def _is_limited(body: PlacedBody, unit: Unit, lexicon: Lexicon) -> bool:
    """Return whether one of the two sentences after a notice takes back some of it."""
    end = unit.span[1]
    following = body.text[end : end + _CONTEXT_CHARS]
    paragraph = folded_text(_PARAGRAPH.split(following, maxsplit=1)[0]).lower()
    constraints = unit.licenses[0].constraints if unit.licenses else ()
    sentences = (
        without_own_terms(paragraph[a:b], constraints)
        for a, b in split_sentences(paragraph)[:2]
        if not speaks_of_others(paragraph[a:b])
    )
    return any(
        lexicon.has("limit", s) and lexicon.has("limit_of", s) and not lexicon.has("media", s)
        for s in sentences
    )
