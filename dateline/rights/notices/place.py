"""Return where a notice stands in its body: head, tail, line, quotation, comments.

Each of these is found once for a body and then looked up, so that a body full of notices takes no
longer than any other.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from dateline.ids import text_sha256
from dateline.rights.notices.lexicon import load_lexicons
from dateline.rights.sentences import Span, split_sentences

# A tail of three sentences: notice, credit of the picture, "read more".
_TAIL_SENTENCES = 3
_TAIL_PARAGRAPH_CHARS = 600
_LONGEST_LINE_CHARS = 800
_LONGEST_HEADING_CHARS = 80
_LONGEST_HEAD_CHARS = 200
# What may stand beside a notice on its line: links ("Subscribe | Donate"), facts ("310 words |").
_LINKS_BEHIND = re.compile(r"[^|¦│•·▪‣/→».!?;\n]{0,40}(?:[|¦│•·▪‣/→»][^|¦│•·▪‣/→».!?;\n]{1,40})++")
_LINKS_BEFORE = re.compile(r"(?:[^|¦│•·▪‣/.!?;\n]{1,40}[|¦│•·▪‣/])++\s*")
_NEAR_CHARS = 800
_LONGEST_WRAPPED_CHARS = 140
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "‘": "’", "»": "«", "「": "」", "『": "』"}
# Apostrophes may stand between a notice and the mark that ends a quotation of it.
_MARKS_AHEAD = 20
# One set in front lets the engine skip all other characters.
_QUOTE_MARK = re.compile("[\"“”„«»‘’'「」『』\n](?:(?<!\n)|[^\\S\n]*\n)")


@dataclass(frozen=True)
class PlacedBody:
    """The body with what is known of its places, each found once."""

    text: str
    sentences: tuple[Span, ...] = field(repr=False)

    @cached_property
    def sha256(self) -> str:
        """The SHA-256 of the text, as the evidence names it."""
        return text_sha256(self.text)

    @cached_property
    def sentence_starts(self) -> list[int]:
        """Where each sentence begins, for bisection."""
        return [start for start, _ in self.sentences]

    def sentence_index(self, position: int) -> int:
        """Return which sentence ``position`` is in or after."""
        return max(0, bisect_right(self.sentence_starts, position) - 1)

    @cached_property
    def head_end(self) -> int:
        """Where the first sentence ends, or the first line if it is short."""
        line_end = self.line_of(self.sentences[0][0])[1]
        is_line = line_end < len(self.text) and line_end <= _LONGEST_HEAD_CHARS
        return max(self.sentences[0][1], line_end if is_line else 0)

    @cached_property
    def tail_start(self) -> int:
        """Where the last sentences begin, or the last paragraph if it is short."""
        sentences = [s for s in self.sentences if s[0] < self.comments_start] or self.sentences[:1]
        start = sentences[-_TAIL_SENTENCES:][0][0]
        end = sentences[-1][1]
        paragraph = self.text.rfind("\n", 0, end) + 1
        is_tail = paragraph > 0 and end - paragraph <= _TAIL_PARAGRAPH_CHARS
        return min(start, paragraph) if is_tail else start

    @cached_property
    def comments_start(self) -> int:
        """Where the readers' comments begin, if a line says that they do, else the end."""
        heading = _comment_heading()
        position = 0
        for line in self.text.splitlines(keepends=True):
            words = line.strip() if len(line) <= _LONGEST_HEADING_CHARS else ""
            if words and heading.fullmatch(words):
                return position
            position += len(line)
        return position

    @cached_property
    def wrapped_chars(self) -> int:
        """How long the longest line is if lines are wrapped, else 0."""
        longest = position = 0
        while position < len(self.text):
            end = self.text.find("\n", position)
            end = len(self.text) if end < 0 else end
            longest = max(longest, end - position)
            if longest > _LONGEST_WRAPPED_CHARS:
                return 0
            position = end + 1
        return longest

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

    def is_inside_quotation(self, position: int) -> bool:
        """Return whether quotation marks are open at ``position``."""
        positions, inside = self.quote_marks
        before = bisect_left(positions, position) - 1
        return before >= 0 and inside[before]

    def line_of(self, position: int) -> Span:
        """Return the line at ``position``, without white space around it if it is short."""
        start = self.text.rfind("\n", 0, position) + 1
        end = self.text.find("\n", position)
        end = len(self.text) if end < 0 else end
        if end - start > _LONGEST_LINE_CHARS:
            return start, end
        line = self.text[start:end]
        return end - len(line.lstrip()), start + len(line.rstrip())

    def is_own_line(self, span: Span) -> bool:
        """Return whether nothing else stands on the lines of ``span``."""
        return self.line_of(span[0])[0] == span[0] and self.line_of(span[1] - 1)[1] == span[1]

    def is_own_fact(self, span: Span) -> bool:
        """Return whether beside ``span`` its lines hold links and short facts only."""
        start, end = self.line_of(span[0])[0], self.line_of(span[1] - 1)[1]
        before, behind = self.text[start : span[0]], self.text[span[1] : end]
        if max(len(before), len(behind)) > _LONGEST_LINE_CHARS:
            return False
        is_first = not before or _LINKS_BEFORE.fullmatch(before) is not None
        return is_first and (not behind or _LINKS_BEHIND.fullmatch(behind) is not None)


