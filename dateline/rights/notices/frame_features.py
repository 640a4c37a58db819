"""Return what stands in and about a unit as named features, which the frame model weighs.

A feature is a short word: ``negation`` says that such words stand in the unit, ``negation<`` before
the licence, ``negation>`` behind it, ``negation~`` in its clause, ``negation^`` as the first words
and ``negation!`` outside the words that name our text; ``previous:caption`` that the sentence
before has such words. The names of the kinds are those of the lexicon, so that one model serves
all languages.
"""

from __future__ import annotations

import itertools
import re

from dateline.rights.notices.names import MARK
from dateline.rights.notices.reading import Reading
from dateline.rights.notices.searched import Searched
from dateline.rights.notices.subject import Subject
from dateline.rights.notices.unit import Unit, is_question
from dateline.rights.notices.verdict import Context

_KINDS = (
    "own_this", "own_site", "definite", "bare_text", "bare_notice", "pronoun", "pronoun_we",
    "us_work", "work", "byline", "grant", "negation", "past", "hypothetical", "future", "saying",
    "telling", "told_before", "stating", "topic", "except_noted", "except_media", "condition",
    "media", "video", "audio", "caption", "dataset", "software", "embed", "quoted_work",
    "strangers", "others", "using", "metadata", "text_and_media", "text", "limit",
)  # fmt: skip
_PREVIOUS_KINDS = (
    "media", "caption", "text", "saying", "own_this", "own_site", "topic", "dataset", "audio",
    "video", "quoted_work", "negation", "past", "byline", "pronoun_we", "lead_in",
)  # fmt: skip
_CLAUSE_END = re.compile(r"[,;:!?()–—|،؛]|\.(?= )| - ")
_YEAR = re.compile(r"(?<!\d)(?:1[89]|20|[۱١][۳٣۴٤]|٢٠)\d\d(?!\d)")
_CODE = re.compile(r"cc[\s-]", re.IGNORECASE)
_NAME = re.compile(r"(?<=[^.!?\s] )[^\W\d_a-zà-ÿа-яё][\w'’-]+")
_BY_NAME = re.compile(r"\b(?:by|from|of|par|von|por|di|da|de|door) (?=[A-ZÀ-ÞА-Я])")
_LABELLED = re.compile(rf": ?(?:\S+ ){{0,2}}{MARK}")
_FACTS = re.compile(r" [|•·/] ")
_COPYRIGHT = re.compile(r"©|\(c\)|\bcopyright\b")
_QUOTATION_MARK = re.compile('["“”„«»「」]')
_IN_BRACKETS = re.compile(rf"\([^()]*{MARK}[^()]*\)")
# None of them begins as another ends, so that each counts for itself.
_OF_LICENCES = (
    *("licen", "lizen", "lisans", "creative commons", "copyright", "лиценз", "ліценз", "مجوز"),
    *("پروانه", "ترخيص", "رخصة", "ライセンス", "라이선스", "许可", "授權"),
)
_TOKEN = re.compile(rf"{MARK}|[^\W_]+|[^\w\s]")
# A word's beginning tells most inflections apart from other words.
_STEM_CHARS = 6
_MOST_TOKENS = 80
_WORDS_STEPS = (2, 4, 6, 9, 13, 18, 25, 35)
_BEFORE_STEPS = (0, 2, 5, 10, 18)
_BEHIND_STEPS = (0, 2, 5, 9)
_AT_EDGE_CHARS = 5
_SHORT_REST_CHARS = 120
_MOST_SEARCHED_CHARS = 20_000
_MUCH_TALK = 3
_SEVERAL_NAMES = 3


def frame_features(reading: Reading) -> frozenset[str]:
    """Return the features of a unit that names a licence.

    What the rules say of it is none of them: on the sentences that they were written against they
    are always right, and would be believed too much elsewhere.
    """
    words, subject, context = reading.words, reading.subject, reading.context
    mark = max(words.find(MARK), 0)
    return frozenset(
        [
            f"subject:{subject.rule if subject else 'none'}",
            *_kinds(reading.counting, mark, subject),
            *(
                f"previous:{kind}"
                for kind in (_PREVIOUS_KINDS if context.previous.strip() else ())
                if reading.previous.has(kind)
            ),
            *_true(_place(reading.unit, context)),
            *_true(_form(reading.unit, words, mark)),
            *_sizes(words, mark),
            *word_features(words),
        ]
    )


