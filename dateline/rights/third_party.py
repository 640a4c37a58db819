"""Tell whether a text is another's than its publisher's: rule R3, the licensor's limit.

"All content by X" gives what X owns. A credit, byline or dateline of an agency says that the text
is the agency's. Agencies and phrases are in ``agencies.toml`` beside this module.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib.resources import files

import msgspec

from dateline.rights.facts import Facts
from dateline.rights.same_name import are_comparable, is_host_of, is_named_in

SOME_AGENCIES = "agencies"
# Bylines and datelines stand in the first words, credit lines in the last ones.
_HEAD_CHARS = 200
_TAIL_CHARS = 700
_BRACKETS = re.compile(r"[(\[（][^()\[\]（）\n]{2,80}[)\]）]")
_OPENING = re.compile(r"[^\n.]{0,120}?(?= ?(?:[-–—]|--) )|[^\n.]{0,120}?(?=\)\.-)")
_SEPARATORS = re.compile(r"[,/|]|\s[-–—]+\s|^[-–—]+\s|[.!?”\"]\s+")
_SHORT_LINE_CHARS = 60
_LABEL = re.compile(
    r"^[ \t]*(?:by|from|source|sources|via|par|source ?:|von|quelle|por|fuente|fonte|di|bron|źródło"
    r"|источник|kaynak|منبع|المصدر|来源|출처)(?:[ \t]*[:：][ \t]*|[ \t]+)[^\n]{2,80}$",
    re.IGNORECASE | re.MULTILINE,
)
# A credit of a picture says nothing about the text.
_OF_PICTURE = re.compile(
    r"\b(?:photo|picture|image|foto|bild|imagen|imagem|immagine|video|file|archiv|getty)"
    r"|عکس|صورة|تصویر|照片|写真|사진|фото",
    re.IGNORECASE,
)
_AGENCY_WORDS = re.compile(
    r"\b(?:news|agency|wire|press|agence|agentur|agencia|agência|agenzia|presse|newswire)\b",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[^\W\d_]{2,7}")


class _Agency(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    names: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    phrases: tuple[str, ...]
    agency: tuple[_Agency, ...]


@lru_cache(maxsize=256)  # one article asks some eight times about two lines
def agencies_named(credit: str) -> tuple[str, ...]:
    """Return the agencies that a credit, byline or name holds, each once, in order.

    The answer is their ids in ``agencies.toml``, and ``SOME_AGENCIES`` for "with agencies".
    """
    pattern, ids = _names()
    return tuple(dict.fromkeys(ids[found.group()] for found in pattern.finditer(credit)))


def credits_in(body: str) -> tuple[str, ...]:
    """Return the words of ``body`` that stand where bylines, datelines and credit lines do.

    They are the opening up to its dash, and what the first and last words have in brackets or
    behind "Source:"; credits of pictures are left out.
    """
    return tuple(piece for piece in _pieces(body) if not _OF_PICTURE.search(piece))


def third_parties(
    credits: Iterable[str], *, dateline_agency: str | None, owners: Iterable[str]
) -> tuple[str, ...]:
    """Return whose text this is by its credits, without those who are one of ``owners``.

    Args:
        credits: credit, byline, publisher and words of the body, as they were supplied.
        dateline_agency: what stands in brackets in the dateline; may be no agency we know.
        owners: the licensor and, where none is named, the publisher.
    """
    own = tuple(filter(None, owners))
    owned = {agency for name in own for agency in agencies_named(name)} - {SOME_AGENCIES}
    named = {agency: None for credit in credits for agency in agencies_named(credit)}
    found = [agency for agency in named if agency not in owned]
    if dateline_agency and not agencies_named(dateline_agency):
        found += _unknown_agency(dateline_agency, own)
    return tuple(dict.fromkeys(found))


def others_than(licensor: str, facts: Facts) -> tuple[str, ...]:
    """Return whose text this is by its publisher, credits and dateline, if not ``licensor``'s.

    One of them that names the licensor is enough to make it theirs, as are the article's host and
    the first and last words of the body. What is written in another script is no evidence.
    """
    if facts.host and is_host_of(licensor, facts.host):
        return ()
    if any(_names_licensor(line, licensor) for line in (*facts.lines, facts.agency or "")):
        return ()
    return tuple(dict.fromkeys(each for each in facts.names if are_comparable(each, licensor)))


def _names_licensor(line: str, licensor: str) -> bool:
    agencies = {*agencies_named(licensor)} & {*agencies_named(line)}
    return bool(agencies) or is_named_in(licensor, line)


def _unknown_agency(name: str, owners: tuple[str, ...]) -> list[str]:
    is_agency = bool(_AGENCY_WORDS.search(name)) or (
        name.isupper() and bool(_ACRONYM.fullmatch(name))
    )
    if not is_agency or not owners or any(_is_short_for(name, owner) for owner in owners):
        return []
    return [name]


def _is_short_for(name: str, owner: str) -> bool:
    """Return whether ``name`` is ``owner`` or made of its letters in order: MNA, LW."""
    short, long = _letters(name), _letters(owner)
    if not short or short[0] != long[:1]:
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def _letters(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.removeprefix("The ")).casefold()
    return "".join(char for char in folded if char.isalnum())


def _pieces(body: str) -> Iterator[str]:
    head, tail = body[:_HEAD_CHARS].lstrip(), body[-_TAIL_CHARS:].rstrip()
    opening = _OPENING.match(head)
    if opening:
        yield opening.group()
    for part in dict.fromkeys((head, tail)):
        yield from _BRACKETS.findall(part)
        yield from (found.group() for found in _LABEL.finditer(part))
        yield from filter(_is_signed, part.splitlines())
    last_words = _SEPARATORS.split(tail)[-1]
    if _is_signed(last_words):  # "... the minister said. AFP"
        yield last_words


def _is_signed(line: str) -> bool:
    """Return whether a short line is a list of names with an agency among them."""
    if len(line) > _SHORT_LINE_CHARS:
        return False
    parts = (part.strip(" .()-–—") for part in _SEPARATORS.split(line))
    return any(_names()[0].fullmatch(part) for part in parts)


@cache
def _names() -> tuple[re.Pattern[str], dict[str, str]]:
    text = files("dateline.rights").joinpath("agencies.toml").read_text(encoding="utf-8")
    data = msgspec.convert(tomllib.loads(text), _File)
    ids = {name: agency.id for agency in data.agency for name in agency.names}
    ids.update(dict.fromkeys(data.phrases, SOME_AGENCIES))
    ids = {form: id_ for name, id_ in ids.items() for form in (name, name.upper())} | ids
    ids |= {name[0].upper() + name[1:]: id_ for name, id_ in ids.items()}
    longest_first = sorted(ids, key=len, reverse=True)
    return re.compile("|".join(map(_pattern_of, longest_first))), ids


def _pattern_of(name: str) -> str:
    # Arabic and Persian join particles to a name, Chinese and Japanese write without spaces.
    escaped = re.escape(name)
    has_words = unicodedata.name(name[0], "").startswith(("LATIN", "CYRILLIC"))
    return rf"(?<!\w){escaped}(?!\w)" if has_words else escaped
