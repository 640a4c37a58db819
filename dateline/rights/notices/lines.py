"""Return where the lines of a sentence fall apart, and where they are only wrapped."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from dateline.rights.folding import folded_text
from dateline.rights.license import NamedLicense
from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.place import PlacedBody
from dateline.rights.sentences import Span

_LETTER = re.compile(r"[^\W_]")
_HARD_START = re.compile(r"[^\w\s]*[^\W_]")
_LABEL = re.compile(r"\W*\w[\w ]{0,25}:\s")
_STOP = re.compile(r"[.!?…؟۔।。](?:[\"'”“’»)\]]*)(?:\s|$)")
# Nobody wraps lines that are shorter; the longest of all may be no full line but a long notice.
_SHORTEST_WRAPPED_CHARS = 60
_SHORTEST_LONGEST_CHARS = 90
_MOST_WORDS_OF_HEADING = 2
_LONGEST_WORD_CHARS = 80


def lines_of_statement(
    body: PlacedBody, span: Span, anchor: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> Span:
    """Return the lines of the sentence ``span`` that belong to that of ``anchor``.

    A heading, a byline or a caption without a full stop is no part of what follows it; a line that
    is full goes on in the next.
    """
    text = body.text
    start, end = span
    stop = anchor[0]
    while (line_end := text.rfind("\n", start, stop)) >= 0:
        line_start = max(start, text.rfind("\n", start, line_end) + 1)
        if _is_hard(body, (line_start, line_end), named, lexicon):
            start = line_end + 1
            break
        if line_start == start:
            break
        stop = line_end
    stop = anchor[1]
    while (line_end := text.find("\n", stop, end)) >= 0:
        line_start = max(start, text.rfind("\n", start, line_end) + 1)
        if _is_hard(body, (line_start, line_end), named, lexicon):
            end = line_end
            break
        stop = line_end + 1
    return start, end


def _is_hard(
    body: PlacedBody, line_span: Span, named: Sequence[NamedLicense], lexicon: Lexicon
) -> bool:
    """Return whether the line break behind ``line_span`` ends a statement without a full stop."""
    line = folded_text(body.text[slice(*line_span)]).strip()
    following = folded_text(body.text[line_span[1] : line_span[1] + _LONGEST_WORD_CHARS])
    following = following.split("\n")[1].strip()
    if not following or not _LETTER.search(line):
        return True
    if following[0].islower() or line[-1] in ",،-–(":
        return False
    words = line.lower().split()
    if line[0] != "#" and len(words) > _MOST_WORDS_OF_HEADING:
        is_soft_start = following.lower().split()[0] in lexicon.soft_starts
        if words[-1] in lexicon.soft_ends or (is_soft_start and not _LABEL.match(line)):
            return False
        if _is_wrapped(body, line_span, named):
            return False
    return bool(_HARD_START.match(following) or following[0] in "©([{|>-*")


def _is_wrapped(body: PlacedBody, line_span: Span, named: Sequence[NamedLicense]) -> bool:
    """Return whether the line is full: the next word had no room, and a sentence's end follows."""
    line_end = line_span[1]
    if not body.wrapped_chars:
        return False
    # A sentence may begin in mid-line.
    earliest = max(0, line_end - body.wrapped_chars - 1)
    length = line_end - body.text.rfind("\n", earliest, line_end) - 1
    is_longest = length == body.wrapped_chars
    if not (_SHORTEST_LONGEST_CHARS if is_longest else _SHORTEST_WRAPPED_CHARS) <= length:
        return False
    next_end = body.text.find("\n", line_end + 1)
    following = body.text[line_end + 1 : next_end if next_end >= 0 else len(body.text)].strip()
    word = following.split(maxsplit=1)[0] if following else ""
    is_full = length + 1 + len(word) > body.wrapped_chars
    if not is_full or _LABEL.match(following) or _LABEL.match(body.text[line_span[0] : line_end]):
        return False
    # A version or a short form may be left of the name: "(CC BY 4.0)".
    is_of_name = following[:1] == "(" or following[:1].isdigit()
    if not is_of_name and _ends_with_name(body.text, line_end, named):
        return False
    return bool(_STOP.search(following)) or len(following) >= _SHORTEST_WRAPPED_CHARS


def _ends_with_name(text: str, line_end: int, named: Sequence[NamedLicense]) -> bool:
    """Return whether a licence ends the line: most notices end with it."""
    last = bisect_left(named, line_end, key=lambda each: each.start) - 1
    return last >= 0 and not any(char.isalnum() for char in text[named[last].end : line_end])
