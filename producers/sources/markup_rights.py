"""Return what the HTML of a feed's item says about rights, read as the HTML of a page is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import lxml.etree
import lxml.html

from dateline.records import RightsSignal
from producers.extract.page_signals import MAX_SIGNALS, NOSNIPPET, page_signals
from producers.extract.unseen_text import licence_passages

# Markup that is no markup, and what libxml2 cannot take (NUL, half surrogate pairs).
_MARKUP_ERRORS = (lxml.etree.LxmlError, ValueError, RecursionError)


def markup_rights(markups: Iterable[str], *, document_url: str) -> tuple[RightsSignal, ...]:
    """Return the statements in the HTML of one item; see ``page_signals`` for fields and values.

    All of it is the item's: it is read as an ``article``, so that links, figures, footers and
    hidden text in it are told apart as those of the item's own page are.

    Args:
        markups: the item's contents and summary; what several of them say is given once.
        document_url: where the feed came from, for ``source_url``; "" where it has no address.

    Raises: Nothing.
    """
    found: dict[tuple[str, str, str], RightsSignal] = {}
    for markup in markups:
        # Most items say nothing; to look for words takes a quarter of the time of reading.
        if not (licence_passages(markup, max_chars=1) or NOSNIPPET in markup):
            continue
        for signal in _signals(markup):
            found.setdefault((signal.layer, signal.field, signal.value), signal)
    return tuple(replace(each, source_url=document_url or None) for each in found.values())[
        :MAX_SIGNALS
    ]


def _signals(markup: str) -> tuple[RightsSignal, ...]:
    try:
        tree = lxml.html.document_fromstring(
            f"<html><body><article>{markup}</article></body></html>"
        )
        return page_signals(tree, {})
    except _MARKUP_ERRORS:
        return ()
