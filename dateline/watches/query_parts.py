"""Return the parts of the tree of a query, in the order in which they are written."""

from __future__ import annotations

from collections.abc import Iterator

from dateline.watches.query_tree import And, Near, Node, Not, Or, Sentence, Term


def terms_of(tree: Node) -> Iterator[Term]:
    """Return the terms of ``tree``."""
    for each in parts_of(tree):
        if not isinstance(each, And | Or | Not | Near | Sentence):
            yield each


def parts_of(node: Node) -> Iterator[Node]:
    """Return ``node`` and all nodes below it, each before its own parts."""
    yield node
    match node:
        case And(children=children) | Or(children=children):
            for each in children:
                yield from parts_of(each)
        case Not(child=child) | Sentence(child=child):
            yield from parts_of(child)
        case Near(left=left, right=right):
            yield from parts_of(left)
            yield from parts_of(right)
