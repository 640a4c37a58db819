"""Find the verb of speech beside quoted words, and its subject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from processors.enrich.text_words import Word

from .speakers import Candidate, Speakers

# From a verb to the words it brings: "said in a statement on Monday that ...".
_MOST_CHARS_TO_QUOTE = 90
_MOST_CHARS_AFTER = 220
_LONGEST_WORD = 30
_MOST_CHARS_TO_SUBJECT = 60
_LONGEST_VERB = 25
# Before the second verb of one subject: "X met Y and said", in the languages of the lists.
_CONJUNCTIONS = frozenset({"and", "but", "et", "und", "y", "e", "en", "и", "و", "ve"})


@dataclass(frozen=True, slots=True)
class Attribution:
    """A verb of speech (or "according to") and the words that name its subject, if any."""

    verb: str
    verb_start: int
    verb_end: int
    speaker: Candidate | None


class Attributor:
    """Finds attributions in parts of one text."""

    def __init__(self, text: str, speakers: Speakers) -> None:
        self._text, self._speakers, self._words = text, speakers, speakers.speech

    def behind(self, start: int, end: int) -> Attribution | None:
        """Return the attribution that follows quoted words: ", said X" or ", X said"."""
        end = min(end, start + _MOST_CHARS_AFTER)
        if source := self._source(start, end):
            return source
        for verb in self._speakers.verbs.within(start, end):
            subjects = self._speakers.candidates(start, verb.start)
            speaker = self._nearest(subjects, verb.start)
            if speaker is None:
                speaker = self._after_verb(verb.end, end)
            if speaker is not None or verb.start - start < _MOST_CHARS_TO_SUBJECT:
                return _attribution(verb, speaker)
        return None

    def before(self, start: int, end: int) -> Attribution | None:
        """Return the attribution that leads to quoted words: "X said: ", "said that X was "."""
        verbs = [
            verb
            for verb in self._speakers.verbs.within(start, end)
            if end - verb.end <= _MOST_CHARS_TO_QUOTE
        ]
        for verb in reversed(verbs):
            if speaker := self.subject(verb, start, end):
                return _attribution(verb, speaker)
        if source := self._source(start, end):
            return source
        return self._verb_inside(start, end) or (_attribution(verbs[-1], None) if verbs else None)

    def _verb_inside(self, start: int, quoted: int) -> Attribution | None:
        """Return the attribution of 'He "stressed that ..."': the marks begin at the verb."""
        verb = next(iter(self._speakers.verbs.within(quoted + 1, quoted + _LONGEST_VERB)), None)
        if verb and verb.start != quoted + 1:
            return None
        speaker = self._nearest(self._speakers.candidates(start, quoted), quoted) if verb else None
        return _attribution(verb, speaker) if verb and speaker else None

    def subject(self, verb: Word, start: int, end: int) -> Candidate | None:
        """Return the subject of a verb of the clause that begins at ``start``."""
        subjects = self._speakers.candidates(start, verb.start)
        if verb.low in self._words.participles:
            return subjects[0] if subjects else None
        return self._nearest(subjects, verb.start) or self._after_verb(verb.end, end)

    def _nearest(self, subjects: Sequence[Candidate], verb_start: int) -> Candidate | None:
        """Return who stands right before the verb, else the first of the clause.

        A noun right before the verb is another subject that nobody knows: "police say".
        """
        for candidate in reversed(subjects):
            if self._words.between.fullmatch(self._text, candidate.end, verb_start):
                return candidate
        before = self._text[max(0, verb_start - _LONGEST_WORD) : verb_start].rstrip()
        last = before.rpartition(" ")[2].lower()
        is_open = last.endswith((",", '"', "”", "»", "–", "—", "-", ")")) or last.endswith("ly")
        if is_open or last in _CONJUNCTIONS or last in self._words.adverbs:
            return subjects[0] if subjects else None
        return None

    def _after_verb(self, verb_end: int, end: int) -> Candidate | None:
        limit = min(end, verb_end + _MOST_CHARS_AFTER)
        for candidate in self._speakers.candidates(verb_end, limit):
            gap = self._text[verb_end : candidate.start]
            if len(gap) <= _MOST_CHARS_TO_SUBJECT and not any(mark in gap for mark in ',;:."'):
                return candidate
        return None

    def _source(self, start: int, end: int) -> Attribution | None:
        """Return "according to X": there the name stands behind a preposition."""
        source = self._words.sources.search(self._text, start, end)
        if source is None:
            return None
        found = Word(source[0].lower(), *source.span())
        after = found.end
        limit = min(end, after + _MOST_CHARS_TO_SUBJECT)
        for candidate in self._speakers.candidates(after, limit, is_subject=False)[:1]:
            if not any(mark in self._text[after : candidate.start] for mark in ',;:."'):
                return _attribution(found, candidate)
        return _attribution(found, None)


def _attribution(verb: Word, speaker: Candidate | None) -> Attribution:
    return Attribution(verb.low, verb.start, verb.end, speaker)
