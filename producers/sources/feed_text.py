"""Return the text of a feed's fields, and whether it is an article or a teaser."""

from __future__ import annotations

import re

# A news flash has some 100 words; a teaser of that length that ends in a full sentence is rare.
MIN_FULL_TEXT_CHARS = 600
# Short items are whole where they say clearly more than their own summary.
MIN_LONGER_CHARS = 200
LONGER_THAN_SUMMARY = 2
TAIL_CHARS = 300
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,2000}/?>|<!--|&#?\w{2,31};")
# Markup in fields that should have none is common, a news text about tags is not.
_HTML_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|center|code|del|div|em|embed|figure|font|form|h[1-6]|hr|i|iframe"
    r"|img|ins|li|link|meta|object|ol|p|q|s|script|small|span|strike|strong|style|sub|sup|svg|table"
    r"|td|tr|tt|u|ul|video)(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
# `[…]` may stand before a last line such as "The post ... appeared first on ...".
_CUT_MARK = re.compile(r"\[\s*(?:…|\.\.\.)\s*\]")
_CUT_END = re.compile(
    r"(?:…|\.\.\.|\b(?:read (?:more|on|the (?:full|rest)[\w ]{0,20})|continue reading[\w ]{0,60}"
    r"|keep reading|weiterlesen|mehr lesen|lire la suite|leer más|seguir leyendo)\b)"
    r"[\s.…»›>→\])\"”]*\Z",
    re.IGNORECASE,
)


def field_text(value: str, media_type: str) -> str:
    """Return the text of a field, one line a paragraph; markup goes, its text stays.

    Markup goes from plain text, too, where it is plainly HTML.
    """
    if not (_MARKUP.search(value) if is_markup(media_type) else _HTML_TAG.search(value)):
        return "\n".join(
            line for line in (" ".join(line.split()) for line in value.split("\n")) if line
        )
    from producers.sources.html_file import html_to_text  # takes 0.5 s

    return html_to_text(value)


def title_text(value: str, media_type: str) -> str | None:
    """Return a title as one line of text, None when there is none."""
    return " ".join(field_text(value, media_type).split()) or None


def is_markup(media_type: str) -> bool:
    """Return whether a field of this type holds HTML."""
    return "html" in media_type or media_type.endswith("xml")


def is_full_text(body: str, summary: str | None) -> bool:
    """Return whether ``body``, from an element meant for the whole text, is the article.

    At least 600 characters, or 200 and twice the summary's, and no sign that the text was cut:
    an ellipsis, ``[…]``, "read more" and the like at the end.
    """
    tail = body[-TAIL_CHARS:]
    if _CUT_MARK.search(tail) or _CUT_END.search(tail):
        return False
    if len(body) >= MIN_FULL_TEXT_CHARS:
        return True
    length = len(summary or "")
    return bool(length) and len(body) >= max(MIN_LONGER_CHARS, LONGER_THAN_SUMMARY * length)
