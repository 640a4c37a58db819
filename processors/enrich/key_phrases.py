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
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from dateline.rights.sentences import Span
from processors.enrich.document_entities.groups import Group
from processors.enrich.quotations.speakers import Candidate, Speakers
from processors.enrich.quotations.speech_words import SpeechWords

_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*")
# The news is in the first sentences; a long text gets no better phrases from its end.
_MOST_WORDS = 1_500
_EVENT_SENTENCES = 6
_MOST_PHRASES = 12
_LEAST_EVENT_WORDS, _MOST_EVENT_WORDS = 2, 12
_MOST_TOPIC_WORDS = 4
_CLAUSE_END = re.compile(r"[,;:.!?()\"“”«»\n]| [–—-] ")
_APPOSITION = re.compile(r",[^,.;\n]{3,90},")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPhrase:
    """A phrase of the text.

    Attributes:
        kind: ``event`` is who did what, ``topic`` a noun phrase.
        text: as it may be shown: of an event, the subject's name and what it did.
        start: of the words in the text; of an event, where its subject begins.
        end: end, exclusive.
        score: in [0, 1]; the best of a document has 1.
        entity: of an event, place of the subject among the document's entities.
    """

    kind: Literal["event", "topic"]
    text: str
    start: int
    end: int
    score: float
    entity: int | None = None


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    low: str
    start: int
    end: int
    sentence: int


def find_key_phrases(
    text: str, groups: Sequence[Group], salience: Sequence[float], words: SpeechWords,
    sentences: Sequence[Span], language: str, story_start: int = 0,
) -> tuple[KeyPhrase, ...]:  # fmt: skip
    """Return at most twelve phrases, the best first.

    Args:
        text: clean text.
        groups: what the document names.
        salience: of each group.
        words: how the language says who said what; such verbs make no event.
        sentences: spans in order.
        language: ISO 639-1 code, for words that carry no meaning.
        story_start: where the story begins behind the dateline.
    """
    tokens = list(_tokens(text, sentences, story_start))
    stop = stop_words(language)
    weights = _weights(tokens, stop)
    events = _events(text, Speakers(text, groups, words), salience, words, sentences, weights,
                     stop, story_start)  # fmt: skip
    phrases = [*events, *_topics(text, tokens, weights, stop)]
    return tuple(_best(phrases))


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


def _tokens(text: str, sentences: Sequence[Span], start: int) -> Iterator[_Word]:
    starts = [each for each, _ in sentences]
    for count, found in enumerate(_WORD.finditer(text, start)):
        if count >= _MOST_WORDS:
            return
        word = found[0]
        yield _Word(
            word, word.lower(), found.start(), found.end(),
            bisect_right(starts, found.start()) - 1,
        )  # fmt: skip


def _weights(tokens: Sequence[_Word], stop: frozenset[str]) -> dict[str, float]:
    """Return the weight of each word that has a meaning, the heaviest near 1."""
    counts = Counter(token.low for token in tokens)
    first: dict[str, int] = {}
    spread: dict[str, set[int]] = {}
    capitals: Counter[str] = Counter()
    for token in tokens:
        first.setdefault(token.low, token.sentence)
        spread.setdefault(token.low, set()).add(token.sentence)
        capitals[token.low] += token.text[0].isupper()
    raw = {
        word: (1.0 + math.log(count)) * (0.5 + capitals[word] / count)
        * (1.0 + math.log(len(spread[word]))) / math.log(3.0 + first[word])
        for word, count in counts.items()
        if word not in stop and len(word) > 2 and not word[0].isdigit()  # noqa: PLR2004
    }  # fmt: skip
    most = max(raw.values(), default=1.0)
    return {word: weight / most for word, weight in raw.items()}


