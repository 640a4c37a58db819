"""Make edited copies of texts, as newsrooms do: cut, new head, agency line, words changed."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .data import Document


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the stream: a document as it is (``kind`` ORIGINAL) or an edited copy.

    ``made_from`` are the documents whose words it has.
    """

    id: str
    kind: str
    made_from: tuple[Document, ...]
    text: str


Edit = Callable[[Document, Document, random.Random, Sequence[str]], str]

ORIGINAL = "as it is"
_AGENCIES = ("Reuters", "AFP", "AP", "Xinhua", "dpa")
_PLACES = ("LONDON", "PARIS", "CAIRO", "TEHRAN", "NEW YORK")


def as_they_are(documents: Sequence[Document]) -> list[Text]:
    """Return the documents."""
    return [Text(each.id, ORIGINAL, (each,), each.text) for each in documents]


def edited(documents: Sequence[Document], kind: str, seed: int) -> list[Text]:
    """Return one edited copy of every document."""
    chance = random.Random(f"{kind} {seed}")  # noqa: S311  (no secret)
    vocabulary = [word for each in documents for word in each.text.split()]
    texts = []
    for document in documents:
        other = chance.choice([each for each in documents if each.topic != document.topic])
        made_from = (document, other) if kind.startswith("merged") else (document,)
        text = EDITS[kind](document, other, chance, vocabulary)
        texts.append(Text(f"{document.id}/{kind}", kind, made_from, text))
    return texts


def _cut(lowest: float, highest: float) -> Edit:
    def edit(doc: Document, _o: Document, chance: random.Random, _v: Sequence[str]) -> str:
        words = doc.text.split(" ")
        return " ".join(words[: round(len(words) * chance.uniform(lowest, highest))])

    return edit


def _changed(share: float) -> Edit:
    def edit(doc: Document, _o: Document, chance: random.Random, vocabulary: Sequence[str]) -> str:
        words = doc.text.split(" ")
        return " ".join(
            chance.choice(vocabulary) if chance.random() < share else word for word in words
        )

    return edit


def _new_head(doc: Document, _o: Document, chance: random.Random, vocabulary: Sequence[str]) -> str:
    """A headline, and a first sentence in other words."""
    head = " ".join(chance.choices(vocabulary, k=8))
    opening = " ".join(chance.choices(vocabulary, k=len(doc.sentences[0].split())))
    return "\n\n".join([head, opening, *doc.sentences[1:]])


def _agency_line(doc: Document, _o: Document, chance: random.Random, _v: Sequence[str]) -> str:
    agency = chance.choice(_AGENCIES)
    opening = f"{chance.choice(_PLACES)} ({agency}) - {doc.text}"
    end = f"Reporting by our correspondent; Editing by the desk\n\n{agency}"
    return f"{opening}\n\n{end}\n\nRead more: all of today's news in one place"


def _shuffled(doc: Document, _o: Document, chance: random.Random, _v: Sequence[str]) -> str:
    return "\n\n".join(chance.sample(doc.sentences, k=len(doc.sentences)))


def _merged(doc: Document, other: Document, _c: random.Random, _v: Sequence[str]) -> str:
    return f"{doc.text}\n\n{other.text}"


def _merged_halves(doc: Document, other: Document, _c: random.Random, _v: Sequence[str]) -> str:
    halves = (each.sentences[: (len(each.sentences) + 1) // 2] for each in (doc, other))
    return "\n\n".join(sentence for half in halves for sentence in half)


def _rewritten(doc: Document, other: Document, chance: random.Random, vocab: Sequence[str]) -> str:
    """Cut, with a new head and a word in twenty changed."""
    text = _new_head(doc, other, chance, vocab)
    cut = Document(doc.id, doc.story_id, doc.topic, tuple(text.split("\n\n")))
    shorter = _cut(0.6, 0.9)(cut, other, chance, vocab)
    words = Document(doc.id, doc.story_id, doc.topic, (shorter,))
    return _changed(0.05)(words, other, chance, vocab)


EDITS: dict[str, Edit] = {
    "cut to 30-50 %": _cut(0.3, 0.5),
    "cut to 50-70 %": _cut(0.5, 0.7),
    "cut to 70-90 %": _cut(0.7, 0.9),
    "new head": _new_head,
    "agency line": _agency_line,
    "1 % of words changed": _changed(0.01),
    "5 % of words changed": _changed(0.05),
    "10 % of words changed": _changed(0.10),
    "15 % of words changed": _changed(0.15),
    "20 % of words changed": _changed(0.20),
    "sentences shuffled": _shuffled,
    "merged with another": _merged,
    "merged, half of each": _merged_halves,
    "cut, new head, 5 % changed": _rewritten,
}
