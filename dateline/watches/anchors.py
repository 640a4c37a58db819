"""Return the keys without which a query cannot be true: one of them must be in the article."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dateline.watches.keys import prefix_key
from dateline.watches.matchers import (
    AllMatcher,
    AnyMatcher,
    NearMatcher,
    SentenceMatcher,
)
from dateline.watches.term_matchers import KeyMatcher, Matcher, PhraseMatcher, TermMatcher

# Longer beginnings are found by their first letters: an article has few words that share six.
MAX_PREFIX_CHARS = 6


class Anchor(NamedTuple):
    """Keys of which an article must have one, and the share of articles that do (at most)."""

    rate: float
    keys: frozenset[str]


def find_anchor(matcher: Matcher, rate: Callable[[str], float]) -> Anchor | None:
    """Return the rarest keys that are necessary; None where an article may have none.

    Args:
        matcher: of a query or a part of one.
        rate: the share of articles that have a key.
    """
    match matcher:
        case TermMatcher():
            return _rarest(_anchor(keys, rate) for keys in _necessary(matcher))
        case AllMatcher(children=children):
            return _rarest(find_anchor(child, rate) for child in children)
        case NearMatcher(left=left, right=right):
            return _rarest((find_anchor(left, rate), find_anchor(right, rate)))
        case AnyMatcher(children=children):
            return _any([find_anchor(child, rate) for child in children])
        case SentenceMatcher(child=child):
            return find_anchor(child, rate)
    return None


def _necessary(term: TermMatcher) -> Iterator[Iterable[str]]:
    """Yield sets of keys: of each set an article has one where ``term`` is true."""
    match term:
        case PhraseMatcher(words=(), beginning=str(beginning)):
            yield (prefix_key(beginning[:MAX_PREFIX_CHARS]),)
        case PhraseMatcher(words=words):
            for word in words:
                yield (word,)
        case KeyMatcher(keys=keys):
            yield keys


def _anchor(keys: Iterable[str], rate: Callable[[str], float]) -> Anchor:
    distinct = frozenset(keys)
    return Anchor(sum(map(rate, distinct)), distinct)


def _rarest(anchors: Iterable[Anchor | None]) -> Anchor | None:
    return min((each for each in anchors if each), key=lambda each: each.rate, default=None)


def _any(anchors: list[Anchor | None]) -> Anchor | None:
    known = [each for each in anchors if each]
    if len(known) < len(anchors):
        return None
    keys = frozenset[str]().union(*(each.keys for each in known))
    return Anchor(sum(each.rate for each in known), keys)
