"""Return the article of a plain text file: the file is the body, nothing else is known."""

from __future__ import annotations

from producers.decode_text import decode_text
from producers.parsed import Parsed, ParsedArticle, Refusal


def parse_text(data: bytes) -> list[Parsed]:
    """Return the one article in ``data`` (UTF-8, with or without a mark), or why it is none.

    The body is kept byte for byte except the mark: no title is guessed from the first line.

    Raises: Nothing.
    """
    text = decode_text(data)
    if isinstance(text, Refusal):
        return [text]
    return [ParsedArticle(body=text, media_type="text/plain")]
