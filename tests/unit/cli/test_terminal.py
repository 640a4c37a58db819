"""Nothing that an article says may act on the terminal."""

from __future__ import annotations

import io
import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from dateline.cli.terminal import (
    highlighted,
    json_text,
    lines,
    one_line,
    print_field,
    print_table,
    print_text,
    without_marks,
)

HOSTILE = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J \u202eback\u2066 \x7f \ud800 \r\n\tend"


def _console() -> Console:
    return Console(file=io.StringIO(), highlight=False, soft_wrap=True)


def _written(console: Console) -> str:
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def _is_harmless(text: str) -> bool:
    kinds = {unicodedata.category(char) for char in text if char not in "\n\t"}
    return not kinds & {"Cc", "Cs"} and not set(text) & set("\u202a\u202d\u202e\u2066\u2028")


def test_one_line_shows_what_acts_on_a_terminal() -> None:
    assert one_line("\x1b[31mred\x07") == "␛[31mred␇"
    assert _is_harmless(one_line(HOSTILE))
    assert "\n" not in one_line(HOSTILE)


def test_lines_keep_line_ends() -> None:
    assert lines("a\n\tb\rc") == "a\n\tb␍c"
    assert _is_harmless(lines(HOSTILE))


@given(st.text(st.characters(max_codepoint=sys.maxunicode, exclude_categories=[])))
def test_any_text_becomes_harmless_and_keeps_its_length(text: str) -> None:
    for safe in (one_line(text), lines(text)):
        assert len(safe) == len(text)
        assert _is_harmless(safe)
        safe.encode()


@given(st.text(st.characters(max_codepoint=sys.maxunicode, exclude_categories=["Cs"])))
def test_json_text_is_harmless_and_means_the_same(text: str) -> None:
    written = json_text({"text": text})

    assert _is_harmless(written)
    assert json.loads(written) == {"text": text}


def test_json_text_keeps_other_alphabets_readable() -> None:
    assert json_text("Doha الدوحة", indent=None) == '"Doha الدوحة"'


@pytest.mark.parametrize("text", ["[red]alert[/red]", "[/]", ":smile:", "[link=http://x]y[/link]"])
def test_markup_is_printed_as_it_stands(text: str) -> None:
    console = _console()

    print_text(console, text)
    print_field(console, "label", text)
    print_table(console, ("heading",), [(text,)])

    assert _written(console).count(text) == 3


def test_print_table_keeps_each_row_on_one_line_in_a_pipe() -> None:
    console = _console()

    print_table(console, ("a", "b"), [("x" * 200, "y\nz")])

    assert _written(console).splitlines()[1].split() == ["x" * 200, "y", "z"]


def test_print_field_puts_several_values_below_each_other() -> None:
    console = _console()

    print_field(console, "names", ["a", "b"])
    print_field(console, "none", [])

    assert _written(console) == "names         a\n              b\n"


@pytest.mark.parametrize(
    ("marked", "plain", "spans"),
    [
        ("a \ue000b\ue001 c", "a b c", [(2, 3)]),
        ("\ue000a\ue001\ue000b\ue001", "ab", [(0, 1), (1, 2)]),
        ("no marks", "no marks", []),
        ("\ue001stray\ue000 open", "stray open", [(5, 10)]),
    ],
)
def test_highlighted_styles_between_the_marks(
    marked: str, plain: str, spans: list[tuple[int, int]]
) -> None:
    text = highlighted(marked, "bold")

    assert text.plain == plain
    assert [(span.start, span.end) for span in text.spans] == spans
    assert without_marks(marked) == plain


def test_highlighted_is_harmless() -> None:
    assert _is_harmless(highlighted(f"\ue000{HOSTILE}\ue001", "bold").plain)