def _events(
    text: str, speakers: Speakers, salience: Sequence[float], words: SpeechWords,
    sentences: Sequence[Span], weights: dict[str, float], stop: frozenset[str], story_start: int,
) -> Iterator[KeyPhrase]:  # fmt: skip
    story = [(max(start, story_start), end) for start, end in sentences if end > story_start]
    for number, (start, end) in enumerate(story[:_EVENT_SENTENCES]):
        for subject in speakers.candidates(start, min(end, start + 600)):
            if subject.group is None:
                continue
            span = _predicate(text, subject, end, words, stop)
            if span is None:
                continue
            told = text[slice(*span)]
            shares = [weights.get(each.lower(), 0.0) for each in _WORD.findall(told)]
            meaning = sum(shares) / max(len(shares), 1)
            score = (0.4 + salience[subject.group]) * (0.3 + meaning) / (1.0 + 0.3 * number)
            name = speakers.groups[subject.group].name
            yield KeyPhrase(
                kind="event", text=f"{name} {told}", start=subject.start, end=span[1],
                score=score, entity=subject.group,
            )  # fmt: skip


def _predicate(
    text: str, subject: Candidate, end: int, words: SpeechWords, stop: frozenset[str]
) -> Span | None:
    """Return what the subject did: the words behind it, if the first of meaning may be a verb."""
    start = subject.end
    if apposition := _APPOSITION.match(text, start, end):
        start = apposition.end()
    if not text.startswith(" ", start):
        return None
    stop_at = _CLAUSE_END.search(text, start + 1, end)
    found = list(_WORD.finditer(text, start, stop_at.start() if stop_at else end))
    verb = next((word[0] for word in found if word[0].lower() not in stop), "")
    is_verb = verb.islower() and not words.verb.fullmatch(verb)
    if not found or not is_verb or found[0][0].lower() in words.prepositions | {"and", "or"}:
        return None
    kept = found[:_MOST_EVENT_WORDS]
    while kept and kept[-1][0].lower() in stop:
        kept.pop()
    return (kept[0].start(), kept[-1].end()) if len(kept) >= _LEAST_EVENT_WORDS else None


def _topics(
    text: str, tokens: Sequence[_Word], weights: dict[str, float], stop: frozenset[str]
) -> Iterator[KeyPhrase]:
    """Yield runs of words with a meaning, each once, weighed by its words and by how often."""
    counts: Counter[str] = Counter()
    first: dict[str, Span] = {}
    for run in _runs(text, tokens, weights):
        if 1 < len(run) <= _MOST_TOPIC_WORDS:
            key = " ".join(token.low for token in run)
            counts[key] += 1
            first.setdefault(key, (run[0].start, run[-1].end))
    for key, count in counts.items():
        parts = key.split()
        mean = sum(weights.get(part, 0.0) for part in parts) / len(parts)
        start, end = first[key]
        yield KeyPhrase(
            kind="topic", text=" ".join(text[start:end].split()), start=start, end=end,
            score=mean * (1.0 + 0.5 * math.log(count)),
        )  # fmt: skip


def _runs(text: str, tokens: Sequence[_Word], weights: dict[str, float]) -> Iterator[list[_Word]]:
    run: list[_Word] = []
    for token in tokens:
        is_joined = bool(run) and text[run[-1].end : token.start] == " "
        if run and not (is_joined and token.low in weights):
            yield run
            run = []
        if token.low in weights:
            run.append(token)
    if run:
        yield run


def _best(phrases: Sequence[KeyPhrase]) -> list[KeyPhrase]:
    """Return the best phrases with their scores in [0, 1], none inside a better one."""
    kept: list[KeyPhrase] = []
    for kind in ("event", "topic"):
        own = sorted((p for p in phrases if p.kind == kind), key=lambda p: (-p.score, p.start))
        most = own[0].score if own else 1.0
        seen: set[str] = set()
        for phrase in own:
            low = phrase.text.lower()
            if len(seen) >= _MOST_PHRASES // 2 or any(low in known for known in seen):
                continue
            seen.add(low)
            score = round(phrase.score / most, 4) if most else 0.0
            kept.append(
                KeyPhrase(
                    kind=phrase.kind, text=phrase.text, start=phrase.start, end=phrase.end,
                    score=score, entity=phrase.entity,
                )
            )  # fmt: skip
    return sorted(kept, key=lambda p: (p.kind, -p.score))
