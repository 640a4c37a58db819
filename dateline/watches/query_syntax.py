"""Return the text of a watch query as the tree of its grammar, or say where it is none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lark import Lark, Token, Tree, UnexpectedCharacters, UnexpectedToken

from dateline.errors import QueryInvalid

# A query of this length has some 1000 words; longer ones are pasted articles.
MAX_QUERY_CHARS = 8_000
# Nobody can read more brackets; every walk over the tree may then be recursive.
MAX_DEPTH = 20
_SHOWN_CHARS = 60

_GRAMMAR = r"""
start: _any
_any: any | _all
any: _all (_OR _all)+
_all: all | _part
all: _part (_AND? _part)+
_part: not | _close
not: NOT _close
_close: near | _atom
near: _atom (NEAR _atom)+
_atom: term | group | sentence
term: [FIELD] (WORD | QUOTED)
group: [FIELD] OPEN _any CLOSE
sentence: SENTENCE OPEN _any CLOSE

_AND.3: /AND(?![^\s()"])/
_OR.3: /OR(?![^\s()"])/
NOT.3: /NOT(?![^\s()"])/
NEAR.3: /NEAR\/[0-9]{1,4}(?![^\s()"])/
SENTENCE.3: /SENTENCE(?![^\s()"])/
FIELD.2: /[^\W\d_]+:/
QUOTED: /"[^"]*"/
WORD: /[^\s()"]+/
OPEN: "("
CLOSE: ")"
%ignore /\s+/
"""
_PARSER = Lark(_GRAMMAR, parser="lalr", lexer="basic", maybe_placeholders=True)

# Others than the straight one are typed by word processors and in other languages.
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞〟″", '"'))
# Joiners are spelling in Persian and in scripts of India.
_JOINERS = "\u200c\u200d"
_WHITE_SPACE = "\t\n\r"
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_SIDES = '{0} needs something on both sides; as a word, write "{1}"'
_LONE = {
    "_AND": _SIDES.format("AND", "and"),
    "_OR": _SIDES.format("OR", "or"),
    "NEAR": _SIDES.format("NEAR", "near"),
    "NOT": "NOT alone: write it once, and behind it what must not be there",
    "SENTENCE": "SENTENCE cannot stand behind a field or beside NEAR",
}


def read_syntax(text: str) -> Tree[Token]:
    """Return the tree of the grammar; its tokens know where they stand in ``text``.

    Raises:
        QueryInvalid: the text is empty, too long or too deep, has characters that nobody sees, or
            is no query.
    """
    if len(text) > MAX_QUERY_CHARS:
        raise QueryInvalid(
            f"the query has {len(text)} characters; at most {MAX_QUERY_CHARS} are read.",
            position=MAX_QUERY_CHARS,
        )
    _refuse_unseen(text)
    straight = text.translate(_QUOTES)
    if not straight.strip():
        raise QueryInvalid("the query is empty.")
    _refuse_depth(text, straight)
    try:
        return _PARSER.parse(straight)
    except UnexpectedCharacters as error:
        # Every character but a lone quotation mark begins some token.
        raise fault(text, error.pos_in_stream or 0, "unclosed quote") from error
    except UnexpectedToken as error:
        raise _misplaced(text, error) from error


def fault(text: str, position: int, problem: str) -> QueryInvalid:
    """Return the error for the character of ``text`` at ``position``, with a caret below it."""
    position = min(position, len(text))
    first = max(0, position - _SHOWN_CHARS // 2)
    before = _shown(text[first:position])
    line = before + _shown(text[position : first + _SHOWN_CHARS])
    return QueryInvalid(
        f"{problem} (character {position + 1}):\n  {line}\n  {' ' * _columns(before)}^",
        position=position,
    )


def _refuse_unseen(text: str) -> None:
    for at, character in enumerate(text):
        if (
            unicodedata.category(character) in _UNSEEN
            and character not in _JOINERS
            and character not in _WHITE_SPACE
        ):
            raise fault(
                text, at, f"a character that cannot be seen, U+{ord(character):04X}; leave it out"
            )


def _refuse_depth(text: str, straight: str) -> None:
    depth = 0
    for at, bracket in _brackets(straight):
        depth += 1 if bracket == "(" else -1
        if depth > MAX_DEPTH:
            raise fault(text, at, f"brackets more than {MAX_DEPTH} deep")


def _brackets(straight: str) -> Iterator[tuple[int, str]]:
    for match in re.finditer(r'"[^"]*"|[()]', straight):
        if match[0] in "()":
            yield match.start(), match[0]


def _misplaced(text: str, error: UnexpectedToken) -> QueryInvalid:
    token, before = error.token, _token_before(error)
    is_end = token.type == "$END"
    at = len(text.rstrip()) if is_end else token.start_pos or 0
    if is_end and "CLOSE" in error.expected:
        return fault(text, _open_bracket(text), "unclosed bracket: `)` is missing")
    if before == "SENTENCE":
        problem = "SENTENCE needs brackets: SENTENCE(a b)"
    elif is_end:
        problem = f"`{before}` needs something behind it"
    elif token.type in _LONE:
        problem = _LONE[token.type]
    elif token.type == "CLOSE":
        problem = "a bracket too many, or nothing in front of it"
    else:
        problem = f"`{token}` stands where it cannot be understood"
    return fault(text, at, problem)


def _token_before(error: UnexpectedToken) -> str:
    """Return the token before the one that does not fit; empty where there is none."""
    stack = error.interactive_parser.parser_state.value_stack
    return str(stack[-1]) if stack and isinstance(stack[-1], Token) else ""


def _open_bracket(text: str) -> int:
    """Return where the last bracket stands that nobody closes."""
    opened: list[int] = []
    for at, bracket in _brackets(text.translate(_QUOTES)):
        if bracket == "(":
            opened.append(at)
        elif opened:
            opened.pop()
    return opened[-1] if opened else 0


def _shown(text: str) -> str:
    """Return ``text`` on one line, without what would change the line of a terminal."""
    return "".join(
        " " if each in _WHITE_SPACE else "\ufffd" if unicodedata.category(each) in _UNSEEN else each
        for each in text
    )


def _columns(text: str) -> int:
    wide = sum(unicodedata.east_asian_width(each) in "WF" for each in text)
    return len(text) + wide - sum(unicodedata.combining(each) > 0 for each in text)
