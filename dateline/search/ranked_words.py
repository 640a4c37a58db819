"""Return a query as a scored clause of the articles index: what fits better comes first; pure.

What a query finds is what a watch of the same text would be told of (``watch_clauses.py``), and
more: words without quotation marks are also looked for among the names of an article, in all the
spellings that the index has of them, and with an error in them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dateline.search.watch_clauses import more_clause
from dateline.search.watch_terms import TEXT_FIELDS, Clause
from dateline.watches.query_parts import terms_of
from dateline.watches.query_tree import And, EntityTerm, Near, Node, Or, Phrase, Query, Sentence

# The weights below were chosen on half of the development stories (docs/quality-search.md). They
# have no titles of their own: that of ``title`` is a little above what was best for first lines.
# One analyzer for all: a stop word that one field drops must not be missing in another.
FIELD_BOOSTS: Mapping[str, float] = {
    "title": 1.5, "summary": 0.5, "body": 1.0, "body_internal": 1.0, "entity_names": 1.0,
}  # fmt: skip
# The best field of a word counts in full, the others so much.
TIE_BREAKER = 0.3
# The word in another spelling ("Chávez", "Iran's"); the server does not score patterns.
SPELLED_BOOST = 0.5
# Misspelled names are looked for here; other fields hold too many words that are near.
FUZZY_FIELDS = ("entity_names", "title")
MIN_FUZZY_CHARS = 5
# One error, and two in words of nine letters and more.
FUZZINESS = f"AUTO:{MIN_FUZZY_CHARS},9"
FUZZY_BOOST = 0.5
MAX_FUZZY_EXPANSIONS = 10
# Longer questions have enough other words, and each expansion costs a clause.
MAX_FUZZY_TERMS = 10
TOGETHER_FIELDS = ("title^2", "body", "body_internal")
TOGETHER_SLOP = 2
MAX_TOGETHER_WORDS = 5
NAME_GAPS = 3
# So many words beside one another are all needed; of more than these, this share.
ALL_NEEDED_WORDS = 2
NEEDED_SHARE = 0.4
_QUOTES = frozenset('"“”„‟«»＂〝〞〟″')


def words_clause(query: Query, *, is_most_enough: bool = False) -> Clause:
    """Return a clause that finds ``query``, or a little more, and scores how well it fits.

    ``is_most_enough``: of three and more words that stand beside one another two fifths suffice,
    two at least. What is joined by AND, quoted or of a field is always needed.
    """
    return _Ranked(query).clause(is_most_enough=is_most_enough)


class _Ranked:
    def __init__(self, query: Query) -> None:
        self._text = query.text
        self._tree = query.tree
        self._is_fuzzy = sum(1 for _ in terms_of(query.tree)) <= MAX_FUZZY_TERMS

    def clause(self, *, is_most_enough: bool) -> Clause:
        children = self._tree.children if isinstance(self._tree, And) else (self._tree,)
        plain = self._plain(children)
        if not is_most_enough or len(plain) <= ALL_NEEDED_WORDS:
            clause = self._all(children)
        else:
            words = [self._scored(each) for each in plain]
            needed = max(ALL_NEEDED_WORDS, round(len(plain) * NEEDED_SHARE))
            rest = [each for each in children if not any(each is one for one in plain)]
            clause = self._all(rest)
            clause["bool"].setdefault("must", []).append(_some_of(words, needed))
        if together := _together([word for each in plain for word in each.words]):
            clause["bool"]["should"] = together
        return clause

    def _plain(self, children: Sequence[Node]) -> list[Phrase]:
        """Return the words that stand beside others without quotation marks or AND."""
        gaps = ["", *map(self._between, children, children[1:]), ""]
        return [
            each
            for each, before, behind in zip(children, gaps[:-1], gaps[1:], strict=True)
            if isinstance(each, Phrase) and self._is_bare(each) and "AND" not in before + behind
        ]

    def _between(self, left: Node, right: Node) -> str:
        return self._text[left.end : right.start]

    def _is_bare(self, phrase: Phrase) -> bool:
        is_plain = phrase.field == "any" and not phrase.is_prefix
        return is_plain and self._text[phrase.end - 1 : phrase.end] not in _QUOTES

    def _all(self, children: Sequence[Node]) -> Clause:
        """Return what needs all of ``children``; those that only say yes or no do not score."""
        must = [self._scored(each) for each in children if _is_scored(each)]
        yes_or_no = [more_clause(each) for each in children if not _is_scored(each)]
        parts = {"must": must, "filter": yes_or_no}
        return {"bool": {name: clauses for name, clauses in parts.items() if clauses}}

    def _scored(self, node: Node) -> Clause:
        match node:
            case And(children=children):
                return self._all(children)
            case Or(children=children):
                return _best_of(list(map(self._scored, children)))
            case Phrase() if self._is_bare(node):
                return self._word(node)
            case Phrase():
                return _quoted(node)
            case _:
                return _constant(more_clause(node), 1.0)

    def _word(self, phrase: Phrase) -> Clause:
        """Return a clause for a word without quotation marks, or one that folds to several."""
        clauses = _matches(phrase, tuple(FIELD_BOOSTS))
        clauses.append(_constant(more_clause(phrase), SPELLED_BOOST))
        *others, last = phrase.words
        if self._is_fuzzy and not others and len(last) >= MIN_FUZZY_CHARS and last.isalpha():
            clauses += [_fuzzy(field, last) for field in FUZZY_FIELDS]
        return _best_of(clauses)


def _quoted(phrase: Phrase) -> Clause:
    """Return a clause for exactly these words: who quotes them wants no others."""
    spelled = _constant(more_clause(phrase), SPELLED_BOOST)
    if phrase.is_prefix:
        return spelled
    return _best_of([*_matches(phrase, TEXT_FIELDS[phrase.field]), spelled])


def _matches(phrase: Phrase, fields: Sequence[str]) -> list[Clause]:
    kind = "match" if len(phrase.words) == 1 else "match_phrase"
    words = " ".join(phrase.words)
    return [{kind: {each: {"query": words, "boost": FIELD_BOOSTS[each]}}} for each in fields]


def _fuzzy(field: str, word: str) -> Clause:
    # The first letter is seldom wrong, and without it every word of the index is compared.
    limits = {"fuzziness": FUZZINESS, "prefix_length": 1, "max_expansions": MAX_FUZZY_EXPANSIONS}
    return {"fuzzy": {field: {"value": word, "boost": FUZZY_BOOST, **limits}}}


def _together(words: Sequence[str]) -> list[Clause]:
    """Return what makes an article better that has the words together: in its text, in a name."""
    if not 1 < len(words) <= MAX_TOGETHER_WORDS:
        return []
    text = " ".join(words)
    near = {"query": text, "type": "phrase", "slop": TOGETHER_SLOP, "fields": list(TOGETHER_FIELDS)}
    name = {"match": {"query": text, "max_gaps": NAME_GAPS, "ordered": False}}
    return [{"multi_match": near}, {"intervals": {"entity_names": name}}]


def _is_scored(node: Node) -> bool:
    """Return whether articles differ in how well they fit ``node``."""
    return isinstance(node, And | Or | Phrase | EntityTerm | Near | Sentence)


def _some_of(clauses: list[Clause], needed: int) -> Clause:
    """Return what is true where ``needed`` of ``clauses`` are; all that are raise the score."""
    return {"bool": {"should": clauses, "minimum_should_match": needed}}


def _best_of(clauses: list[Clause]) -> Clause:
    return {"dis_max": {"queries": clauses, "tie_breaker": TIE_BREAKER}}


def _constant(clause: Clause, boost: float) -> Clause:
    return {"constant_score": {"filter": clause, "boost": boost}}
