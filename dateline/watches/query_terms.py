"""Return the term of a query that a written value stands for: words, an entity, a field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import get_args

from dateline.document_records import EntityType
from dateline.errors import QueryInvalid
from dateline.names.fold import fold_letters
from dateline.watches.query_syntax import fault
from dateline.watches.query_tree import (
    CountryTerm,
    EntityTerm,
    FieldTerm,
    Phrase,
    Term,
    TextField,
    TypeTerm,
)
from dateline.watches.words import fold_words

# Shorter beginnings are those of thousands of words.
MIN_PREFIX_CHARS = 3
# A sentence copied out of an article; nobody watches for more.
MAX_PHRASE_WORDS = 50
# The longest words of any language are shorter, and so are names of sources and licences.
MAX_WORD_CHARS = 80
MAX_VALUE_CHARS = 300
FIELDS = ("title", "body", "source", "license", "lang", "entity", "type", "country")
_TEXT_FIELDS: dict[str | None, TextField] = {None: "any", "title": "title", "body": "body"}
# Amounts and dates have no names: nobody can be told who it was.
_NOT_NAMES = ("quantity", "date")
_QID = re.compile(r"[Qq][1-9]\d{0,11}")
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")
_NEAR = re.compile(r"NEAR(/.*)?|near/\d+", re.DOTALL)
_OPERATOR_WORDS = frozenset({"and", "or", "not"})
# What these mean in other query languages would be lost without a word.
_OTHER_OPERATORS = re.compile(r"[?~^|\\\[\]{}<>=]|^[-+!]|&&")


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A value as written in ``text`` at ``[start, end)``, quotation marks included.

    ``term_start`` is where its field begins if that stands right before it, else ``start``.
    """

    text: str
    start: int
    end: int
    term_start: int
    is_quoted: bool

    @property
    def value(self) -> str:
        """Return it without quotation marks."""
        cut = int(self.is_quoted)
        return self.text[self.start + cut : self.end - cut]

    def fault(self, problem: str, *, at: int = 0) -> QueryInvalid:
        """Return the error for the character ``at`` of the value."""
        return fault(self.text, self.start + int(self.is_quoted) + at, problem)


def read_field(text: str, written: str, position: int) -> str:
    """Return the name of the field ``written`` (``Title:``) at ``position``.

    Raises:
        QueryInvalid: there is no such field; says which one may be meant.
    """
    name = written.rstrip(":").casefold()
    if name in FIELDS:
        return name
    known = {**{each: each for each in FIELDS}, "licence": "license", "language": "lang"}
    near = get_close_matches(name, known, n=1)
    meant = f"did you mean `{known[near[0]]}:`?" if near else f"there are {_listed(FIELDS)}"
    raise fault(text, position, f"unknown field `{written}`; {meant}")


def read_term(written: Written, field: str | None) -> Term:
    """Return the term of a value of ``field``; None: words of title or text.

    Raises:
        QueryInvalid: the field has no such values, or there is nothing to look for.
    """
    if field in _TEXT_FIELDS:
        return _phrase(written, _TEXT_FIELDS[field])
    value = " ".join(written.value.split())
    _refuse_value(written, value, str(field))
    start, end = written.term_start, written.end
    if field == "entity":
        return _entity(written, value)
    code = value.casefold()
    if field == "type":
        return TypeTerm(entity_type=_entity_type(written, code), start=start, end=end)
    if field == "country":
        _refuse_unless(written, r"[a-z]{2}", code, "country: takes two letters, country:qa")
        return CountryTerm(code=code, start=start, end=end)
    if field == "lang":
        _refuse_unless(written, r"[a-z]{2,3}(-[a-z0-9]{2,8})*", code, "lang: takes a code, lang:en")
        return FieldTerm(name="lang", value=code, start=start, end=end)
    name = "source" if field == "source" else "license"
    return FieldTerm(name=name, value=code, start=start, end=end)  # type: ignore[arg-type]


def _phrase(written: Written, field: TextField) -> Phrase:
    value = written.value
    if not written.is_quoted:
        _refuse_operators(written, value)
    star = value.find("*")
    is_prefix = star >= 0
    if is_prefix and (star != len(value) - 1 or not value[:star] or value[star - 1].isspace()):
        raise written.fault("`*` stands only at the end of a word", at=star)
    words = fold_words(value)
    if not words:
        raise written.fault("no word: there is no letter or digit to look for")
    if is_prefix and (len(words[-1]) < MIN_PREFIX_CHARS or not value[star - 1].isalnum()):
        raise written.fault(f"at least {MIN_PREFIX_CHARS} letters stand before `*`", at=star)
    if len(words) > MAX_PHRASE_WORDS:
        raise written.fault(f"a phrase of {len(words)} words; at most {MAX_PHRASE_WORDS} are read")
    if max(map(len, words)) > MAX_WORD_CHARS:
        raise written.fault(f"a word of more than {MAX_WORD_CHARS} letters")
    return Phrase(
        words=words, field=field, is_prefix=is_prefix, start=written.term_start, end=written.end
    )


def _refuse_operators(written: Written, value: str) -> None:
    if value.casefold() in _OPERATOR_WORDS:
        raise written.fault(
            f'`{value}` is written in capitals, {value.upper()}; as a word, write "{value}"'
        )
    if _NEAR.fullmatch(value):
        raise written.fault("NEAR is written with a number of words: NEAR/5")
    if found := _OTHER_OPERATORS.search(value):
        meant = "NOT" if found[0] in "-!" else "quotation marks if it belongs to the text"
        raise written.fault(f"`{found[0]}` means nothing here; write {meant}", at=found.start())


def _entity(written: Written, value: str) -> EntityTerm:
    start, end = written.term_start, written.end
    if _QID.fullmatch(value):
        return EntityTerm(entity_id=value.upper(), start=start, end=end)
    if _SHA256.fullmatch(value):
        return EntityTerm(entity_id=value.lower(), start=start, end=end)
    if not fold_letters(value):
        raise written.fault("no name: there is no letter or digit to look for")
    return EntityTerm(name=value, start=start, end=end)


def _entity_type(written: Written, value: str) -> str:
    known = [each for each in get_args(EntityType) if each not in _NOT_NAMES]
    if value in known:
        return value
    near = get_close_matches(value, known, n=1)
    meant = f"did you mean `type:{near[0]}`?" if near else f"there are {_listed(known)}"
    raise written.fault(f"unknown type `{value}`; {meant}")


def _refuse_value(written: Written, value: str, field: str) -> None:
    if not value:
        raise written.fault(f"`{field}:` has no value")
    if len(value) > MAX_VALUE_CHARS:
        raise written.fault(f"a value of {len(value)} characters; at most {MAX_VALUE_CHARS} fit")
    if "*" in value:
        raise written.fault(f"`*` has no meaning behind `{field}:`", at=written.value.index("*"))


def _refuse_unless(written: Written, pattern: str, code: str, problem: str) -> None:
    if not re.fullmatch(pattern, code):
        raise written.fault(problem)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
