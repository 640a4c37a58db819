"""Return the licences that running text names, in any of the registry's languages.

Names of Creative Commons licences are composed: a prefix ("Creative Commons", "CC"), elements (by,
nc, nd, sa, as codes or as words of a language) in any order, a version and a port. A name that goes
on with something unknown is none: to lose an element would lose a restriction.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from dateline.rights.license import License, NamedLicense

Compose = Callable[[tuple[str, ...], str | None, str | None], License | None]
ReadAddress = Callable[[str], License | None]
# Takes the text, the text in lower case, and where to begin.
_Read = Callable[[str, str, int], NamedLicense | None]

# A name is no longer than this; behind it nothing is looked for.
_WINDOW_CHARS = 400
_ELEMENTS = ("by", "nc", "nd", "sa")
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
_IGNORED = re.compile(
    "[\u00ad\u200b\u200d\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\u0640\u064b-\u0655\u0670]"
)
_WORD = re.compile(r"[^\W_]+")
_PARTS = re.compile(r"[\s\-]+")
_AND = r"(?:and|et|und|y|e|en|i|va|و|и|ve)"
_BETWEEN = re.compile(rf"[\s\-/:,.+&|(\"'«»]{{0,5}}(?:{_AND}(?=\s)\s{{0,2}})?")
_CODE_ROW = r"(?:by|nc|nd|sa)(?:[\s\-_/]{0,3}(?:by|nc|nd|sa))*"
# Licences without BY were published in 1.0 only; with nothing but "CC SA" behind it, no name.
_CC = re.compile(rf"cc(?<![\w@.]cc)[\s\-_/:]{{0,3}}\(?(?P<codes>{_CODE_ROW})(?![^\W_])")
_BARE_CODES = re.compile(rf"{_CODE_ROW}(?![^\W_])")
_CODE = re.compile(r"by|nc|nd|sa")
# Addresses end where ASCII ends: in scripts without spaces the next word stands right behind.
_IN_PATH = r"[!#$%&*+,\-./0-9:;=?@A-Z\\^_`a-z|~]"
_ADDRESS = re.compile(rf"creativecommons\.org(?![\w.\-@:])(?:/{_IN_PATH}{{0,200}})?", re.IGNORECASE)
_BEFORE_ADDRESS = re.compile(r"(?:(?:https?:)?//)?(?:www\.)?\Z", re.IGNORECASE)
_NAME_CHAR = re.compile(r"[\w@.\-/]")
# Inside another address nothing is named: `https://evil.example/cc-by-4.0`, `javascript://...`.
_ALL_OF_PATH = re.compile(rf"{_IN_PATH}*")
_LONGEST_ADDRESS_CHARS = 300
_ADDRESS_END = ".,;:!?"
# "creativecommons" inside a host or a path is no name.
_IN_ADDRESS = re.compile(r"\A[./@\-_]|[./@_][a-z]\Z")
# What may not follow a name without a version: another element that is not known, or a number.
_UNKNOWN = re.compile(r"\s?[\-/+]\s?[^\W\d_]|\s?\d")
# What may stand between a name and an element that belongs to it: no full stop, no empty line.
_BEFORE_MORE = re.compile(rf"[^\S\n]{{0,3}}[\-/+&,(|:;!_]{{0,2}}[^\S\n]{{0,2}}\n?(?:{_AND}\s|\()?")
# "nc" and "nd" are no words; "sa" is one in some languages.
_MORE_CODES = re.compile(r"(?P<code>NC|ND|SA|nc|nd|(?<=[\-/_])sa)(?![^\W_])")
_MISSPELT = re.compile(r"no(?:n|t[\s\-]for)?[\s\-]?(?:com|prof|deriv)|sampling")


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageWords:
    """The words of one language that names are composed of."""

    language: str
    prefix: tuple[str, ...]
    by: tuple[str, ...]
    nc: tuple[str, ...]
    nd: tuple[str, ...]
    sa: tuple[str, ...]
    license: tuple[str, ...]
    version: tuple[str, ...]
    unported: tuple[str, ...]


class NameFinder:
    """Finds names of licences in text; compiled once from the registry's words."""

    def __init__(
        self,
        *,
        languages: Sequence[LanguageWords],
        port_names: Mapping[str, str],
        names: Mapping[str, License],
        read_address: ReadAddress,
        compose: Compose,
        hosts: Iterable[str] = (),
    ) -> None:
        """Compile the words.

        Args:
            languages: words that names are composed of.
            port_names: names of jurisdictions and their codes.
            names: whole names of all other licences.
            read_address: what an address names.
            compose: what elements, version and port make, or None where no such licence exists.
            hosts: hosts of other licences' addresses.
        """
        self._read_address = read_address
        self._compose = lru_cache(maxsize=4096)(compose)
        self._names = {_key(_plain(name)): license_ for name, license_ in names.items()}
        self._ports = {_key(_plain(name)): code for name, code in port_names.items()}
        prefixes = {_plain(word) for each in languages for word in each.prefix}
        first = {_plain(word) for each in languages for word in each.by}
        whole = {_plain(name) for name in names}
        self._by_head = _patterns_by_head({"prefix": prefixes, "first": first, "name": whole})
        self._heads = frozenset(self._by_head)
        # Scripts without spaces between words: a head is looked for inside them.
        self._glued = tuple(h for h in self._heads if "\u3040" <= h[0] <= "\ud7ff")
        by_code = {
            code: {_plain(word) for each in languages for word in getattr(each, code)}
            for code in _ELEMENTS
        }
        elements = "|".join(f"(?P<{code}>{_any(words)})" for code, words in by_code.items())
        self._element = re.compile(rf"(?:{elements})(?![a-zà-öø-ÿа-яα-ω])")
        licenses = {_plain(word) for each in languages for word in each.license}
        unported = {_plain(word) for each in languages for word in each.unported}
        versions = {_plain(word) for each in languages for word in each.version}
        self._filler = re.compile(rf"{_any(licenses)}(?![^\W_])")
        self._version = _version_pattern(
            licenses, unported, versions, names=self._ports.keys(), codes=set(self._ports.values())
        )
        self._hosts = tuple(host.removeprefix("www.") for host in hosts)
        self._other_address = re.compile(
            rf"https?://(?:www\.)?{_any(self._hosts)}/{_IN_PATH}{{1,200}}"
        )

    def find(self, text: str) -> tuple[NamedLicense, ...]:
        """Return the names and addresses in ``text``, in order, not overlapping.

        Raises: Nothing.
        """
        plain = folded_text(text)
        if text.isascii() or not _IGNORED.search(plain):
            return tuple(self._found(plain))
        ignored = [found.start() for found in _IGNORED.finditer(plain)]
        # How far the text was shortened before each place of what is left of it.
        places = [place - number for number, place in enumerate(ignored)]

        def whole(place: int) -> int:
            return place + bisect_right(places, place)

        return tuple(
            NamedLicense(whole(n.start), whole(n.end - 1) + 1, n.license, n.is_address)
            for n in self._found(_IGNORED.sub("", plain))
        )

    def _found(self, text: str) -> Iterator[NamedLicense]:
        lowered = text.lower()
        end = 0
        for start, read in self._candidates(lowered):
            if start < end:
                continue
            named = read(text, lowered, start)
            if named is not None and named.start >= end:
                yield named
                end = named.end

    def _candidates(self, lowered: str) -> list[tuple[int, _Read]]:
        """Return where a name may begin, and what reads it there.

        Of two that begin at one place the address comes first, the codes last.
        """
        found: list[tuple[int, int, _Read]] = []
        heads = self._heads.intersection(_WORD.findall(lowered))
        if not lowered.isascii():
            heads = heads.union(head for head in self._glued if head in lowered)
        for head in heads:
            found.extend((start, 1, self._read_words) for start in _occurrences(lowered, head))
        if "cc" in lowered:
            found.extend((match.start(), 2, self._read_codes) for match in _CC.finditer(lowered))
        if "creativecommons.org" in lowered:
            found.extend(
                (match.start(), 0, self._read_cc_address) for match in _ADDRESS.finditer(lowered)
            )
        if "://" in lowered and any(host in lowered for host in self._hosts):
            found.extend(
                (match.start(), 0, self._read_other_address)
                for match in self._other_address.finditer(lowered)
            )
        return [(start, read) for start, _, read in sorted(found, key=itemgetter(0, 1))]

    def _read_cc_address(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        found = _ADDRESS.match(text, start)
        before = _BEFORE_ADDRESS.search(text, max(0, start - 12), start)
        begin = before.start() if before else start
        if found is None or (begin and _NAME_CHAR.match(text, begin - 1)):
            return None
        is_other_scheme = text.startswith("//", begin) and text.endswith(":", 0, begin)
        if is_other_scheme or _is_in_address(lowered, begin):
            return None
        address = text[begin : found.end()].rstrip(_ADDRESS_END)
        return NamedLicense(
            begin, begin + len(address), self._read_address(address), is_address=True
        )

    def _read_other_address(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        found = self._other_address.match(lowered, start)
        if found is None or _is_in_address(lowered, start):
            return None
        address = text[start : found.end()].rstrip(_ADDRESS_END)
        license_ = self._read_address(address)
        if license_ is None:
            return None
        return NamedLicense(start, start + len(address), license_, is_address=True)

    def _read_codes(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        found = _CC.match(lowered, start)
        if found is None or _is_in_address(lowered, start):
            return None
        codes = _codes(found["codes"])
        named = self._with_version(text, lowered, start, found.end(), codes)
        has_version = named.license is not None and named.license.version is not None
        is_word = found["codes"] == "by" and text[found.end("codes") - 2] == "b"
        if not has_version and ("by" not in codes or is_word):
            # "CC by the sea": without a version only capitals make a name.
            return None
        return named

    def _read_words(self, text: str, lowered: str, start: int) -> NamedLicense | None:
        head = _WORD.match(lowered, start)
        patterns = self._by_head.get(head.group() if head else "")
        if patterns is None:
            glued = next((h for h in self._glued if lowered.startswith(h, start)), "")
            patterns = self._by_head.get(glued)
        if patterns is None or _is_in_address(lowered, start):
            return None
        if name := _match(patterns.get("name"), lowered, start):
            return NamedLicense(start, name.end(), self._names[_key(name.group())])
        prefix = _match(patterns.get("prefix"), lowered, start)
        if prefix and not _IN_ADDRESS.search(lowered[max(0, start - 1) : prefix.end() + 2]):
            return self._composed(text, lowered, start, prefix.end(), is_prefixed=True)
        if _match(patterns.get("first"), lowered, start):
            return self._composed(text, lowered, start, start, is_prefixed=False)
        return None

    def _composed(
        self, text: str, lowered: str, start: int, position: int, *, is_prefixed: bool
    ) -> NamedLicense | None:
        bare = NamedLicense(start, position, None) if is_prefixed else None
        elements: list[str] = []
        end = position
        while end < start + _WINDOW_CHARS:
            step = self._next_element(lowered, end, elements)
            if step is None:
                break
            end = step
        if not elements:
            return bare
        named = self._with_version(text, lowered, start, end, tuple(elements))
        if named.license is not None and named.license.version is not None:
            return named
        return named if is_prefixed and "by" in elements else bare

    def _next_element(self, lowered: str, end: int, elements: list[str]) -> int | None:
        """Add the element behind ``end`` and return where it ends."""
        gap = _skipped(_BETWEEN, lowered, end)
        if not elements:
            while filler := self._filler.match(lowered, gap):
                gap = _skipped(_BETWEEN, lowered, filler.end())
            codes = _BARE_CODES.match(lowered, gap)
            if codes is not None:
                elements.extend(_codes(codes.group()))
                return codes.end()
        found = self._element.match(lowered, gap)
        if found is None:
            return None
        elements.append(found.lastgroup or "")
        return found.end()

    def _with_version(
        self, text: str, lowered: str, start: int, end: int, elements: tuple[str, ...]
    ) -> NamedLicense:
        found = self._version.match(text, end)
        if found is None:
            is_cut = _UNKNOWN.match(lowered, end) or self._has_more(text, lowered, end, elements)
            return NamedLicense(start, end, None if is_cut else self._compose(elements, None, None))
        if self._has_more(text, lowered, found.end(), elements):
            return NamedLicense(start, _closed(text, start, found.end()), None)
        port = found["port"] or self._ports.get(_key((found["port_name"] or "").lower()))
        license_ = self._compose(
            elements, found["version"].replace("/", "."), port.lower() if port else None
        )
        return NamedLicense(start, _closed(text, start, found.end()), license_)

    def _has_more(self, text: str, lowered: str, end: int, elements: tuple[str, ...]) -> bool:
        """Return whether elements stand behind the name that the name does not have."""
        position = end
        while position < end + _WINDOW_CHARS:
            position = _skipped(_BEFORE_MORE, lowered, position)
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


def folded_text(text: str) -> str:
    """Return ``text`` with digits, dashes and letters that names are written with made one.

    Each code point stays one code point.
    """
    return text if text.isascii() else _FOLDED.sub(_folded_char, text)


def _folded_char(found: re.Match[str]) -> str:
    return _FOLD_TO[found.group()]


def _plain(name: str) -> str:
    return _IGNORED.sub("", folded_text(name)).lower()


def _key(name: str) -> str:
    return _PARTS.sub(" ", name.replace("/", " ").replace(",", " ")).strip()


def _one(word: str) -> str:
    parts = (re.escape(part) for part in _PARTS.split(word) if part)
    return r"[\s\-]{1,4}".join(parts)


def _any(words: Iterable[str]) -> str:
    """Return a pattern of the words, longest first, with any separators between their parts."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "(?:" + "|".join(_one(word) for word in ordered) + ")"


def _patterns_by_head(
    kinds: Mapping[str, Iterable[str]],
) -> dict[str, dict[str, re.Pattern[str]]]:
    """Return the patterns of each kind by the first word of what they match."""
    words: dict[str, dict[str, set[str]]] = {}
    for kind, names in kinds.items():
        for name in names:
            head = _WORD.match(name)
            if head is not None:
                words.setdefault(head.group(), {}).setdefault(kind, set()).add(name)
    # Where words are not divided a particle may follow: "공공누리 제1유형에".
    end = r"(?:(?<=[\u3040-\ud7ff])|(?![^\W_]))(?![.\-]\d)"
    return {
        head: {
            kind: re.compile(_any(names) + (end if kind == "name" else ""))
            for kind, names in by_kind.items()
        }
        for head, by_kind in words.items()
    }


def _version_pattern(
    licenses: set[str],
    unported: set[str],
    versions: set[str],
    *,
    names: Iterable[str],
    codes: Iterable[str],
) -> re.Pattern[str]:
    short = "|".join(sorted(code.upper() for code in codes if len(code) == 2))  # noqa: PLR2004
    gap = r"[\s\-/:,.+&|(\"'«»“”]"
    whole = r"(?![^\W_])"
    return re.compile(
        rf"{gap}{{0,4}}(?:\)\s?)?(?:{_any(licenses | unported)}{gap}{{1,3}}){{0,2}}"
        rf"(?:{_any(versions)}\.?\s{{0,2}})?(?P<version>\d[./]\d)(?!\d|[./]\d)"
        rf"(?:[\s\-(,/]{{1,4}}(?:{_any(unported)}{whole}\)?[\s\-(,/]{{0,4}})?"
        rf"(?:(?P<port_name>{_any(names)}){whole}"
        rf"|(?P<port>(?-i:{short})|(?<=/)(?:{short})|igo){whole}(?!\s?by))\)?"
        rf"|[\s\-(,]{{1,3}}{_any(unported)}{whole}\)?)?",
        re.IGNORECASE,
    )


def _is_in_address(lowered: str, start: int) -> bool:
    window = max(0, start - _LONGEST_ADDRESS_CHARS)
    begin = max(lowered.rfind("://", window, start), lowered.rfind("www.", window, start))
    return begin >= 0 and _ALL_OF_PATH.fullmatch(lowered, begin, start) is not None


def _occurrences(text: str, head: str) -> Iterator[int]:
    position = text.find(head)
    is_glued = "\u3040" <= head[0] <= "\ud7ff"
    while position >= 0:
        if position == 0 or is_glued or not _WORD.match(text, position - 1):
            yield position
        position = text.find(head, position + len(head))


def _match(pattern: re.Pattern[str] | None, text: str, start: int) -> re.Match[str] | None:
    return pattern.match(text, start) if pattern else None


def _skipped(pattern: re.Pattern[str], text: str, position: int) -> int:
    found = pattern.match(text, position)
    return found.end() if found else position


def _codes(codes: str) -> tuple[str, ...]:
    return tuple(_CODE.findall(codes))


def _closed(text: str, start: int, end: int) -> int:
    """Return ``end`` without a closing bracket that the name did not open."""
    name = text[start:end]
    return end - 1 if name.endswith(")") and name.count("(") < name.count(")") else end
