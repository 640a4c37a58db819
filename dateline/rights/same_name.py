"""Tell whether two names are one party's: "MNA" and "The Mehr News Agency Ltd.".

Names are compared by their words without case, accents, articles, legal forms and words that any
publisher's name may have (``same_name.toml``). Names in different scripts cannot be compared.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from itertools import takewhile
from operator import eq

import msgspec

from dateline.rights.folding import folded_text


def _folded(name: str) -> str:
    """Return ``name`` without case, accents, joiners and the English genitive."""
    plain = folded_text(name).replace("\u200c", " ").replace("'s", "")
    decomposed = unicodedata.normalize("NFKD", plain)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


# What divides the names of a byline: "By Ana Roe, Orchard Wire", "OSTERVIK (LW)".
_PARTS = re.compile(r"[,;:/|()\[\]•·]|\s[-–—]+\s")
_WORD = re.compile(r"[^\W_]+")
# Joined letters: "S.A.", "e.V.", "U.S."
_DOTTED = re.compile(r"\b(?:\w\.){2,}|\b[eE]\. ?V\.?")
_FEWEST_LETTERS = 3  # of a host's name that a name may begin with
_FEWEST_STEM_LETTERS = 4
_LONGEST_ENDING = 3  # "Bote", "Boten"; "маяк", "маяка"


def is_same_name(one: str, other: str) -> bool:
    """Return whether both name one party, as far as their words tell; never for an empty name."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return False
    return (
        _is_alike(first, second)
        or _is_alike(_telling(first), _telling(second))
        or is_initials(one, other)
        or is_initials(other, one)
    )


def is_named_in(name: str, line: str) -> bool:
    """Return whether ``line``, such as a byline or a credit, holds ``name`` or its initials."""
    words, held = _words(name), _words(line)
    spans = (held[i : i + len(words)] for i in range(len(held) - len(words) + 1))
    if words and any(_is_alike(words, span) for span in spans):
        return True
    return any(is_same_name(name, part) for part in _PARTS.split(line))


def is_host_of(name: str, host: str) -> bool:
    """Return whether a label of ``host`` is written like ``name``: ``lakeside-wire.example``."""
    words = _words(name)
    joined, telling = "".join(words), "".join(_telling(words))
    labels = ("".join(_WORD.findall(_folded(part))) for part in host.split(".")[:-1])
    return any(
        label in (joined, telling)
        or (len(label) >= _FEWEST_LETTERS and label == _initials(name))
        or (len(telling) > _FEWEST_LETTERS and label.startswith(telling))
        for label in labels
    )


def is_initials(short: str, long: str) -> bool:
    """Return whether ``short`` is an acronym, in capitals, of the words of ``long``."""
    letters = "".join(char for char in short if char.isalnum())
    return letters.isupper() and len(letters) > 1 and letters.casefold() == _initials(long)


def are_comparable(one: str, other: str) -> bool:
    """Return whether both names are written in one script at least in part."""
    return bool(_scripts(one) & _scripts(other))


@lru_cache(maxsize=1024)  # an article's names are compared with each of its statements
def _words(name: str) -> tuple[str, ...]:
    joined = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found.group()), name)
    words = _WORD.findall(_folded(joined))
    kept = [each for each in words if each not in _lists().articles | _lists().legal_forms]
    return tuple(kept or words)


def _telling(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in words if each not in _lists().common) or words


def _is_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return len(one) == len(other) and all(map(_is_inflected, one, other))


def _is_inflected(one: str, other: str) -> bool:
    """Return whether two words are one, or one word in two cases of its grammar."""
    most = max(len(one), len(other)) - _LONGEST_ENDING
    shared = sum(1 for _ in takewhile(bool, map(eq, one, other)))
    return one == other or shared >= max(_FEWEST_STEM_LETTERS, most)


def _initials(name: str) -> str:
    words = [word for word in _WORD.findall(_folded(name)) if word not in _lists().legal_forms]
    return "".join(word[0] for word in words if word not in _lists().articles)


def _scripts(name: str) -> set[str]:
    return {unicodedata.name(char, "").split(" ")[0] for char in name if char.isalpha()}


class _Lists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    articles: frozenset[str]
    legal_forms: frozenset[str]
    common: frozenset[str]


@cache
def _lists() -> _Lists:
    text = files("dateline.rights").joinpath("same_name.toml").read_text(encoding="utf-8")
    rows = {key: _folded(words).split() for key, words in tomllib.loads(text).items()}
    return msgspec.convert(rows, _Lists)
