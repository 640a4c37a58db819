"""The words that names of licences are made of, and the patterns made of such words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dateline.rights.alternatives import joined
from dateline.rights.folding import IGNORED, folded_text
from dateline.rights.license import License, NamedLicense

# Takes the text, the text in lower case, and where to begin.
Read = Callable[[str, str, int], NamedLicense | None]

# A name is no longer than this; behind it nothing is looked for.
WINDOW_CHARS = 400
# Scripts without spaces between words: in kana, Han and Hangul a word may begin and end anywhere.
_GLUED = "\u3040-\ud7ff"
# Where a word of a script with spaces may end and begin.
WORD_END = rf"(?![^\W_{_GLUED}])"
WORD_START = rf"(?<![^\W_{_GLUED}])"
WORD = re.compile(rf"[^\W_{_GLUED}]+|[{_GLUED}]+")
GAP = r"[\s\-_/:,.+&|(\"'«»“”]"
_PARTS = re.compile(r"[\s\-]+")
_FEW_WORDS_CHARS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWords:
    """The words of one language that names are composed of.

    ``short_prefix`` means other things too: a prefix before elements only. Of ``by`` the words that
    stand in ``by_behind`` too are common ones ("percentage"): alone they are no name.
    ``four`` says 4.0; a single word does so behind a ``version`` only. ``later`` is what makes a
    version one "or any later".
    """

    language: str
    prefix: tuple[str, ...]
    by: tuple[str, ...]
    nc: tuple[str, ...]
    nd: tuple[str, ...]
    sa: tuple[str, ...]
    license: tuple[str, ...]
    version: tuple[str, ...]
    unported: tuple[str, ...]
    short_prefix: tuple[str, ...] = ()
    by_behind: tuple[str, ...] = ()
    four: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedName:
    """A name as the registry lists it, and the licence that it names.

    ``version`` is what must follow (``3.0``), None where none does. ``or_later``: the licence is
    that of "version 3.0 or later". ``is_short``: also a word for other things ("MIT"), a name only
    beside a word for licence. ``license`` None: a family of licences, none of them named.
    """

    name: str
    license: License | None
    version: str | None = None
    or_later: bool = False
    is_short: bool = False


def all_words(languages: Iterable[LanguageWords], kind: str) -> set[str]:
    """Return the words of one kind of all languages, as they are compared."""
    return {plain(word) for each in languages for word in getattr(each, kind)}


def plain(name: str) -> str:
    """Return ``name`` folded, in lower case, without signs that nobody sees."""
    return IGNORED.sub("", folded_text(name)).lower()


def key(name: str) -> str:
    """Return what is equal in all spellings of one name, whatever separates its words."""
    return _PARTS.sub(" ", name.replace("/", " ").replace(",", " ")).strip()


def any_of(words: Iterable[str]) -> str:
    """Return a pattern of the words, longest first, with any separators between their parts."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return f"(?:{joined(map(_one, ordered))})" if ordered else "(?!)"


def by_head(names: Iterable[str]) -> dict[str, set[str]]:
    """Return the names by their first word."""
    found: dict[str, set[str]] = {}
    for name in names:
        head = WORD.match(name)
        if head is not None:
            found.setdefault(head.group(), set()).add(name)
    return found


def is_glued(word: str) -> bool:
    """Return whether ``word`` is of a script without spaces between words."""
    return "\u3040" <= word[0] <= "\ud7ff"


def occurrences(text: str, head: str) -> Iterator[int]:
    """Give where the word ``head`` stands in ``text``."""
    position = text.find(head)
    while position >= 0:
        end = position + len(head)
        if _is_apart(text[position - 1 : position], head) and _is_apart(text[end : end + 1], head):
            yield position
        position = text.find(head, end)


def skipped(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Return where ``pattern`` ends at ``position``, or ``position``."""
    found = pattern.match(text, position)
    return found.end() if found else position


def words_before(text: str, start: int) -> str:
    """Return the few words in front of ``start``, for patterns that end there."""
    return text[max(0, start - _FEW_WORDS_CHARS) : start]


def slips(name: str) -> set[str]:
    """Return ``name`` with one letter left out, doubled, or swapped with the next."""
    found = set()
    for place, letter in enumerate(name):
        before, behind = name[:place], name[place + 1 :]
        found |= {before + behind, before + letter + letter + behind}
        found.add(before + behind[:1] + letter + behind[1:])
    return {each for each in found if key(each) != key(name)}


def _is_apart(neighbour: str, word: str) -> bool:
    return not neighbour.isalnum() or is_glued(word) or is_glued(neighbour)


def _one(word: str) -> str:
    parts = (re.escape(part) for part in _PARTS.split(word) if part)
    return r"[\s\-]{1,4}".join(parts)
