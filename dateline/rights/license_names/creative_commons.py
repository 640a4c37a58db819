"""Read names of Creative Commons licences, which are composed and not listed.

They are a prefix ("Creative Commons", "CC"), elements (by, nc, nd, sa, as codes or as words of a
language) in any order, a version and a port. A name that goes on with something unknown is none: to
lose an element would lose a restriction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from dateline.rights.license import License, NamedLicense
from dateline.rights.license_names.version import Version, VersionReader
from dateline.rights.license_names.words import (
    WINDOW_CHARS,
    WORD_END,
    WORD_START,
    LanguageWords,
    all_words,
    any_of,
    by_head,
    skipped,
    slips,
    words_before,
)

Compose = Callable[[tuple[str, ...], str | None, str | None], License | None]

_ELEMENTS = ("by", "nc", "nd", "sa")
_AND = r"(?:and|et|und|y|e|en|i|va|و|и|ve)"
_BETWEEN = re.compile(rf"[\s\-/:,.+&|(\"'«»]{{0,5}}(?:{_AND}(?=\s)\s{{0,2}})?")
_CODE_ROW = r"(?:by|nc|nd|sa)(?:[\s\-_/]{0,3}(?:by|nc|nd|sa))*"
_CODE_END = r"(?![^\W\d_\u3040-\ud7ff])"
# Licences without BY were published in 1.0 only; with nothing but "CC SA" behind it, no name.
_CC = re.compile(
    rf"cc(?<![@._]cc)(?<![^\W_\u3040-\ud7ff]cc)(?P<joint>[\s\-_/:]{{0,3}}\(?)"
    rf"(?P<codes>{_CODE_ROW}){_CODE_END}"
)
_BARE_CODES = re.compile(rf"{_CODE_ROW}{_CODE_END}")
_CODE = re.compile(r"by|nc|nd|sa")
# "by-nc-sa 3.0": a name only with a version, in capitals or in a sentence about a licence.
_LONE_CODES = re.compile(rf"by(?<![\w\-@./]by)(?:[\s\-_/](?:nc|nd|sa)){{1,3}}{_CODE_END}")
_SENTENCE_END = re.compile(r"[.!?؟](?=\s)|[。！？]|\n\s*\n")
_NEAR_CHARS = 120
_CUBIC_CENTIMETRES = re.compile(r"(?<!\d)\d{1,3}(?:[.,]\d{1,3})?\s?\Z")
_WORD_END = re.compile(WORD_END)
_WORD_BEHIND = re.compile(r"\s+\w")
# "creativecommons" inside a host or a path is no name.
_IN_ADDRESS = re.compile(r"\A[./@\-_]|[./@_][a-z]\Z")
# What may not follow a name without a version: another element that is not known, or a number.
_UNKNOWN = re.compile(r"\s?[\-/+]\s?[^\W\d_]|\s?\d")
_LICENSE_SUFFIX = re.compile(
    r"[\-](?:li[csz]en[cszt]|licença|llicènc|lisens|лиценз|ліценз)[^\W\d_]{0,16}"
)
# What may stand between a name and an element that belongs to it: no full stop, no empty line.
_BEFORE_MORE = re.compile(rf"[^\S\n]{{0,3}}[\-/+&,(|:;!_]{{0,2}}[^\S\n]{{0,2}}\n?(?:{_AND}\s|\()?")
# "nc" and "nd" are no words; "sa" is one in some languages.
_MORE_CODES = re.compile(r"(?P<code>NC|ND|SA|nc|nd|(?<=[\-/_])sa)(?![^\W_])")
_MISSPELT = re.compile(r"no(?:n|t[\s\-]for)?[\s\-]?(?:com|prof|deriv)|sampling")


class CreativeCommonsReader:
    """Reads composed names; ``heads`` and ``weak_heads`` are words that one may begin with."""

    def __init__(
        self, languages: Sequence[LanguageWords], versions: VersionReader, compose: Compose
    ) -> None:
        """Compile the words; ``compose`` gives the licence of elements, version and port."""
        self._versions = versions
        self._compose = lru_cache(maxsize=4096)(compose)
        prefixes, first = all_words(languages, "prefix"), all_words(languages, "by")
        weak = {slip for each in prefixes if each.isascii() for slip in slips(each)} - prefixes
        self._prefixes = _compiled(prefixes)
        # Wrong spellings, and letters with other meanings, name nothing without elements.
        weak |= all_words(languages, "short_prefix")
        self._weak = _compiled(weak, end=r"(?![^\W_])")
        self._first = _compiled(first)
        self.weak_heads = frozenset(self._weak)
        self.heads = frozenset((*self._prefixes, *self._first))
        self._common = re.compile(any_of(all_words(languages, "by_behind")) + WORD_END)
        elements = "|".join(
            f"(?P<{code}>{any_of(all_words(languages, code))})" for code in _ELEMENTS
        )
        self._element = re.compile(rf"(?:{elements})(?![a-zà-öø-ÿа-яα-ω])")
        licenses = any_of(all_words(languages, "license"))
        self._filler = re.compile(rf"{licenses}{WORD_END}")
        self._near = re.compile(rf"{WORD_START}(?:{licenses}|cc{WORD_END}|commons)")
        # "Creative Commons. Attribution 4.0": a name is not split over sentences.
        self._other_sentence = re.compile(rf"{any_of(prefixes)}(?:[.!?]\s+|\s*\n\s*\n\s*)\Z")
        self._prefix_behind = re.compile(rf"[^.!?\n]{{0,25}}?{any_of(prefixes)}")

    def read_words(self, text: str, lowered: str, start: int, head: str) -> NamedLicense | None:
        """Return the name that begins with the word ``head`` at ``start``."""
        prefix = _match(self._prefixes, head, lowered, start)
        if prefix and not _IN_ADDRESS.search(lowered[max(0, start - 1) : prefix.end() + 2]):
            named = self._prefixed(text, lowered, start, prefix.end())
            if named is not None or not _WORD_END.match(lowered, prefix.end()):
                return named
            return NamedLicense(start, prefix.end(), None)
        if _match(self._first, head, lowered, start):
            return self._without_prefix(text, lowered, start)
        return None

    def read_weak(self, text: str, lowered: str, start: int, head: str) -> NamedLicense | None:
        """Return the name behind what is a prefix only with elements: "Creatve Commons", "CC"."""
        prefix = _match(self._weak, head, lowered, start)
        if prefix is None or _CC.match(lowered, start) or _is_measure(text, start):
            return None
        return self._prefixed(text, lowered, start, prefix.end())

    def code_places(self, lowered: str) -> Iterator[int]:
        """Give where "CC" and codes stand."""
        if "cc" in lowered:
            yield from (match.start() for match in _CC.finditer(lowered))

    def read_codes(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        """Return the name of codes behind "CC" at ``start``."""
        found = _CC.match(lowered, start)
        if found is None:
            return None
        codes = _codes(found["codes"])
        named = self._finished(text, lowered, start, found.end(), codes)
        if named.license is not None and named.license.version is not None:
            return named
        if "by" not in codes or (len(codes) == 1 and _is_measure(text, start)):
            return None
        if found["codes"] == "by" and text[found.end("codes") - 2] == "b":
            # "CC by the sea": without a version capitals make a name, or a hyphen.
            return named if found["joint"] in ("", "-", "_") and named.license else None
        return named

    def lone_code_places(self, lowered: str) -> Iterator[int]:
        """Give where codes stand without a prefix."""
        return (match.start() for match in _LONE_CODES.finditer(lowered))

    def read_lone_codes(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        """Return the name of codes at ``start``: "BY-SA 4.0", others beside a licence's word."""
        found = _LONE_CODES.match(lowered, start)
        if found is None:
            return None
        named = self._finished(text, lowered, start, found.end(), _codes(found.group()))
        if named.license is None or named.license.version is None:
            return None
        codes = text[slice(*found.span())]
        if codes.isupper() and "-" in codes:
            return named
        before = _SENTENCE_END.split(lowered[max(0, start - _NEAR_CHARS) : start])[-1]
        behind = _SENTENCE_END.split(lowered[named.end : named.end + _NEAR_CHARS])[0]
        return named if self._near.search(before) or self._near.search(behind) else None

    def _prefixed(self, text: str, lowered: str, start: int, position: int) -> NamedLicense | None:
        if _SENTENCE_END.match(lowered, position):
            return None
        elements, end = self._elements(lowered, start, position)
        version = None
        if not elements:
            version = self._versions.behind(text, position)
            if version is None:
                return None
            elements, end = self._elements(lowered, start, version.end)
        if "by" not in elements and version is not None:
            return None
        named = self._finished(text, lowered, start, end, elements, version)
        if named.license is not None and named.license.version is not None and version is None:
            return named
        is_word = elements == ("by",) and text[end - 2 : end] == "by"
        if "by" not in elements or (is_word and _WORD_BEHIND.match(text, end)):
            # "A Creative Commons licence by its author".
            return None
        return named

    def _without_prefix(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        elements, end = self._elements(lowered, start, start)
        if not elements or self._other_sentence.search(words_before(lowered, start)):
            return None
        if len(elements) == 1 and self._common.match(lowered, start):
            return None
        named = self._finished(text, lowered, start, end, elements)
        if named.license is None:
            return None
        has_prefix = len(elements) > 1 and self._prefix_behind.match(lowered, end)
        return named if named.license.version is not None or has_prefix else None

    def _elements(self, lowered: str, start: int, position: int) -> tuple[tuple[str, ...], int]:
        """Return the elements behind ``position`` and where they end."""
        elements: list[str] = []
        end = position
        while end < start + WINDOW_CHARS:
            step = self._next_element(lowered, end, elements)
            if step is None:
                break
            end = step
        return tuple(elements), end

    def _next_element(self, lowered: str, end: int, elements: list[str]) -> int | None:
        """Add the element behind ``end`` and return where it ends."""
        gap = skipped(_BETWEEN, lowered, end)
        if not elements:
            while filler := self._filler.match(lowered, gap):
                gap = skipped(_BETWEEN, lowered, filler.end())
            codes = _BARE_CODES.match(lowered, gap)
            if codes is not None:
                elements.extend(_codes(codes.group()))
                return codes.end()
        found = self._element.match(lowered, gap)
        if found is None:
            return None
        elements.append(found.lastgroup or "")
        return found.end()

    def _finished(
        self,
        text: str,
        lowered: str,
        start: int,
        end: int,
        elements: tuple[str, ...],
        version: Version | None = None,
    ) -> NamedLicense:
        """Return the name of these elements with the version behind or in front of it.

        ``version`` is one that stood between prefix and elements.
        """
        behind = self._versions.behind(text, end)
        if version is None and behind is not None:
            license_ = (
                None
                if self._has_more(text, lowered, behind.end, elements)
                else self._compose(elements, behind.number, behind.port)
            )
            return NamedLicense(start, _closed(text, start, behind.end), license_)
        if self._is_cut(text, lowered, end, elements) or behind is not None:
            return NamedLicense(start, end, None)
        if version is None:
            version = self._versions.in_front(lowered, start)
            start = version.start if version else start
        number, port = (version.number, version.port) if version else (None, None)
        return NamedLicense(start, end, self._compose(elements, number, port))

    def _is_cut(self, text: str, lowered: str, end: int, elements: tuple[str, ...]) -> bool:
        """Return whether a name without a version behind it goes on with what is not known."""
        suffix = _LICENSE_SUFFIX.match(lowered, end)
        if suffix is None and _UNKNOWN.match(lowered, end):
            return True
        places = (end, suffix.end()) if suffix else (end,)
        return any(self._has_more(text, lowered, place, elements) for place in places)

    def _has_more(self, text: str, lowered: str, end: int, elements: tuple[str, ...]) -> bool:
        """Return whether elements stand behind the name that the name does not have."""
        position = end
        while position < end + WINDOW_CHARS:
            position = skipped(_BEFORE_MORE, lowered, position)
            if _MISSPELT.match(lowered, position) and "nc" not in elements:
                return True
            codes = _MORE_CODES.match(text, position)
            found = codes or self._element.match(lowered, position)
            if found is None:
                return False
            code = codes["code"].lower() if codes else found.lastgroup
            if code not in ("by", *elements):
                return True
            position = found.end()
        return False


def _is_measure(text: str, start: int) -> bool:
    """Return whether a number makes cubic centimetres of the "CC" at ``start``."""
    return bool(_CUBIC_CENTIMETRES.search(text[max(0, start - 8) : start]))


def _compiled(words: Iterable[str], *, end: str = "") -> Mapping[str, re.Pattern[str]]:
    return {head: re.compile(any_of(names) + end) for head, names in by_head(words).items()}


def _match(
    patterns: Mapping[str, re.Pattern[str]], head: str, text: str, start: int
) -> re.Match[str] | None:
    pattern = patterns.get(head)
    return pattern.match(text, start) if pattern else None


def _codes(codes: str) -> tuple[str, ...]:
    return tuple(_CODE.findall(codes))


def _closed(text: str, start: int, end: int) -> int:
    """Return ``end`` without a closing bracket that the name did not open."""
    name = text[start:end]
    return end - 1 if name.endswith(")") and name.count("(") < name.count(")") else end
