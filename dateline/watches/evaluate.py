"""Return whether a watch query is true of an article, why, and what of it is not.

What the parts of a query mean is said in ``term_matchers.py`` and ``matchers.py``; the index of
watches asks the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dateline.alert_records import MatchReason
from dateline.watches.article_view import ArticleView
from dateline.watches.compile_query import compile_query
from dateline.watches.matchers import (
    AllMatcher,
    AnyMatcher,
    NearMatcher,
    NotMatcher,
    SentenceMatcher,
)
from dateline.watches.query_tree import Query
from dateline.watches.term_matchers import FieldMatcher, KeyMatcher, Matcher, Proof, TermMatcher
from dateline.watches.text_view import NOWHERE, EntityView, Place, place_order


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a part of a query says of an article.

    Attributes:
        part: as written.
        is_true: of the article as a whole.
        reasons: where it is true, as an alert would tell it; none where it is not, and of Not.
        note: why it is not true although its parts are; else empty.
        parts: of which it is made, in the order of the query.
    """

    part: str
    is_true: bool
    reasons: tuple[MatchReason, ...] = ()
    note: str = ""
    parts: tuple[Explanation, ...] = ()


def evaluate(query: Query, view: ArticleView) -> tuple[MatchReason, ...] | None:
    """Return why ``query`` is true of the article; None where it is not.

    - Words of a phrase stand one behind the other in the title or in the text.
    - NEAR/n: both in one text, the last word of one and the first of the other at most n apart; no
      word belongs to both. Of terms joined by OR at least one is near the other side.
    - SENTENCE: one sentence, or the title, of which everything inside is true.
    - An entity is known by any of its ids and names in the article, folded by its type; its places
      are its mentions, and its names in the title.

    Reasons are one for each term that makes it true, and one more where it is in the title, too.
    The sentence that holds most of them comes first. A query that is true only because something is
    absent has none.
    """
    matcher = compile_query(query)
    return reasons_of(matcher, view) if matcher.is_true(view) else None


def reasons_of(matcher: Matcher, view: ArticleView) -> tuple[MatchReason, ...]:
    """Return why ``matcher`` is true of the article, of which it is."""
    if isinstance(matcher, TermMatcher):
        return tuple(_reasons((matcher, matcher.places(view)), NOWHERE, view))
    proofs = _merged(matcher.proofs(view))
    best = _best_sentence(proofs)
    reasons = (
        (best not in {each.sentence for each in places}, reason)
        for term, places in proofs
        for reason in _reasons((term, places), best, view)
    )
    # Stable: within the sentence and outside the order is that of the query.
    return tuple(reason for _, reason in sorted(reasons, key=lambda each: each[0]))


def explain(query: Query, view: ArticleView) -> Explanation:
    """Return of every part of ``query`` whether it is true of the article, and where."""
    return _explain(compile_query(query), view)


def _explain(matcher: Matcher, view: ArticleView) -> Explanation:
    is_true = matcher.is_true(view)
    parts = tuple(_explain(each, view) for each in _parts(matcher))
    return Explanation(
        part=matcher.part,
        is_true=is_true,
        reasons=reasons_of(matcher, view) if is_true else (),
        note="" if is_true else _note(matcher, parts),
        parts=parts,
    )


def _parts(matcher: Matcher) -> tuple[Matcher, ...]:
    match matcher:
        case AllMatcher(children=children) | AnyMatcher(children=children):
            return children
        case NotMatcher(child=child) | SentenceMatcher(child=child):
            return (child,)
        case NearMatcher(left=left, right=right):
            return (left, right)
    return ()


def _note(matcher: Matcher, parts: Iterable[Explanation]) -> str:
    if not all(each.is_true for each in parts):
        return ""
    match matcher:
        case SentenceMatcher():
            return "true of the article, but of no single sentence"
        case NearMatcher(distance=distance):
            return f"both are there, but nowhere within {distance} words of each other"
        case NotMatcher():
            return "it is there"
    return ""


def _merged(proofs: Iterable[Proof]) -> list[Proof]:
    """Return one proof a term: it may be near several others."""
    places: dict[TermMatcher, dict[Place, None]] = {}
    for term, found in proofs:
        places.setdefault(term, {}).update(dict.fromkeys(found))
    return [(term, sorted(found, key=place_order)) for term, found in places.items()]


def _best_sentence(proofs: Iterable[Proof]) -> int:
    """Return the sentence that holds most terms, of several the first; ``NOWHERE``: none."""
    counts = Counter(
        sentence for _, places in proofs for sentence in {each.sentence for each in places}
    )
    del counts[NOWHERE]
    return min(counts, key=lambda each: (-counts[each], each), default=NOWHERE)


def _reasons(proof: Proof, best: int, view: ArticleView) -> Iterable[MatchReason]:
    term, places = proof
    if not places:
        yield _reason_without_place(term, view)
        return
    told = next((each for each in places if each.sentence == best), places[0])
    yield _reason(term.part, told, view)
    if told.text != "title" and places[-1].text == "title":
        yield _reason(term.part, next(each for each in places if each.text == "title"), view)


def _reason(part: str, place: Place, view: ArticleView) -> MatchReason:
    span = view.text(place.text).span_around(place)
    entity = place.entity
    return MatchReason(
        term=part,
        place=place.text,
        start=place.start,
        end=place.end,
        sentence_start=span[0] if span else None,
        sentence_end=span[1] if span else None,
        entity_id=entity.entity_id if entity else None,
        entity_name=entity.name if entity else None,
    )


def _reason_without_place(term: TermMatcher, view: ArticleView) -> MatchReason:
    entity = _entity_of(term, view)
    if entity is None:
        return MatchReason(term=term.part, place="field")
    return MatchReason(
        term=term.part, place="body", entity_id=entity.entity_id, entity_name=entity.name
    )


def _entity_of(term: TermMatcher, view: ArticleView) -> EntityView | None:
    if not isinstance(term, KeyMatcher) or isinstance(term, FieldMatcher):
        return None
    return next((each for each in view.entities if not each.keys.isdisjoint(term.keys)), None)
