"""Read each mention of a text: the name itself, and the titles and roles around it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from dateline.document_records import EntityType
from dateline.gazetteer.links import Link
from dateline.records import Mention
from dateline.rights.sentences import Span

from .cut_name import POSSESSIVE, cut_name
from .given_names import is_given_name
from .roles import NO_TITLES, Titles, role_after, titles_before
from .title_words import TitleWords, plain

NOT_NAMES: frozenset[EntityType] = frozenset({"date", "quantity"})
# A model gives a line of hundreds of characters as one name now and then; no name is so long.
_LONGEST_CHARS = 120
_LEAST_PARTICIPLE = 6
# Names go on behind these where the model stopped too early: "... bin Abdulrahman" "Al Thani".
_GOES_ON = re.compile(
    r"(?:\s(?:[Aa]l|[Ee]l|bin|ibn|bint|von|van|der|den|de|du|da|dos|la|ter)[\s-]?){1,3}"
    r"(?=[^\W\d_a-z])[^\W\d_]+(?:[-'’][^\W\d_]+)*"
)


class NamedMention(NamedTuple):
    """A mention with its name alone.

    Attributes:
        mention_index: place in the document's mentions.
        start: where the name begins, titles left out.
        end: where it ends.
        name: the name on one line, without possessives, quotes and dashes.
        key: the folded name.
        other_name: a name inside the name (``CutName``).
        is_in_brackets: whether a bracket opens right before it.
        link: what linking said, or None.
        titles: what stands around the name of a person.
    """

    mention_index: int
    start: int
    end: int
    name: str
    key: str
    entity_type: EntityType
    sentence: Span
    other_name: str = ""
    is_in_brackets: bool = False
    link: Link | None = None
    titles: Titles = NO_TITLES


def read_names(
    text: str, mentions: Sequence[Mention], links: Sequence[Link], words: TitleWords
) -> list[NamedMention]:
    """Return the mentions that name something, in order; dates and amounts are left out.

    Args:
        text: clean text.
        mentions: sorted by place.
        links: one for each mention, or none at all.
        words: the lists of the text's language.
    """
    reader = _Reader(text, mentions, links, words)
    return [
        named
        for index, mention in enumerate(mentions)
        if mention.entity_type not in NOT_NAMES and (named := reader.read(index, mention))
    ]


class _Reader:
    """Reads the mentions of one text."""

    def __init__(
        self, text: str, mentions: Sequence[Mention], links: Sequence[Link], words: TitleWords
    ) -> None:
        self._text, self._mentions, self._links, self._words = text, mentions, links, words
        self._starts = [mention.start for mention in mentions]

    def read(self, index: int, mention: Mention) -> NamedMention | None:
        """Return the mention with its name, or None where no letter of a name is left."""
        start, end = mention.start, min(mention.end, mention.start + _LONGEST_CHARS)
        titles = NO_TITLES
        if mention.entity_type == "person":
            start = self._without_titles(self._without_verb(mention, end), end)
            end = self._extended(index, start, end)
        cut = cut_name(self._text[start:end], mention.entity_type)
        if not cut.key:
            return None
        start, end = start + cut.start, start + cut.end
        if mention.entity_type == "person":
            titles = self._titles(start, end, mention)
        return NamedMention(
            mention_index=index, start=start, end=end, name=cut.name, key=cut.key,
            entity_type=mention.entity_type,
            sentence=(mention.sentence_start, mention.sentence_end), other_name=cut.other_name,
            is_in_brackets=self._text[start - 1 : start] == "(",
            link=self._links[index] if self._links else None, titles=titles,
        )  # fmt: skip

    def _without_verb(self, mention: Mention, end: int) -> int:
        """Return where the name begins behind the verb of "Joining Roe at the meeting"."""
        start = mention.start
        first, space, _ = self._text[start:end].partition(" ")
        is_verb = len(first) >= _LEAST_PARTICIPLE and first.endswith("ing")
        if space and is_verb and start == mention.sentence_start:
            return start if is_given_name(first.lower()) else start + len(first) + 1
        return start

    def _without_titles(self, start: int, end: int) -> int:
        """Return where the name begins behind titles inside the mention."""
        parts = [(found[0], found.end()) for found in re.finditer(r"\S+\s*", self._text[start:end])]
        skipped = 0
        for at, (word, _) in enumerate(parts[:-1]):
            low = plain(word)
            # "Dean Roe" is a name, "Dean Ada Roe" is not.
            if low in self._words.also_names and at == len(parts) - 2:
                break
            if low in self._words.honorifics or low in self._words.heads:
                skipped = at + 1
            elif not (
                low in self._words.vocabulary
                or low in self._words.connectors
                or low in self._words.articles
                or POSSESSIVE.search(word)
            ):
                break
        return start + (parts[skipped - 1][1] if skipped else 0)

    def _extended(self, index: int, start: int, end: int) -> int:
        """Return where the name ends with the particles and words that follow it."""
        found = _GOES_ON.match(self._text, end)
        following = self._starts[index + 1] if index + 1 < len(self._starts) else len(self._text)
        if found and found.end() <= following and " " in self._text[start:end]:
            return found.end()
        return end

    def _titles(self, start: int, end: int, mention: Mention) -> Titles:
        before = titles_before(
            self._text, start, mention.sentence_start, self._words,
            lambda at: None if at >= mention.start else self._kind_at(at),
        )  # fmt: skip
        if before.role:
            return before
        after = role_after(self._text, end, self._words, self._has_person)
        return replace(after, honorifics=before.honorifics)

    def _kind_at(self, position: int) -> str | None:
        """Return whether a person, a date or another mention covers a place of the text."""
        at = bisect_right(self._starts, position) - 1
        if at < 0 or self._mentions[at].end <= position:
            return None
        kind = self._mentions[at].entity_type
        return kind if kind in {"person", "date"} else "other"

    def _has_person(self, span: Span) -> bool:
        at = bisect_right(self._starts, span[0] - 1)
        while at < len(self._starts) and self._starts[at] < span[1]:
            if self._mentions[at].entity_type == "person":
                return True
            at += 1
        return False
