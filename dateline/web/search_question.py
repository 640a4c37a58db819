"""Read what is searched for from an address, and write such addresses; pure."""

from __future__ import annotations

import http
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from dateline.errors import QueryInvalid as QueryUnreadable
from dateline.moments import parse_moment
from dateline.search.article_queries import (
    MAX_FILTER_CHARS,
    MAX_SIZE,
    MAX_WORDS_COUNT,
    ArticleSearch,
    QueryInvalid,
    search_request,
)
from dateline.web.problems import RequestProblem, refusal

DEFAULT_LIMIT = 20
MAX_SIGNS = 4
ORDERS = ("relevance", "newest")
TRUE_WORDS = frozenset({"1", "true", "yes"})
FALSE_WORDS = frozenset({"0", "false", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is searched for, as it was written; ``is_collapsed``: of each story the first hit."""

    words: str = ""
    entities: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    licenses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    story: str = ""
    since: str = ""
    until: str = ""
    order: str = ORDERS[0]
    limit: int = DEFAULT_LIMIT
    is_collapsed: bool = True


# Parameters of an address by field. Those of several values may stand there more than once.
NAMES: Mapping[str, str] = {
    "words": "q", "entities": "entity", "places": "place", "licenses": "license",
    "sources": "source", "languages": "lang", "countries": "country", "story": "story",
    "since": "since", "until": "until", "order": "sort", "limit": "limit",
    "is_collapsed": "collapse",
}  # fmt: skip
# Of these, articles have one; another value takes the place of the one chosen.
SINGLE = frozenset({"licenses", "sources", "languages", "countries"})
_LISTS = frozenset({"entities", "places", *SINGLE})
_UNASKED = Question()


def read_question(pairs: Sequence[tuple[str, str]]) -> Question:
    """Return the question of an address; parameters that are none of ours are left aside.

    Raises:
        RequestProblem: 422, ``limit`` or ``collapse`` is none, or there are too many values.
    """
    given: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, value in pairs:
        if value.strip():
            given.setdefault(name, []).append(value.strip())
    for field in _LISTS:
        values[field] = tuple(dict.fromkeys(given.get(NAMES[field], ())))
        if len(values[field]) > MAX_WORDS_COUNT:
            raise _problem(f"{NAMES[field]} may have {MAX_WORDS_COUNT} values.")
    for field in ("words", "story", "since", "until"):
        values[field] = given.get(NAMES[field], [""])[-1]
    return Question(
        **values,
        order=_order(given.get("sort", [ORDERS[0]])[-1]),
        limit=_limit(given.get("limit", [""])[-1]),
        is_collapsed=_flag(given.get("collapse", ["true"])[-1]),
    )  # fmt: skip


def refuse_unknown(names: Iterable[str], known: Collection[str]) -> None:
    """Do nothing where all parameters are known: a misspelled filter would find too much.

    Raises:
        RequestProblem: 400, names the first that is none.
    """
    for name in names:
        if name not in known:
            raise RequestProblem(
                http.HTTPStatus.BAD_REQUEST,
                f"There is no parameter {name[:60]!r}; there are {', '.join(sorted(known))}.",
            )


def article_search(question: Question, now: datetime) -> ArticleSearch:
    """Return the search, still without the ids of its entities and its story.

    Raises:
        RequestProblem: 422, it cannot be asked; of words that cannot be read, ``position`` is the
            character.
    """
    # Without words nothing fits better than anything else.
    is_newest = question.order == "newest" or not question.words
    try:
        search = ArticleSearch(
            words=question.words,
            places=question.places,
            licenses=question.licenses,
            sources=question.sources,
            languages=question.languages,
            countries=question.countries,
            since=parse_moment(question.since, now) if question.since else None,
            until=parse_moment(question.until, now, is_end=True) if question.until else None,
            size=question.limit,
            is_collapsed=question.is_collapsed,
            is_newest_first=is_newest,
            # Sorted by time, those with some of the words would stand before those with all.
            is_most_enough=not is_newest,
        )
        _refuse_long(question)
        search_request(search)
    except QueryUnreadable as error:
        raise refusal(error) from error
    except (QueryInvalid, ValueError) as error:  # too long, or a time that is none
        words = str(error)
        raise _problem(f"{words[:1].upper()}{words[1:]}.") from error
    return search


def address(question: Question, *, path: str = "/", **more: str) -> str:
    """Return the address that asks ``question``; ``more`` are further parameters."""
    pairs = [*pairs_of(question), *((name, value) for name, value in more.items() if value)]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def pairs_of(question: Question) -> list[tuple[str, str]]:
    """Return the parameters of an address that are not as usual."""
    pairs: list[tuple[str, str]] = []
    for field in fields(question):
        value = getattr(question, field.name)
        if value != getattr(_UNASKED, field.name):
            values = value if isinstance(value, tuple) else (value,)
            pairs += [(NAMES[field.name], _written(each)) for each in values]
    return pairs


def with_value(question: Question, field: str, value: str) -> Question:
    """Return the question for ``value``, too, or instead where an article has only one."""
    before = () if field in SINGLE else getattr(question, field)
    changed: dict[str, Any] = {field: tuple(dict.fromkeys((*before, value)))}
    return replace(question, **changed)


def without_value(question: Question, field: str, value: str) -> Question:
    """Return the question without ``value``."""
    kept: dict[str, Any] = {field: tuple(e for e in getattr(question, field) if e != value)}
    return replace(question, **kept)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _refuse_long(question: Question) -> None:
    given = (*question.entities, question.story)
    if any(len(each) > MAX_FILTER_CHARS for each in given):
        raise QueryInvalid(f"a name has at most {MAX_FILTER_CHARS} characters")


def _limit(text: str) -> int:
    if not text:
        return DEFAULT_LIMIT
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_SIGNS
    if not is_number or not 1 <= int(text) <= MAX_SIZE:
        raise _problem(f"limit must be a number from 1 to {MAX_SIZE}.")
    return int(text)


def _order(text: str) -> str:
    if text not in ORDERS:
        raise _problem(f"sort must be {' or '.join(ORDERS)}.")
    return text


def _flag(text: str) -> bool:
    if text.lower() in TRUE_WORDS | FALSE_WORDS:
        return text.lower() in TRUE_WORDS
    raise _problem("collapse must be true or false.")


def _problem(words: str) -> RequestProblem:
    return RequestProblem(http.HTTPStatus.UNPROCESSABLE_ENTITY, words)
