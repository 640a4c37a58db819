"""Return foreign text as harmless words: one line, without what a reader's program would act on."""

from __future__ import annotations

import re
import unicodedata

from yarl import URL

MAX_URL_CHARS = 2_000
# Cc control, Cf format (among them the marks that turn the direction of text: "Trojan source"),
# Cs lone surrogates (no UTF-8), Co and Cn: nothing that a font can show.
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
# Joins letters in Persian and several Indian scripts, and parts of emoji.
JOINERS = "\u200c\u200d"
BREAK = "\u200b"
# Chats ring everybody's bell for @everyone and @here.
MENTION = re.compile(r"(?<![\w.])@(?=\w)")
# Slack acts on <!channel> and <http://...|text>; chats that read Markdown on [text](http://...).
ANGLES = str.maketrans("<>", "‹›")
LINK_JOINT = re.compile(r"\](?=[(\[])")
VISIBLE = re.compile(r"[!-~]+")
# Left as they are in an address, these would be taken for marks of its end or for a mention.
URL_MARKS = {mark: f"%{ord(mark):02X}" for mark in "()<>\"'`*|\\^{}@"}


def one_line(text: str, max_chars: int | None = None) -> str:
    """Return ``text`` on one line, without control and direction characters, cut at a word's end.

    Raises: Nothing.
    """
    spaced = " ".join(text.split())
    line = "".join(
        each for each in spaced if each in JOINERS or unicodedata.category(each) not in UNSEEN
    )
    if max_chars is None or len(line) <= max_chars:
        return line
    cut = line[: max_chars - 1]
    head, space, _ = cut.rpartition(" ")
    return f"{head if space and len(head) > max_chars // 2 else cut}…"


def chat_line(text: str) -> str:
    """Return ``text`` so that no chat takes it for a mention, a link or a command.

    What it looks like changes as little as can be: an invisible break after the sign that would
    start a mention or a Markdown link, and ``‹ ›`` for ``< >``.
    """
    line = one_line(text).translate(ANGLES)
    return LINK_JOINT.sub(f"]{BREAK}", MENTION.sub(f"@{BREAK}", line))


def web_url(text: str | None) -> str | None:
    """Return ``text`` when it is an http or https address without a user name, else None.

    Signs that would end the address or mean something in a chat are percent-encoded.
    """
    if not text or len(text) > MAX_URL_CHARS:
        return None
    try:
        url = URL(text.strip())
        host = url.raw_host
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not host or url.raw_user or url.raw_password:
        return None
    address = "".join(URL_MARKS.get(each, each) for each in str(url))
    return address if VISIBLE.fullmatch(address) and len(address) <= MAX_URL_CHARS else None
