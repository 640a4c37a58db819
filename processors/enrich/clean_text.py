"""Return article text with regular white space and quotes, and the way back to the original.

All offsets are code points. Nothing is composed or decomposed (no NFC): every change is either one
code point for one code point, or a run that is written in ``CleanText.offsets``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter

Offsets = tuple[tuple[int, int], ...]

# One code point for one: the map of offsets is untouched. Guillemets stay; they are no variants.
_STRAIGHT = {
    "'": "‘’‚‛′‵＇",
    '"': "“”„‟″‶＂",
}
_SPACES = "\t\n\x0b\x0c\r\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# Controls and NUL, soft hyphen, grapheme joiner, bidi marks, zero width, annotation and object
# marks, BOM, noncharacters, and the tag block that can carry text no reader sees.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\ufdd0-\ufdef\ufeff\ufff9-\ufffc\ufffe\uffff\U000e0000-\U000e007f"
)
# The first alternative scans a row of spaces once, the second takes it: linear on any row.
_IRREGULAR = re.compile(f" *+[{_SPACES}{_INVISIBLE}][ {_SPACES}{_INVISIBLE}]*+| {{2,}}|\\A | \\Z")
_HAS_SPACE = re.compile(f"[ {_SPACES}]")
# The joiners U+200C and U+200D spell Persian words and build emoji: they stay between such
# characters, and go wherever a Latin letter, a space or a mark stands beside them.
_JOINED = "\u0590-\u167f\u1681-\u1fff\u2190-\u2fff\u3001-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe"
_JOINED += "\U00010000-\U000dffff"
_STRAY_JOINER = re.compile(f"(?<![{_JOINED}])[\u200c\u200d]|[\u200c\u200d](?![{_JOINED}])")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class CleanText:
    """Clean text and its map to the body.

    ``offsets`` holds sorted pairs ``(position in text, position in body)``, the first for text
    position 0; between two pairs both advance one code point at a time.
    """

    text: str
    offsets: Offsets


def clean_text(body: str, cut: Sequence[tuple[int, int]] = ()) -> CleanText:
    """Return ``body`` without the spans in ``cut``, its white space and quotes made regular.

    A single line break becomes a space and blank lines become one paragraph break; runs of spaces,
    no-break spaces and tabs become one space; invisible and control characters go.

    Args:
        body: text as the source gave it.
        cut: spans of ``body`` to leave out, such as licence notices.

    Returns:
        the text and its map; the text is empty when nothing visible is left. Cleaning clean text
        changes nothing.
    """
    same_length = _replace_one_for_one(_blank(body, cut))
    pieces: list[str] = []
    offsets: list[tuple[int, int]] = []
    taken = position = 0
    for run in _IRREGULAR.finditer(same_length):
        start, end = run.span()
        is_edge = start == 0 or end == len(same_length)
        regular = "" if is_edge else _regular_run(run.group())
        pieces.append(same_length[taken:start])
        pieces.append(regular)
        position += start - taken + len(regular)
        if len(regular) != end - start:
            offsets.append((position, end))
        taken = end
    pieces.append(same_length[taken:])
    if not offsets or offsets[0][0] > 0:
        offsets.insert(0, (0, 0))
    return CleanText("".join(pieces), tuple(offsets))


def to_body_span(offsets: Offsets, start: int, end: int) -> tuple[int, int]:
    """Return where ``text[start:end]`` stands in the body; an empty span stays empty."""
    body_start = _to_body(offsets, start)
    if end <= start:
        return body_start, body_start
    # The last character, not the position after it: what was left out there is not part of it.
    return body_start, _to_body(offsets, end - 1) + 1


def _to_body(offsets: Offsets, position: int) -> int:
    text_at, body_at = offsets[bisect_right(offsets, position, key=itemgetter(0)) - 1]
    return body_at + position - text_at


def _blank(body: str, cut: Sequence[tuple[int, int]]) -> str:
    """Put NULs in place of the cut spans: they melt into the white space around them."""
    if not cut:
        return body
    pieces: list[str] = []
    taken = 0
    for start, end in sorted(cut):
        pieces += [body[taken:start], "\0" * (end - max(start, taken))]
        taken = max(taken, end)
    pieces.append(body[taken:])
    return "".join(pieces)


def _replace_one_for_one(text: str) -> str:
    if text.isascii():
        return text
    for straight, variants in _STRAIGHT.items():
        for variant in variants:
            text = text.replace(variant, straight)
    if "\u200c" in text or "\u200d" in text:
        text = _STRAY_JOINER.sub("\u200b", text)
    return _SURROGATE.sub("\ufffd", text)


def _regular_run(run: str) -> str:
    breaks = run.count("\n") + run.count("\r") - run.count("\r\n") + run.count("\x85")
    if breaks > 1 or "\u2029" in run:
        # A paragraph separator alone is one code point: it cannot grow to two and keep its place.
        return "\n\n" if len(run) > 1 else " "
    return " " if _HAS_SPACE.search(run) else ""