def word_features(words: str) -> list[str]:
    """Return the beginnings of a unit's words, and of each two that follow one another."""
    tokens = [token[:_STEM_CHARS] for token in _TOKEN.findall(words)[:_MOST_TOKENS]]
    tokens = ["@" if token == MARK else token for token in tokens]
    pairs = (f"w:{a} {b}" for a, b in itertools.pairwise(tokens))
    return [*(f"w:{token}" for token in tokens), *pairs]


def _true(features: dict[str, object]) -> list[str]:
    return [name for name, is_so in features.items() if is_so]


def _kinds(words: Searched, mark: int, subject: Subject | None) -> list[str]:
    text = words.text
    start = max((end.end() for end in _CLAUSE_END.finditer(text, 0, mark)), default=0)
    found = _CLAUSE_END.search(text, mark + 1)
    clause = (start, found.start() if found else len(text))
    features = ["subject.strong"] if subject and subject.is_strong else []
    for kind in _KINDS:
        first = words.first(kind)
        if first is None:
            continue
        pattern = first.re
        features.append(kind)
        if first.start() < mark and pattern.search(text, 0, mark):
            features.append(f"{kind}<")
        if pattern.search(text, mark + 1):
            features.append(f"{kind}>")
        if pattern.search(text, *clause):
            features.append(f"{kind}~")
        if first.start() <= 2:  # noqa: PLR2004 - a bracket or a mark may stand before it
            features.append(f"{kind}^")
        if subject is None or not (subject.start <= first.start() and first.end() <= subject.end):
            features.append(f"{kind}!")
    return features


def _place(unit: Unit, context: Context) -> dict[str, object]:
    start, end = unit.span
    rest = len(unit.body) - end
    previous = context.previous.strip()
    # Talk of licences elsewhere makes an article about licences likely.
    near = unit.body[max(0, start - _MOST_SEARCHED_CHARS) : start].lower()
    near += unit.body[end : end + _MOST_SEARCHED_CHARS].lower()
    talk = sum(map(near.count, _OF_LICENCES))
    return {
        "own_line": context.is_own_line,
        "placed": context.is_placed,
        "alone": context.is_alone,
        "limited": context.is_limited,
        "at_start": start < _AT_EDGE_CHARS,
        "at_end": rest < _AT_EDGE_CHARS,
        "near_end": rest < _SHORT_REST_CHARS,
        "previous.none": not previous,
        "previous.leads_on": previous.endswith(":"),
        "talk": talk,
        "talk.much": talk >= _MUCH_TALK,
    }


def _form(unit: Unit, words: str, mark: int) -> dict[str, object]:
    named = [unit.body[each.start : each.end] for each in unit.named]
    names = _NAME.findall(unit.plain.replace(MARK, " "))
    return {
        "license.version": any(each.version for each in unit.licenses),
        "license.address": any("://" in each or ".org" in each for each in named),
        "license.code": any(_CODE.match(each) for each in named),
        "license.twice": len(named) > 1,
        "license.first": mark <= 2,  # noqa: PLR2004 - as above
        "license.last": not words[mark + 1 :].strip(" .)!\"'»”"),
        "license.in_brackets": _IN_BRACKETS.search(words),
        "license.labelled": _LABELLED.search(words),
        "in_brackets": unit.source[:1] in tuple("(["),
        "year": _YEAR.search(unit.plain),
        "question": is_question(words),
        "quotation_mark": _QUOTATION_MARK.search(unit.plain),
        "facts": _FACTS.search(words),
        "copyright": _COPYRIGHT.search(words),
        "names": names,
        "names.several": len(names) > _SEVERAL_NAMES,
        "by_name": _BY_NAME.search(unit.plain),
    }


def _sizes(words: str, mark: int) -> list[str]:
    sizes = (
        ("words", len(words.split()), _WORDS_STEPS),
        ("words<", len(words[:mark].split()), _BEFORE_STEPS),
        ("words>", len(words[mark + 1 :].split()), _BEHIND_STEPS),
    )
    return [f"{name}:{step}" for name, size, steps in sizes for step in steps if size > step]
