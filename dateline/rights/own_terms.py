"""Take out of a notice what only repeats its licence: "not for commercial use" beside BY-NC.

Such words limit nothing that the licence does not limit itself, so they contradict no grant. The
words are in ``own_terms.toml``; those of a constraint that a licence has not are never taken out.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import msgspec

from dateline.rights.folding import folded_text

# What a licence says in its constraints; attribution is asked for in too many words to list.
_LISTED = ("nc", "nd")
_CLAUSE_BREAK = r"(?:^|[.,;:!?،؛(]|-|\x1a)"


class _Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    leads: tuple[str, ...]
    asking: tuple[str, ...]
    nc: tuple[str, ...]
    nd: tuple[str, ...]
    others: tuple[str, ...]


def without_own_terms(words: str, constraints: Sequence[str]) -> str:
    """Return ``words`` without the clauses that only say what ``constraints`` say.

    Args:
        words: folded text in lower case, on one line.
        constraints: of the licence that the words are about: by, sa, nc, nd.

    Returns:
        ``words`` themselves where nothing is taken out. A clause is taken out as a whole or not at
        all: "not for commercial use or in newspapers" stays.
    """
    listed = tuple(each for each in _LISTED if each in constraints)
    return _pattern(listed).sub(r"\g<before>", words) if listed else words


def says_only_own_terms(words: str, constraints: Sequence[str]) -> bool:
    """Return whether a sentence of its own says what ``constraints`` say, and no more."""
    return not re.search(r"\w", without_own_terms(_low(words), constraints))


def speaks_of_others(words: str) -> bool:
    """Return whether a sentence keeps what no licence of this text gives: other rights or works."""
    return _others().search(_low(words)) is not None


def _low(words: str) -> str:
    return " ".join(folded_text(words).lower().split())


@cache
def _pattern(constraints: tuple[str, ...]) -> re.Pattern[str]:
    words = _load()
    terms = _any([each for name in constraints for each in words[name]])
    leads, asking = _any(words["leads"]), _any(words["asking"])
    return re.compile(
        rf"(?P<before>{_CLAUSE_BREAK}|\b(?={leads} )) ?(?:{leads} )*{terms}"
        rf"(?:(?:,| {leads}|, {leads})* {terms})*(?:,? {asking})?(?=\s*(?:$|[.,;:!?،؛)]|-))"
    )


@cache
def _others() -> re.Pattern[str]:
    return re.compile(rf"\b{_any(_load()['others'])}")


@cache
def _load() -> Mapping[str, tuple[str, ...]]:
    text = files(__package__).joinpath("own_terms.toml").read_text(encoding="utf-8")
    return msgspec.structs.asdict(msgspec.convert(tomllib.loads(text), _Words))


def _any(expressions: Sequence[str]) -> str:
    filled = sorted((folded_text(each) for each in expressions), key=len, reverse=True)
    return f"(?:{'|'.join(filled)})"
