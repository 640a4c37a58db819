"""Return text that is safe to print: nothing from an article may act on the terminal.

A hostile title could carry escape sequences (move the cursor, change the window title, paste into
the shell), overrides that reverse the reading order, or markup of the terminal library. All text
from articles, records and their headers passes through here and is never parsed as markup.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from dateline.search.article_queries import HIGHLIGHT_END, HIGHLIGHT_START

PIPE_WIDTH_CHARS = 1000
SHORT_ID_CHARS = 12  # no two of 10 million ids share so many hexadecimal characters (p < 0.2)
LABEL_CHARS = 14
REPLACEMENT = "\ufffd"
LINE_ENDS = {0x2028: " ", 0x2029: " ", 0x85: " "}


def _unsafe_characters() -> dict[int, str]:
    # One character for one: offsets of mentions stay right. The control pictures show what it was.
    table = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x7F] = "\u2421"
    ranges = [
        range(0x80, 0xA0),  # C1: 0x9B begins a sequence like ESC [
        range(0x202A, 0x202F),  # directional embeddings and overrides
        range(0x2066, 0x206A),  # directional isolates
        range(0xFFF9, 0xFFFC),  # interlinear annotation
        range(0xD800, 0xE000),  # lone surrogates cannot be written at all
        range(0xE0000, 0xE0080),  # invisible tag characters
    ]
    table.update(dict.fromkeys((code for codes in ranges for code in codes), REPLACEMENT))
    return table | LINE_ENDS


UNSAFE = _unsafe_characters()
ONE_LINE = UNSAFE | dict.fromkeys(map(ord, "\t\n\r\f\v"), " ")
LINES = {code: char for code, char in UNSAFE.items() if chr(code) not in "\n\t"}
MARKS = str.maketrans("", "", HIGHLIGHT_START + HIGHLIGHT_END)


def one_line(text: str) -> str:
    """Return ``text`` on one line with every character that acts on a terminal made visible."""
    return text.translate(ONE_LINE)


def lines(text: str) -> str:
    """Return ``text`` with its lines kept and everything else that acts on a terminal visible.

    The length stays: offsets into ``text`` are offsets into the result.
    """
    return text.translate(LINES)


def json_text(value: Any, *, indent: int | None = 2) -> str:
    """Return ``value`` as JSON that is safe to print: what acts on a terminal is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    # Control characters below 0x20 are escaped by JSON already; its own line ends must stay.
    return "".join(_json_escape(c) if ord(c) in UNSAFE and c != "\n" else c for c in text)


def _json_escape(char: str) -> str:
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"


def highlighted(marked: str, style: str) -> Text:
    """Return the text on one line, styled between the marks that a search request asked for."""
    text = Text()
    is_on = False
    for piece in (
        one_line(marked)
        .replace(HIGHLIGHT_END, HIGHLIGHT_START + HIGHLIGHT_END)
        .split(HIGHLIGHT_START)
    ):
        if piece.startswith(HIGHLIGHT_END):
            is_on = False
        text.append(piece.removeprefix(HIGHLIGHT_END), style if is_on else "")
        is_on = True
    return text


def without_marks(marked: str) -> str:
    """Return ``marked`` without the highlight marks."""
    return marked.translate(MARKS)


def uses_colour(console: Console) -> bool:
    """Return whether colours reach the reader: a terminal that has them, and no ``NO_COLOR``."""
    return console.color_system is not None and not console.no_color


def print_text(console: Console, text: str | Text, style: str | Style = "") -> None:
    """Print ``text`` without reading markup, emoji codes or links in it."""
    console.print(text, style=style, markup=False, emoji=False, highlight=False)


def print_field(console: Console, label: str, value: str | Text | Iterable[str]) -> None:
    """Print ``label  value``; several values stand below each other, none prints nothing."""
    values = [value] if isinstance(value, str | Text) else list(value)
    for position, one in enumerate(values):
        line = Text(f"{label if not position else '':<{LABEL_CHARS}}", style="dim")
        line.append_text(one if isinstance(one, Text) else Text(one_line(one), style="not dim"))
        print_text(console, line)


def print_table(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; in a pipe or a log each row is one line, however long."""
    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    if console.is_terminal:
        console.print(table)
        return
    wide = Console(file=io.StringIO(), width=PIPE_WIDTH_CHARS)
    with wide.capture() as written:
        wide.print(table)
    for line in written.get().splitlines():
        print_text(console, line.rstrip())


def short_id(article_id: str) -> str:
    """Return enough of an id to find the article again."""
    return one_line(article_id[:SHORT_ID_CHARS])
