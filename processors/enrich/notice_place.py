"""Return where a notice stands in its body: tail, line, quotation, comments.

Each of these is found once for a body and then looked up, so that a body full of notices takes no
longer than any other.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from functools import cached_property

from processors.enrich.notice_grammar import LONGEST_NOTICE_CHARS
from processors.enrich.sentences import Span

# A tail of three sentences: notice, credit of the picture, "read more".
_TAIL_SENTENCES = 3
_TAIL_PARAGRAPH_CHARS = 600
_COMMENTS = re.compile(
    r"^[^\S\n]{0,8}(?:\d{1,5} )?(?:reader |user )?comments?(?: ?\(\d{1,5}\))?:?[^\S\n]{0,8}\r?$",
    re.ASCII | re.IGNORECASE | re.MULTILINE,
)
_CLOSERS = {"“": "”", "„": "“”", "«": "»", "‘": "’"}
# Apostrophes may stand between a notice and the mark that ends a quotation of it.
_MARKS_AHEAD = 20
_QUOTE_MARK = re.compile("[\"“”„«»‘’']|\n[^\\S\n]*\n")


@dataclass(frozen=True)
class PlacedBody:
    """The body with what is known of its places, each found once."""

    text: str
    sentences: tuple[Span, ...] = field(repr=False)

    @cached_property
    def sentence_starts(self) -> list[int]:
        """Where each sentence begins, for bisection."""
        return [start for start, _ in self.sentences]

    @cached_property
    def tail_start(self) -> int:
        """Where the last sentences begin, or the last paragraph if it is short."""
        start = self.sentences[-_TAIL_SENTENCES:][0][0]
        end = self.sentences[-1][1]
        paragraph = self.text.rfind("\n", 0, end) + 1
        is_tail = paragraph > 0 and end - paragraph <= _TAIL_PARAGRAPH_CHARS
        return min(start, paragraph) if is_tail else start

    @cached_property
    def comments_start(self) -> int:
        """Where the readers' comments begin, if a line says that they do, else the end."""
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
