"""Tell the text of a page that no reader sees, and find in text what may be about rights."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

HIDING_ATTRIBUTES = frozenset({"hidden", "style", "aria-hidden"})
# Icons and pictures hide from screen readers what has no words.
_WORDLESS = frozenset({"svg", "i", "img", "path", "use", "symbol", "input", "button", "iframe"})
_HIDING_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|font-size:0(?![.\d]*[1-9])"
    r"|opacity:0(?![.\d]*[1-9])|color:transparent|(?:left|top|text-indent):-\d{4,}"
    r"|clip(?:-path)?:(?:inset\((?:50|[5-9]\d|100)%|rect\(0(?:px)?,0(?:px)?,0|circle\(0)"
    r"|transform:[^;]{0,80}scale[xy]?\(0\))"
)
# Nothing of no height or width is seen where what flows over it is cut off.
_NO_SIZE = re.compile(r"(?:^|;)(?:max-)?(?:height|width):[01](?:px|em|rem|%)?(?:;|!|$)")
_CUTS_OFF = re.compile(r"(?:^|;)overflow(?:-[xy])?:(?:hidden|clip)")
_COLOUR = re.compile(r"(?:^|;)(color|background(?:-color)?):([^;!]{1,40})")
_WHITE = {"#fff": "white", "#ffffff": "white", "rgb(255,255,255)": "white"}
# Plain words, for long texts are searched: an expression of them takes forty times as long.
_LICENCE_WORDS = (
    "licen", "lizen", "licență", "lisens", "лиценз", "ліценз", "creative commons",
    "creative-commons", "creativecommons", "copyright", "copyleft", "public domain", "gemeinfrei",
    "reserved", "vorbehalten", "reservad", "réservé", "riservat", "voorbehouden", "zastrzeż",
    "защищен", "сохранен", "محفوظ", "cc by", "cc-by", "cc0", "cc zero", "©",
    "مجوز", "پروانه", "ترخيص", "رخصة", "许可", "許可", "授權", "授权", "ライセンス", "라이선스",
)  # fmt: skip
# A notice around its word.
_WINDOW_CHARS = 300
_STEP_CHARS = 40


def is_hidden(element: Any) -> bool:
    """Return whether an element by itself says that its text is not to be seen."""
    if HIDING_ATTRIBUTES.isdisjoint(element.keys()):
        return bool(element.tag == "template")
    if element.get("hidden") is not None:
        return True
    if (element.get("aria-hidden") or "").strip().lower() == "true":
        return element.tag not in _WORDLESS
    style = element.get("style")
    return bool(style) and _hides(style[:2000])


def licence_passages(text: str, *, max_chars: int) -> str:
    """Return the parts of ``text`` around words about licences, "" where there are none."""
    spans: list[tuple[int, int]] = []
    for position in sorted(_positions(text.lower())):
        start, end = max(0, position - _WINDOW_CHARS), position + _WINDOW_CHARS
        if spans and start <= spans[-1][1]:
            start = spans.pop()[0]
        spans.append((start, end))
    return " ".join(text[start:end] for start, end in spans)[:max_chars]


def _positions(folded: str) -> Iterator[int]:
    for word in _LICENCE_WORDS:
        position = folded.find(word)
        while position >= 0:
            yield position
            position = folded.find(word, position + _STEP_CHARS)


@functools.lru_cache(maxsize=512)  # a theme repeats its styles
def _hides(style: str) -> bool:
    packed = "".join(style.lower().split())
    has_no_size = _NO_SIZE.search(packed) is not None and _CUTS_OFF.search(packed) is not None
    return has_no_size or bool(_HIDING_STYLE.search(packed)) or _is_text_like_ground(packed)


def _is_text_like_ground(style: str) -> bool:
    """Return whether text and background are said to have one colour."""
    found = {name: _WHITE.get(value, value) for name, value in _COLOUR.findall(style)}
    ground = found.get("background-color") or found.get("background")
    return ground is not None and found.get("color") == ground
