"""Decide between what the rules say of a unit and what the frame model finds likely.

The rules know what a notice is made of; they take words for a denial or a report that are none, and
know no wording that nobody thought of. The model (``frame_model``) weighs all that stands in and
about a unit. It overrules them where it is sure, most of all where nothing would be granted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from dateline.rights.notices.licensor import licensor_of
from dateline.rights.notices.names import MARK
from dateline.rights.notices.reading import Reading
from dateline.rights.notices.subject import without_subject
from dateline.rights.notices.unit import PUBLIC_DOMAIN, is_question
from dateline.rights.notices.verdict import OBJECT_KINDS, Verdict
from dateline.rights.record import Frame, ObjectKind

# Chosen by cost: a wrong grant is worth fifty that are missed. Decision 0016 has the
# curve, cross-validated over the training sentences with whole files left out.
LEAST_FOR_GRANT = 0.92
LEAST_WITH_RULES = 0.70
# A grant that is less sure gives nothing, but counts against others: of two licences both are seen.
# It does give where the rules know nearly each word: nothing is left that could speak of another
# thing.
LEAST_TO_COUNT = 0.40
MOST_OTHER_WORDS = 5
LEAST_FOR_OTHER_FRAME = 0.40
# What the rules deny for a word that says so stays denied: here they only found no reason to grant.
_OVERRULED = frozenset({"mention", "told"})
# "Words under CC BY 4.0: a poet gives her work away", "Copyright: CC BY 4.0 wins in court"
_HEADLINE = re.compile(
    rf"{MARK} ?(?:licen[cs]es? ?)?:|^[\w ]{{1,30}}: ?{MARK} (?:\w+ ){{2,6}}\w+\W*$"
)
_WORD = re.compile(r"[^\W\d_]+")
# A licence's name alone says nothing of anything.
_BARE = re.compile(rf"\W*{MARK}(?: licen[cs]e)?\W*")
_GRANT: Frame = "grant_text"
_OTHER_OBJECTS = ("dataset", "software", "quoted_work", "embed", "metadata")
_MEDIA = ("video", "audio")


def weighed(reading: Reading, verdict: Verdict, likely: Mapping[Frame, float]) -> Verdict:
    """Return what a unit says.

    Args:
        reading: the unit with what was found in it.
        verdict: what the rules say.
        likely: how likely each frame is.

    Returns:
        ``verdict``, or another one whose rule is ``weighed``.
    """
    if verdict.frame == _GRANT:
        if likely[_GRANT] >= LEAST_WITH_RULES:
            return verdict
        if likely[_GRANT] >= LEAST_TO_COUNT:
            return verdict if _is_plain(reading) else replace(verdict, has_condition=True)
    elif verdict.rule in _OVERRULED and likely[_GRANT] >= LEAST_FOR_GRANT and _may_grant(reading):
        return _grant(reading)
    frame = max((each for each in likely if each != _GRANT), key=lambda each: likely[each])
    is_likelier = likely[frame] >= max(LEAST_FOR_OTHER_FRAME, 2 * likely.get(verdict.frame, 0))
    if frame == verdict.frame or not is_likelier:
        return verdict if verdict.frame != _GRANT else Verdict(frame="mention", rule="weighed")
    return Verdict(frame=frame, rule="weighed", kind=_kind(frame, verdict, reading))


def _is_plain(reading: Reading) -> bool:
    """Return whether there is little beside our text, who gives it, a licence and how."""
    words = reading.counting.over(without_subject(reading.words, reading.subject))
    licensor = licensor_of(reading.unit, reading.lexicon) or ""
    others = len(_WORD.findall(words.without("grant").text)) - len(_WORD.findall(licensor))
    return others <= MOST_OTHER_WORDS


def _may_grant(reading: Reading) -> bool:
    words = reading.words
    if len(reading.unit.licenses) != 1 or is_question(words):
        return False
    # "Public domain" is a word of its own, in sentences about copyright as in those that grant.
    if reading.unit.licenses[0].spdx_id == PUBLIC_DOMAIN:
        return False
    return not (_HEADLINE.search(words) or _BARE.fullmatch(words))


def _grant(reading: Reading) -> Verdict:
    subject = reading.subject
    scope = subject.scope if subject else "unspecified"
    return Verdict(
        frame=_GRANT,
        rule="weighed",
        kind="text",
        scope=scope,
        has_exception=reading.has_exception,
        is_about_licensor=scope in ("site", "site_by_licensor"),
        has_condition=reading.context.is_limited or reading.has("condition"),
    )


def _kind(frame: Frame, verdict: Verdict, reading: Reading) -> ObjectKind:
    if frame == "grant_media":
        return _first(_MEDIA, reading) or "image"
    if frame == "grant_other_object":
        return _first(_OTHER_OBJECTS, reading) or "other"
    return verdict.kind


def _first(kinds: Sequence[str], reading: Reading) -> ObjectKind | None:
    return next((OBJECT_KINDS[kind] for kind in kinds if reading.has(kind)), None)
