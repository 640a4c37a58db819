"""Read the names that the registry lists, with the version that belongs to them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from dateline.rights.folding import IGNORED, folded_text
from dateline.rights.license import NamedLicense
from dateline.rights.license_names.version import Version, VersionReader
from dateline.rights.license_names.words import (
    WORD_END,
    WORD_START,
    LanguageWords,
    ListedName,
    all_words,
    any_of,
    by_head,
    key,
    plain,
    words_before,
)

# Where words are not divided a particle may follow: "공공누리 제1유형에".
_END = rf"(?:(?<=[\u3040-\ud7ff])|{WORD_END})(?![.\-]\d)"
_GLUED_VERSION = r"(?=-?v?\.?\d)"
# Of an organisation these are verbs: "MIT licenses its patents".
_VERBS = frozenset({"licenses", "licences", "licensed"})


@dataclass(frozen=True, slots=True)
class _Patterns:
    whole: re.Pattern[str]
    # "GPLv3": a version may stand right behind.
    with_version: re.Pattern[str]


class ListedReader:
    """Reads listed names; ``heads`` are the words that one may begin with."""

    def __init__(
        self,
        names: Iterable[ListedName],
        languages: Sequence[LanguageWords],
        versions: VersionReader,
    ) -> None:
        """Compile the names, whose versions ``versions`` reads."""
        self._versions = versions
        self._rows: dict[str, dict[tuple[str | None, bool], ListedName]] = {}
        words, titles = set(), set()
        for each in names:
            name = plain(each.name)
            self._rows.setdefault(key(name), {})[each.version, each.or_later] = each
            words.add(name)
            if each.version is not None:
                titles.add(name)
        self._words, self._titles = by_head(words), by_head(titles)
        # Few of these words ever occur, so their patterns are compiled when they do.
        self._patterns = lru_cache(maxsize=None)(self._compiled)
        self.heads = frozenset(self._words).union(*map(_with_version, self._titles))
        licenses = all_words(languages, "license")
        self._license_behind = re.compile(
            rf"[\s\-]{{0,2}}[\"'”»]?[\s\-]?{any_of(licenses - (_VERBS - {'licensed'}))}{WORD_END}"
        )
        self._license_in_front = re.compile(
            rf"{WORD_START}{any_of(licenses - _VERBS)}[\s:\-]{{1,3}}[\"'“«(]?\Z"
        )

    def read(self, text: str, lowered: str, start: int, head: str) -> NamedLicense | None:
        """Return the name that begins with the word ``head`` at ``start``.

        Its licence is None where no licence of this version is known.
        """
        patterns = self._patterns(head)
        found = patterns.whole.match(lowered, start) or patterns.with_version.match(lowered, start)
        if found is None:
            return None
        rows = self._rows[key(found.group())]
        end = found.end()
        version = self._version(rows, lowered, start, end)
        row = _row(rows, version)
        if row is None:
            # A gas may have a number too: "GPL 2.5".
            if version is None or any(each.is_short for each in rows.values()):
                return None
            return NamedLicense(start, version.end, None)
        if version is not None:
            start, end = min(start, version.start), max(end, version.end)
        if row.is_short and not self._is_beside_license(text, lowered, found.span(), end, row):
            return None
        return NamedLicense(start, end, row.license)

    def _compiled(self, head: str) -> _Patterns:
        word = head if head in self._words else head.rstrip("123").removesuffix("v")
        return _Patterns(
            re.compile(any_of(self._words[word]) + _END),
            re.compile(any_of(self._titles.get(word, ())) + _GLUED_VERSION),
        )

    def _version(
        self,
        rows: dict[tuple[str | None, bool], ListedName],
        lowered: str,
        start: int,
        end: int,
    ) -> Version | None:
        if not any(number for number, _ in rows):
            return None
        return self._versions.behind_listed(lowered, end) or self._versions.in_front(lowered, start)

    def _is_beside_license(
        self, text: str, lowered: str, span: tuple[int, int], end: int, row: ListedName
    ) -> bool:
        """Return whether the name is in its capitals, and one for sure: beside a licence's word."""
        if folded_text(IGNORED.sub("", row.name)).isupper() and not text[slice(*span)].isupper():
            return False
        if end > span[1] and lowered.startswith("-", span[1]):
            return True  # "Apache-2.0" is a code
        return bool(
            self._license_behind.match(lowered, end)
            or self._license_behind.match(lowered, span[1])
            or self._license_in_front.search(words_before(lowered, span[0]))
        )


def _with_version(head: str) -> set[str]:
    """Return the words that ``head`` makes with a version: "GPLv3", "GPL3"."""
    return {f"{head}{sign}{number}" for sign in ("", "v") for number in "123" if head.isascii()}


def _row(
    rows: dict[tuple[str | None, bool], ListedName], version: Version | None
) -> ListedName | None:
    if version is None:
        return rows.get((None, False))
    return rows.get((version.number, version.is_or_later)) or rows.get((version.number, False))
