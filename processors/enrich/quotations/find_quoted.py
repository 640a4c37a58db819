"""Find the words in quotation marks of a text, in any of the marks that languages use."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Longer "quotations" are a mark that nobody closed.
_LONGEST_CHARS = 5_000
_MOST_PARAGRAPHS = 10
# Clean text has straight marks, where the same sign opens and closes; others tell the two apart.
_CLOSING = {
    '"': '"', "“": "”“\"", "„": "“”\"", "”": "”", "«": "»", "»": "«", "‹": "›",
    "「": "」", "『": "』",
    "‘": "’", "'": "'",
}  # fmt: skip
_MARK = re.compile("[\"“„”«»‹›「」『』‘’']")
_PARAGRAPH = "\n"


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words in quotation marks: ``start`` and ``end`` are inside the marks, the others outside."""

    start: int
    end: int
    outer_start: int
    outer_end: int


def find_quoted(text: str) -> tuple[Quoted, ...]:
    """Return the outermost quoted spans, in order; a mark that nothing closes makes none.

    A quotation goes on over paragraphs where each of them begins with an opening mark. Apostrophes
    are no marks: a single quote opens only before a word and closes only behind one.
    """
    return tuple(_spans(text))


def _spans(text: str) -> Iterator[Quoted]:
    opened: int | None = None
    depth = paragraphs = 0
    for found in _MARK.finditer(text):
        at, mark = found.start(), found[0]
        if opened is None:
            if _opens(text, at):
                opened, depth, paragraphs = at, 0, 0
            continue
        closing = _CLOSING[text[opened]]
        is_same_kind = mark in closing or mark == text[opened]
        if not is_same_kind:
            continue
        breaks = text.count(_PARAGRAPH, opened, at) if at - opened <= _LONGEST_CHARS else 0
        is_too_long = at - opened > _LONGEST_CHARS or breaks > 2 * _MOST_PARAGRAPHS
        if is_too_long or (breaks > 2 * paragraphs and not _begins_paragraph(text, at)):
            # The paragraph between does not begin with a mark: the first one was never closed.
            opened = at if _opens(text, at) else None
            depth = paragraphs = 0
        elif _begins_paragraph(text, at) and _opens(text, at):
            paragraphs += 1
        elif mark in closing and _closes(text, at, is_paired=mark != text[opened]):
            if depth:
                depth -= 1
            else:
                yield Quoted(opened + 1, at, opened, at + 1)
                opened = None
        elif mark not in {'"', "'"} and _opens(text, at):
            depth += 1


def _begins_paragraph(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == _PARAGRAPH


def _opens(text: str, at: int) -> bool:
    before = text[at - 1] if at else " "
    after = text[at + 1] if at + 1 < len(text) else " "
    if text[at] in "»”’" and not (text[at] == "»" and before.isspace()):
        return text[at] == "”" and before.isspace() and after.isalnum()
    if text[at] in "「『„«“‹":
        return True
    is_free = before.isspace() or before in "([–—-:;,/>"
    return is_free and not after.isspace() and after not in ".,;:!?)"


def _closes(text: str, at: int, *, is_paired: bool) -> bool:
    if is_paired and text[at] not in "\"'’":
        return True
    before = text[at - 1]
    after = text[at + 1] if at + 1 < len(text) else " "
    is_word_inside = before.isalnum() and after.isalnum()
    if text[at] in "'’":
        return not is_word_inside and not before.isspace() and not after.isalnum()
    return not before.isspace() and not is_word_inside
