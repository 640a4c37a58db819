"""Make questions about stories, and judge which articles answer them; by code, from labels.

An article of the story is an answer (1), one that also says what was asked for a better one (2).
All others are none, also those of the look-alike story of the same topic.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from dateline.watches.check_query import stop_words
from dateline.watches.words import fold_words

from .data import Article

Kind = Literal["name", "typo", "variant", "phrase", "words", "title"]
KINDS: tuple[Kind, ...] = ("name", "typo", "variant", "phrase", "words", "title")
NAMES_A_STORY = 3
PHRASES_A_STORY = 2
TITLES_A_STORY = 3
# An answer, and one that says what was asked for.
ANSWER, BEST = 1, 2
_PHRASE_WORDS = 2
_WORDS_COUNT = 3
_TITLE_WORDS = (4, 10)
_MIN_TYPO_CHARS = 5
# Of these articles, at least, of one story.
_MIN_ARTICLES = 2


@dataclass(frozen=True, slots=True)
class Judged:
    """What somebody types, and how good an answer each article is; 0 for those not given.

    ``left_out``: the article that the question was made of.
    """

    kind: Kind
    story: str
    topic: str
    text: str
    grades: Mapping[str, int]
    left_out: str = ""


def first_half(queries: Sequence[Judged]) -> frozenset[str]:
    """Return the topics of the first half, by a hash; two stories of one speak of the same."""
    topics = sorted({each.topic for each in queries}, key=_number)
    return frozenset(topics[::2])


def judged_queries(articles: Sequence[Article]) -> tuple[Judged, ...]:
    """Return the questions about all stories, in a fixed order."""
    by_story: dict[str, list[Article]] = defaultdict(list)
    for each in articles:
        by_story[each.story].append(each)
    words = {each.id: fold_words(each.text) for each in articles}
    found: list[Judged] = []
    for story in by_story.values():
        topic = story[0].topic
        found += _of_names(story, [each.text for each in articles if each.topic != topic])
        found += _of_phrases(story, articles, words)
        found += _of_words(story, articles, words)
        found += _of_titles(story)
    return tuple(found)


def _of_names(story: Sequence[Article], elsewhere: Sequence[str]) -> Iterator[Judged]:
    """Yield names as they are, as others write them, and misspelled.

    A name that other topics have ("Police") does not ask for this one.
    """
    own = [pair for pair in _chains(story) if not any(pair[1] in text for text in elsewhere)]
    for chain, name in own[:NAMES_A_STORY]:
        bests = {each.id for each in story if chain in each.names or name in each.text}
        grades = _grades(story, bests)
        yield _judged("name", story, name, grades)
        yield _judged("variant", story, _variant(name), grades)
        if misspelled := _misspelled(name):
            yield _judged("typo", story, misspelled, grades)


def _chains(story: Sequence[Article]) -> list[tuple[str, str]]:
    """Return who or what most articles of a story name, with the fullest name that is frequent."""
    counts = Counter(chain for each in story for chain in each.names)
    found: dict[str, str] = {}
    for chain, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        forms = Counter(form for each in story for form in each.names.get(chain, ()))
        named = {form: n for form, n in forms.items() if _is_name(form)}
        if named and count >= _MIN_ARTICLES:
            most = max(named.values())
            often = [form for form, n in named.items() if 3 * n >= most]
            found[chain] = max(often, key=lambda form: (len(form.split()), named[form], form))
    return list(found.items())


def _is_name(form: str) -> bool:
    return all(word[0].isupper() and word.isalpha() for word in form.split()) and len(form) > 3


def _variant(name: str) -> str:
    """Return the name as others write it: surname first, in small letters, or of its surname."""
    *first, last = name.split()
    if not first:
        return f"{name}'s"
    return f"{last} {' '.join(first)}".lower() if _number(name) % 2 else f"{last}'s {first[0]}"


def _misspelled(name: str) -> str:
    """Return the name with one error in its longest word; empty where all are short."""
    word = max(name.split(), key=len)
    if len(word) < _MIN_TYPO_CHARS:
        return ""
    number = _number(name)
    at = 1 + number % (len(word) - 2)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    forms = (swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:])
    wrong = next((each for each in (forms[number % 3], forms[1]) if each != word), word)
    return name.replace(word, wrong)


def _of_phrases(
    story: Sequence[Article], articles: Sequence[Article], words: Mapping[str, Sequence[str]]
) -> Iterator[Judged]:
    """Yield pairs of words that the story has and others lack; only what has them answers."""
    grams = {each.id: set(_grams(words[each.id])) for each in articles}
    for gram in _own(story, articles, grams)[:PHRASES_A_STORY]:
        bests = {each.id for each in story if gram in grams[each.id]}
        yield _judged("phrase", story, f'"{gram}"', dict.fromkeys(bests, BEST))


def _grams(words: Sequence[str]) -> Iterator[str]:
    stops = stop_words("en")
    for at in range(len(words) - _PHRASE_WORDS + 1):
        gram = words[at : at + _PHRASE_WORDS]
        if all(each not in stops and each.isalpha() and len(each) > 2 for each in gram):
            yield " ".join(gram)


def _of_words(
    story: Sequence[Article], articles: Sequence[Article], words: Mapping[str, Sequence[str]]
) -> Iterator[Judged]:
    stops = stop_words("en")
    single = {
        key: {each for each in own if each.isalpha() and len(each) > 3 and each not in stops}
        for key, own in words.items()
    }
    asked = _own(story, articles, single)[:_WORDS_COUNT]
    bests = {each.id for each in story if single[each.id].issuperset(asked)}
    yield _judged("words", story, " ".join(asked), _grades(story, bests))


def _own(
    story: Sequence[Article], articles: Sequence[Article], has: Mapping[str, set[str]]
) -> list[str]:
    """Return what many articles of the story have and few others, the most telling first."""
    inside = Counter(each for article in story for each in has[article.id])
    everywhere = Counter(each for article in articles for each in has[article.id])
    telling = {
        each: count * count / everywhere[each]
        for each, count in inside.items()
        if count >= _MIN_ARTICLES
    }
    return sorted(telling, key=lambda each: (-telling[each], each))


def _of_titles(story: Sequence[Article]) -> Iterator[Judged]:
    stops = stop_words("en")
    least, most = _TITLE_WORDS
    made = 0
    for article in sorted(story, key=lambda each: _number(each.id)):
        words = (each for each in fold_words(article.first) if each.isalpha())
        asked = [each for each in words if each not in stops][:most]
        if len(asked) >= least and made < TITLES_A_STORY:
            made += 1
            others = [each for each in story if each is not article]
            grades = {each.id: BEST for each in others}
            yield _judged("title", story, " ".join(asked), grades, left_out=article.id)


def _judged(
    kind: Kind,
    story: Sequence[Article],
    text: str,
    grades: Mapping[str, int],
    left_out: str = "",
) -> Judged:
    return Judged(kind, story[0].story, story[0].topic, text, grades, left_out)


def _grades(story: Sequence[Article], bests: set[str]) -> dict[str, int]:
    return {each.id: BEST if each.id in bests else ANSWER for each in story}


def _number(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16)
