"""Return whether words keep rights or set terms of re-use, by what they must speak of.

Such a sentence speaks, in any order, of an act of copying or using, of leave or its lack, of our
text or of who may, and of what is asked in return; or of rights and that they are kept. Each of
these is a class of words (``term_words``) and has its points. Words that are said of other things
too have fewer, so that ordinary news does not come together to a statement.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.term_words import TermWords, load_term_words

FEWEST_POINTS = 4
_OWN_TEXT_POINTS = 2
_SHORT_WORDS = 8
_FEW_WORDS = 4  # hardly more than the act and its prohibition
# An act and its leave stand in one clause; where both may be said of something else, side by side.
_NEAR_CHARS = 100
_NEAR_CHARS_OF_DOUBT = 40
_WORDS = re.compile(r"[^\W\d_]+")

TermsFrame = Literal["reserved", "republish_terms"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a sentence comes nearest to, and how many points speak for it."""

    frame: TermsFrame
    points: int

    @property
    def is_stated(self) -> bool:
        """Whether that is enough for a statement."""
        return self.points >= FEWEST_POINTS


@dataclass(frozen=True, slots=True)
class _Reading:
    """The words of a sentence, those of leave and those of its lack apart.

    ``denial`` has no words of leave in it, ``leave`` none of its lack: "free of charge" is no
    denial of a charge, "may not" no leave. ``asked`` begins with the question before, whose act
    and object an answer need not say again: "May I print this text? You may."
    """

    lexicon: Lexicon
    words: TermWords
    has_question: bool
    asked: str
    text: str
    denial: str
    leave: str

    def has(self, *kinds: str) -> bool:
        """Return whether the text has words of one of these kinds."""
        return any(self.words.has(kind, self.text) for kind in kinds)


def terms_in(text: str, lexicon: Lexicon, *, question: str = "") -> Terms | None:
    """Return what the sentence ``text`` comes nearest to, or None.

    Args:
        text: folded, in lower case, on one line.
        lexicon: of the language of ``text``.
        question: the sentence before, if that asks something.
    """
    words = load_term_words()[lexicon.language]
    text = words.without("ignored", text)
    reading = _Reading(
        lexicon=lexicon,
        words=words,
        has_question=bool(question),
        asked=f"{question} {text}",
        text=text,
        denial=words.without("free", text),
        leave=words.without("consent", words.without("forbid", text)),
    )
    return _nearest(reading)


def _nearest(reading: _Reading) -> Terms | None:
    kept = Terms("reserved", _kept_points(reading))
    if kept.is_stated:
        return kept
    denied, given = _denied_at(reading), _given_at(reading)
    if given is not None and (denied is None or given < denied):
        leave = Terms("republish_terms", _leave_points(reading))
        if leave.is_stated or denied is None:
            return leave
    return Terms("reserved", _denial_points(reading)) if denied is not None else None


def _denied_at(reading: _Reading) -> int | None:
    """Return where the words stand that leave is denied with."""
    words, text = reading.words, reading.denial
    found = [words.find("forbid", text)]
    if words.has("consent", text):
        found += [words.find("needs", text), words.find("no", text)]
    return min((each.start() for each in found if each), default=None)


def _given_at(reading: _Reading) -> int | None:
    """Return where the words stand that leave is given with."""
    words = reading.words
    found = [words.find("free", reading.text)]
    # "Only with our leave" is no leave, wherever it stands.
    if not (words.has("needs", reading.denial) and words.has("consent", reading.denial)):
        found += [words.find(kind, reading.leave) for kind in ("may", "imperative")]
    return min((each.start() for each in found if each), default=None)


def _kept_points(reading: _Reading) -> int:
    """Return the points of: rights, that they are kept, in our text."""
    has_rights = reading.has("rights", "all_rights")
    has_rights = has_rights or (reading.has("right") and reading.has("copy"))
    if not has_rights or not reading.has("kept", "held"):
        return 0
    is_kept = reading.has("kept")
    return (
        1 + reading.has("all_rights") + 1 + is_kept + reading.has("copy")
        + _object_points(reading) + (is_kept and _is_short(reading))
    )  # fmt: skip


def _denial_points(reading: _Reading) -> int:
    """Return the points of: an act, forbidden, without consent, to our text."""
    has_consent, whose = reading.has("consent"), _object_points(reading)
    is_sure = has_consent + reading.has("part") + whose > 1 or _word_count(reading) <= _FEW_WORDS
    if not _has_act(reading, is_sure=is_sure):
        return 0
    near = _NEAR_CHARS if has_consent or reading.has("copy") else _NEAR_CHARS_OF_DOUBT
    if not _is_act_near(reading, ("forbid", "needs", "no"), reading.denial, near):
        return 0
    return (
        1 + reading.has("copy") + reading.words.has("forbid", reading.denial)
        + has_consent + (has_consent and reading.has("needs")) + reading.has("part")
        + whose + _is_short(reading)
    )  # fmt: skip


def _leave_points(reading: _Reading) -> int:
    """Return the points of: an act, allowed, at no cost, in return for credit, of our text."""
    is_free, has_credit = reading.has("free"), reading.has("credit")
    whose = _object_points(reading)
    signs = is_free + has_credit + (whose >= _OWN_TEXT_POINTS) + _is_short(reading)
    others = reading.has("whom") + reading.has("part") + (0 < whose < _OWN_TEXT_POINTS)
    if not signs or not _has_act(reading, is_sure=signs + others > 1):
        return 0
    may = reading.words.has("may", reading.leave)
    # "Republish this story" alone is a button.
    if not (may or is_free or has_credit):
        return 0
    if not _is_act_near(reading, ("may", "free", "imperative"), reading.leave, _NEAR_CHARS):
        return 0
    return (
        1 + reading.has("copy") + (may or reading.words.has("imperative", reading.leave))
        + is_free + 2 * has_credit + reading.has("part") + reading.has("whom") + whose
    )  # fmt: skip


def _has_act(reading: _Reading, *, is_sure: bool) -> bool:
    """Return whether something is done that is done to texts, or to other things and it is sure."""
    kinds = ("copy", "use", "imperative") if is_sure else ("copy",)
    return any(reading.words.has(kind, reading.asked) for kind in kinds)


def _is_act_near(reading: _Reading, kinds: tuple[str, ...], text: str, near_chars: int) -> bool:
    """Return whether an act stands near words of these kinds, or in the question before."""
    if reading.has_question:
        return True
    words = reading.words
    leaves = [found.start() for kind in kinds for found in words.find_all(kind, text)]
    acts = [m.start() for kind in ("copy", "use") for m in words.find_all(kind, reading.text)]
    return any(abs(act - leave) <= near_chars for act in acts for leave in leaves)


def _object_points(reading: _Reading) -> int:
    """Return how surely the sentence is about a text or picture, and one of ours."""
    text, lexicon = reading.asked, reading.lexicon
    is_ours = reading.words.has("ours", text) or lexicon.has("own_this", text)
    if is_ours or lexicon.has("own_site", text):
        return _OWN_TEXT_POINTS
    return int(lexicon.has("text", text) or lexicon.has("media", text))


def _is_short(reading: _Reading) -> bool:
    return _word_count(reading) <= _SHORT_WORDS


def _word_count(reading: _Reading) -> int:
    return len(_WORDS.findall(reading.text))
