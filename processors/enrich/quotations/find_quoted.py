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
    return tuple(each for each in _spans(text) if _is_quoted(text, each))


def _is_quoted(text: str, quoted: Quoted) -> bool:
    # "Rock 'n' roll": a word in single marks is seldom said.
    is_single = text[quoted.outer_start] in "'‘"
    return not is_single or " " in text[quoted.start : quoted.end]


def _spans(text: str) -> Iterator[Quoted]:
    opened: int | None = None
    depth = paragraphs = 0
    for found in _MARK.finditer(text):
        at = found.start()
        if opened is None:
            if _opens(text, at):
                opened, depth, paragraphs = at, 0, 0
            continue
        if found[0] not in _CLOSING[text[opened]] and found[0] != text[opened]:
            continue
        if _is_lost(text, opened, at, paragraphs):
            opened = at if _opens(text, at) else None
            depth = paragraphs = 0
        elif _begins_paragraph(text, at) and _opens(text, at):
            paragraphs += 1
        elif not _is_closing(text, opened, at):
            # The same sign opens and closes, so there is nothing inside of straight marks.
            depth += found[0] not in {'"', "'"} and _opens(text, at)
        elif depth:
            depth -= 1
        else:
            yield Quoted(opened + 1, at, opened, at + 1)
            opened = None


def _is_lost(text: str, opened: int, at: int, paragraphs: int) -> bool:
    """Return whether nothing closed a mark: it is far, or a paragraph goes on without one."""
    if at - opened > _LONGEST_CHARS:
        return True
    breaks = text.count(_PARAGRAPH, opened, at)
    if breaks > 2 * _MOST_PARAGRAPHS:
        return True
    return breaks > 2 * paragraphs and not _begins_paragraph(text, at)


def _is_closing(text: str, opened: int, at: int) -> bool:
    mark = text[at]
    if mark not in _CLOSING[text[opened]]:
        return False
    return _closes(text, at, is_paired=mark != text[opened])


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
