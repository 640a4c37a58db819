"""Return the quotations of a text with their speakers."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal

from dateline.document_records import Quotation
from dateline.rights.sentences import Span
from processors.enrich.document_entities.ties import Ties

from .attribution import Attribution, Attributor
from .find_quoted import Quoted, find_quoted
from .resolve_speaker import Resolver
from .speakers import Speakers

# Fewer words in marks without a verb of speech are a title or irony.
_LEAST_WORDS_ALONE = 5
_LEAST_REPORTED_WORDS = 3
_MOST_QUOTATIONS = 500
# "..., X said in a statement on Monday."
_MOST_WORDS_BEHIND = 5
_MOST_CHARS_BETWEEN = 200
_ENDS = "?!"
_LEADS_ON = (",", "-", "–", "—")
_NOT_A_CLAUSE = re.compile(r"\s*(?:[,.;:\"“«(]|$)")


def read_quotations(
    text: str, speakers: Speakers, ties: Ties, sentences: Sequence[Span]
) -> tuple[Quotation, ...]:
    """Return direct and reported speech in order.

    Args:
        text: clean text.
        speakers: who may speak in it; ``Quotation.entity`` is a place among its groups.
        ties: of the groups, for "the Qatari minister".
        sentences: ``split_sentences(text)``.
    """
    return tuple(_Reader(text, speakers, ties, sentences).read())


@dataclass(frozen=True, slots=True)
class _Found:
    """Words that were said, and what stands beside them."""

    kind: Literal["direct", "indirect"]
    start: int
    end: int
    attribution: Attribution | None
    is_continued: bool = False


class _Reader:
    """Reads the quotations of one text."""

    def __init__(
        self, text: str, speakers: Speakers, ties: Ties, sentences: Sequence[Span]
    ) -> None:
        self._text, self._words = text, speakers.speech
        self._sentences = sentences
        self._starts = [start for start, _ in self._sentences]
        self._quoted = find_quoted(text)[:_MOST_QUOTATIONS]
        self._quoted_ends = [quoted.outer_end for quoted in self._quoted]
        self._speakers = speakers
        self._attributor = Attributor(text, speakers)
        self._resolver = Resolver(speakers, ties, sentences)

    def read(self) -> Iterator[Quotation]:
        """Yield the quotations in order: who spoke last may be who speaks next."""
        last: Quotation | None = None
        for found in sorted([*self._direct(), *self._reported()], key=lambda each: each.start):
            last = self._quotation(found, last)
            yield last

    def _quotation(self, found: _Found, last: Quotation | None) -> Quotation:
        quotation = partial(Quotation, kind=found.kind, start=found.start, end=found.end)
        attribution = found.attribution
        if found.is_continued and last:
            return quotation(
                speaker_start=last.speaker_start, speaker_end=last.speaker_end,
                entity=last.entity, reason="continued",
            )  # fmt: skip
        if attribution is None:
            return quotation(reason="no_attribution")
        speaker = attribution.speaker
        if speaker is None:
            return quotation(verb=attribution.verb, reason="no_speaker")
        entity, reason = self._resolver.resolve(speaker, self._sentence_at(speaker.start))
        return quotation(
            verb=attribution.verb, speaker_start=speaker.start, speaker_end=speaker.end,
            entity=entity, reason=reason,
        )  # fmt: skip

    def _direct(self) -> Iterator[_Found]:
        """Yield what stands in marks and is said by somebody, or long enough to be."""
        is_open = False
        for at, quoted in enumerate(self._quoted):
            attribution = self._attribution(at)
            is_continued = (
                is_open and attribution is None and self._goes_on(self._quoted[at - 1], quoted)
            )
            count = len(self._text[quoted.start : quoted.end].split())
            is_spoken = attribution is not None and attribution.speaker is not None
            is_open = is_spoken or is_continued or count >= _LEAST_WORDS_ALONE
            if is_open:
                yield _Found("direct", quoted.start, quoted.end, attribution, is_continued)

    def _goes_on(self, before: Quoted, quoted: Quoted) -> bool:
        """Return whether quoted sentences come right behind the words of the speaker before."""
        between = self._sentence_at(quoted.outer_start) - self._sentence_at(before.outer_end)
        is_near = quoted.outer_start - before.outer_end <= _MOST_CHARS_BETWEEN
        return is_near and between <= 1 and self._is_whole(quoted)

    def _is_whole(self, quoted: Quoted) -> bool:
        """Return whether quoted words are sentences, not a part of one."""
        sentence = self._sentence_at(quoted.outer_start)
        return self._starts[sentence] == quoted.outer_start if self._starts else False

    def _sentence_at(self, position: int) -> int:
        return max(bisect_right(self._starts, position) - 1, 0)

    def _attribution(self, at: int) -> Attribution | None:
        quoted = self._quoted[at]
        parts = [self._behind(at), self._before(at)]
        inner_end = self._text[quoted.start : quoted.end].rstrip()[-1:]
        leads_on = inner_end in _LEADS_ON or inner_end in _ENDS
        if not leads_on and not self._text.startswith(_LEADS_ON, quoted.outer_end):
            parts.reverse()
        found = [part for part in parts if part is not None]
        return next((each for each in found if each.speaker), found[0] if found else None)

    def _behind(self, at: int) -> Attribution | None:
        quoted = self._quoted[at]
        sentence = self._sentence_at(quoted.outer_end - 1)
        end = self._sentences[sentence][1]
        is_end = self._text[quoted.end - 1 : quoted.end] in {"?", "!"}
        if end <= quoted.outer_end and is_end and sentence + 1 < len(self._sentences):
            # '"Why?" Roe asked.': the mark ends no sentence there.
            following = self._sentences[sentence + 1]
            end = following[1] if following[0] == quoted.outer_end + 1 else end
        if at + 1 < len(self._quoted):
            end = min(end, self._quoted[at + 1].outer_start)
        return self._attributor.behind(quoted.outer_end, end) if end > quoted.outer_end else None

    def _before(self, at: int) -> Attribution | None:
        quoted = self._quoted[at]
        sentence = self._sentence_at(quoted.outer_start)
        start = self._starts[sentence]
        if start == quoted.outer_start and sentence:
            previous = self._sentences[sentence - 1]
            start = previous[0] if self._text[previous[1] - 1] == ":" else start
        if at:
            start = max(start, self._quoted[at - 1].outer_end)
        end = quoted.outer_start
        return self._attributor.before(start, end) if start < end else None

    def _reported(self) -> Iterator[_Found]:
        """Yield reported speech: the words of a clause, not those in marks."""
        count = 0
        for start, end in self._sentences:
            if count >= _MOST_QUOTATIONS:
                return
            if found := self._clause(start, end) or self._clause_before(start, end):
                span, attribution = found
                if not self._overlaps_quoted(span) and self._is_long_enough(span):
                    count += 1
                    yield _Found("indirect", *span, attribution)

    def _clause(self, start: int, end: int) -> tuple[Span, Attribution] | None:
        """Return the clause behind a verb: "X said that ..." and "X said he ..."."""
        for verb in self._speakers.verbs.within(start, end):
            low = verb.low
            if low not in self._words.clause or self._is_beside_quoted(verb.start):
                continue
            begin = self._clause_start(verb.end, end, is_bare=low in self._words.bare)
            if begin is None:
                continue
            speaker = self._attributor.subject(verb, start, begin)
            if speaker is not None:
                return self._span(begin, end), Attribution(verb.low, verb.start, verb.end, speaker)
        return None

    def _is_beside_quoted(self, position: int) -> bool:
        """Return whether a verb is inside of marks or right behind them: '..." said X'."""
        at = bisect_right(self._quoted_ends, position - 2)
        return at < len(self._quoted) and self._quoted[at].outer_start < position

    def _clause_start(self, verb_end: int, end: int, *, is_bare: bool) -> int | None:
        joined = self._words.joins.search(self._text, verb_end, min(end, verb_end + 60))
        gap = self._text[verb_end : joined.start()] if joined else ""
        if joined and not any(mark in gap for mark in ',;:."'):
            return joined.end()
        if not is_bare or _NOT_A_CLAUSE.match(self._text, verb_end, end):
            return None
        first = self._text[verb_end : verb_end + 40].split()
        is_phrase = not first or first[0].lower() in self._words.prepositions
        return verb_end + 1 if not is_phrase else None

    def _clause_before(self, start: int, end: int) -> tuple[Span, Attribution] | None:
        """Return the clause before a verb at the end: "..., X said."."""
        comma = max(self._text.rfind(", ", start, end), self._text.rfind("، ", start, end))
        if comma < 0:
            return None
        found = self._attributor.behind(comma + 1, end)
        if found is None or found.speaker is None:
            return None
        low = found.verb.lower()
        is_source = self._words.sources.fullmatch(found.verb) is not None
        if low not in self._words.clause and not is_source:
            return None
        lead = self._text[comma + 1 : min(found.verb_start, found.speaker.start)].lower().split()
        rest = self._text[max(found.verb_end, found.speaker.end) : end].rstrip(".").split()
        is_tail = len(rest) <= _MOST_WORDS_BEHIND and set(lead) <= self._words.titles.articles
        is_tail = is_tail and not self._overlaps_quoted((comma, end))
        return ((start, comma), found) if is_tail else None

    def _span(self, start: int, end: int) -> Span:
        while end > start and self._text[end - 1] in ".!?؟。 ":
            end -= 1
        return start, end

    def _is_long_enough(self, span: Span) -> bool:
        return len(self._text[slice(*span)].split()) >= _LEAST_REPORTED_WORDS

    def _overlaps_quoted(self, span: Span) -> bool:
        at = bisect_right(self._quoted_ends, span[0])
        return at < len(self._quoted) and self._quoted[at].outer_start < span[1]
