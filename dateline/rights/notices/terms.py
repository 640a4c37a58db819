"""Return what a unit without a named licence says: rights kept, terms of our own, a denial."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from dateline.rights.folding import folded_text
from dateline.rights.license import NamedLicense
from dateline.rights.notices.frames import read_frame
from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.term_points import Terms, terms_in
from dateline.rights.notices.term_words import TermWords, load_term_words, words_by_beginning
from dateline.rights.notices.unit import Unit, is_question
from dateline.rights.notices.verdict import Context, Verdict
from dateline.rights.record import ObjectKind
from dateline.rights.sentences import Span

# Of a word, at each end of a text.
_MOST_PLACES = 30
_AROUND_CHARS = 150
# In somebody else's mouth it takes more to be a statement of ours.
_FEWEST_POINTS_TOLD = 5
_US_GOVERNMENT = Verdict(
    frame="grant_text", rule="us_government", kind="text", scope="this_object",
    spdx_id="LicenseRef-US-Government-Work",
)  # fmt: skip


def read_terms(unit: Unit, lexicon: Lexicon, context: Context) -> Verdict | None:
    """Return whether ``unit`` keeps rights, sets terms, or is a government's work, else None.

    A licence that is only called open or free is read as one without a name: it may be denied or
    mentioned, it grants nothing.
    """
    if unit.is_cut or unit.is_suspicious:
        return None
    words = load_term_words()[lexicon.language]
    unnamed = words.find("open_license", folded_text(unit.source).lower())
    if unnamed:
        return _of_unnamed(unit, unnamed.span(), lexicon, context)
    if is_question(unit.low):
        return None
    if words.has("government", unit.low) and words.has("no_copyright", unit.low):
        return None if context.is_quoted or _kind(unit, lexicon) != "text" else _US_GOVERNMENT
    question = context.previous if context.previous.endswith("?") else ""
    terms = terms_in(unit.low, lexicon, question=question)
    if terms is None or not terms.is_stated or not (context.is_placed or _is_ours(unit, lexicon)):
        return None
    return _verdict(terms, unit, lexicon, context)


def _is_ours(unit: Unit, lexicon: Lexicon) -> bool:
    """Return whether words name our text: amid a story others' rights are spoken of too."""
    return any(lexicon.has(kind, unit.low) for kind in ("own_this", "own_site", "definite"))


def _of_unnamed(unit: Unit, place: Span, lexicon: Lexicon, context: Context) -> Verdict:
    """Return what is said of a licence without a name; who gives one names it: never a grant."""
    start, end = (unit.span[0] + each for each in place)
    verdict = read_frame(replace(unit, named=(NamedLicense(start, end, None),)), lexicon, context)
    if not verdict.frame.startswith("grant_"):
        return verdict
    return Verdict(frame="mention", rule="mention.unnamed", kind=verdict.kind)


def _verdict(terms: Terms, unit: Unit, lexicon: Lexicon, context: Context) -> Verdict | None:
    words = load_term_words()[lexicon.language]
    if context.is_quoted or _is_quoted(unit, words):
        return Verdict(frame="quoted", rule="quoted")
    told = lexicon.has("saying", lexicon.without("neutral", unit.low))
    if told and terms.points < _FEWEST_POINTS_TOLD:
        return None
    rule = "reserved" if terms.frame == "reserved" else "republish"
    return Verdict(frame=terms.frame, rule=rule, kind=_kind(unit, lexicon), scope="this_object")


def _is_quoted(unit: Unit, words: TermWords) -> bool:
    """Return whether the words that matter most stand in quotation marks."""
    found = (words.find(kind, unit.low) for kind in ("kept", "copy", "use"))
    first = next((each for each in found if each), None)
    return first is not None and unit.quotes(*first.span())


def _kind(unit: Unit, lexicon: Lexicon) -> ObjectKind:
    is_media = lexicon.has("media", unit.low) and not lexicon.has("text", unit.low)
    return "image" if is_media else "text"


def term_places(text: str, lexicons: Sequence[Lexicon]) -> Iterator[tuple[Span, Lexicon]]:
    """Give where in ``text``, folded and in lower case, words stand that statements have."""
    listed = [(lexicon, load_term_words()[lexicon.language]) for lexicon in lexicons]
    by_beginning = words_by_beginning(text, _beginnings(tuple(each.language for each in lexicons)))
    for lexicon, words in listed:
        for word in frozenset(words.anchors_in(text, by_beginning)):
            if word not in text:
                continue
            for position in _places(word, text):
                end = position + len(word)
                around = text[max(0, position - _AROUND_CHARS) : end + _AROUND_CHARS]
                if words.may_state(around):
                    yield (position, end), lexicon


@cache
def _beginnings(languages: tuple[str, ...]) -> frozenset[str]:
    """Return how the words begin that statements in these languages have."""
    words = load_term_words()
    return frozenset(itertools.chain.from_iterable(words[each].anchors for each in languages))


def _places(word: str, text: str) -> Iterator[int]:
    """Give the first and the last places of a word: notices stand at both ends."""
    first = _first_places(word, text)
    yield from first
    if len(first) < _MOST_PLACES:
        return
    last = text.rfind(word)
    for _ in range(_MOST_PLACES):
        if last <= first[-1]:
            return
        yield last
        last = text.rfind(word, 0, last)


def _first_places(word: str, text: str) -> list[int]:
    places: list[int] = []
    position = text.find(word)
    while position >= 0 and len(places) < _MOST_PLACES:
        places.append(position)
        position = text.find(word, position + len(word))
    return places
