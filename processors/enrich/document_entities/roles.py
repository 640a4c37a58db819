"""Read the titles and the role that stand around the name of a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dateline.rights.sentences import Span

from .title_words import TitleWords, plain

# "Deputy Prime Minister and Minister of Foreign Affairs" has eight words; what is longer is prose.
_MOST_WORDS = 12
_WINDOW_CHARS = 160
_LONGEST_WORD = 30
_WORD = re.compile(r"\S+")
_ENDS = (",", ";", ":", ")", "]", '"', "”", "»", "!", "?", "–", "—", "-", "…")
_QUOTES = "\"'“”‘’«»"
_POSSESSIVE = re.compile(r"['’]s?$")
_APPOSITION = re.compile(
    r"(?:,| \(| –| —| -)? ?(?P<phrase>[^,;:.()\"“”«»–—\n]{2,120}(?:\.(?=[A-Z]\.| ?[a-z])"
    r"[^,;:.()\"“”«»–—\n]*)*)"
)
_STOP_AFTER_HEAD = re.compile(
    r"\s(?:who|whom|whose|which|that|was|is|has|had|will|would|said|says|told|met"
    r"|and (?=[a-z]+ed\b)|after|before|when|while|during|on|as)\b"
)
_RELATIVE = re.compile(r"^(?:who|which) (?:is|was|has been|serves as|served as|became) ")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the text and where it stands."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Titles:
    """What stands around a name.

    Attributes:
        honorifics: forms of address, as written.
        role: the office or description as written, without the country, or None.
        role_span: where ``role`` stands.
        owner: where the words before it stand that say whose it is ("Qatar's", "Iranian").
        owner_text: those words in small letters.
    """

    honorifics: tuple[str, ...] = ()
    role: str | None = None
    role_span: Span | None = None
    owner: Span | None = None
    owner_text: str = ""


NO_TITLES = Titles()

# Whether a place of the text lies in a mention, and of which kind: "person", "date" or "other".
MentionAt = Callable[[int], str | None]


def titles_before(
    text: str, start: int, sentence_start: int, words: TitleWords, mention_at: MentionAt
) -> Titles:
    """Return the titles and the role that end where the name starts."""
    if not _may_end_title(text, start, words):
        return NO_TITLES
    before = _words_before(text, start, sentence_start)
    honorifics = tuple(each.text.strip(_QUOTES) for each in _take_honorifics(before, words))
    role, owner = _take_role(before, sentence_start, words, mention_at)
    if not role:
        return Titles(honorifics)
    span = (role[0].start, role[-1].end)
    role_text = text[slice(*span)].rstrip(",").strip(_QUOTES)
    owned = text[slice(*owner)].lower() if owner else ""
    return Titles(honorifics, role_text, span, owner, owned)


def _may_end_title(text: str, start: int, words: TitleWords) -> bool:
    """Return whether the word before a name may be one of a title; for most names it is none."""
    window = text[max(0, start - _LONGEST_WORD) : start]
    word = window.rstrip().rpartition(" ")[2]
    low = plain(word)
    is_known = low in words.vocabulary or low in words.last_of_honorifics
    return is_known or word[:1].isupper() or "-" in low


def _words_before(text: str, start: int, sentence_start: int) -> list[Word]:
    """Return the words before the name, in order, back to the last stop."""
    begin = max(sentence_start, start - _WINDOW_CHARS)
    found = [
        Word(each[0], begin + each.start(), begin + each.end())
        for each in _WORD.finditer(text[begin:start])
    ]
    if begin > sentence_start and found and text[begin - 1].isalnum():
        del found[0]
    return found


def _take_honorifics(before: list[Word], words: TitleWords) -> list[Word]:
    """Return the forms of address at the end of ``before`` and take them off it."""
    taken: list[Word] = []
    while before:
        size = next(
            (n for n in (3, 2, 1) if len(before) >= n and _joined(before[-n:]) in words.honorifics),
            0,
        )
        # "General" is also a part of roles: "Attorney General Roe", "the secretary general".
        low = plain(before[-1].text)
        is_of_role = low in words.vocabulary and plain(before[-2:][0].text) in words.heads
        if not size or (is_of_role and len(before) > 1) or before[-1].text.endswith(_ENDS):
            return taken
        text = " ".join(each.text for each in before[-size:])
        taken.insert(0, Word(text, before[-size].start, before[-1].end))
        del before[-size:]
    return taken


def _joined(found: Sequence[Word]) -> str:
    return " ".join(plain(each.text) for each in found)


def _take_role(
    before: list[Word], sentence_start: int, words: TitleWords, mention_at: MentionAt
) -> tuple[list[Word], Span | None]:
    """Return the words of the role, and where its owner stands."""
    taken: list[Word] = []
    head_count = 0
    for word in reversed(before[-_MOST_WORDS:]):
        low = plain(word.text)
        is_last = not taken
        if word.text.endswith(_ENDS) and not (is_last and word.text.endswith(",")):
            break
        if _POSSESSIVE.search(word.text) or mention_at(word.start) in ("person", "date"):
            break
        is_known = low in words.vocabulary or _hyphenated(word) in words.vocabulary
        is_name = word.text[0].isupper() and word.start != sentence_start
        if not (is_known or is_name or low in words.connectors):
            break
        # "the leader in Raqqa" is no role of Raqqa.
        if is_last and not is_known and (word.text.endswith(",") or low in words.connectors):
            break
        head_count += low in words.heads or _hyphenated(word) in words.heads
        taken.insert(0, word)
    if not head_count:
        return [], None
    return _trim(taken, before, words, mention_at)


def _hyphenated(word: Word) -> str:
    return plain(word.text).rpartition("-")[2]


def _trim(
    taken: list[Word], before: Sequence[Word], words: TitleWords, mention_at: MentionAt
) -> tuple[list[Word], Span | None]:
    """Return the role without what opens it, and its owner: a demonym or a possessive."""
    for at, word in enumerate(taken):
        is_known = plain(word.text) in words.vocabulary or _hyphenated(word) in words.vocabulary
        is_name = plain(word.text) not in words.connectors and mention_at(word.start) != "other"
        if is_known or (is_name and _leads_to_head(taken[at:], words)):
            return taken[at:], _owner_before(word, before, mention_at)
    return [], None


def _is_head(word: Word, words: TitleWords) -> bool:
    return plain(word.text) in words.heads or _hyphenated(word) in words.heads


def _leads_to_head(taken: Sequence[Word], words: TitleWords) -> bool:
    """Return whether capitalised words lead straight to a head: "Treasury Secretary"."""
    for word in taken:
        if _is_head(word, words):
            return True
        if plain(word.text) in words.connectors:
            return False
    return False


def _owner_before(first: Word, before: Sequence[Word], mention_at: MentionAt) -> Span | None:
    """Return where the words before a role stand that say whose it is: "Qatar's", "Iranian"."""
    at = next((i for i, word in enumerate(before) if word.start == first.start), 0) - 1
    if at < 0:
        return None
    start, end = before[at].start, before[at].end
    if found := _POSSESSIVE.search(before[at].text):
        end = start + found.start()
        while at > 0 and before[at - 1].text[0].isupper() and before[at - 1].text.isalpha():
            at -= 1
            start = before[at].start
        return start, end
    if mention_at(start) != "other" or before[at].text.endswith(_ENDS):
        return None
    while at > 0 and mention_at(before[at - 1].start) == "other":
        at -= 1
        start = before[at].start
    return start, end


def role_after(
    text: str, end: int, words: TitleWords, has_person: Callable[[Span], bool]
) -> Titles:
    """Return the role in the apposition that follows a name: "X, the foreign minister, ...".

    Args:
        text: clean text.
        end: end of the name.
        words: lists of the language.
        has_person: whether a span holds the name of another person.
    """
    if text[end : end + 1] not in {",", " "}:
        return Titles()
    found = _APPOSITION.match(text, end, end + _WINDOW_CHARS)
    if not found or (found.start("phrase") == end + 1 and text[end] == " "):
        return Titles()
    start, phrase = found.start("phrase"), found["phrase"]
    if relative := _RELATIVE.match(phrase):
        start, phrase = start + relative.end(), phrase[relative.end() :]
    if stop := _STOP_AFTER_HEAD.search(phrase):
        phrase = phrase[: stop.start()]
    phrase = phrase.rstrip()
    if has_person((start, start + len(phrase))):
        return Titles()
    return _apposition(start, phrase, words)


def _apposition(offset: int, phrase: str, words: TitleWords) -> Titles:
    parts = [
        Word(each[0], offset + each.start(), offset + each.end()) for each in _WORD.finditer(phrase)
    ][:_MOST_WORDS]
    head = _main_noun(parts, words) if _begins_role(parts, words) else None
    if head is None or plain(parts[head].text) in words.kin:
        return Titles()
    first, owner = _opening(parts[: head + 1], words)
    span = (parts[first].start, parts[-1].end)
    role = phrase[span[0] - offset : span[1] - offset]
    return Titles((), role, span, owner)


def _begins_role(parts: Sequence[Word], words: TitleWords) -> bool:
    """Return whether a phrase begins as a description does, and not as a clause."""
    low = plain(parts[0].text) if parts else ""
    is_name = bool(parts) and parts[0].text[0].isupper()
    return is_name or low in words.articles or low in words.vocabulary or "-" in low


def _main_noun(parts: Sequence[Word], words: TitleWords) -> int | None:
    """Return the place of the noun before the first connector if it is a head."""
    for at, word in enumerate(parts):
        following = plain(parts[at + 1].text) if at + 1 < len(parts) else ""
        if not following or (at and following in words.connectors and following != "the"):
            return at if _is_head(word, words) else None
    return None


def _opening(parts: Sequence[Word], words: TitleWords) -> tuple[int, Span | None]:
    """Return where the role begins behind article and owner, and where the owner stands."""
    first = 1 if plain(parts[0].text) in words.articles and len(parts) > 1 else 0
    for at in range(len(parts) - 1, first - 1, -1):
        if found := _POSSESSIVE.search(parts[at].text):
            return at + 1, (parts[first].start, parts[at].start + found.start())
    if len(parts) > first + 1 and parts[first].text[0].isupper():
        low = plain(parts[first].text)
        if low not in words.vocabulary:
            return first, (parts[first].start, parts[first].end)
    return first, None
