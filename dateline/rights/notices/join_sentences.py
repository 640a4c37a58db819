"""Join the sentences that only together make a statement."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dateline.rights.license import NamedLicense
from dateline.rights.notices.cut_unit import LONGEST_UNIT_CHARS, cut_unit
from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.names import MARK
from dateline.rights.notices.place import PlacedBody
from dateline.rights.notices.term_points import terms_in
from dateline.rights.notices.unit import Unit, unit_of

_MOST_BARE_WORDS = 2
_MOST_WORDS_OF_ANSWER = 3
_MOST_WORDS_OF_YES = 2
_MOST_WORDS_OF_NAME = 5
_MOST_COPYRIGHT_CHARS = 80
_MOST_LABEL_CHARS = 50
_MOST_LABEL_CHARS_OF_A_BARE_NAME = 100
_MOST_BARE_WORDS_OF_ANSWER = 4
_COPYRIGHT = re.compile(
    r"©|\(c\)|\b(?:copyright|copyleft|some rights reserved|einige rechte vorbehalten)\b"
    r"|\b(?:certains droits réservés|algunos derechos reservados|alcuni diritti riservati)\b"
)
_NEAR_COPYRIGHT = re.compile(rf".{{0,20}}?(?:{_COPYRIGHT.pattern})")
# "Licensor: Orchard Wire.", "Source: Orchard Wire / N. Roe."
_LABEL = re.compile(r"[^\w\n]*[^\W\d_][^:.!?\n]{0,40}(?:: |：)[^/]")
# Who only worked on the text owns no licence of it: "Editor: N. Roe. Licence: CC BY 4.0."
_WORKER = re.compile(r"[^:：]*(?:desk|edit|редакт|redak|rédac|redac)")
_GAP = re.compile(r"\s*")
_CAPTION_MARK = re.compile(r"[▲△▼▽◀◁▶▷]")
_YES = re.compile(
    r"(?:yes|sure|no|ja|klar|nein|nee|oui|bien sûr|non|s[ií]|sì|claro|sim|não|да|нет|evet|hayır"
    r"|نعم|لا|بله|بلی|آری|خیر|はい|いいえ|네|아니요)\b"
)
_OPENERS = ("(", "[", "（", "［", "【")
_QUESTION = ("?", "؟", "？")
_OURS = ("own_this", "own_site", "definite", "pronoun_we")


def with_neighbours(
    body: PlacedBody, unit: Unit, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit:
    """Return ``unit`` with the sentences around it that only together with it make the statement.

    Before it: whose licence it is ("Picture: N. Roe. CC BY 2.0."), a copyright line, the question
    that it answers. Behind it: a short answer to its question, the rest of a reservation, the
    notice that it is the heading of.
    """
    return _with_lead(body, _with_end(body, unit, named, lexicon), named, lexicon)


def _with_lead(
    body: PlacedBody, unit: Unit, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit:
    if unit.source.startswith(_OPENERS):
        return unit
    lead = _before(body, unit, named)
    is_yes = False
    is_short = lead is not None and lead.word_count <= _MOST_WORDS_OF_YES
    if lead and is_short and not any(mark in lead.plain + unit.plain for mark in _QUESTION):
        # "May I reprint this? Yes. It is CC BY 4.0."
        question = _before(body, lead, named)
        is_yes = question is not None and question.plain.endswith(_QUESTION)
        lead = question if is_yes else lead
    if lead is None or not (is_yes or _is_lead(body, lead, unit, lexicon)):
        return unit
    return unit_of(body.text, (lead.span[0], unit.span[1]), named)


def _before(body: PlacedBody, unit: Unit, named: Sequence[NamedLicense]) -> Unit | None:
    """Return the sentence before ``unit`` on its line or the one before, if it names no licence."""
    at = unit.span[0]
    line_start = body.text.rfind("\n", 0, at) + 1
    start = max(line_start, body.sentences[max(0, body.sentence_index(at - 1))][0])
    if at == line_start:
        line_before = body.text.rfind("\n", 0, max(0, at - 1)) + 1
        start = max(line_before, body.sentences[max(0, body.sentence_index(at - 1))][0])
    elif _CAPTION_MARK.match(body.text, line_start):
        start = line_start
    found = unit_of(body.text, (start, at), named)
    length = found.span[1] - found.span[0]
    is_near = body.text.count("\n", found.span[1], at) <= 1
    return found if 0 < length <= LONGEST_UNIT_CHARS and is_near and not found.named else None


def _is_lead(body: PlacedBody, lead: Unit, unit: Unit, lexicon: Lexicon) -> bool:
    """Return whether ``unit`` says only together with ``lead`` what it is about."""
    is_line = "\n" not in body.text[lead.span[1] : unit.span[0]]
    is_free = not any(lexicon.has(kind, unit.low) for kind in _OURS)
    if lead.low.endswith(_QUESTION):
        return is_line and _is_answer(unit, lead.low, lexicon, is_free=is_free)
    if is_line and (_is_copyright(lead.low) or _CAPTION_MARK.match(lead.source)):
        return True
    if is_free and MARK in unit.plain and unit.word_count <= _MOST_BARE_WORDS:
        return not lexicon.has("media", unit.low) and _names_owner(
            body, lead, unit, lexicon, is_line=is_line
        )
    return is_free and is_line and bool(unit.named) and _introduces(body, lead, unit, lexicon)


def _is_answer(unit: Unit, question: str, lexicon: Lexicon, *, is_free: bool) -> bool:
    """Return whether ``unit`` answers a question about our text, or any with a yes."""
    if _YES.match(unit.low):
        return True
    is_short = MARK in unit.plain and unit.word_count <= _MOST_BARE_WORDS_OF_ANSWER
    is_ours = lexicon.has("own_this", question) or lexicon.has("own_site", question)
    return is_free and (is_short or is_ours)


def _is_copyright(low: str) -> bool:
    return len(low) < _MOST_COPYRIGHT_CHARS and _NEAR_COPYRIGHT.match(low) is not None


def _names_owner(
    body: PlacedBody, lead: Unit, unit: Unit, lexicon: Lexicon, *, is_line: bool
) -> bool:
    """Return whether ``lead`` says what or whose it is that a bare licence is behind."""
    if lexicon.has("caption", lead.low) or lexicon.has("byline", lead.low):
        return True
    if not is_line:
        return False
    is_whole_line = body.is_own_line((lead.span[0], unit.span[1]))
    is_name = is_whole_line and len(lead.low.split()) <= _MOST_WORDS_OF_NAME
    is_label = _is_label(lead, _MOST_LABEL_CHARS_OF_A_BARE_NAME)
    return is_label or (is_name and not _LABEL.match(unit.plain))


def _introduces(body: PlacedBody, lead: Unit, unit: Unit, lexicon: Lexicon) -> bool:
    """Return whether ``lead`` is what a sentence on its line with a licence speaks of."""
    if lexicon.has("pronoun", unit.low) and _lets_use_ours(lead, lexicon):
        # "You may copy this text. It is CC BY 4.0."
        return True
    if not _is_label(lead, _MOST_LABEL_CHARS):
        return False
    if _LABEL.match(unit.plain):
        return _is_name(lead.plain.partition(": ")[2])
    return body.is_own_line((lead.span[0], unit.span[1]))


def _lets_use_ours(unit: Unit, lexicon: Lexicon) -> bool:
    is_ours = lexicon.has("own_this", unit.low) or lexicon.has("own_site", unit.low)
    return is_ours and _terms_of(unit, lexicon) == "republish_terms"


def _terms_of(unit: Unit, lexicon: Lexicon) -> str:
    """Return the frame of what a unit without a licence says of rights, "" if it says nothing."""
    terms = None if unit.named else terms_in(unit.low, lexicon)
    return terms.frame if terms and terms.is_stated else ""


def _is_label(lead: Unit, most_chars: int) -> bool:
    is_label = len(lead.low) <= most_chars and _LABEL.match(lead.plain) is not None
    return is_label and not _WORKER.match(lead.low)


def _is_name(words: str) -> bool:
    """Return whether all words begin with a capital: "Words: Ada Fenn." says whose they are."""
    names = words.split()
    return 0 < len(names) <= _MOST_WORDS_OF_NAME and all(each[0].isupper() for each in names)


def _with_end(
    body: PlacedBody, unit: Unit, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit:
    is_question = unit.plain.endswith(_QUESTION)
    terms = _terms_of(unit, lexicon)
    is_reserved, is_use = terms == "reserved", terms == "republish_terms"
    is_heading = bool(unit.named) and not unit.licenses and unit.word_count <= _MOST_BARE_WORDS
    if not (is_question or is_reserved or is_heading or is_use):
        return unit
    rest = _behind(body, unit, named, lexicon)
    if rest is None or rest.span[1] - unit.span[0] > LONGEST_UNIT_CHARS:
        return unit
    is_line = "\n" not in body.text[unit.span[1] : rest.span[0]]
    is_answer = is_question and is_line and len(rest.plain.split()) <= _MOST_WORDS_OF_ANSWER
    is_more = is_reserved and _terms_of(rest, lexicon) == "reserved"
    is_headed = is_heading and not is_line and bool(rest.licenses)
    is_answered = is_line and any(mark in unit.plain for mark in _QUESTION)
    is_licensed = is_use and bool(rest.licenses)
    is_licensed = is_licensed and (is_answered or _is_lead(body, unit, rest, lexicon))
    if not (is_answer or is_more or is_headed or is_licensed):
        return unit
    joined = unit_of(body.text, (unit.span[0], rest.span[1]), named)
    # A reservation may be as long as a unit; what is allowed may be named behind the yes.
    return _with_end(body, joined, named, lexicon) if is_more or is_answer else joined


def _behind(
    body: PlacedBody, unit: Unit, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Unit | None:
    """Return the sentence or line right behind ``unit``, without a blank line between."""
    gap = _GAP.match(body.text, unit.span[1])
    start = gap.end() if gap else unit.span[1]
    if start >= len(body.text) or body.text.count("\n", unit.span[1], start) > 1:
        return None
    found = cut_unit(body, (start, start + 1), named, lexicon)
    return found if found.span[0] == start else None
