"""Hold what is known around a unit, and what the unit says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dateline.rights.folding import folded_text
from dateline.rights.record import Frame, ObjectKind, Scope

_BEFORE_CHARS = 3000
# The kinds of words for what is not the text, and what they are words for.
OBJECT_KINDS: Mapping[str, ObjectKind] = {
    "video": "video", "audio": "audio", "quoted_work": "quoted_work", "metadata": "metadata",
    "dataset": "dataset", "software": "software", "embed": "embed", "others": "other",
    "media": "image",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a unit says; ``spdx_id`` is what is granted without being named."""

    frame: Frame
    rule: str
    kind: ObjectKind = "other"
    scope: Scope = "unspecified"
    has_exception: bool = False
    is_about_licensor: bool = False
    has_condition: bool = False
    spdx_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What stands around a unit.

    ``previous`` is the sentence or line before it, folded and in lower case. ``is_placed``: it is
    where notices stand (head, tail, own line). ``is_limited``: a sentence behind it takes something
    back. ``is_alone``: a text of its own, not an article.
    """

    text: str = ""
    start: int = 0
    previous: str = ""
    is_quoted: bool = False
    is_placed: bool = True
    is_own_line: bool = True
    is_alone: bool = False
    is_limited: bool = False

    @property
    def before(self) -> str:
        """The text before the unit, folded and in lower case."""
        return folded_text(self.text[max(0, self.start - _BEFORE_CHARS) : self.start]).lower()
