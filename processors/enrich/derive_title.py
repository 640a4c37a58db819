"""Return a title and a summary for a text that came without them: its own first words."""

from __future__ import annotations

from dateline.rights.sentences import split_sentences

# About what a search result shows of a title, and two lines of a summary.
TITLE_CHARS = 110
SUMMARY_CHARS = 300
_ELLIPSIS = "…"
# Only the opening is split: a text may have a million characters, and what is longer is cut anyway.
_OPENING_CHARS = 2 * SUMMARY_CHARS


def derive_title(text: str, dateline_end: int) -> str:
    """Return the first sentence after the dateline, cut at a word near 110 characters.

    Args:
        text: clean text.
        dateline_end: code points to leave out at the start (0 without a dateline).

    Returns:
        one line without a final full stop; never empty where ``text`` is not.
    """
    sentences = _opening_sentences(text, dateline_end)
    title = _cut_at_word(sentences[0], TITLE_CHARS) if sentences else ""
    is_plain_stop = title.endswith(".") and "." not in title[-3:-1]
    return (title[:-1].rstrip() if is_plain_stop else title) or title


def derive_summary(text: str, dateline_end: int) -> str:
    """Return the first sentences after the dateline, as many as fit into 300 characters."""
    sentences = _opening_sentences(text, dateline_end)
    summary = _cut_at_word(sentences[0], SUMMARY_CHARS) if sentences else ""
    for sentence in sentences[1:]:
        if len(summary) + 1 + len(sentence) > SUMMARY_CHARS or summary.endswith(_ELLIPSIS):
            break
        summary = f"{summary} {sentence}"
    return summary


def _opening_sentences(text: str, dateline_end: int) -> list[str]:
    opening = text[dateline_end : dateline_end + _OPENING_CHARS]
    if not opening.strip():
        opening = text[:_OPENING_CHARS]
    return [" ".join(opening[a:b].split()) for a, b in split_sentences(opening)]


def _cut_at_word(sentence: str, longest: int) -> str:
    if len(sentence) <= longest:
        return sentence
    room = longest - len(_ELLIPSIS)
    # One more character: a word that ends exactly at the limit stays whole.
    kept = sentence[: room + 1].rpartition(" ")[0] or sentence[:room]
    return kept.rstrip(" ,;:-–—(\"'") + _ELLIPSIS
