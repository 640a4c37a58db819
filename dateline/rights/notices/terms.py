"""Return what a unit without a licence says: rights kept, or terms of our own."""

from __future__ import annotations

import re

from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.unit import Unit
from dateline.rights.notices.verdict import Context, Verdict
from dateline.rights.record import Frame, ObjectKind

_QUESTION = re.compile(r"[?؟][\"'”») ]*$")
_FRAMES: tuple[tuple[str, Frame], ...] = (
    ("reserved", "reserved"), ("republish", "republish_terms"),
)  # fmt: skip


def read_terms(unit: Unit, lexicon: Lexicon, context: Context) -> Verdict | None:
    """Return whether ``unit`` keeps rights, sets terms or is a government's work, else None."""
    if unit.is_cut or unit.is_suspicious or _QUESTION.search(unit.low):
        return None
    if lexicon.has("us_work", unit.low) and not context.is_quoted:
        return Verdict(
            frame="grant_text", rule="us_government", kind="text", scope="this_object",
            spdx_id="LicenseRef-US-Government-Work",
        )  # fmt: skip
    words = lexicon.without("neutral", unit.low)
    for kind, frame in _FRAMES:
        found = lexicon.first(kind, words if kind == "reserved" else unit.low)
        if found is None:
            continue
        if context.is_quoted or unit.quotes(*found.span()):
            return Verdict(frame="quoted", rule="quoted")
        if lexicon.has("saying", words):
            return None
        return Verdict(frame=frame, rule=kind, kind=_kind(words, lexicon), scope="this_object")
    return None


def _kind(words: str, lexicon: Lexicon) -> ObjectKind:
    is_media = lexicon.has("media", words) and not lexicon.has("text", words)
    return "image" if is_media else "text"
