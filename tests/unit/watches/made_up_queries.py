"""Random watch queries and articles that have much in common, and what a query means, naively."""

from __future__ import annotations

from itertools import product

from hypothesis import strategies as st
from watch_articles import Named, article_view

from dateline.watches.article_view import ArticleView
from dateline.watches.keys import keys_of
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
    TypeTerm,
)
from dateline.watches.text_view import NOWHERE, Place

WORDS = ("talks", "talk", "nuclear", "nuclei", "deal", "doha", "the", "3.5", "核", "conference")
PEOPLE = (
    Named(name="Ali Bagheri", aliases=("Bagheri",), country_code="ir"),
    Named(name="Mohammed al-Khulaifi", aliases=("al-Khulaifi",), country_code="qa"),
    Named(name="Deal Ltd", entity_type="organization", qid="Q1", country_code="qa"),
    Named(name="Doha", entity_type="place", qid="Q2", country_code="qa"),
    Named(name="The Deal", entity_type="law", aliases=("nuclear deal",)),
)
NAMES = tuple(form for each in PEOPLE for form in (each.name, *each.aliases))

words = st.sampled_from(WORDS)
tokens = st.one_of(words, words, st.sampled_from(NAMES))
sentences = st.lists(tokens, min_size=1, max_size=6).map(lambda each: f"The {' '.join(each)}.")


@st.composite
def articles(draw: st.DrawFn) -> ArticleView:
    text = "\n\n".join(draw(st.lists(sentences, max_size=5)))
    named = tuple(each for each in PEOPLE if any(f in text for f in (each.name, *each.aliases)))
    return article_view(
        text, named, title=" ".join(draw(st.lists(tokens, max_size=5))),
        enriched={"language": draw(st.sampled_from(("en", "fr")))},
    )  # fmt: skip


phrases = st.builds(
    lambda words, field, cut: Phrase(
        words=tuple(words[:-1]) + ((words[-1][:cut],) if cut else (words[-1],)),
        field=field,
        is_prefix=cut > 0,
    ),
    st.lists(words, min_size=1, max_size=3),
    st.sampled_from(("any", "any", "title", "body")),
    st.sampled_from((0, 0, 0, 1, 3, 8)),
)
entity_terms = st.one_of(
    st.sampled_from((*NAMES, "deal", "Nobody")).map(lambda name: EntityTerm(name=name)),
    st.sampled_from(("Q1", "Q2", "Q3")).map(lambda each: EntityTerm(entity_id=each)),
    st.sampled_from(("person", "law", "event")).map(lambda each: TypeTerm(entity_type=each)),
    st.sampled_from(("qa", "ir", "fr")).map(lambda code: CountryTerm(code=code)),
)
field_terms = st.builds(
    lambda pair: FieldTerm(name=pair[0], value=pair[1]),
    st.sampled_from((("lang", "en"), ("license", "cc"), ("license", "cc-by-4.0"), ("lang", "de"))),
)
placed_terms = st.one_of(phrases, phrases, entity_terms)


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(parts, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(lambda each: And(children=each)), several.map(lambda each: Or(children=each))
    )


alternatives = st.lists(placed_terms, min_size=2, max_size=3).map(
    lambda each: Or(children=tuple(each))
)
sides = st.one_of(placed_terms, placed_terms, alternatives)
nears = st.builds(
    lambda left, right, distance: Near(left=left, right=right, distance=distance),
    sides, sides, st.integers(1, 6),
)  # fmt: skip
in_sentences = st.recursive(
    placed_terms,
    lambda parts: st.one_of(joined(parts), parts.map(lambda child: Not(child=child))),
    max_leaves=4,
)
trees: st.SearchStrategy[Node] = st.recursive(
    st.one_of(
        placed_terms, field_terms, nears, in_sentences.map(lambda child: Sentence(child=child))
    ),
    lambda parts: st.one_of(joined(parts), parts.map(lambda child: Not(child=child))),
    max_leaves=5,
)
# The text stands for the query: the same tree has the same.
queries = trees.map(lambda tree: Query(text=repr(tree), tree=tree))


def is_true(node: Node, view: ArticleView) -> bool:
    """Return whether ``node`` is true of the article, by looking everywhere."""
    match node:
        case And(children=children):
            return all(is_true(each, view) for each in children)
        case Or(children=children):
            return any(is_true(each, view) for each in children)
        case Not(child=child):
            return not is_true(child, view)
        case Sentence(child=child):
            return any(_is_true_of(child, view, each) for each in range(view.sentence_count))
        case Near(left=left, right=right, distance=distance):
            return _is_near(left, right, view, distance)
    return bool(
        view.keys & set(keys_of(node)) if isinstance(node, FieldTerm) else _places(node, view)
    )


def _is_true_of(node: Node, view: ArticleView, sentence: int) -> bool:
    match node:
        case And(children=children):
            return all(_is_true_of(each, view, sentence) for each in children)
        case Or(children=children):
            return any(_is_true_of(each, view, sentence) for each in children)
        case Not(child=child):
            return not _is_true_of(child, view, sentence)
    return any(each.sentence == sentence for each in _places(node, view))


def _is_near(left: Node, right: Node, view: ArticleView, distance: int) -> bool:
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Or):
            return any(_is_near(each, other, view, distance) for each in one.children)
    return any(
        1 <= max(two.first - one.last, one.first - two.last) <= distance
        for one, two in product(_places(left, view), _places(right, view))
        if one.text == two.text and NOWHERE not in (one.first, two.first)
    )


def _places(node: Node, view: ArticleView) -> list[Place]:
    if isinstance(node, Phrase):
        return [
            text.place(first, first + len(node.words) - 1)
            for text in (view.body, view.title)
            if node.field in ("any", text.name)
            for first in range(len(text.words))
            if _stands(node, text.words[first : first + len(node.words)])
        ]
    assert isinstance(node, EntityTerm | TypeTerm | CountryTerm)
    wanted = set(keys_of(node))
    return [
        place
        for entity in view.entities
        for key in sorted(entity.keys & wanted)[:1]
        for place in view.places[key]
        if place.entity is entity
    ]


def _stands(phrase: Phrase, found: tuple[str, ...]) -> bool:
    *wanted, last = phrase.words
    if len(found) < len(phrase.words) or list(found[:-1]) != wanted:
        return False
    return found[-1].startswith(last) if phrase.is_prefix else found[-1] == last
