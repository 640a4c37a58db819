"""Return clauses of the articles index for the terms of a watch query; pure."""

from __future__ import annotations

from typing import Any

from dateline.names.fold import fold_name
from dateline.search.word_patterns import word_pattern
from dateline.watches.query_tree import CountryTerm, EntityTerm, FieldTerm, Phrase, Term, TypeTerm
from dateline.watches.words import fold_words, is_joined_in_index

Clause = dict[str, Any]

TEXT_FIELDS = {
    "any": ("title", "body", "body_internal"),
    "body": ("body", "body_internal"),
    "title": ("title",),
}
_KEYWORD_FIELDS = {
    "source": ("source_id",),
    "lang": ("language",),
    "license": ("rights.spdx_expression", "rights.family"),
}
ALL: Clause = {"match_all": {}}
NONE: Clause = {"match_none": {}}
# A shorter beginning has more words in a large index than one interval may hold.
MIN_INTERVAL_PREFIX_CHARS = 5
# Lucene leaves 100 positions between two names of one article; fewer means the same name.
MAX_NAME_GAPS = 20
# Ways in which names are folded (``fold_name``).
_NAME_KINDS = ("person", "organization", "other")
# Words of a name that some of its spellings lack or join with the next one; initials and numbers
# are such, too ("J.R.R.", "3.5").
_LOOSE_WORDS = frozenset({"al", "el", "bin", "ibn", "ben", "and", "بن", "ابن"})
# Abdulaziz is also Abd al-Aziz.
_SERVANTS = ("abd", "عبد")


def term_clause(term: Term) -> Clause:
    """Return what is true of at least what ``term`` is true of."""
    match term:
        case Phrase():
            return _phrase(term)
        case EntityTerm():
            return _entity(term)
        case TypeTerm(entity_type=entity_type):
            return _of_an_entity({"term": {"document_entities.type": entity_type}})
        case CountryTerm(code=code):
            return {"term": {"countries": code}}
        case FieldTerm(name=name, value=value):
            return any_of([_keyword(field, value) for field in _KEYWORD_FIELDS[name]])


def _entity(term: EntityTerm) -> Clause:
    if term.entity_id:
        qid = _of_an_entity({"term": {"document_entities.qid": term.entity_id}})
        return any_of([{"term": {"entity_ids": term.entity_id}}, qid])
    return any_of([_name(fold_name(term.name or "", kind)) for kind in _NAME_KINDS])


def is_said(phrase: Phrase) -> bool:
    """Return whether the index can be asked for exactly this phrase."""
    *_, last = phrase.words
    is_short = phrase.is_prefix and len(last) < MIN_INTERVAL_PREFIX_CHARS
    if any(map(is_joined_in_index, phrase.words)) or (is_short and len(phrase.words) > 1):
        return False
    return all(word_pattern(word) for word in phrase.words)


def _phrase(phrase: Phrase) -> Clause:
    fields = TEXT_FIELDS[phrase.field]
    if not is_said(phrase):
        # Each word for itself; those that the index does not have as such are not asked for.
        *others, last = phrase.words
        parts = [Phrase(words=(word,), field=phrase.field) for word in others]
        parts.append(Phrase(words=(last,), field=phrase.field, is_prefix=phrase.is_prefix))
        said = [_phrase(each) for each in parts if is_said(each)]
        return all_of(said) if said else ALL
    if len(phrase.words) > 1:
        return any_of([{"intervals": {field: phrase_interval(phrase)}} for field in fields])
    pattern = word_pattern(phrase.words[0], is_prefix=phrase.is_prefix)
    return any_of(
        [{"regexp": {field: {"value": pattern, "flags": "NONE"}}} for field in fields]
        + [{"match": {field: word}} for field in fields for word in _whole(phrase)]
    )


def phrase_interval(phrase: Phrase) -> Clause:
    """Return the interval of the phrase: as it is spelled, or by the stems of its words."""
    *others, last = phrase.words
    patterns = [*map(word_pattern, others), word_pattern(last, is_prefix=phrase.is_prefix)]
    spelled = _in_order([{"regexp": {"pattern": pattern}} for pattern in patterns])
    stems = [
        {"match": {"query": words, "ordered": True, "max_gaps": 0}} for words in _whole(phrase)
    ]
    return {"any_of": {"intervals": [spelled, *stems]}} if stems else spelled


def _whole(phrase: Phrase) -> list[str]:
    return [] if phrase.is_prefix else [" ".join(phrase.words)]


def _in_order(intervals: list[Clause]) -> Clause:
    if len(intervals) == 1:
        return intervals[0]
    return {"all_of": {"ordered": True, "max_gaps": 0, "intervals": intervals}}


def _name(folded: str) -> Clause:
    """Return a clause for the words of a folded name inside one name, in any order."""
    patterns = [pattern for word in fold_words(folded) if (pattern := _name_pattern(word))]
    if not patterns:
        return {"exists": {"field": "entity_names"}} if folded else NONE
    rules = [{"regexp": {"pattern": pattern}} for pattern in patterns]
    together = {"all_of": {"ordered": False, "max_gaps": MAX_NAME_GAPS, "intervals": rules}}
    return {"intervals": {"entity_names": together if len(rules) > 1 else rules[0]}}


def _name_pattern(word: str) -> str | None:
    """Return a pattern for a word of a name; None where some spellings of the name lack it."""
    if is_joined_in_index(word) or word in _LOOSE_WORDS or word.isdecimal():
        return None
    if beginning := next(filter(word.startswith, _SERVANTS), None):
        return word_pattern(beginning, is_prefix=True)
    is_initial = len(word) == 1 and word.upper() != word
    return None if is_initial else word_pattern(word)


def _of_an_entity(clause: Clause) -> Clause:
    return {"nested": {"path": "document_entities", "query": clause}}


def _keyword(field: str, value: str) -> Clause:
    return {"term": {field: {"value": value, "case_insensitive": True}}}


def all_of(clauses: list[Clause]) -> Clause:
    """Return what is true where all of ``clauses`` are."""
    return clauses[0] if len(clauses) == 1 else {"bool": {"filter": clauses}}


def any_of(clauses: list[Clause]) -> Clause:
    """Return what is true where one of ``clauses`` is."""
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": clauses, "minimum_should_match": 1}}
