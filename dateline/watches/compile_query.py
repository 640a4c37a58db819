"""Return a watch query ready to be asked of many articles."""

from __future__ import annotations

from dateline.watches.matchers import (
    AllMatcher,
    AnyMatcher,
    NearMatcher,
    NotMatcher,
    SentenceMatcher,
)
from dateline.watches.query_tree import And, FieldTerm, Near, Node, Not, Or, Phrase, Query, Sentence
from dateline.watches.term_matchers import (
    FieldMatcher,
    KeyMatcher,
    Matcher,
    PhraseMatcher,
)


def compile_query(query: Query) -> Matcher:
    """Return ``query`` ready to be asked of many articles.

    Raises:
        InvariantBroken: beside NEAR stands what the parser refuses there.
    """
    return _compile(query.tree, query.text)


def _compile(node: Node, text: str) -> Matcher:
    part = text[node.start : node.end]
    match node:
        case Phrase():
            return PhraseMatcher(part, node)
        case And(children=children) | Or(children=children):
            kind = AllMatcher if isinstance(node, And) else AnyMatcher
            return kind(part, tuple(_compile(child, text) for child in children))
        case Not(child=child):
            return NotMatcher(part, _compile(child, text))
        case Sentence(child=child):
            return SentenceMatcher(part, _compile(child, text))
        case Near(left=left, right=right, distance=distance):
            return NearMatcher(part, _compile(left, text), _compile(right, text), distance)
        case _:
            return (FieldMatcher if isinstance(node, FieldTerm) else KeyMatcher)(part, node)