@cache
def _comment_heading() -> re.Pattern[str]:
    words = "|".join(lexicon.comments for lexicon in load_lexicons().values())
    return re.compile(words, re.IGNORECASE)


def sentences_about(text: str, anchors: Sequence[Span]) -> tuple[Span, ...]:
    """Return the sentences near ``anchors`` and at both ends of the text, in order.

    Those at the edge of what was looked at may be cut short: they are too far away to matter.
    """
    windows: list[list[int]] = []
    for start, end in [(0, 0), *anchors, (len(text), len(text))]:
        first, last = max(0, start - _NEAR_CHARS), min(len(text), end + _NEAR_CHARS)
        if windows and first <= windows[-1][1]:
            windows[-1][1] = max(last, windows[-1][1])
        else:
            windows.append([first, last])
    return tuple(
        (first + start, first + end)
        for first, last in windows
        for start, end in split_sentences(text[first:last])
    )


def _opener_after(text: str, mark: re.Match[str], opener: str) -> str:
    """Return the quotation mark that is open after ``mark``, if one is."""
    char = mark.group()
    if char.startswith("\n"):
        # Straight marks do not tell where they begin; a blank line ends a quotation of theirs.
        return "" if opener == '"' else opener
    position = mark.start()
    if opener:
        if opener == '"':
            return "" if char == opener and _turn(text, position) != "open" else opener
        return "" if char in _CLOSERS.get(opener, "") else opener
    if char in '"«»':
        # Of guillemets French opens with one, German with the other.
        return char if _turn(text, position) == "open" else ""
    return char if char in _CLOSERS else ""


def _turn(text: str, position: int) -> str:
    """Return whether the mark at ``position`` looks like an ``open`` or a ``close``, or neither."""
    char = text[position]
    before, after = text[position - 1 : position], text[position + 1 : position + 2]
    if char == "\n" or char in "„‘「『":
        return "open"
    if char in "”」』":
        return "close"
    if char in "«»":
        return _guillemet_turn(char, before, after)
    if char in "'’" and before not in tuple(".,!?"):
        return "open" if char == "'" and not before.isalnum() and after.isalnum() else ""
    if not after or after.isspace() or not (after.isalnum() or before.isspace() or not before):
        return "close" if before and not before.isspace() else ""
    is_in_word = before.isalnum() or before in tuple(".!?)")
    return "" if is_in_word else "open"


def _guillemet_turn(char: str, before: str, after: str) -> str:
    is_at_start = not before or before.isspace() or before in "(["
    is_at_end = not after or after.isspace() or after in ".,;:!?)]"
    if char == "«":
        return "close" if is_at_end and not is_at_start else "open"
    return "open" if is_at_start and not is_at_end else "close"
