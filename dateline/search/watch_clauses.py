"""Return clauses of the articles index for the tree of a watch query: true of more, or of fewer.

What stands under NOT must find fewer, so that the whole finds more; pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from dateline.search.watch_terms import (
    NONE,
    TEXT_FIELDS,
    Clause,
    all_of,
    any_of,
    is_said,
    phrase_interval,
    term_clause,
)
from dateline.watches.query_tree import And, EntityTerm, Near, Node, Not, Or, Phrase, Sentence

# Of NEAR between alternatives; more of them are joined by AND.
MAX_PAIRS = 64


def is_exact_clause(node: Node) -> bool:
    """Return whether ``more_clause`` is true of nothing but what ``node`` is true of."""
    match node:
        case And(children=children) | Or(children=children):
            return all(map(is_exact_clause, children))
        case Not(child=child):
            return is_exact_clause(child)
        case Near(left=Phrase() as left, right=Phrase() as right):
            # For the index a word is near itself.
            return left.words != right.words and is_said(left) and is_said(right)
        case Phrase():
            return is_said(node)
        case EntityTerm(entity_id=entity_id):
            return entity_id is not None
        case _:
            return not isinstance(node, Near | Sentence)


def more_clause(node: Node) -> Clause:
    """Return a clause that is true of at least what ``node`` is true of."""
    match node:
        case And(children=children):
            return all_of([more_clause(each) for each in children])
        case Or(children=children):
            return any_of([more_clause(each) for each in children])
        case Not(child=child):
            return {"bool": {"must_not": [_fewer(child)]}}
        case Sentence(child=child):
            return more_clause(_without_not(child))
        case Near(left=left, right=right, distance=distance):
            return _near(left, right, distance)
        case _:
            return term_clause(node)


def _fewer(node: Node) -> Clause:
    """Return a clause that is true of nothing but what ``node`` is true of."""
    if is_exact_clause(node):
        return more_clause(node)
    match node:
        case And(children=children):
            return all_of([_fewer(each) for each in children])
        case Or(children=children):
            return any_of([_fewer(each) for each in children])
        case Not(child=child):
            return {"bool": {"must_not": [more_clause(child)]}}
        case _:
            return NONE


def _without_not(node: Node) -> Node:
    """Return ``node`` without what must be absent: another sentence may have it."""
    match node:
        case And(children=children):
            return And(children=tuple(map(_without_not, _positive(children))))
        case Or(children=children):
            return Or(children=tuple(map(_without_not, children)))
        case _:
            return node


def _positive(children: Sequence[Node]) -> list[Node]:
    return [each for each in children if not isinstance(each, Not)]


def _near(left: Node, right: Node, distance: int) -> Clause:
    lefts, rights = _alternatives(left), _alternatives(right)
    if not lefts or not rights or len(lefts) * len(rights) > MAX_PAIRS:
        return all_of([more_clause(left), more_clause(right)])
    return any_of([_pair(one, other, distance) for one, other in product(lefts, rights)])


def _alternatives(node: Node) -> tuple[Phrase, ...]:
    """Return the phrases of which ``node`` is one; none where it is anything else."""
    parts = node.children if isinstance(node, Or) else (node,)
    phrases = tuple(each for each in parts if isinstance(each, Phrase) and is_said(each))
    return phrases if len(phrases) == len(parts) else ()


def _pair(left: Phrase, right: Phrase, distance: int) -> Clause:
    both = {
        "all_of": {
            "ordered": False,
            "max_gaps": distance - 1,
            "intervals": [phrase_interval(left), phrase_interval(right)],
        }
    }
    common = [each for each in TEXT_FIELDS[left.field] if each in TEXT_FIELDS[right.field]]
    return any_of([{"intervals": {field: both}} for field in common])
