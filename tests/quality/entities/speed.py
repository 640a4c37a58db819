"""Measure what the enrich stage does beside the entity model."""

from __future__ import annotations

import statistics
import time
from itertools import pairwise

from spacy.tokens import Doc

from benchmarks.articles import NOTICE, make_corpus, raw_article
from dateline.records import RawArticle
from dateline.settings import PROJECT_DIR, EnrichSettings
from dateline.wire import to_wire
from processors.enrich.child import Child, seen_names
from processors.enrich.enrich_article import assemble, prepare
from processors.enrich.entry import ChildOptions

SPEED_GOAL_MS = 10.0
_LANGUAGE = "en"
_ARTICLES, _ROUNDS = 120, 4
_STEPS = (
    "cleaning, language, rights, title", "mentions, gazetteer, links",
    "entities, quotations, key phrases, story terms", "record to bytes",
)  # fmt: skip


def median_ms() -> dict[str, float]:
    """Return the median time of each step for an article of 600 words, and that of all."""
    settings = EnrichSettings()
    child = Child(
        ChildOptions(
            models=settings.models, config_dir=PROJECT_DIR / "config",
            max_text_chars=settings.max_text_chars,
        )
    )  # fmt: skip
    texts = [text.replace(NOTICE, "") for text in make_corpus(_ARTICLES).texts]
    raws = [raw_article(text, number, "bench") for number, text in enumerate(texts)]
    rounds = [_round(child, raws) for _ in range(_ROUNDS)]
    rows = [row for each in rounds[1:] for row in each]  # the first one fills the caches
    medians = dict(zip(_STEPS, map(statistics.median, zip(*rows, strict=True)), strict=True))
    return medians | {"everything beyond the model": statistics.median(map(sum, rows))}


def _round(child: Child, raws: list[RawArticle]) -> list[tuple[float, ...]]:
    model = child.model(_LANGUAGE)
    assert model is not None
    prepared = [prepare(raw, child.rights) for raw in raws]
    docs = model.ner.pipe([item.text[item.ner_start :] for item in prepared])
    return [_steps(child, raw, doc, model.detector) for raw, doc in zip(raws, docs, strict=True)]


def _steps(child: Child, raw: RawArticle, doc: Doc, detector: str) -> tuple[float, ...]:
    """Return the milliseconds of each step for one article."""
    moments = [time.perf_counter()]
    prepared = prepare(raw, child.rights)
    moments.append(time.perf_counter())
    names = seen_names(child, prepared, doc, detector)
    moments.append(time.perf_counter())
    enriched = assemble(prepared, names)
    moments.append(time.perf_counter())
    to_wire(enriched)
    moments.append(time.perf_counter())
    return tuple(1000 * (b - a) for a, b in pairwise(moments))
