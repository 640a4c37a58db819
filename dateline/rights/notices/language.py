"""Return the lexicon of the language that a statement is written in."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cache

from dateline.rights.folding import folded_text
from dateline.rights.license import NamedLicense
from dateline.rights.notices.lexicon import Lexicon, load_lexicons
from dateline.rights.notices.place import PlacedBody
from dateline.rights.sentences import Span

_WORD = re.compile(r"[^\W\d_]+")
_AROUND_CHARS = 250
_SAMPLE_CHARS = 250
_HINT_VOTES = 1.5
_FEWEST_VOTES = 2
_SHORT_TEXT_CHARS = 300
# The lexicon of the languages of which little is known.
_OTHER = "other"
_OF_OTHER = frozenset({"zh", "ja", "ko", "id", "ms", "sv", "da", "nb", "nn", "no", "pl", "uk"})
# Words that English notices are written with, and no others of these scripts are.
_ENGLISH = frozenset(
    {
        "licensed", "licenced", "license", "available", "unless", "otherwise", "stated", "noted",
        "rights", "reserved", "reproduced", "republish", "republished", "reuse", "reused",
        "published", "story", "reprint", "reprinted", "courtesy", "copied", "where", "under", "may",
        "our", "these", "those", "their", "here", "released", "shared", "used", "without",
        "written", "consent", "website",
    }
)  # fmt: skip
_SCRIPTS = (
    ("east_asian", re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")),
    ("arabic", re.compile("[\u0600-\u06ff\u0750-\u077f]+")),
    ("cyrillic", re.compile("[\u0400-\u04ff]+")),
    ("latin", re.compile("[a-zA-Z\u00c0-\u024f]+")),
)
# An ideogram says as much as two letters.
_WEIGHT = {"east_asian": 2}
_LANGUAGES = {
    "east_asian": frozenset({_OTHER}),
    "arabic": frozenset({"fa", "ar"}),
    "cyrillic": frozenset({"ru", _OTHER}),
}


def lexicon_of(
    body: PlacedBody, anchor: Span, named: Sequence[NamedLicense], language: str | None
) -> Lexicon:
    """Return the lexicon of the words about ``anchor``; ``language`` breaks ties.

    First comes the script, then the sentence's own words: an English notice may end a Persian
    article. Names of licences do not count ("by" is an English word).
    """
    start, end = body.sentences[body.sentence_index(anchor[0])]
    line_start = body.text.rfind("\n", start, anchor[0]) + 1
    line_end = body.text.find("\n", anchor[1], max(end, anchor[1]))
    near = (
        max(start, line_start, anchor[0] - _AROUND_CHARS),
        min(end if line_end < 0 else line_end, anchor[1] + _AROUND_CHARS),
    )
    own_words = _without_names(body.text, near, named)
    votes, lexicon = _ranked(own_words, language)[0]
    if votes >= _FEWEST_VOTES:
        return lexicon
    around = max(0, anchor[0] - _AROUND_CHARS), anchor[1] + _AROUND_CHARS
    words_around = _without_names(body.text, around, named)
    script = _script(own_words)
    if script == "latin" and _script(words_around) != "latin":
        # Foreign words in a text of another script are English unless they say otherwise.
        return _ranked(own_words, None)[0][1]
    ranked = _ranked(words_around, language)
    return next((each for _, each in ranked if _fits(each, script)), lexicon)


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


def is_rather(text: str, one: Lexicon, other: Lexicon, language: str | None) -> bool:
    """Return whether ``text`` has more of the words that tell ``one``.

    Where ``other`` is that of the text's ``language``, it must be clearly more.
    """
    words = frozenset(_WORD.findall(folded_text(text).lower()))
    voting = _voting_words()
    more = len(words & voting[one.language]) - len(words & voting[other.language])
    return more >= (_FEWEST_VOTES if other.language == _hint(language) else 1)


def _hint(language: str | None) -> str:
    """Return the code of the lexicon for a text's language, as far as it is known."""
    code = (language or "").lower().partition("-")[0]
    return _OTHER if code in _OF_OTHER and code not in load_lexicons() else code


def _script(text: str) -> str:
    """Return the script that most of the text is written in, "" for no letters."""
    if text.isascii():
        return "latin" if any(map(str.isalpha, text)) else ""
    counts = {
        name: sum(map(len, pattern.findall(text))) * _WEIGHT.get(name, 1)
        for name, pattern in _SCRIPTS
    }
    most = max(counts, key=lambda name: counts[name])
    return most if counts[most] else ""


def _fits(lexicon: Lexicon, script: str) -> bool:
    """Return whether a text in ``script`` may be in the language: Latin words are no Arabic."""
    if script == "latin":
        return lexicon.language not in ("fa", "ar", "ru")
    return not script or lexicon.language in _LANGUAGES[script]


def _ranked(text: str, language: str | None) -> list[tuple[float, Lexicon]]:
    words = frozenset(_WORD.findall(folded_text(text).lower()))
    script = _script(text)
    lexicons = load_lexicons()
    hint = _hint(language)
    votes = [(_votes(each, words, script, hint), each) for each in lexicons.values()]
    return sorted(votes, key=lambda vote: -vote[0])


def _votes(lexicon: Lexicon, words: frozenset[str], script: str, hint: str) -> float:
    if not _fits(lexicon, script):
        return -1
    if script == "east_asian":
        # Written without spaces: there are no words to count.
        return len(words) + _FEWEST_VOTES
    votes = len(words & _voting_words()[lexicon.language])
    return votes + (_HINT_VOTES if lexicon.language == hint else 0)


@cache
def _voting_words() -> Mapping[str, frozenset[str]]:
    """Return by language the words that tell it."""
    return {
        each.language: each.function_words | (_ENGLISH if each.language == "en" else frozenset())
        for each in load_lexicons().values()
    }
