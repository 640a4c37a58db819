"""Return the sentences of a text by rules alone, for licence notices, titles and summaries.

The entity model has its own sentences; this splitter works on raw bodies too, costs microseconds
and gives the same answer everywhere. A doubtful stop does not end a sentence.
"""

from __future__ import annotations

import re

Span = tuple[int, int]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# A set of characters in front lets the engine skip all others. Possessive quantifiers and the
# look-behind keep a long row of dots linear.
_BREAK = re.compile(
    r"""[.!?…؟۔।。！？．｡\n](?:"""
    r"""(?P<stop>(?<=[.!?…؟۔।])(?<![.!?…؟۔।].))[.!?…؟۔।]*+["'”“’‘»«)\]]*+(?=\s|$)"""
    # Japanese goes on behind a quotation: 「...。」と述べた.
    r"""|(?P<wide>(?<=[。！？．｡]))[。！？．｡]*+["'”’」』）｣]*+(?!(?<=[」』）｣])[とのはがをにも])"""
    r"""|(?P<blank>(?<=\n))[^\S\n]*\n)"""
)
_SPACE = re.compile(r"\s*")
# All up to where the last word begins.
_BEFORE_WORD = re.compile(r"(?s:.*)(?:[\s(\[\"“‘«/–—]|(?<![^\W_])['’])")
_WORD_AFTER = re.compile(r"[\"'“„‚‘«»(\[¿¡「]*([^\W_]*)")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_LONGEST_ABBREVIATION_CHARS = 24
_LONGEST_ITEM_NUMBER_CHARS = 3
# What no sentence begins with: behind an abbreviation it goes on with the name before it.
_JOINERS = frozenset("§#&+/|=·•–—-,;:")

# A name or a number follows these: their stop never ends a sentence.
_BEFORE_NAME = _words(
    "dr mr mrs ms mx prof gen adm brig col lt capt cpl sgt cmdr rep sen gov pres rev hon fr"
    " messrs mme mlle vs cf viz e.g i.e approx st ste mt ft spc pfc pvt cpt ssgt tsgt msgt ens"
    " sra srta dña fot phot bzw vgl inkl zzgl z.b d.h u.a dipl dipl.-ing p.ej ee"
    " проф акад им ул см рис"
)
# With a capital these are no words ("Ill. A. Roe", "Red. K. Farn"); "i maj." ends a sentence.
_BEFORE_NAME_WITH_CAPITAL = _words("maj ill abb red ed eds hrsg trad foto")
_BEFORE_NUMBER = _words(
    "no nos nr art arts fig figs sec vol pp p ch op al abs ziff bd núm pág págs cap tel стр ст гл"
)
# German writes the day of a month with a stop: "am 1. Juli".
_GERMAN_MONTHS = _words(
    "januar jänner februar märz april mai juni juli august september oktober november dezember"
)
# These may end a sentence: they do where the next word is one that likes to begin one.
_MAY_END = _words(
    "inc co corp ltd plc llc bros jr sr etc dept univ assn ave blvd jan feb mar apr jun jul aug sep"
    " sept oct nov dec mon tue tues wed thu thur thurs fri sat sun janv févr avr juil déc uu"
)
_STARTERS = _words(
    "the a an in on at by for from with he she it they we i you his her its their our my this that"
    " these those there here but and or so as if when while after before since during despite"
    " although though however meanwhile also both all some many most one two last earlier later"
    " according asked speaking what who why how where now then still yet no not another any"
    " le la les il elle ils elles un une des mais et dans selon ce cette ces"
    " der die das den dem ein eine er sie es wir im nach auch el los las una estos estas questo"
)


def split_sentences(text: str) -> tuple[Span, ...]:
    """Return the spans of the sentences in order, without the white space between them.

    Args:
        text: any text; a blank line always ends a sentence, a single line break never does.

    Returns:
        spans that cover every character that is not white space, once.
    """
    spans: list[Span] = []
    start = _skip_space(text, 0)
    for found in _BREAK.finditer(text):
        if found.end() <= start:
            continue
        if found.lastgroup == "stop" and not _ends_sentence(text, found):
            continue
        end = found.start() if found.lastgroup == "blank" else found.end()
        end = _trim_end(text, start, end)
        if end > start:
            spans.append((start, end))
        start = _skip_space(text, found.end())
    if start < len(text):
        spans.append((start, _trim_end(text, start, len(text))))
    return tuple(spans)


def _skip_space(text: str, position: int) -> int:
    found = _SPACE.match(text, position)
    return found.end() if found else position


def _trim_end(text: str, start: int, end: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    following = _skip_space(text, found.end())
    if following == len(text) or text.count("\n", found.end(), following) > 1:
        return True
    after = _WORD_AFTER.match(text, following)
    next_word = after.group(1) if after else ""
    word = _word_before(text, found.start())
    is_plain_stop = found.group() == "."
    if next_word[:1].islower():
        # What stands in brackets behind a sentence is no part of it: "(fp/ow)". A line that begins
        # in small letters behind a whole sentence is a notice in small letters.
        is_next_line = is_plain_stop and "\n" in text[found.end() : following]
        return (text[following] in "([" or is_next_line) and _is_ordinary(word)
    if not is_plain_stop:
        return True
    if _is_item_number(text, word, found.start()):
        return False
    return _stop_ends(word, next_word, is_joined=text[following] in _JOINERS)


def _is_ordinary(word: str) -> bool:
    """Return whether ``word`` is no abbreviation that is known."""
    lists = (_BEFORE_NAME, _BEFORE_NAME_WITH_CAPITAL, _BEFORE_NUMBER, _MAY_END)
    return not _DOTTED.fullmatch(word) and not any(word.casefold() in each for each in lists)


def _is_item_number(text: str, word: str, stop: int) -> bool:
    """Return whether the word is an item's number ("2. This text ..."), which begins a line."""
    if not word.isdecimal() or len(word) > _LONGEST_ITEM_NUMBER_CHARS:
        return False
    start = stop - len(word)
    return start == 0 or text[start - 1] == "\n"


def _word_before(text: str, stop: int) -> str:
    window = text[max(0, stop - _LONGEST_ABBREVIATION_CHARS) : stop]
    found = _BEFORE_WORD.match(window)
    return window[found.end() :] if found else window


def _stop_ends(word: str, next_word: str, *, is_joined: bool) -> bool:
    folded = word.casefold()
    is_capital = word[:1].isupper()
    if folded in _BEFORE_NAME or (is_capital and folded in _BEFORE_NAME_WITH_CAPITAL):
        return False
    is_initial = len(word) == 1 and is_capital
    if folded in _BEFORE_NUMBER and not is_initial:
        return not next_word[:1].isdigit()
    if word.isdecimal() and next_word.casefold() in _GERMAN_MONTHS:
        return False
    # Without the capital it is a word: "the sun. Scientists", "he sat. Nobody".
    is_abbreviation = folded in _MAY_END and (is_capital or folded == "etc")
    if is_abbreviation or _DOTTED.fullmatch(word):
        # "U.S. The talks" ends a sentence, "U.S. Navy", "J. Roe" and "17 U.S.C. § 105" do not.
        return not is_joined and (not next_word or next_word.casefold() in _STARTERS)
    return True
