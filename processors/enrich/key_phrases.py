"""Find the phrases that say what a document is about: who did what, and of what it speaks.

Topics are weighed by statistics of the text alone, as YAKE does (R. Campos and others, "YAKE!
Keyword extraction from single documents using multiple local features", 2020): how often a word
comes, how early, in how many sentences, with a capital or not. Who did what is read by rules
without a parser: a subject, the words behind it up to the end of the clause.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from dateline.document_records import KeyPhrase
from dateline.rights.sentences import Span
from processors.enrich.quotations.speakers import Candidate, Speakers
from processors.enrich.quotations.speech_words import speech_words
from processors.enrich.text_words import Words

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
# The news is in the first sentences; a long text gets no better phrases from its end.
_MOST_WORDS = 1_000
_TOPIC_WORDS = 400
_EVENT_SENTENCES = 5
_SENTENCE_CHARS = 600
_RELATIVES = frozenset({"who", "which", "that", "whose", "whom"})
_SENTENCE_WORDS = 10  # of those with a meaning
_NAME_CHARS = 60
_MOST_OF_KIND = 6
_LEAST_EVENT_WORDS, _MOST_EVENT_WORDS = 2, 12
_MOST_TOPIC_WORDS = 4
_CLAUSE_END = re.compile(r"[,;:.!?()\"“”«»\n]| [–—-] ")
_APPOSITION = re.compile(r",[^,.;\n]{3,90},")


def find_key_phrases(
    text: str, words: Words, sentences: Sequence[Span], speakers: Speakers,
    salience: Sequence[float], language: str,
) -> tuple[KeyPhrase, ...]:  # fmt: skip
    """Return at most twelve phrases, events first, the best of each kind first.

    Args:
        text: clean text.
        words: of the story, behind the dateline.
        sentences: spans in order.
        speakers: what the document names, and where.
        salience: of each group of ``speakers``.
        language: ISO 639-1 code, for words that carry no meaning.
    """
    story_start = words.starts[0] if words.starts else 0
    story = [(start, end) for start, end in sentences if end > story_start]
    stop = _stop_and_speech(language)
    weights = _weights(text, words, stop)
    events = _Events(text, speakers, weights, stop).read(story[:_EVENT_SENTENCES], salience)
    names = {name.lower() for group in speakers.groups for name in group.names}
    topics = _topics(text, words, weights)
    return (*_best(events), *_best([each for each in topics if each.text.lower() not in names]))


@cache
def _stop_and_speech(language: str) -> frozenset[str]:
    return stop_words(language) | speech_words(language).verbs


@cache
def stop_words(language: str) -> frozenset[str]:
    """Return the words of a language that carry no meaning of their own.

    Source: the lists of spaCy; of a language without one, there are none.
    """
    module = f"spacy.lang.{language}.stop_words"
    if not re.fullmatch("[a-z]{2,3}", language) or not importlib.util.find_spec(
        f"spacy.lang.{language}"
    ):
        return frozenset()
    if importlib.util.find_spec(module) is None:
        return frozenset()
    found: frozenset[str] = frozenset(importlib.import_module(module).STOP_WORDS)
    return found


def _weights(text: str, words: Words, stop: frozenset[str]) -> dict[str, float]:
    """Return the weight of each word that has a meaning, the heaviest 1."""
    lows = [low for low in words.lows[:_MOST_WORDS] if low not in stop]
    counts = Counter(lows)
    first = dict(zip(reversed(lows), range(len(lows) - 1, -1, -1), strict=True))
    capitals = Counter(
        [low for low, at in zip(words.lows, words.starts, strict=True) if text[at].isupper()]
    )
    raw = {
        word: (1.0 + math.log(count)) * (0.5 + capitals[word] / count)
        / math.log(3.0 + first[word] / _SENTENCE_WORDS)
        for word, count in counts.items()
        if len(word) > 2 and not word[0].isdigit()  # noqa: PLR2004  (shorter words say little)
    }  # fmt: skip
    most = max(raw.values(), default=1.0)
    return {word: weight / most for word, weight in raw.items()}


class _Events:
    """Reads who did what in sentences of one text."""

    def __init__(
        self, text: str, speakers: Speakers, weights: dict[str, float], stop: frozenset[str]
    ) -> None:
        self._text, self._speakers, self._speech = text, speakers, speakers.speech
        self._weights, self._stop = weights, stop

    def read(self, sentences: Sequence[Span], salience: Sequence[float]) -> list[KeyPhrase]:
        """Return an event for each subject that does something."""
        found = []
        for number, (start, end) in enumerate(sentences):
            for subject in self._speakers.candidates(start, min(end, start + _SENTENCE_CHARS)):
                if subject.group is None or not (span := self._predicate(subject, end)):
                    continue
                told = self._told(*span)
                shares = [self._weights.get(word.lower(), 0.0) for word in _WORD.findall(told)]
                meaning = sum(shares) / max(len(shares), 1)
                score = (0.4 + salience[subject.group]) * (0.3 + meaning) / (1.0 + 0.3 * number)
                name = self._speakers.groups[subject.group].name
                found.append(
                    KeyPhrase(
                        kind="event", text=f"{name} {told}", start=subject.start, end=span[1],
                        score=score, entity=subject.group,
                    )
                )  # fmt: skip
        return found

    def _predicate(self, subject: Candidate, end: int) -> Span | None:
        """Return what the subject did: the words behind it, if they begin with a verb."""
        start = subject.end
        if apposition := _APPOSITION.match(self._text, start, end):
            start = apposition.end()
        if not self._text.startswith(" ", start):
            return None
        stop_at = _CLAUSE_END.search(self._text, start + 1, end)
        clause_end = stop_at.start() if stop_at else end
        found = list(_WORD.finditer(self._text, start, clause_end))
        if not found or not self._is_verb([word[0] for word in found[:4]]):
            return None
        kept = found[:_MOST_EVENT_WORDS]
        while kept and self._is_loose_end(kept[-1][0]):
            kept.pop()
        if len(kept) < _LEAST_EVENT_WORDS:
            return None
        return kept[0].start(), self._name_end(kept[-1].end(), clause_end)

    def _is_loose_end(self, word: str) -> bool:
        """Return whether a phrase should not end so: "around 10", "with the"."""
        return len(word) == 1 or word.isdigit() or word.lower() in self._stop

    def _is_verb(self, found: Sequence[str]) -> bool:
        """Return whether the first word that is no adverb may be a verb, and not one of speech."""
        if found[0].lower() in _RELATIVES:
            return False
        word = next((word for word in found if not self._is_adverb(word)), "")
        if not word.islower() or self._speech.is_verb(word):
            return False
        return word in self._speech.irregular or bool(self._speech.finite.fullmatch(word))

    def _is_adverb(self, word: str) -> bool:
        is_plain = word not in self._speech.irregular
        return is_plain and (word in self._speech.adverbs or word.endswith("ly"))

    def _name_end(self, end: int, clause_end: int) -> int:
        """Return the end of the name that a cut would go through, or that comes right behind."""
        for mention, _ in self._speakers.names_in(max(0, end - _NAME_CHARS), end + 2):
            if mention.start <= end + 1 < mention.end <= clause_end:
                return mention.end
        return end

    def _told(self, start: int, end: int) -> str:
        """Return the words without the roles of the people in them: their names say enough."""
        pieces, at = [], start
        for mention, group in self._speakers.names_in(start, end):
            begin = self._speakers.phrase_start(mention)
            if self._speakers.groups[group].is_person and at <= begin and mention.end <= end:
                pieces += [self._text[at:begin], self._speakers.groups[group].name]
                at = mention.end
        return " ".join("".join([*pieces, self._text[at:end]]).split())


def _topics(text: str, words: Words, weights: dict[str, float]) -> list[KeyPhrase]:
    """Return runs of words with a meaning, each once, weighed by its words and by how often."""
    counts: Counter[tuple[str, ...]] = Counter()
    spans: dict[tuple[str, ...], Span] = {}
    for first, last in _runs(text, words, weights):
        key = tuple(words.lows[first : last + 1])
        if 1 < len(key) <= _MOST_TOPIC_WORDS:
            counts[key] += 1
            spans.setdefault(key, (words.starts[first], words.ends[last]))
    return [
        KeyPhrase(
            kind="topic", text=text[slice(*spans[key])], start=spans[key][0], end=spans[key][1],
            score=sum(map(weights.__getitem__, key)) / len(key) * (1.0 + 0.5 * math.log(count)),
        )
        for key, count in counts.items()
    ]  # fmt: skip


def _runs(text: str, words: Words, weights: dict[str, float]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last word of each run of words with a weight."""
    first = None
    lows, starts, ends = words.lows, words.starts, words.ends
    for at in range(min(len(lows), _TOPIC_WORDS)):
        has_weight = lows[at] in weights
        is_joined = has_weight and first is not None and text[ends[at - 1] : starts[at]] == " "
        if first is not None and not is_joined:
            yield first, at - 1
            first = None
        if has_weight and first is None:
            first = at
    if first is not None:
        yield first, min(len(lows), _TOPIC_WORDS) - 1


def _best(phrases: Sequence[KeyPhrase]) -> list[KeyPhrase]:
    """Return the best phrases with their scores in [0, 1], none inside a better one."""
    ranked = sorted(phrases, key=lambda phrase: (-phrase.score, phrase.start))
    most = ranked[0].score if ranked else 1.0
    kept: list[KeyPhrase] = []
    for phrase in ranked:
        low = phrase.text.lower()
        if len(kept) < _MOST_OF_KIND and not any(low in other.text.lower() for other in kept):
            kept.append(replace(phrase, score=round(phrase.score / (most or 1.0), 4)))
    return kept
