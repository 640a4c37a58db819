"""Find names and addresses of licences in text: where one may begin, and what is read there."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from operator import itemgetter

from dateline.rights.folding import IGNORED, folded_text
from dateline.rights.license import NamedLicense
from dateline.rights.license_names.address import AddressReader, ReadAddress, is_in_address
from dateline.rights.license_names.creative_commons import Compose, CreativeCommonsReader
from dateline.rights.license_names.heads import Heads
from dateline.rights.license_names.listed import ListedReader
from dateline.rights.license_names.version import VersionReader
from dateline.rights.license_names.words import (
    LanguageWords,
    ListedName,
    Read,
    occurrences,
)

# A text in which one word stands more often is no article.
_MOST_OF_ONE_WORD = 50_000
# Of two names that begin at one place the address comes first, what is least sure last.
_ADDRESS, _LISTED, _WORDS, _CODES, _WEAK = range(5)


class NameFinder:
    """Finds names of licences in text; compiled once from the registry's words."""

    def __init__(
        self,
        *,
        languages: Sequence[LanguageWords],
        port_names: Mapping[str, str],
        names: Sequence[ListedName],
        read_address: ReadAddress,
        compose: Compose,
        hosts: Iterable[str] = (),
    ) -> None:
        """Compile the words.

        Args:
            languages: words that names are composed of.
            port_names: names of jurisdictions and their codes.
            names: names of all other licences.
            read_address: what an address names.
            compose: what elements, version and port make, or None where no such licence exists.
            hosts: hosts of other licences' addresses.
        """
        versions = VersionReader(languages, port_names)
        self._addresses = AddressReader(read_address, hosts)
        self._listed = ListedReader(names, languages, versions)
        self._composed = CreativeCommonsReader(languages, versions, compose)
        self._reads = {
            head: tuple(self._reads_of(head))
            for head in self._listed.heads | self._composed.heads | self._composed.weak_heads
        }
        self._heads = Heads(self._reads)

    def find(self, text: str) -> tuple[NamedLicense, ...]:
        """Return the names and addresses in ``text``, in order, not overlapping.

        Raises: Nothing.
        """
        plain = folded_text(text)
        if text.isascii() or not IGNORED.search(plain):
            return tuple(self._found(plain))
        ignored = [found.start() for found in IGNORED.finditer(plain)]
        # How far the text was shortened before each place of what is left of it.
        places = [place - number for number, place in enumerate(ignored)]

        def whole(place: int) -> int:
            return place + bisect_right(places, place)

        return tuple(
            NamedLicense(whole(n.start), whole(n.end - 1) + 1, n.license, n.is_address)
            for n in self._found(IGNORED.sub("", plain))
        )

    def _found(self, text: str) -> Iterator[NamedLicense]:
        lowered = text.lower()
        end = 0
        for start, read in self._candidates(lowered):
            if start < end:
                continue
            named = read(text, lowered, start)
            if named is None or named.start < end:
                continue
            if named.is_address or not is_in_address(lowered, start):
                yield named
                end = named.end

    def _candidates(self, lowered: str) -> list[tuple[int, Read]]:
        """Return where a name may begin, and what reads it there."""
        found: list[tuple[int, int, Read]] = []
        for head in self._heads.maybe_in(lowered):
            reads = self._reads[head]
            found.extend(
                (start, rank, read)
                for start in itertools.islice(occurrences(lowered, head), _MOST_OF_ONE_WORD)
                for rank, read in reads
            )
        for rank, places, reader in (
            (_ADDRESS, self._addresses.cc_places(lowered), self._addresses.read_cc),
            (_ADDRESS, self._addresses.other_places(lowered), self._addresses.read_other),
            (_CODES, self._composed.code_places(lowered), self._composed.read_codes),
            (_CODES, self._composed.lone_code_places(lowered), self._composed.read_lone_codes),
        ):
            found.extend((start, rank, reader) for start in places)
        return [(start, read) for start, _, read in sorted(found, key=itemgetter(0, 1))]

    def _reads_of(self, head: str) -> Iterator[tuple[int, Read]]:
        """Give what reads the names that begin with the word ``head``."""
        if head in self._listed.heads:
            yield _LISTED, partial(self._listed.read, head=head)
        if head in self._composed.heads:
            yield _WORDS, partial(self._composed.read_words, head=head)
        if head in self._composed.weak_heads:
            yield _WEAK, partial(self._composed.read_weak, head=head)
