"""Return the words of a text by which copies are told: the story, without what frames it.

Datelines, bylines, agency signatures, "read more" and copyright lines differ from one copy to the
next, and are the same in texts that have nothing else in common.
"""

from __future__ import annotations

import re
import unicodedata

from processors.enrich.dateline_words import AGENCIES
from processors.enrich.frame_words import FRAME_CREDITS, FRAME_LABELS, FRAME_OPENINGS
from processors.enrich.parse_dateline import parse_dateline

# Frames are short: a longer paragraph that begins with "read more" is part of the story.
_LONGEST_FRAME_CHARS = 240
_LONGEST_BYLINE_CHARS = 80


def _any_of(phrases: frozenset[str]) -> str:
    return "|".join(re.escape(phrase).replace(r"\ ", r"\s+") for phrase in sorted(phrases))


_FRAME = re.compile(
    rf"\W*(?:(?:{_any_of(FRAME_OPENINGS)})(?!\w)|(?:{_any_of(FRAME_LABELS)})\s*(?:[:：]|\Z)"
    rf"|(?:{_any_of(FRAME_CREDITS)})(?!\w)|©|\(c\)\s)",
    re.IGNORECASE,
)
_BYLINE = re.compile(
    r"(?:By|BY|Par|Von|Por|Di|Door) (?:[^\W\d_a-z]\S*(?: |,|\Z)|and |et |und |y )+"
)
_LAST_AGENCY = re.compile(r"\s*[(\[—–-]\s*(?P<names>[^()\[\]—–]{2,40})[)\]]?\s*\Z")
_BETWEEN_NAMES = re.compile(r"[^\w-]+")
_NO_WORD = re.compile(r"[\W_]+")
# Scripts that put no space between words: each of their characters counts as a word.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
# Vowel signs of Hebrew and Arabic, and the stretching of Arabic: some writers leave them out.
_SIGNS = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+")
_SAME_LETTERS = str.maketrans(
    {"ی": "ي", "ى": "ي", "ک": "ك", "أ": "ا", "إ": "ا", "ٱ": "ا", "ё": "е"}
)
_SPACED_ASCII = bytes(code if chr(code).isalnum() else 0x20 for code in range(128)).ljust(256)


def copy_words(text: str) -> list[bytes]:
    """Return the words of the story in ``text``, in order, folded, as UTF-8.

    Case, punctuation, white space, vowel signs and forms of a letter make no other word. In scripts
    without spaces each character is a word. Takes time in proportion to the length of the text.
    """
    story = "\n".join(_story_paragraphs(text)).casefold()
    if story.isascii():
        return story.encode().translate(_SPACED_ASCII).split()
    folded = _SIGNS.sub("", unicodedata.normalize("NFKC", story)).translate(_SAME_LETTERS)
    spaced = _UNSPACED.sub(r" \1 ", folded)
    return _NO_WORD.sub(" ", spaced).encode("utf-8", "surrogatepass").split()


def _story_paragraphs(text: str) -> list[str]:
    paragraphs = [part for part in text.split("\n") if part.strip() and not _is_frame(part)]
    if not paragraphs:
        return []
    if _is_byline(paragraphs[0]):
        paragraphs = paragraphs[1:]
    if paragraphs and (dateline := parse_dateline(paragraphs[0])):
        paragraphs[0] = paragraphs[0][dateline.end :]
    if paragraphs:
        paragraphs[-1] = _without_last_agency(paragraphs[-1])
    return paragraphs


def _is_frame(paragraph: str) -> bool:
    if len(paragraph) > _LONGEST_FRAME_CHARS:
        return False
    return bool(_FRAME.match(paragraph)) or _are_agencies(paragraph)


def _is_byline(paragraph: str) -> bool:
    return len(paragraph) <= _LONGEST_BYLINE_CHARS and bool(_BYLINE.fullmatch(paragraph.strip()))


def _are_agencies(text: str) -> bool:
    names = [name for name in _BETWEEN_NAMES.split(text.casefold()) if not name.isdecimal()]
    names = [name for name in names if name]
    return bool(names) and (" ".join(names) in AGENCIES or all(name in AGENCIES for name in names))


def _without_last_agency(paragraph: str) -> str:
    # Only the end is looked at: the pattern would try every dash of a long paragraph.
    tail_at = max(0, len(paragraph) - _LONGEST_BYLINE_CHARS)
    found = _LAST_AGENCY.search(paragraph, tail_at)
    return paragraph[: found.start()] if found and _are_agencies(found["names"]) else paragraph
