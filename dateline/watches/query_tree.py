"""Return a watch query as a tree of plain data.

``parse_query`` makes it, ``evaluate`` says what it means.

Words are folded (``dateline/watches/words.py``), values of fields in lower case. ``start`` and
``end`` are where a node stands in the query as written, so that errors and reasons can point at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TextField = Literal["any", "title", "body"]
FieldName = Literal["source", "license", "lang"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Where a node stands in the query as written."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase(Span):
    """Words one behind the other; one word is a phrase of one.

    ``is_prefix``: the last word is the beginning of one (``nucl*``).
    """

    words: tuple[str, ...]
    field: TextField = "any"
    is_prefix: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityTerm(Span):
    """An entity by id or by any of its names (``entity:Q846``, ``entity:"al-Khulaifi"``).

    Exactly one is set. ``name`` is as written; it is folded by the entity's type when compared.
    """

    entity_id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeTerm(Span):
    """Any entity of a type (``type:organization``)."""

    entity_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CountryTerm(Span):
    """Anything tied to a country (``country:qa``): it, its capital, its demonym, its bodies."""

    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTerm(Span):
    """A field of the article with this value; of a licence, its SPDX id or its family."""

    name: FieldName
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Near(Span):
    """Both within ``distance`` words of each other, in either order, in one text.

    The distance of neighbours is 1. The sides hold no ``Near``, ``Not``, ``Sentence`` or field.
    """

    left: Node
    right: Node
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Span):
    """Everything in it is true of one sentence (``SENTENCE(type:organization country:qa)``).

    It holds phrases, entities, types, countries, And, Or and Not of these.
    """

    child: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Span):
    """All are true."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Span):
    """At least one is true."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Span):
    """It is not true."""

    child: Node


Term = Phrase | EntityTerm | TypeTerm | CountryTerm | FieldTerm
Node = Term | Near | Sentence | And | Or | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A query as written and as understood."""

    text: str
    tree: Node
