"""Return the query that a text stands for.

The language: words and phrases, ``AND``, ``OR``, ``NOT``, ``NEAR/5``, brackets, ``SENTENCE(...)``,
``*`` at the end of a word, and fields, also before brackets: ``title:``, ``body:``, ``source:``,
``license:``, ``lang:``, ``entity:``, ``type:``, ``country:``. Neighbours are joined by AND; AND
binds stronger than OR, NEAR stronger than both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lark import Token, Tree

from dateline.errors import QueryInvalid
from dateline.watches.query_parts import parts_of, terms_of
from dateline.watches.query_syntax import fault, read_syntax
from dateline.watches.query_terms import Written, read_field, read_term
from dateline.watches.query_tree import (
    And,
    CountryTerm,
    EntityTerm,
    FieldTerm,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Query,
    Sentence,
    Term,
    TypeTerm,
)

# Each term costs time in every article; a list of more names is one of several watches.
MAX_TERMS = 200
# Each asks the index for all words that begin so.
MAX_PREFIXES = 20
# Further apart than this is another paragraph.
MAX_DISTANCE = 100
_Part = Tree[Token] | Token | None
_TERMS = (Phrase, EntityTerm, TypeTerm, CountryTerm, FieldTerm)


def parse_query(text: str) -> Query:
    """Return ``text`` as a query; every node knows where in ``text`` it stands.

    Words are folded. What is too broad is not refused here (``check_query``).

    Raises:
        QueryInvalid: the text is no query, or larger than anybody needs; says what is wrong and
            shows at which character. Time is bounded by the length that is read at all.
    """
    tree = _Reader(text).read(read_syntax(text).children[0], None)
    _refuse_many(text, tree)
    if not _is_positive(text, tree):
        raise _lone_not(text, tree)
    return Query(text=text, tree=tree)


class _Reader:
    """Turns the tree of the grammar into that of the query; as deep as its brackets at most."""

    def __init__(self, text: str) -> None:
        self._text = text

    def read(self, part: _Part, field: str | None) -> Node:
        """Return the node of ``part``; ``field`` is that of the brackets around it."""
        tree = _tree(part)
        parts = tree.children
        match tree.data:
            case "term":
                return self._term(parts, field)
            case "group":
                return self._group(parts, field)
            case "sentence":
                return self._sentence(parts, field)
            case "near":
                return self._near(parts, field)
            case "not":
                child = self.read(parts[1], field)
                return Not(child=child, start=_token(parts[0]).start_pos or 0, end=child.end)
        children = tuple(self.read(each, field) for each in parts)
        kind = And if tree.data == "all" else Or
        return kind(children=children, start=children[0].start, end=children[-1].end)

    def _term(self, parts: Sequence[_Part], outer: str | None) -> Term:
        field = self._field(parts[0], outer)
        value = _token(parts[-1])
        start = value.start_pos or 0
        before = parts[0]
        return read_term(
            Written(
                text=self._text,
                start=start,
                end=value.end_pos or 0,
                term_start=(before.start_pos or 0) if isinstance(before, Token) else start,
                is_quoted=value.type == "QUOTED",
            ),
            field,
        )

    def _group(self, parts: Sequence[_Part], outer: str | None) -> Node:
        field = self._field(parts[0], outer)
        opening, inside, closing = parts[1:]
        node = self.read(inside, field)
        if isinstance(node, _TERMS):
            return node
        first = parts[0] if isinstance(parts[0], Token) else _token(opening)
        return replace(node, start=first.start_pos or 0, end=_token(closing).end_pos or 0)

    def _field(self, found: _Part, outer: str | None) -> str | None:
        if found is None:
            return outer
        at = _token(found).start_pos or 0
        if outer:
            raise fault(self._text, at, f"`{found}` stands inside the brackets of `{outer}:`")
        return read_field(self._text, str(found), at)

    def _sentence(self, parts: Sequence[_Part], outer: str | None) -> Sentence:
        start = _token(parts[0]).start_pos or 0
        if outer:
            raise fault(self._text, start, f"SENTENCE stands inside the brackets of `{outer}:`")
        child = self.read(parts[2], None)
        for each in parts_of(child):
            if isinstance(each, FieldTerm | Sentence | Near):
                raise fault(
                    self._text, each.start,
                    "SENTENCE holds words, entities, types and countries with AND, OR and NOT only",
                )  # fmt: skip
        if not _is_positive(self._text, child):
            raise _lone_not(self._text, child)
        return Sentence(child=child, start=start, end=_token(parts[3]).end_pos or 0)

    def _near(self, parts: Sequence[_Part], field: str | None) -> Near:
        if len(parts) > 3:  # noqa: PLR2004 (left, NEAR, right)
            raise fault(
                self._text, _token(parts[3]).start_pos or 0,
                "NEAR joins two; for three write (a NEAR/5 b) AND (b NEAR/5 c)",
            )  # fmt: skip
        left, right = (self.read(each, field) for each in (parts[0], parts[2]))
        operator = _token(parts[1])
        distance = int(operator.partition("/")[2])
        if not 1 <= distance <= MAX_DISTANCE:
            problem = f"NEAR takes a distance of 1 to {MAX_DISTANCE} words"
            raise fault(self._text, operator.start_pos or 0, problem)
        node = Near(left=left, right=right, distance=distance, start=left.start, end=right.end)
        _check_near(self._text, node)
        return node


def _check_near(text: str, near: Near) -> None:
    for each in (*parts_of(near.left), *parts_of(near.right)):
        if isinstance(each, FieldTerm | Sentence | Near | Not | And):
            raise fault(
                text, each.start,
                "beside NEAR stand words, entities, types and countries, or several joined by OR",
            )  # fmt: skip
    fields = {each.field for each in terms_of(near) if isinstance(each, Phrase)}
    if {"title", "body"} <= fields:
        raise fault(text, near.start, "NEAR looks into one text, the title or the body")


def _token(part: _Part) -> Token:
    if not isinstance(part, Token):
        raise TypeError(part)
    return part


def _tree(part: _Part) -> Tree[Token]:
    if not isinstance(part, Tree):
        raise TypeError(part)
    return part


def _refuse_many(text: str, tree: Node) -> None:
    terms = list(terms_of(tree))
    if len(terms) > MAX_TERMS:
        raise fault(
            text, terms[MAX_TERMS].start,
            f"the query has {len(terms)} terms; at most {MAX_TERMS} are read",
        )  # fmt: skip
    prefixes = [each for each in terms if isinstance(each, Phrase) and each.is_prefix]
    if len(prefixes) > MAX_PREFIXES:
        raise fault(
            text, prefixes[MAX_PREFIXES].start,
            f"the query has {len(prefixes)} words with `*`; at most {MAX_PREFIXES} are read",
        )  # fmt: skip


def _is_positive(text: str, node: Node) -> bool:
    """Return whether ``node`` asks for something that is there.

    Raises:
        QueryInvalid: a part of it only says what is not there.
    """
    match node:
        case Not(child=child):
            if not _is_positive(text, child):
                raise _lone_not(text, child)
            return False
        case And(children=children):
            # All of them are looked at: each may hold a lone NOT.
            if True not in [_is_positive(text, each) for each in children]:
                raise _lone_not(text, children[0])
        case Or(children=children):
            for each in children:
                if not _is_positive(text, each):
                    raise _lone_not(text, each)
    return True


def _lone_not(text: str, node: Node) -> QueryInvalid:
    return fault(
        text, node.start,
        "NOT alone: it leaves out from what is found, so something to find must stand beside it",
    )  # fmt: skip
