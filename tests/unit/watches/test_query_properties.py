"""Whatever is written is read as a query or refused; what is read can be written again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import QueryInvalid
from dateline.watches.parse_query import parse_query
from dateline.watches.query_parts import parts_of, terms_of
from dateline.watches.query_tree import And, Near, Node, Not, Or, Phrase, Query, Sentence
from dateline.watches.words import fold_words
from dateline.watches.write_query import write_query

PIECES = (
    "AND", "OR", "NOT", "NEAR/3", "NEAR", "SENTENCE", "(", ")", '"', "“", "”", "*", " ", "\n",
    "title:", "body:", "entity:", "type:", "country:", "lang:", "source:", "license:", "x:",
    "doha", "Chávez", "al-Khulaifi", "U.S.", "nucl*", "Q846", "person", "qa", "en", "3.5", "東京",
    "-", "’s", "\u202e", "\ud800", "\x00", "😀", ":", "/",
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
spaced = st.lists(st.sampled_from(PIECES), max_size=15).map(" ".join)


def without_places(node: Node) -> Node:
    match node:
        case And(children=children) | Or(children=children):
            inner = tuple(map(without_places, children))
            return replace(node, children=inner, start=0, end=0)
        case Not(child=child) | Sentence(child=child):
            return replace(node, child=without_places(child), start=0, end=0)
        case Near(left=left, right=right):
            return replace(
                node, left=without_places(left), right=without_places(right), start=0, end=0
            )
        case _:
            return replace(node, start=0, end=0)


def read(text: str) -> Query | None:
    """Return the query, or None where it is refused, which must say where."""
    refusals: list[QueryInvalid] = []
    try:
        return parse_query(text)
    except QueryInvalid as error:
        refusals.append(error)
    assert all(0 <= each.position <= len(text) and each.message for each in refusals)
    return None


@given(st.one_of(st.text(), pieces, spaced))
def test_any_text_is_a_query_or_is_refused(text: str) -> None:
    query = read(text)

    assert query is None or query.text == text


# Of all random texts few are queries; these mostly are.
names = st.sampled_from(("doha", "Chávez", "al-Khulaifi", '"nuclear tal*"', "U.S.", "東京", "’Ali"))
values = st.sampled_from(
    ("title:talks", "entity:Q846", 'entity:"Ali Bagheri"', "type:person", "country:QA", "lang:en",
     "license:CC-BY-4.0", 'source:"a b"', "entity:(Q1 OR deal)", "title:(a1 NEAR/2 b1)")
)  # fmt: skip
several = st.sampled_from(("{} {}", "{} AND {}", "({}) OR ({})", "{} OR {}", "({}) NOT ({})"))
queries = st.recursive(
    st.one_of(names, values, st.tuples(names, names).map(" NEAR/4 ".join),
              st.tuples(names, names).map(lambda each: f"SENTENCE({' NOT '.join(each)})")),
    lambda inner: st.builds(lambda form, a, b: form.format(a, b), several, inner, inner),
    max_leaves=8,
)  # fmt: skip


@given(st.one_of(queries, spaced))
def test_what_is_written_for_a_tree_is_read_as_the_same_tree(text: str) -> None:
    query = read(text)
    if query is None:
        return

    again = parse_query(write_query(query.tree))

    assert without_places(again.tree) == without_places(query.tree)


@given(queries)
def test_every_part_points_at_what_was_written(text: str) -> None:
    query = read(text)
    if query is None:
        return

    for part in parts_of(query.tree):
        assert 0 <= part.start < part.end <= len(text)
    for term in terms_of(query.tree):
        if isinstance(term, Phrase):
            # What stands there means the same by itself: a word, with its field if that is there.
            written = text[term.start : term.end].partition(":")
            assert fold_words(written[2] or written[0]) == term.words
