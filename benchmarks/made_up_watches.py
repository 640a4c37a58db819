"""Made-up watches and the articles they are about: terms are drawn by Zipf from the articles' own.

Six in ten watches ask for an entity (half by id, half by name), three for a phrase of two or three
words that stand somewhere in an article, one is boolean with NEAR.
"""

from __future__ import annotations

import random
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import accumulate

from benchmarks.articles import Corpus, raw_article
from dateline import ids
from dateline.alert_records import Watch
from dateline.document_records import DocumentEntity, EntityLink, EntityType
from dateline.records import EnrichedArticle, GroupedArticle, Mention
from dateline.rights.record import Decision, Rights
from dateline.rights.sentences import split_sentences

START = datetime(2026, 11, 20, tzinfo=UTC)
SOURCES = 40
# Names as a reader sees them; the words at the start of a sentence are no names.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})*")
_WORD = re.compile(r"[a-z]{3,}")
_TYPES: tuple[EntityType, ...] = ("person", "person", "organization", "place")
_COUNTRIES = ("us", "gb", "fr", "qa", "om", "de", "in", "br", "za", "jp")
# What is in more articles than this is too broad to be watched: hundreds of alerts a day.
_MOST_SHARE = 0.01
# Of a word that many watch, so many phrases.
_PHRASES_PER_WORD = 40
_ZIPF = 1.0


def grouped_articles(texts: Sequence[str]) -> list[GroupedArticle]:
    """Return articles with the names in ``texts`` as mentions and entities."""
    return [_grouped(text, number) for number, text in enumerate(texts)]


class MadeUpWatches:
    """Watches for what the articles of ``corpus`` are about; the same for the same seed."""

    def __init__(self, corpus: Corpus, *, seed: int = 7) -> None:
        self._rng = random.Random(seed)  # noqa: S311 (no secret)
        self._names = _watched(_NAME, corpus.texts)
        self._words = _watched(_WORD, corpus.texts)
        self._name_weights = _zipf(len(self._names))
        self._word_weights = _zipf(len(self._words))
        self._phrases = _phrases(corpus.texts)

    def __call__(self, count: int) -> Iterator[Watch]:
        """Yield ``count`` watches."""
        kinds = (self._entity, self._phrase, self._boolean)
        for number in range(count):
            query = self._rng.choices(kinds, (60, 30, 10))[0]()
            yield Watch(watch_id=f"w{number}", query=query, created_at=START)

    def _entity(self) -> str:
        name = self._name()
        if self._rng.random() < 0.5:
            return f"entity:{_entity_id(name)}"
        return f'entity:"{name}"'

    def _phrase(self) -> str:
        phrases = self._phrases.get(self._word())
        return f'"{self._rng.choice(phrases)}"' if phrases else f'"{self._word()} {self._word()}"'

    def _boolean(self) -> str:
        near = f"{self._word()} NEAR/{self._rng.randint(2, 10)} {self._word()}"
        shape = self._rng.randrange(4)
        if shape == 0:
            return near
        if shape == 1:
            return f"{self._entity()} AND ({self._word()} OR {self._word()} OR {self._phrase()})"
        if shape == 2:
            return f"({near}) AND ({self._word()} OR {self._word()}) NOT {self._word()}"
        return f"SENTENCE({self._entity()} {self._word()}) OR ({near})"

    def _name(self) -> str:
        return self._rng.choices(self._names, cum_weights=self._name_weights)[0]

    def _word(self) -> str:
        return self._rng.choices(self._words, cum_weights=self._word_weights)[0]


def _watched(pattern: re.Pattern[str], texts: Sequence[str]) -> list[str]:
    """Return what is found and not too broad, the most frequent first."""
    counts = Counter(found for text in texts for found in set(pattern.findall(text)))
    most = _MOST_SHARE * len(texts)
    return [found for found, count in counts.most_common() if count <= most]


def _zipf(count: int) -> list[float]:
    return list(accumulate(1 / rank**_ZIPF for rank in range(1, count + 1)))


def _phrases(texts: Sequence[str]) -> dict[str, list[str]]:
    """Return phrases of two and three words that stand in the texts, by their first word."""
    found: dict[str, list[str]] = {}
    for number, text in enumerate(texts):
        words = re.findall(r"[a-z]+", text.lower())
        for at in range(len(words) - 2):
            phrases = found.setdefault(words[at], [])
            if len(phrases) < _PHRASES_PER_WORD:
                phrases.append(" ".join(words[at : at + 2 + (number + at) % 2]))
    return found


def _grouped(text: str, number: int) -> GroupedArticle:
    article = raw_article(text, number, f"source-{number % SOURCES}.example")
    found = list(_NAME.finditer(text))
    mentions = tuple(_mentions(text, found))
    places: dict[str, list[int]] = {}
    for at, each in enumerate(mentions):
        places.setdefault(each.text, []).append(at)
    enriched = EnrichedArticle(
        article=article, text=text, offsets=((0, 0),), title=" ".join(text.split()[6:16]),
        is_title_derived=False, summary="", is_summary_derived=True, language="en",
        language_confidence=0.99, pipeline_version="bench", mentions=mentions,
        rights=Rights(status="granted", spdx_expression="CC-BY-4.0", family="cc"),
        entities=tuple(_entity(name, tuple(own)) for name, own in places.items()),
    )  # fmt: skip
    decision = Decision(
        policy_id="bench@1", purpose="public_search", store="full", display="full",
        snippet_chars=300, export=True, ai_use="allowed", attribution_required=True,
    )  # fmt: skip
    return GroupedArticle(
        article_id=article.article_id, source_id=article.source_id, revision=1, change="new",
        first_seen_at=START, observed_at=START, origin="live", pub_status="usable",
        story_id=ids.story_id(article.article_id), versions=(), decisions=(decision,),
        enriched=enriched,
    )  # fmt: skip


def _mentions(text: str, found: Sequence[re.Match[str]]) -> Iterator[Mention]:
    sentences = iter(split_sentences(text))
    start, end = next(sentences)
    for match in found:
        while match.start() >= end:
            start, end = next(sentences)
        yield Mention(
            text=match[0], label="NAME", entity_type=_type(match[0]),
            entity_id=_entity_id(match[0]), start=match.start(), end=match.end(),
            sentence_start=start, sentence_end=max(end, match.end()), detector="bench@1",
        )  # fmt: skip


def _entity(name: str, mention_indices: tuple[int, ...]) -> DocumentEntity:
    entity_id = _entity_id(name)
    qid = entity_id if entity_id.startswith("Q") else None
    country = _COUNTRIES[_hash(name) // 7 % len(_COUNTRIES)] if qid else None
    return DocumentEntity(
        entity_id=entity_id, entity_type=_type(name), name=name, is_full_name=" " in name,
        mention_indices=mention_indices, aliases=(name.split()[-1],) if " " in name else (),
        link=EntityLink(row_id=qid, qid=qid, name=name, country_code=country, reason="bench"),
    )  # fmt: skip


def _entity_id(name: str) -> str:
    # Four in ten are in the gazetteer.
    number = _hash(name)
    return f"Q{number}" if number % 10 < 4 else ids.entity_id(_type(name), name)


def _type(name: str) -> EntityType:
    return _TYPES[_hash(name) // 11 % len(_TYPES)]


def _hash(name: str) -> int:
    return zlib.crc32(name.encode())
