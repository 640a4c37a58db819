"""Resolve the entities of a stream of documents, and compare who is who with the gold chains."""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from dateline.document_records import DocumentEntity, StoryEntity
from dateline.entities.directory import EntityDirectory
from dateline.names.fold import fold_name
from dateline.records import Mention
from processors.enrich.find_names import NameFinder
from processors.enrich.read_document import read_document
from processors.enrich.story_terms import story_terms
from processors.stories.cluster_records import StoryInput
from processors.stories.story_clusters import StoryClusters

from ..entities.score import _overlapping
from ..stories.measures import bcubed, f1
from ..tag import Tagger
from .data import Document, Gold

SEED = 20261123
SAMPLES = 2_000
ORDERS = 10
_AT = datetime(2026, 1, 1, tzinfo=UTC)
_KINDS = {"PER": "person", "ORG": "organization"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A document with its mentions and entities as the enrich stage makes them."""

    document: Document
    mentions: tuple[Mention, ...]
    entities: tuple[DocumentEntity, ...]
    input: StoryInput


@dataclass(frozen=True, slots=True)
class Item:
    """A gold mention, and the id that each of the runs gave it."""

    topic: str
    gold: Gold
    found: tuple[str, ...]
    is_seen: bool


Answers = Sequence[Sequence[str]]  # by run, by item


def read_all(documents: Sequence[Document], tag: Tagger, finder: NameFinder) -> tuple[Reading, ...]:
    """Return every document as the enrich stage reads it."""
    return tuple(_read(document, tag, finder) for document in documents)


def _read(document: Document, tag: Tagger, finder: NameFinder) -> Reading:
    seen, sentences = tag(document.text)
    names = finder.find(seen, document.text, sentences, language="en")
    reading = read_document(document.text, names.mentions, names.links, language="en")
    return Reading(
        document, names.mentions, reading.entities,
        StoryInput(
            article_id=document.document_id, terms=story_terms(document.text), at=_AT,
            language="en", source_id="development",
        ),
    )  # fmt: skip


def as_story_entity(entity: DocumentEntity) -> StoryEntity:
    """Return what stories remember of a document's entity."""
    codes = (each.country_code for each in entity.relations if each.country_code)
    return StoryEntity(
        entity_id=entity.entity_id, entity_type=entity.entity_type, name=entity.name,
        count=len(entity.mention_indices), is_full_name=entity.is_full_name,
        aliases=entity.aliases, country_codes=tuple(dict.fromkeys(codes)),
    )  # fmt: skip


def resolve_all(readings: Sequence[Reading], seed: int) -> list[dict[str, str]]:
    """Return by document which id each of its entity ids has after all documents came in."""
    order = list(readings)
    random.Random(seed).shuffle(order)  # noqa: S311  (no secret)
    clusters, directory = StoryClusters(), EntityDirectory()
    stories: dict[str, str] = {}
    kept = {r.document.document_id: [as_story_entity(e) for e in r.entities] for r in readings}
    for reading in order:
        own = reading.document.document_id
        answer = clusters.assign(reading.input)
        moved = {each for row in answer.merges for each in row.article_ids}
        moved |= {each for row in answer.splits for each in row.article_ids}
        for article in sorted({own, *moved}):
            stories[article] = str(clusters.story_of(article))
            directory.put(article, stories[article], _AT, kept[article])
            directory.find_merges(article)
    return [
        {each.document_entity_id: each.entity_id
         for each in directory.resolve(reading.document.document_id)}
        for reading in readings
    ]  # fmt: skip


def items(readings: Sequence[Reading], orders: int = ORDERS) -> tuple[Item, ...]:
    """Return the gold mentions with the ids they have after each of the orders."""
    runs = [resolve_all(readings, seed) for seed in range(orders)]
    found = []
    for at, reading in enumerate(readings):
        owners = {
            index: entity.entity_id
            for entity in reading.entities
            for index in entity.mention_indices
        }
        for number, gold in enumerate(reading.document.gold):
            index = _overlapping(reading.mentions, gold.start, gold.end)
            own = owners.get(index) if index is not None else None
            alone = f"{reading.document.document_id} {number}"
            answers = tuple(alone if own is None else run[at].get(own, own) for run in runs)
            found.append(Item(reading.document.topic, gold, answers, own is not None))
    return tuple(found)


def ours(rows: Sequence[Item]) -> Answers:
    """Return the ids that the runs found."""
    return list(zip(*(row.found for row in rows), strict=True))


def exact(rows: Sequence[Item]) -> Answers:
    """Return the text of each mention as its id."""
    return [[row.gold.text for row in rows]]


def folded(rows: Sequence[Item]) -> Answers:
    """Return the folded text of each mention as its id."""
    return [[fold_name(row.gold.text, _KINDS[row.gold.kind]) for row in rows]]


System = Callable[[Sequence[Item]], Answers]


@dataclass(frozen=True, slots=True)
class Parts:
    """Precision and recall of each mention (BCubed), mean of the runs."""

    precisions: tuple[float, ...]
    recalls: tuple[float, ...]

    @property
    def precision(self) -> float:
        return statistics.fmean(self.precisions)

    @property
    def recall(self) -> float:
        return statistics.fmean(self.recalls)

    @property
    def f1(self) -> float:
        return f1(self.precision, self.recall)


def parts(rows: Sequence[Item], system: System) -> Parts:
    """Return the parts of BCubed; who is who is asked within a topic."""
    gold = [f"{row.topic} {row.gold.chain}" for row in rows]
    runs = [
        bcubed([f"{row.topic} {own}" for row, own in zip(rows, run, strict=True)], gold)
        for run in system(rows)
    ]
    return Parts(
        tuple(map(statistics.fmean, zip(*(p for p, _ in runs), strict=True))),
        tuple(map(statistics.fmean, zip(*(r for _, r in runs), strict=True))),
    )


def differences(rows: Sequence[Item], system: Parts, baseline: Parts) -> tuple[float, float]:
    """Return the 95 % interval of the difference of F1; whole topics are drawn, for both alike."""
    topics = sorted({row.topic for row in rows})
    of_topic = [[i for i, row in enumerate(rows) if row.topic == t] for t in topics]
    sums = np.array([
        [*(sum(values[i] for i in own) for values in (
            system.precisions, system.recalls, baseline.precisions, baseline.recalls
        )), len(own)]
        for own in of_topic
    ])  # fmt: skip
    drawn = sums[np.random.default_rng(SEED).integers(len(topics), size=(SAMPLES, len(topics)))]
    totals = drawn.sum(axis=1)
    means = totals[:, :4] / totals[:, 4:]
    system_f1, baseline_f1 = (
        2 * means[:, at] * means[:, at + 1] / np.maximum(means[:, at] + means[:, at + 1], 1e-9)
        for at in (0, 2)
    )
    low, high = np.quantile(system_f1 - baseline_f1, (0.025, 0.975))
    return float(low), float(high)


def lead(rows: Sequence[Item]) -> tuple[float, float]:
    """Return how far the system is above exact strings on all names, found or not (95 %)."""
    names = [row for row in rows if row.gold.is_name]
    return differences(names, parts(names, ours), parts(names, exact))


def texts_apart(rows: Sequence[Item]) -> Counter[tuple[str, str, str]]:
    """Return pairs of names that the first run joins or leaves wrongly, and how many."""
    found: Counter[tuple[str, str, str]] = Counter()
    for i, one in enumerate(rows):
        for other in rows[:i]:
            if one.topic == other.topic:
                is_gold = one.gold.chain == other.gold.chain
                is_found = one.found[0] == other.found[0]
                if is_gold != is_found:
                    first, second = sorted((one.gold.text, other.gold.text))
                    found["missed" if is_gold else "WRONG", first, second] += 1
    return found
