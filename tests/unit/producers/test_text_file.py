from __future__ import annotations

import pytest

from producers.parsed import ParsedArticle, Refusal
from producers.sources.text_file import parse_text


def test_parse_text_keeps_the_body_without_the_mark() -> None:
    [article] = parse_text(b"\xef\xbb\xbfTEHRAN \xe2\x80\x93 One.\r\n Two. \n")
    assert isinstance(article, ParsedArticle)
    assert article.body == "TEHRAN – One.\r\n Two. \n"
    assert article.title is None
    assert article.extraction_method == "verbatim"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty: 0 bytes", id="nothing"),
        pytest.param(b" \n\t", "empty: no text", id="white-space"),
        pytest.param(b"\xef\xbb\xbf", "empty: no text", id="only-a-mark"),
        pytest.param(b"PK\x03\x04\x00\x00", "binary: NUL byte at position 4", id="binary"),
        pytest.param(
            b"one\ncaf\xe9",
            "wrong encoding: not UTF-8, byte 0xe9 at position 7 (line 2)",
            id="latin-1",
        ),
        pytest.param(
            b"\xef\xbb\xbfcaf\xe9",
            "wrong encoding: not UTF-8, byte 0xe9 at position 6 (line 1)",
            id="latin-1-after-a-mark",
        ),
        pytest.param(
            "é".encode("utf-16"),
            "wrong encoding: UTF-16, expected UTF-8; convert it with `iconv -f UTF-16 -t UTF-8`",
            id="utf-16",
        ),
        pytest.param(
            "é".encode("utf-32"),
            "wrong encoding: UTF-32, expected UTF-8; convert it with `iconv -f UTF-32 -t UTF-8`",
            id="utf-32",
        ),
    ],
)
def test_parse_text_refuses_with_a_reason(data: bytes, reason: str) -> None:
    assert parse_text(data) == [Refusal(reason=reason)]
