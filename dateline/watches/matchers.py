"""Return And, Or, Not, NEAR and SENTENCE of a watch query ready to be asked of many articles."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import chain

from dateline.errors import InvariantBroken
from dateline.watches.article_view import ArticleView
from dateline.watches.term_matchers import (
    FieldMatcher,
    KeyMatcher,
    Matcher,
    PhraseMatcher,
    Proof,
    TermMatcher,
)
from dateline.watches.text_view import NOWHERE, Place, TextName


class AllMatcher(Matcher):
    """And."""

    __slots__ = ("children", "quickest")

    def __init__(self, part: str, children: tuple[Matcher, ...]) -> None:
        super().__init__(part)
        self.children = children
        # Most are not true: the cheap parts are asked first.
        self.quickest = tuple(sorted(children, key=_cost))

    def is_true(self, view: ArticleView) -> bool:
        """Return whether all parts are true."""
        return all(child.is_true(view) for child in self.quickest)

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the sentences of which all parts are true."""
        found = set(range(view.sentence_count))
        for child in self.quickest:
            if not found:
                break
            found &= child.sentences(view)
        return found

    def proofs(self, view: ArticleView) -> Iterator[Proof]:
        """Yield those of all parts."""
        return chain.from_iterable(child.proofs(view) for child in self.children)


class AnyMatcher(Matcher):
    """Or."""

    __slots__ = ("children",)

    def __init__(self, part: str, children: tuple[Matcher, ...]) -> None:
        super().__init__(part)
        self.children = children

    def is_true(self, view: ArticleView) -> bool:
        """Return whether a part is true."""
        return any(child.is_true(view) for child in self.children)

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the sentences of which a part is true."""
        return set().union(*(child.sentences(view) for child in self.children))

    def proofs(self, view: ArticleView) -> Iterator[Proof]:
        """Yield those of the parts that are true."""
        for child in self.children:
            if child.is_true(view):
                yield from child.proofs(view)


class NotMatcher(Matcher):
    """Not."""

    __slots__ = ("child",)

    def __init__(self, part: str, child: Matcher) -> None:
        super().__init__(part)
        self.child = child

    def is_true(self, view: ArticleView) -> bool:
        """Return whether the part is not true."""
        return not self.child.is_true(view)

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the sentences of which the part is not true."""
        return set(range(view.sentence_count)) - self.child.sentences(view)

    def proofs(self, view: ArticleView) -> Iterator[Proof]:  # noqa: ARG002 (as other parts)
        """Yield nothing: there is no place where something is not."""
        return iter(())


class SentenceMatcher(Matcher):
    """A part that must be true of one sentence; a title is a sentence."""

    __slots__ = ("child",)

    def __init__(self, part: str, child: Matcher) -> None:
        super().__init__(part)
        self.child = child

    def is_true(self, view: ArticleView) -> bool:
        """Return whether it is true of any sentence."""
        return bool(self.sentences(view))

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the sentences of which the part is true."""
        return self.child.sentences(view)

    def proofs(self, view: ArticleView) -> Iterator[Proof]:
        """Yield the terms of the part with their places in those sentences."""
        sentences = self.sentences(view)
        for term in positive_terms(self.child):
            found = [place for place in term.places(view) if place.sentence in sentences]
            if found or (isinstance(term, FieldMatcher) and term.is_true(view)):
                yield term, found


class NearMatcher(Matcher):
    """Two terms within a distance, or any of several terms within a distance of any of others."""

    __slots__ = ("distance", "left", "left_terms", "right", "right_terms")

    def __init__(self, part: str, left: Matcher, right: Matcher, distance: int) -> None:
        super().__init__(part)
        self.left, self.right, self.distance = left, right, distance
        self.left_terms, self.right_terms = _alternatives(left), _alternatives(right)

    def is_true(self, view: ArticleView) -> bool:
        """Return whether they are near in any text."""
        if not (self.left.is_true(view) and self.right.is_true(view)):
            return False
        return next(self._near(view), None) is not None

    def sentences(self, view: ArticleView) -> set[int]:
        """Return the sentences that hold both."""
        near = self._near(view)
        return {one.sentence for one, other in near if one.sentence == other.sentence} - {NOWHERE}

    def proofs(self, view: ArticleView) -> Iterator[Proof]:
        """Yield the terms that are near one of the other side, with the places that are."""
        lefts, rights = _places(self.left_terms, view), _places(self.right_terms, view)
        for terms, others in ((self.left_terms, rights), (self.right_terms, lefts)):
            for term in terms:
                near = [one for one, _ in near_places(term.places(view), others, self.distance)]
                if near:
                    yield term, near

    def _near(self, view: ArticleView) -> Iterator[tuple[Place, Place]]:
        lefts, rights = _places(self.left_terms, view), _places(self.right_terms, view)
        return near_places(lefts, rights, self.distance)


def positive_terms(matcher: Matcher) -> Iterator[TermMatcher]:
    """Yield the terms that may make ``matcher`` true: all but those beneath a Not."""
    match matcher:
        case TermMatcher():
            yield matcher
        case AllMatcher(children=children) | AnyMatcher(children=children):
            yield from chain.from_iterable(map(positive_terms, children))
        case SentenceMatcher(child=child):
            yield from positive_terms(child)
        case NearMatcher(left_terms=lefts, right_terms=rights):
            yield from (*lefts, *rights)


def _alternatives(side: Matcher) -> tuple[TermMatcher, ...]:
    """Return the terms of a side of NEAR, which are joined by Or."""
    if isinstance(side, TermMatcher) and not isinstance(side, FieldMatcher):
        return (side,)
    if isinstance(side, AnyMatcher):
        return tuple(chain.from_iterable(map(_alternatives, side.children)))
    raise InvariantBroken(f"only terms, and terms joined by OR, stand beside NEAR: {side.part}")


def _places(terms: Sequence[TermMatcher], view: ArticleView) -> Sequence[Place]:
    if len(terms) == 1:
        return terms[0].places(view)
    return [place for term in terms for place in term.places(view)]


def near_places(
    ones: Sequence[Place], others: Sequence[Place], distance: int
) -> Iterator[tuple[Place, Place]]:
    """Yield pairs of places of one text within ``distance`` words of each other.

    The distance of neighbours is 1; places that share a word are not near. Of each place its
    nearest one behind it is told, so that hostile texts cost no more than others.
    """
    yield from _behind(ones, others, distance)
    for other, one in _behind(others, ones, distance):
        yield one, other


def _behind(
    before: Sequence[Place], after: Sequence[Place], distance: int
) -> Iterator[tuple[Place, Place]]:
    behind = sorted((each for each in after if each.first != NOWHERE), key=_word_order)
    keys = [_word_order(each) for each in behind]
    for one in before:
        at = bisect_right(keys, (one.text, one.last))
        if one.first == NOWHERE or at == len(behind) or behind[at].text != one.text:
            continue
        if behind[at].first - one.last <= distance:
            yield one, behind[at]


def _word_order(place: Place) -> tuple[TextName, int]:
    return place.text, place.first


def _cost(matcher: Matcher) -> int:
    order = (KeyMatcher, PhraseMatcher, AnyMatcher | AllMatcher | NotMatcher, NearMatcher)
    return next((at for at, kind in enumerate(order) if isinstance(matcher, kind)), len(order))
