"""Count pairs of names in one document: said to be one thing, and truly one.

A gold mention counts where the entity model or the gazetteer found a name in it; what they miss is
measured elsewhere (``tests.quality.ruler``). Two mentions are synonyms when their words differ.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from dateline.document_records import DocumentEntity
from dateline.names.fold import fold_letters
from dateline.records import Mention
from processors.enrich.find_names import FoundNames, NameFinder
from processors.enrich.read_document import read_document

from ..tag import Tagger
from .data import Document

SEED = 20261123
SAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Pair:
    """Two gold mentions of a document that were found, and who says that they are one thing."""

    document: int
    names: tuple[str, str]
    is_gold: bool
    is_found: bool
    is_subset: bool

    @property
    def is_synonym(self) -> bool:
        """Whether the two are written with other words."""
        return self.names[0] != self.names[1]


@dataclass(frozen=True, slots=True)
class Read:
    """A document with what the pipeline found before its names are joined."""

    document: Document
    names: FoundNames


def read(document: Document, tag: Tagger, finder: NameFinder) -> Read:
    """Return a document with its names, as the enrich stage finds them."""
    seen, sentences = tag(document.text)
    return Read(document, finder.find(seen, document.text, sentences, language="en"))


def pairs(number: int, row: Read) -> list[Pair]:
    """Return every pair of gold mentions that were found, in one document."""
    text = row.document.text
    entities = read_document(text, row.names.mentions, row.names.links, language="en").entities
    owner = {index: at for at, each in enumerate(entities) for index in each.mention_indices}
    found = []
    for gold in row.document.gold:
        index = _overlapping(row.names.mentions, gold.start, gold.end)
        if index is not None and index in owner:
            mention = row.names.mentions[index]
            found.append((fold_letters(mention.text), gold.label, owner[index]))
    return [
        Pair(
            number, (one[0], other[0]), one[1] == other[1], one[2] == other[2],
            _is_subset(one[0], other[0]),
        )
        for one, other in combinations(found, 2)
    ]  # fmt: skip


def _overlapping(mentions: Sequence[Mention], start: int, end: int) -> int | None:
    """Return the mention that shares most of a span, at least half of the longer one."""
    best = max(
        range(len(mentions)),
        key=lambda at: min(end, mentions[at].end) - max(start, mentions[at].start),
        default=None,
    )
    if best is None:
        return None
    shared = min(end, mentions[best].end) - max(start, mentions[best].start)
    longer = max(end - start, mentions[best].end - mentions[best].start)
    return best if shared * 2 >= longer else None


def _is_subset(one: str, other: str) -> bool:
    few, many = sorted((set(one.split()), set(other.split())), key=len)
    return few <= many


Says = Callable[[Pair], bool]


def precision(rows: Sequence[Pair], says: Says) -> float:
    """Return the share of the pairs said to be one that are."""
    said = [row for row in rows if says(row)]
    return sum(row.is_gold for row in said) / max(len(said), 1)


def recall(rows: Sequence[Pair], says: Says) -> float:
    """Return the share of the pairs that are one that are said to be."""
    true = [row for row in rows if row.is_gold]
    return sum(map(says, true)) / max(len(true), 1)


def interval(
    rows: Sequence[Pair], says: Says, measure: Callable[[Sequence[Pair], Says], float]
) -> tuple[float, float]:
    """Return the 95 % interval of a measure by the bootstrap over documents."""
    numbers = sorted({row.document for row in rows})
    by_document = {n: [row for row in rows if row.document == n] for n in numbers}
    random = np.random.default_rng(SEED)
    counts = np.array([_counts(by_document[n], says) for n in numbers])
    samples = random.integers(len(numbers), size=(SAMPLES, len(numbers)))
    hits, said, true = (counts[samples].sum(axis=1)[:, at] for at in range(3))
    values = hits / np.maximum(said if measure is precision else true, 1)
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _counts(rows: Sequence[Pair], says: Says) -> tuple[int, int, int]:
    said = [row for row in rows if says(row)]
    return sum(r.is_gold for r in said), len(said), sum(r.is_gold for r in rows)


def joined(row: Read) -> list[DocumentEntity]:
    """Return the entities that have several names, for reading."""
    names = row.names
    found = read_document(row.document.text, names.mentions, names.links, language="en").entities
    return [each for each in found if each.aliases]
