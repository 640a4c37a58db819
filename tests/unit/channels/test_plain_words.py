"""Foreign text on one line, harmless in chats; addresses that lead to the web only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.channels.plain_words import chat_line, one_line, web_url


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\r\nb\tc\x00\x1b[31m", "a b c[31m"),
        ("\u202egnp.exe\u2066x\u200f", "gnp.exex"),
        ("گفت\u200cوگو", "گفت\u200cوگو"),
        ("a\u2028b\u2029c\x85d", "a b c d"),
        ("x\ud800y", "xy"),
    ],
)
def test_one_line_leaves_out_what_is_no_text(text: str, line: str) -> None:
    assert one_line(text) == line


def test_one_line_is_cut_at_a_word() -> None:
    assert one_line("one two three four", 12) == "one two…"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("@everyone hi @here", "@\u200beveryone hi @\u200bhere"),
        ("write to a@b.example", "write to a@b.example"),
        ("<!channel> <http://x|y>", "‹!channel› ‹http://x|y›"),
        ("[more](http://x)", "[more]\u200b(http://x)"),
        ("![x](http://x)", "![x]\u200b(http://x)"),
    ],
)
def test_chat_line_has_nothing_to_act_on(text: str, line: str) -> None:
    assert chat_line(text) == line


@given(st.text())
def test_lines_are_lines_for_any_text(text: str) -> None:
    for line in (one_line(text), chat_line(text), one_line(text, 20)):
        assert line.splitlines() in ([], [line])
        assert line.encode().decode() == line
    assert not set("<>") & set(chat_line(text))


@given(st.text(max_size=80), st.sampled_from(["", "http://x.example/", "https://"]))
def test_web_url_is_a_plain_web_address_or_none(text: str, start: str) -> None:
    url = web_url(start + text)
    if url is not None:
        assert url.startswith(("http://", "https://"))
        assert not set(" <>\"'()@\n") & set(url)
        assert chat_line(url) == url
