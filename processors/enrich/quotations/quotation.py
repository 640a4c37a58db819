"""Hold a quotation and who said it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# How the speaker was found, or why nobody was.
#   named               the speaker's name stands there
#   pronoun             "he": the one person who is the subject before
#   role                "the minister": the one person with that role
#   continued           the quotation goes on behind its speaker
#   paper               "the statement": whoever spoke last as a body
#   unnamed             the words name nobody ("a resident")
#   several             more than one person fits
#   no_speaker          a verb of speech, but nobody who speaks
#   no_attribution      no verb of speech beside the words
SpeakerReason = Literal[
    "named", "pronoun", "role", "continued", "paper", "unnamed", "several", "no_speaker",
    "no_attribution",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """Words that somebody said; offsets are code points of the clean text.

    Attributes:
        kind: ``direct`` in quotation marks, ``indirect`` as reported ("said that ...").
        start: of the words themselves, marks left out.
        end: end, exclusive.
        verb: as written; empty where there is none.
        speaker_start: where the words that name the speaker begin; None where there are none.
        speaker_end: end, exclusive.
        entity: place of the speaker among the document's entities, or None.
        reason: how the speaker was found, or why nobody was.
    """

    kind: Literal["direct", "indirect"]
    start: int
    end: int
    verb: str = ""
    speaker_start: int | None = None
    speaker_end: int | None = None
    entity: int | None = None
    reason: SpeakerReason
