"""Legal forms of organisations: where they stand in a name, and which class they are of."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

from .skeleton import skeleton

# Of the plain forms, these stand before the name.
_LEADING_PLAIN = frozenset(
    {"شركة", "شركه", "شرکت", "компания", "корпорация", "compania", "companhia"}
)
_LONG_WORD = 5
# At the start of a name these are words or names more often than legal forms.
_NAMES = frozenset(
    {(word,) for word in ("as", "at", "se", "ad", "sa", "sl", "ou", "too", "limited")}
)


@cache
def legal_classes() -> Mapping[tuple[str, ...], str]:
    """Return the class of each legal form, by its words (``legal_forms.toml``)."""
    text = resources.files(__package__).joinpath("legal_forms.toml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = tomllib.loads(text)
    return {tuple(form.split()): kind for kind, forms in table.items() for form in forms}


@cache
def legal_skeletons() -> frozenset[str]:
    """Return the skeletons of the longer words of legal forms."""
    words = {word for form in legal_classes() for word in form if len(word) >= _LONG_WORD}
    return frozenset(map(skeleton, words))


@cache
def _longest_form() -> int:
    return max(map(len, legal_classes()))


def split_legal_forms(words: Sequence[str]) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the words of an organisation without the legal forms at its ends, and their classes.

    A leading "the" goes too. At least one word is left, so nothing is nothing but a legal form.
    """
    start, end = 0, len(words)
    classes: set[str] = set()
    while end - start > 1:
        lengths = range(min(_longest_form(), end - start - 1), 0, -1)
        if words[start] == "the":
            start += 1
        elif size := next(
            (n for n in lengths if tuple(words[end - n : end]) in legal_classes()), 0
        ):
            classes.add(legal_classes()[tuple(words[end - size : end])])
            end -= size
        elif size := next((n for n in lengths if _begins_with_form(words, start, n)), 0):
            classes.add(legal_classes()[tuple(words[start : start + size])])
            start += size
        else:
            break
    return tuple(words[start:end]), frozenset(classes)


def _begins_with_form(words: Sequence[str], start: int, size: int) -> bool:
    # "Company of Heroes", "AS Roma", "SE Asia": a short form or a plain word may begin a name.
    form = tuple(words[start : start + size])
    kind = legal_classes().get(form)
    return (
        kind is not None and (kind != "plain" or form[0] in _LEADING_PLAIN) and form not in _NAMES
    )
