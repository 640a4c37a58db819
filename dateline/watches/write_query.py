"""Return a text for the tree of a query."""

from __future__ import annotations

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
    Sentence,
    Term,
    TypeTerm,
)


def write_query(tree: Node) -> str:
    """Return a text that ``parse_query`` reads as ``tree``, but for where the nodes stand."""
    match tree:
        case And(children=children):
            return " AND ".join(map(_operand, children))
        case Or(children=children):
            return " OR ".join(map(_operand, children))
        case Not(child=child):
            return f"NOT {_operand(child)}"
        case Near(left=left, right=right, distance=distance):
            return f"{_operand(left)} NEAR/{distance} {_operand(right)}"
        case Sentence(child=child):
            return f"SENTENCE({write_query(child)})"
        case _:
            return _write_term(tree)


def _operand(node: Node) -> str:
    written = write_query(node)
    return f"({written})" if isinstance(node, And | Or | Near | Not) else written


def _write_term(term: Term) -> str:
    match term:
        case Phrase(words=words, field=field, is_prefix=is_prefix):
            name = "" if field == "any" else f"{field}:"
            return f'{name}"{" ".join(words)}{"*" if is_prefix else ""}"'
        case EntityTerm(entity_id=entity_id, name=name):
            return f"entity:{entity_id}" if entity_id else f'entity:"{name}"'
        case TypeTerm(entity_type=entity_type):
            return f"type:{entity_type}"
        case CountryTerm(code=code):
            return f"country:{code}"
        case FieldTerm(name=name, value=value):
            return f'{name}:"{value}"'
