"""Return what the words beside a licence say that it is of, where they make no sentence."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from dateline.rights.folding import folded_text
from dateline.rights.notices.lexicon import Lexicon, load_lexicons
from dateline.rights.record import ObjectKind

# What a licence may be of besides the text; the first whose words stand by the link wins.
_KINDS: tuple[tuple[str, ObjectKind], ...] = (
    ("video", "video"), ("audio", "audio"), ("media", "image"), ("software", "software"),
    ("dataset", "dataset"),
)  # fmt: skip
MAX_WORDS_CHARS = 1000  # the producers give some 400 characters around a link
_OTHER_OBJECTS = (*(name for name, _ in _KINDS), "quoted_work")
_TEXT_WORDS = ("own_this", "own_site", "bare_text", "text_and_media")


@lru_cache(maxsize=256)  # the same words stand beside several elements of a page
def kind_of_words(words: str, language: str | None) -> ObjectKind:
    """Return a picture, music, a theme, ... if words name one and no text.

    Words are those of ``language`` and of English; of all languages where it is not known.
    """
    low = _folded(words)
    lexicons = _lexicons(language)
    if any(lexicon.has(kind, low) for lexicon in lexicons for kind in _TEXT_WORDS):
        return "text"
    kinds = (kind for name, kind in _KINDS for lexicon in lexicons if lexicon.has(name, low))
    return next(kinds, "text")


def names_other_object(words: str) -> bool:
    """Return whether words of any language name a picture, music, a theme, a quoted work, ..."""
    low = _folded(words)
    lexicons = load_lexicons().values()
    return any(lexicon.has(name, low) for lexicon in lexicons for name in _OTHER_OBJECTS)


def _folded(words: str) -> str:
    return " ".join(folded_text(words[:MAX_WORDS_CHARS]).lower().split())


def _lexicons(language: str | None) -> Collection[Lexicon]:
    known = load_lexicons()
    code = (language or "").partition("-")[0].lower()
    return {code: known[code], "en": known["en"]}.values() if code in known else known.values()
