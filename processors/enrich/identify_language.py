"""Return the language of a text, as far as it can be told.

The model belongs to the installed package; nothing is fetched. It is loaded once in each process,
at the first call, so a spawned worker needs no preparation.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "und"

# The answer does not change after this many characters, and the time grows with them.
_LOOKED_AT_CHARS = 1500
# Eight words are wrong one time in ten (nlp.md, trap 10); from here on the model is the better
# witness.
_SHORT_WORDS = 20
_LOW_CONFIDENCE = 0.5
_DECLARED = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?", re.ASCII)
# Three-letter codes of the languages that feeds declare that way; the model has two letters.
_TWO_LETTERS = {
    "ara": "ar", "deu": "de", "eng": "en", "fas": "fa", "fra": "fr", "fre": "fr", "ger": "de",
    "ita": "it", "per": "fa", "por": "pt", "rus": "ru", "spa": "es", "tur": "tr", "zho": "zh",
}  # fmt: skip
# The model's dialects and written standards of a language that an index knows by one code.
_SAME_LANGUAGE = {"ary": "ar", "arz": "ar", "zxx": UNKNOWN}


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """A language code (ISO 639) and the model's probability of it; ``und`` where none is said."""

    code: str
    confidence: float


def identify_language(text: str, declared: str | None) -> LanguageGuess:
    """Return the language of ``text``.

    Args:
        text: clean text; its first 1,500 characters are looked at.
        declared: what the source says, such as ``en-GB``. It counts only where the text is shorter
            than 20 words or the model is in doubt.

    Returns:
        code and probability; ``und`` with 0.0 for a text without letters. A declared language
        has the probability that the model gives it, which may be small.
    """
    sample = text[:_LOOKED_AT_CHARS]
    if not any(map(str.isalpha, sample)):
        return LanguageGuess(UNKNOWN, 0.0)
    ranking = _probabilities(sample)
    code, confidence = max(ranking.items(), key=lambda item: item[1])
    is_doubtful = confidence < _LOW_CONFIDENCE or len(sample.split()) < _SHORT_WORDS
    stated = _declared_code(declared)
    if stated and is_doubtful:
        return LanguageGuess(stated, round(ranking.get(stated, 0.0), 4))
    return LanguageGuess(code, 0.0 if code == UNKNOWN else round(confidence, 4))


def _probabilities(sample: str) -> dict[str, float]:
    merged: dict[str, float] = {}
    for label, probability in _identifier().rank(sample):
        code = _SAME_LANGUAGE.get(label, label)
        merged[code] = merged.get(code, 0.0) + probability
    return merged


@functools.cache
def _identifier() -> Any:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _declared_code(declared: str | None) -> str | None:
    found = _DECLARED.fullmatch((declared or "").strip())
    code = found.group(1).lower() if found else ""
    code = _TWO_LETTERS.get(code, code)
    return code if code not in ("", UNKNOWN, "mul", "zxx") else None
