"""Enrich a chunk of raw articles inside a child process: bytes in, bytes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc

from dateline.errors import RecordRejected
from dateline.records import EnrichedArticle, KillNotice, RawArticle
from dateline.rights.sentences import split_sentences
from dateline.wire import MAX_RAW_BYTES, from_wire, to_wire
from processors.enrich.build_mentions import build_mentions
from processors.enrich.enrich_article import Prepared, assemble, prepare
from processors.enrich.entry import GAZETTEER, ChildOptions, Enriched
from processors.enrich.fast_ner import FastNer, load_ner
from processors.enrich.find_names import FoundNames, NameFinder, load_name_finder
from processors.enrich.rights_reader import RightsReader, load_rights_reader

# The longest word of a language with a model has fewer letters; longer runs are links and noise.
LONG_RUN = re.compile(r"\S{500,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    ner: FastNer
    detector: str


class Child:
    """The state of a child process: licences, gazetteer, a model for each language met so far."""

    def __init__(self, options: ChildOptions) -> None:
        self.rights: RightsReader = load_rights_reader(options.config_dir)
        self.names: NameFinder = load_name_finder(options.config_dir / GAZETTEER)
        self.max_text_chars = options.max_text_chars
        self._names = options.models
        self._loaded: dict[str, _Model] = {}

    def model(self, language: str) -> _Model | None:
        """Return the model for a language, loaded when it is met first, or None."""
        name = self._names.get(language)
        if name is None:
            return None
        if language not in self._loaded:
            ner = load_ner(name, sentences="lines")
            meta = ner.language.meta
            detector = f"{meta['lang']}_{meta['name']}@{meta['version']}"
            self._loaded[language] = _Model(ner=ner, detector=detector)
        return self._loaded[language]


def enrich_payloads(child: Child, payloads: Sequence[bytes]) -> list[Enriched | RecordRejected]:
    """Return one result a payload; texts of one language go through their model together."""
    results: list[Enriched | RecordRejected | Prepared] = [
        _prepared(child, payload) for payload in payloads
    ]
    by_language: dict[str, list[int]] = {}
    for position, result in enumerate(results):
        if isinstance(result, Prepared):
            by_language.setdefault(result.language.code, []).append(position)
    for language, positions in by_language.items():
        batch = [item for i in positions if isinstance(item := results[i], Prepared)]
        for position, enriched in zip(positions, _named(child, language, batch), strict=True):
            results[position] = Enriched(
                key=enriched.article.article_id.encode(), payload=to_wire(enriched)
            )
    return [result for result in results if not isinstance(result, Prepared)]


def _prepared(child: Child, payload: bytes) -> Prepared | Enriched | RecordRejected:
    try:
        record = from_wire(payload, RawArticle, KillNotice, max_bytes=MAX_RAW_BYTES)
        if isinstance(record, KillNotice):
            return Enriched(key=record.article_id.encode(), payload=payload)
        return prepare(record, child.rights)
    except RecordRejected as error:
        return error


def _named(child: Child, language: str, batch: Sequence[Prepared]) -> list[EnrichedArticle]:
    model = child.model(language)
    short = [item for item in batch if len(item.text) <= child.max_text_chars]
    read: Iterator[tuple[FoundNames, str | None]]
    if model is None:
        reason = f"no model for language {language!r}"
        read = ((_known_names(child, item), reason) for item in short)
    else:
        docs = model.ner.pipe([mask_long_runs(item.text[item.ner_start :]) for item in short])
        read = (
            (seen_names(child, item, doc, model.detector), None)
            for item, doc in zip(short, docs, strict=True)
        )
    enriched = []
    for item in batch:
        if len(item.text) <= child.max_text_chars:
            enriched.append(assemble(item, *next(read)))
        else:
            reason = f"{len(item.text)} characters are over the limit of {child.max_text_chars}"
            enriched.append(assemble(item, None, reason))
    return enriched


def mask_long_runs(text: str) -> str:
    """Return ``text`` with spaces in place of runs that are no words; offsets stay.

    spaCy's tokenizer takes quadratic time on a run of symbols without a space (measured: 5 s for
    5,000 emoji, 80 s for 20,000).
    """
    return LONG_RUN.sub(lambda run: " " * len(run[0]), text)


def seen_names(child: Child, item: Prepared, doc: Doc, detector: str) -> FoundNames:
    """Return the names that the model saw and those of the gazetteer that it missed."""
    start = item.ner_start
    sentences = [(each.start_char, each.end_char) for each in doc.sents]
    seen = build_mentions(
        [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents],
        item.text, sentences, detector, offset=start,
    )  # fmt: skip
    placed = [(first + start, last + start) for first, last in sentences]
    return child.names.find(seen, item.text, placed, language=item.language.code, story_start=start)


def _known_names(child: Child, item: Prepared) -> FoundNames:
    """Return the names of the gazetteer alone."""
    return child.names.find(
        (), item.text, split_sentences(item.text), language=item.language.code,
        story_start=item.ner_start,
    )  # fmt: skip
