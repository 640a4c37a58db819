"""Hold the sentence or line that makes a statement, and its words in plain form."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from dateline.rights.folding import folded_text
from dateline.rights.license import License, NamedLicense
from dateline.rights.notices.names import MARK
from dateline.rights.sentences import Span

PUBLIC_DOMAIN = "LicenseRef-Public-Domain"
_IGNORED = re.compile(
    "[\u00ad\u200b\u200d\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069\u0640\u064b-\u0655\u0670]+"
)
_SPACES = re.compile(r"\s+")
# The number of an item or its bullet: "2. This release is CC BY 4.0."
_ITEM = re.compile(r"(?:\d{1,3}[.)]|[•▪●▲■◆*‣>]) ?(?=\S)")
_PAIRS = re.compile(
    '“[^“”]*”|„[^“”„]*[“”]|«[^«»]*»|»[^«»]*«|"[^"]*"|‘[^‘]*’|(?<!\\w)\'[^\n]{3,}?\'(?!\\w)|「[^」]*」|『[^』]*』'
)
_QUESTION = re.compile(r"[?؟？][\"'”») ]*$")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_MIXED = re.compile(
    "[a-zA-Z][\u0370-\u04ff]|[\u0370-\u04ff][a-zA-Z]|[\u017f\u212a\u2100-\u214f\uff21-\uff5a]"
    "|[\U0001d400-\U0001d7ff\u202d\u202e]"
)
_CC_LOOKALIKE = re.compile(
    r"creative-?commons?[\w.\-]*\.|creativecomm|/creativecommons|\bjavascript:", re.IGNORECASE
)


@dataclass(frozen=True)
class Unit:
    """A piece of the body that may make one statement; licences in it stand as one mark each."""

    body: str
    span: Span
    named: tuple[NamedLicense, ...]
    is_cut: bool = False  # too long to be a notice: only the words about a licence

    @property
    def source(self) -> str:
        """The words as they stand in the body."""
        return self.body[slice(*self.span)]

    @cached_property
    def plain(self) -> str:
        """The words folded, on one line, each licence as one mark, in their own case."""
        pieces = []
        position = self.span[0]
        for each in self.named:
            pieces.append(self.body[position : each.start])
            pieces.append(MARK)
            position = each.end
        pieces.append(self.body[position : self.span[1]])
        text = "".join(pieces)
        if not text.isascii():
            text = _IGNORED.sub("", folded_text(text))
        text = _SPACES.sub(" ", text).strip()
        item = _ITEM.match(text)
        return text[item.end() :] if item else text

    @cached_property
    def low(self) -> str:
        """``plain`` in lower case."""
        return self.plain.lower()

    @cached_property
    def licenses(self) -> tuple[License, ...]:
        """The different licences named; of the same with and without a version the former."""
        found = {n.license.spdx_id: n.license for n in self.named if n.license}
        versions = {each.code for each in found.values() if each.version}
        kept = [each for each in found.values() if each.version or each.code not in versions]
        # "Into the public domain under CC0" names one.
        named_domain = [e for e in kept if e.spdx_id != PUBLIC_DOMAIN]
        is_domain = any(each.is_public_domain for each in named_domain)
        return tuple(named_domain if is_domain else kept)

    @property
    def is_suspicious(self) -> bool:
        """Whether a word mixes scripts or is turned round, or an address looks like another."""
        rest = self.plain
        return bool(_MIXED.search(self.source) or _CC_LOOKALIKE.search(rest))

    def quotes_more_than_a_name(self) -> bool:
        """Return whether a licence stands in quotation marks with words that are not its name."""
        for pair in _PAIRS.finditer(self.plain):
            inner = pair.group()
            if MARK in inner and len(_LETTERS.findall(inner)) > 1:
                return True
        return False

    def quotes(self, start: int, end: int) -> bool:
        """Return whether ``[start, end)`` of ``low`` is inside quotation marks."""
        return any(p.start() < start and end < p.end() + 1 for p in _PAIRS.finditer(self.plain))

    def source_of(self, words: str) -> str:
        """Return ``words`` of ``plain`` as they stand in the body, white space made one."""
        gap = f"[\\s{_IGNORED.pattern[1:-2]}\u200c]*"
        pattern = gap.join("." if char != " " else r"\s*" for char in words)
        folded = folded_text(self.source)
        exact = gap.join(re.escape(char) if char != " " else r"[\s\u200c]*" for char in words)
        found = re.search(exact, folded) or re.search(pattern, folded)
        return " ".join(self.source[slice(*found.span())].split()) if found else words

    @cached_property
    def word_count(self) -> int:
        """How many words there are beside the names of licences."""
        return len(_LETTERS.findall(self.plain))


def is_question(words: str) -> bool:
    """Return whether ``words`` end with a question mark; quotation marks may close behind it."""
    return _QUESTION.search(words) is not None


def unit_of(text: str, span: Span, named: Sequence[NamedLicense]) -> Unit:
    """Return the unit of ``span``, without white space around it, and the licences inside it."""
    start, end = span
    while end > start and text[end - 1].isspace():
        end -= 1
    while start < end and text[start].isspace():
        start += 1
    first = bisect_left(named, start, key=lambda each: each.start)
    last = bisect_left(named, end, key=lambda each: each.start)
    return Unit(text, (start, end), tuple(each for each in named[first:last] if each.end <= end))
