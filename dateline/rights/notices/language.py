"""Return the lexicon of the language that a statement is written in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from dateline.rights.license import NamedLicense
from dateline.rights.license_names import folded_text
from dateline.rights.notices.lexicon import Lexicon, load_lexicons
from dateline.rights.notices.place import PlacedBody
from dateline.rights.sentences import Span

_WORD = re.compile(r"[^\W\d_]+")
_AROUND_CHARS = 250
_SAMPLE_CHARS = 250
_HINT_VOTES = 1.5
_FEWEST_VOTES = 2
_SHORT_TEXT_CHARS = 300
# Languages that share the lexicon of those of which little is known.
_OTHER = frozenset({"zh", "ja", "ko", "id", "ms"})
_EAST_ASIAN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2}")


def lexicon_of(
    body: PlacedBody, anchor: Span, named: Sequence[NamedLicense], language: str | None
) -> Lexicon:
    """Return the lexicon of the words about ``anchor``; ``language`` breaks ties.

    The sentence's own words come first: an English notice may end a Persian article. Names of
    licences do not count ("by" is an English word).
    """
    start, end = body.sentences[body.sentence_index(anchor[0])]
    line_start = body.text.rfind("\n", start, anchor[0]) + 1
    line_end = body.text.find("\n", anchor[1], max(end, anchor[1]))
    near = (
        max(start, line_start, anchor[0] - _AROUND_CHARS),
        min(end if line_end < 0 else line_end, anchor[1] + _AROUND_CHARS),
    )
    votes, lexicon = _ranked(_without_names(body.text, near, named), language)[0]
    if votes >= _FEWEST_VOTES:
        return lexicon
    around = max(0, anchor[0] - _AROUND_CHARS), anchor[1] + _AROUND_CHARS
    return _ranked(_without_names(body.text, around, named), language)[0][1]


def _without_names(text: str, span: Span, named: Sequence[NamedLicense]) -> str:
    first = bisect_left(named, span[0], key=lambda each: each.start)
    last = bisect_left(named, span[1], key=lambda each: each.start)
    pieces, position = [], span[0]
    for each in named[first:last]:
        pieces.append(text[position : each.start])
        position = each.end
    return " ".join([*pieces, text[position : span[1]]])


def lexicons_for(text: str, language: str | None) -> tuple[Lexicon, ...]:
    """Return the lexicons that may fit a text by its first and last words, English among them."""
    if len(text) <= _SHORT_TEXT_CHARS:
        return tuple(load_lexicons().values())
    ranked = _ranked(f"{text[:_SAMPLE_CHARS]} {text[-_SAMPLE_CHARS:]}", language)
    fewest = max(_FEWEST_VOTES, ranked[0][0] / 2)
    fitting = [lexicon for votes, lexicon in ranked if votes >= fewest]
    chosen = {each.language: each for each in (ranked[0][1], load_lexicons()["en"], *fitting)}
    return tuple(chosen.values())


def _ranked(text: str, language: str | None) -> list[tuple[float, Lexicon]]:
    words = frozenset(_WORD.findall(folded_text(text).lower()))
    hint = (language or "").lower().partition("-")[0]
    is_other = hint in _OTHER or bool(_EAST_ASIAN.search(text))
    hint = "other" if is_other else hint
    votes = [(_votes(lexicon, words, hint), lexicon) for lexicon in load_lexicons().values()]
    return sorted(votes, key=lambda vote: -vote[0])


def _votes(lexicon: Lexicon, words: frozenset[str], hint: str) -> float:
    if hint == "other" == lexicon.language:
        return len(words) + _HINT_VOTES
    return len(words & lexicon.function_words) + (_HINT_VOTES if lexicon.language == hint else 0)
