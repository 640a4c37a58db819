"""Say what the words around a name make of it: a part of a longer name, a team, another acronym."""

from __future__ import annotations

import re

from dateline.gazetteer.words import BODIES, DISTRICTS, FREE, TITLES

_WINDOW_CHARS = 120
_NEAR_CHARS = 40
_SHARE_OF_HEADLINE = 0.85
_MIN_HEADLINE_WORDS = 4
_WORD = re.compile(r"[^\W\d_][\w.’'-]*")
_NEXT_WORD = re.compile(r" ([^\W\d_][\w.’'-]*)")
_CAPITALISED_RUN = re.compile(r"(?: (?:(?:of|and|for|the) )*[A-Z][\w’'-]*){1,5}")
_LAST_WORD = re.compile(r"(?:^|[\s(“\"‘—–])([^\W\d_][\w.’'&-]*) $")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;”\"’')\n—–-])\s*$")
# Titles that also make names of places longer: "Ohio State".
_NAME_TITLES = frozenset({"state", "republican", "us", "general"})
_NAME_AND_BRACKET = re.compile(r"(?:^|\W)[A-Z][\w.’'-]* \((?:[A-Z][\w.’'-]*,? |and |& )*$")
_WHERE = re.compile(
    r"(?:^|\W)(?:in|from|near|outside|across|throughout|within|around|into|visit(?:ed|ing)?"
    r"|leave|left|live[sd]? in) (?:the )?$",
    re.IGNORECASE,
)
_SPORT = re.compile(
    r"(?<!\w)(?:football|soccer|rugby|cricket|basketball|baseball|hockey|tennis|golf|olympics?"
    r"|quarterback|touchdowns?|wickets?|innings|midfield(?:er)?s?|strikers?|goalkeeper|halfback"
    r"|fly-half|playoffs?|semi-?finals?|quarter-?finals?|world cups?|world series|grand slam"
    r"|premier league|champions league|test match|test side|head coach|hat-trick|crimson tide)"
    r"(?!\w)",
    re.IGNORECASE,
)
# Each of these alone is also politics or business.
_MAYBE_SPORT = re.compile(
    r"(?<!\w)(?:beat|beaten|defeat|defeated|versus|vs|coach|squad|team-?mates?|game|games|match"
    r"|matches|scored|scorer|scoring|goals?|points|season|tournament|championship|cup|league|win"
    r"|victory|kick(?:ed)?|penalty|injury|fixture|captain|debut|recruit(?:er|s)?|draft|nil|test"
    r"|player|players|innings|final|trophy|medal|title)(?!\w)",
    re.IGNORECASE,
)
_MIN_MAYBE_SPORT = 2


def is_part_of_name(text: str, start: int, end: int) -> bool:
    """Return whether a capitalised neighbour makes ``text[start:end]`` a part of a longer name.

    Not so beside a title ("US President"), at the start of a sentence, or in a headline in which
    every word has a capital.
    """
    if _begins_body(text, end):
        return True
    is_followed = is_followed_by_name(text, end)
    before = text[max(0, start - _NEAR_CHARS) : start]
    last = _LAST_WORD.search(before)
    is_preceded = (
        last is not None
        and _is_name_word(last.group(1))
        and not _SENTENCE_START.search(before[: last.start(1)])
    )
    return (is_followed or is_preceded) and not _is_headline(text, start, end)


def is_in_brackets_of_name(text: str, start: int) -> bool:
    """Return whether a place stands in brackets after a name: "Rowers (Kent and Sussex)"."""
    return _NAME_AND_BRACKET.search(text, max(0, start - _NEAR_CHARS), start) is not None


def is_followed_by_name(text: str, end: int) -> bool:
    """Return whether the next word makes the name longer: "CNN Films", "Vienna township"."""
    after = _NEXT_WORD.match(text, end, end + _NEAR_CHARS)
    return after is not None and (_is_name_word(after.group(1)) or after.group(1) in DISTRICTS)


def _begins_body(text: str, end: int) -> bool:
    """Return whether the capitalised words after a place make it the name of a body."""
    run = _CAPITALISED_RUN.match(text, end, end + _WINDOW_CHARS)
    return run is not None and not BODIES.isdisjoint(run.group().lower().split())


def is_team(text: str, start: int, end: int) -> bool:
    """Return whether a place stands for its team: words of sport around it, and no "in" before."""
    if is_where(text, start):
        return False
    window = text[max(0, start - _WINDOW_CHARS) : end + _WINDOW_CHARS]
    if _SPORT.search(window):
        return True
    return len({each.lower() for each in _MAYBE_SPORT.findall(window)}) >= _MIN_MAYBE_SPORT


def is_where(text: str, start: int) -> bool:
    """Return whether a word of place ("in", "from", "near") stands right before ``start``."""
    return _WHERE.search(text, max(0, start - _NEAR_CHARS), start) is not None


def is_other_acronym(text: str, acronym: str, known_names: frozenset[str]) -> bool:
    """Return whether the text spells ``acronym`` out as something else: "artificial lung (AL)"."""
    at = text.find(f"({acronym})")
    if at < 0:
        return False
    words = _WORD.findall(text[max(0, at - _WINDOW_CHARS) : at])[-len(acronym) :]
    initials = "".join(word[0] for word in words).upper()
    spelled = " ".join(words).lower()
    return initials == acronym.upper() and not any(spelled in name for name in known_names)


def _is_name_word(word: str) -> bool:
    bare = word.strip(".,'’").lower()
    return word[0].isupper() and bare not in FREE and bare not in TITLES - _NAME_TITLES


def _is_headline(text: str, start: int, end: int) -> bool:
    line_start = max(text.rfind("\n", 0, start) + 1, start - _WINDOW_CHARS)
    line_end = text.find("\n", end, end + _WINDOW_CHARS)
    line = text[line_start : line_end if line_end >= 0 else end + _WINDOW_CHARS]
    words = [word for word in _WORD.findall(line) if word.lower() not in FREE]
    capitals = sum(word[0].isupper() for word in words)
    return len(words) >= _MIN_HEADLINE_WORDS and capitals > _SHARE_OF_HEADLINE * len(words)
