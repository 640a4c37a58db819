"""Return the words that take a grant back, compiled, one set a language: ``guards.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import msgspec

from dateline.rights.folding import folded_text
from dateline.rights.notices.lexicon import load_lexicons
from dateline.rights.notices.names import MARK

# Kinds that are looked for in the whole statement; the others have a place.
ANYWHERE = ("excepted", "withdrawn", "later", "sample", "partly")
_THIS = (
    "all every this our present diese dieses dieser unsere ce cet cette notre este esta nuestra "
    "nuestro questo questa quest' nostra nosso nossa dit deze ons onze эта это этот эти این هذا "
    "هذه bu denna detta denne dette"
)
_OF_MANY = (
    *("all", "every", "our", "unsere", "dieser", "notre", "nuestra", "nuestro", "nostra"),
    *("nosso", "nossa", "onze", "ons"),
)
# "This summary" is our text, "all parts of it" are.
_NOT_THIS = "".join(f"(?<!{each} )" for each in _THIS.split())
THIS_ONE = re.compile(
    rf"(?:\w+ )?(?:{'|'.join(each for each in _THIS.split() if each not in _OF_MANY)}|pres\w+)\b"
)


class GuardWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of one language; ``guards.toml`` says what each list is."""

    heads: tuple[str, ...] = ()
    relative: tuple[str, ...] = ()
    that: tuple[str, ...] = ()
    behind: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    sample: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    partly: tuple[str, ...] = ()
    narrowed: tuple[str, ...] = ()
    from_day: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    venues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Guards:
    """The words of one language, compiled."""

    heads: re.Pattern[str]
    relative: re.Pattern[str]
    that: re.Pattern[str]
    behind: re.Pattern[str]
    what: re.Pattern[str]
    part_of: re.Pattern[str]
    governing: re.Pattern[str]
    uses: re.Pattern[str]
    narrowed: re.Pattern[str]
    kinds: Mapping[str, re.Pattern[str]]


@cache
def load_guards(language: str) -> Guards:
    """Return the guards of a language."""
    words = load_guard_words()[language]
    nouns = f"(?:{load_lexicons()[language].patterns['text'].pattern})"
    return Guards(
        heads=_any(words.heads, nouns, r"{}"),
        relative=_any(words.relative, nouns, r"(?:(?<!\w)|(?=,)){}(?!\w)"),
        that=_any(words.that, nouns, r"(?<!\w){}(?:(?<=')|(?!\w))"),
        part_of=_any(words.part_of, nouns, r"\W*{}\s*"),
        governing=_any(words.of, nouns, r"(?P<noun>[\w-]+) {} ?"),
        uses=_any((*words.heads, *words.uses), nouns, r"{}"),
        what=_any(words.what, nouns, r"\W*{}(?:[\w'-]+ )+"),
        behind=_any(words.behind, nouns, r" ?'?{}"),
        narrowed=_any(words.narrowed, nouns, r" ?{}"),
        kinds={
            **{
                name: _any(getattr(words, name), nouns, rf"{_NOT_THIS}(?<!\w){{}}(?!\w)")
                for name in ("parts", "venues")
            },
            **{
                name: _any(getattr(words, name), nouns, r"(?<!\w){}(?!\w)")
                for name in ("attached", "announced", "from_day", *ANYWHERE)
            },
        },
    )


def _any(expressions: Sequence[str], nouns: str, form: str) -> re.Pattern[str]:
    if not expressions:
        return re.compile(r"(?!)")
    either = "|".join(folded_text(each).replace("@", MARK) for each in expressions)
    return re.compile(form.replace("{}", f"(?:{either.replace('{text}', nouns)})"))


@cache
def load_guard_words() -> Mapping[str, GuardWords]:
    """Return the words of each language as ``guards.toml`` has them."""
    text = files(__package__).joinpath("guards.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, GuardWords])
