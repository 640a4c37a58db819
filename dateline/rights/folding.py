"""Make the ways to write one letter, digit or dash one, so that words can be compared."""

from __future__ import annotations

import re

# One code point for one, so that offsets stay: digits and signs that names are written with,
# Arabic letters where Persian ones stand, and the one letter whose lower case is two.
_FOLD = str.maketrans(
    {
        **{chr(base + n): str(n) for base in (0x0660, 0x06F0, 0xFF10) for n in range(10)},
        "\u066b": ".", "\uff0e": ".", "\u00b7": "-", "\u2010": "-", "\u2011": "-", "\u2012": "-",
        "\u2013": "-", "\u2014": "-", "\u2015": "-", "\u2212": "-", "\uff0d": "-", "\u30fb": "-",
        "\uff65": "-", "\u064a": "\u06cc", "\u0649": "\u06cc", "\u0643": "\u06a9", "\u2019": "'",
        "\u02bc": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u3000": " ",
        "\u0629": "\u0647", "\u06c0": "\u0647", "\u0623": "\u0627", "\u0625": "\u0627",
        "\u0622": "\u0627", "\u0130": "I", "\u200c": " ",
        "\u060c": ",",
    }
)  # fmt: skip
# A search for the few that there are is faster than ``str.translate``, which looks at each.
_FOLD_TO = {chr(code): to for code, to in _FOLD.items()}
_FOLDED = re.compile("[" + "".join(map(re.escape, _FOLD_TO)) + "]")
# Inside a genuine name these change nothing: zero width characters, soft hyphens, bidi marks,
# Arabic short vowels and tatweel.
IGNORED = re.compile(
    "[\u00ad\u200b\u200d\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u0640\u064b-\u0655\u0670]"
)


def folded_text(text: str) -> str:
    """Return ``text`` with digits, dashes and letters that names are written with made one.

    Each code point stays one code point.
    """
    return text if text.isascii() else _FOLDED.sub(_folded_char, text)


def _folded_char(found: re.Match[str]) -> str:
    return _FOLD_TO[found.group()]
