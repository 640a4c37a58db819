"""Return what a unit says: its frame, its object, and what limits it, by rules in a fixed order.

The order, first match wins; doubt is a mention, which grants nothing:

1. too long to be a notice: a mention; quoted: the words stand in quotation marks with more than a
   licence's name;
2. hypothetical: a condition, a wish, a plan (our own promise too);
3. negated: a denial or an end, of this text or of a licence;
4. reported: somebody says so, or did so with things of their own;
5. grant of another object: a picture, data set, poem, ... is what the licence is given to;
6. doubtful: two licences, look-alike letters or addresses, no particular licence: a mention;
7. no text of ours is named: the credit of a picture, a report, a mention;
8. grant of the text: our text is named, with words that give a licence, at a place of notices;
9. mention: all else.
"""

from __future__ import annotations

import re

from dateline.rights.notices.frame_features import frame_features
from dateline.rights.notices.frame_model import load_frame_model
from dateline.rights.notices.guards import guarded
from dateline.rights.notices.lexicon import Lexicon
from dateline.rights.notices.names import MARK
from dateline.rights.notices.reading import Reading, reading_of
from dateline.rights.notices.searched import Searched
from dateline.rights.notices.subject import Subject, without_subject
from dateline.rights.notices.unit import Unit, is_question
from dateline.rights.notices.verdict import OBJECT_KINDS, Context, Verdict
from dateline.rights.notices.weigh import weighed
from dateline.rights.record import Frame, ObjectKind

_CLAUSE_END = re.compile(
    r"[,;:!?]|\.(?= )| [-–—] |\b(?:but|mais|aber|pero|mas|ma|maar|но|ama|اما|ولی|لكن)\b"
)
_MEDIA_KINDS = ("image", "video", "audio")
_ALWAYS_GRANT = ("copyright_line", "us_government", "alone")
_MAY_BE_MEDIA = ("bare_notice", "copyright_line")
_WORDS = re.compile(r"[^\W\d_]+")
_MOST_WORDS_OF_NAME = 5
_BY = re.compile(r"(?:by|from|par|von|por|di|door) ")
# "CC BY 2.0, City Archive: the bridge in 1910": the credit of a picture.
_LICENCE_FIRST = re.compile(rf"\W*{MARK} ?[,\-] [^\W_]")
_CREDIT_LINE = re.compile(rf"\b(?:licensed under|marked with) [^()]{{1,200}}\({MARK}\)\.?$")
# "Now under CC BY 4.0: the works of Ada Roe".
_HEADLINE = re.compile(rf"{MARK} ?:")
_IMAGE = Verdict(frame="grant_media", rule="image", kind="image")
# Look-alikes, two licences, none in particular: no likelihood makes these a grant.
_NOT_WEIGHED = frozenset({"mention.doubtful", "mention.unnamed"})
_MENTION = Verdict(frame="mention", rule="mention")
_REPORTED = Verdict(frame="reported", rule="reported")
# Words that reports have, and grants have too.
_TOLD = Verdict(frame="reported", rule="told")


def read_frame(unit: Unit, lexicon: Lexicon, context: Context) -> Verdict:
    """Return what ``unit``, which names a licence, says: by the rules, weighed, and doubted."""
    verdict = _sure(unit, context)
    if verdict:
        return verdict
    reading = reading_of(unit, lexicon, context)
    verdict = rules_verdict(reading)
    # The model knows statements in articles; what stands alone is one by its place.
    if verdict.rule not in _NOT_WEIGHED and not context.is_alone:
        likely = load_frame_model().probabilities(frame_features(reading))
        verdict = weighed(reading, verdict, likely)
    return guarded(reading, verdict)


def weighed_features(
    unit: Unit, lexicon: Lexicon, context: Context
) -> tuple[frozenset[str], Verdict] | None:
    """Return what the frame model weighs, and what the rules say; None if nothing is weighed."""
    if _sure(unit, context):
        return None
    reading = reading_of(unit, lexicon, context)
    verdict = rules_verdict(reading)
    return None if verdict.rule in _NOT_WEIGHED else (frame_features(reading), verdict)


def _sure(unit: Unit, context: Context) -> Verdict | None:
    if unit.is_cut:
        return Verdict(frame="mention", rule="mention.long")
    if context.is_quoted or unit.quotes_more_than_a_name():
        return Verdict(frame="quoted", rule="quoted")
    return None


def rules_verdict(reading: Reading) -> Verdict:
    """Return what the rules say of a unit."""
    return (
        _denied(reading)
        or _other_object(reading)
        or _doubtful(reading)
        or _without_our_text(reading)
        or _granted(reading)
        or _told_or_named(reading)
    )


def read_credit(unit: Unit) -> Verdict | None:
    """Return the grant of a credit line that is all there is, the form of our own attribution."""
    if len(unit.licenses) != 1 or unit.is_suspicious or not _CREDIT_LINE.search(unit.low):
        return None
    return Verdict(frame="grant_text", rule="credit_line", kind="text", scope="this_object")


def _denied(reading: Reading) -> Verdict | None:
    """Return the frame of what is conditional, denied, over, or another's word."""
    subject = reading.subject
    words = reading.counting.over(without_subject(reading.words, subject))
    kind: ObjectKind = "text" if subject else "other"
    if (subject is None or subject.rule == "the_text") and words.has("topic"):
        return _MENTION
    found = _first_denial(words, subject)
    if found == "future":
        frame: Frame = "hypothetical" if subject and subject.is_strong else "reported"
        return Verdict(frame=frame, rule="future", kind=kind)
    if found == "saying" or (found is None and _is_told_before(words, subject)):
        return _REPORTED
    if found == "hypothetical":
        return Verdict(frame="hypothetical", rule="hypothetical", kind=kind)
    return Verdict(frame="negated", rule="negated", kind=kind) if found else None


def _is_told_before(words: Searched, subject: Subject | None) -> bool:
    """Return whether others did something with our text: "A reader put this text under ..."."""
    return subject is not None and words.over(words.text[: subject.start]).has("told_before")


def _first_denial(words: Searched, subject: Subject | None) -> str | None:
    """Return the kind of words that counts first; where nothing is ours a speaker does."""
    order = ("hypothetical", "negation", "past", "saying", "future")
    if subject is None:
        order = ("hypothetical", "saying", "negation", "past", "future")
    for kind in order:
        is_denial = kind in ("negation", "past")
        if words.has(kind) and not (is_denial and _is_afterthought(kind, words, subject)):
            return kind
    return None


def _is_afterthought(kind: str, words: Searched, subject: Subject | None) -> bool:
    """Return whether such words stand only behind a whole grant: they limit it, deny nothing."""
    mark = words.text.find(MARK)
    if subject is None or subject.end > mark:
        return False
    end = _CLAUSE_END.search(words.text, max(mark + 1, subject.end))
    return end is not None and not words.over(words.text[: end.start()]).has(kind)


def _other_object(reading: Reading) -> Verdict | None:
    """Return the grant of what is not the text, if the licence is given to such a thing."""
    if not reading.unit.licenses or reading.has("text_and_media") or reading.has("topic"):
        return None
    subject, lexicon, words = reading.subject, reading.lexicon, reading.words
    if subject and lexicon.has("using", words[subject.end : words.find(MARK)]):
        return Verdict(frame="grant_other_object", rule="used", kind="quoted_work")
    kind = _first_other(reading.counting.over(_searched_for_others(words, subject)))
    if kind is None:
        return _IMAGE if subject is None and reading.has("caption") else None
    if subject is None and reading.has("telling") and not reading.has("caption"):
        return Verdict(frame="reported", rule="reported", kind=kind)
    if kind == "other":
        return Verdict(frame="mention", rule="mention.other")
    frame: Frame = "grant_media" if kind in _MEDIA_KINDS else "grant_other_object"
    return Verdict(frame=frame, rule=kind, kind=kind)


def _searched_for_others(words: str, subject: Subject | None) -> str:
    """Return the words up to the licence and our text: what comes later is not its object."""
    if subject is None or subject.rule in _MAY_BE_MEDIA:
        return words
    searched = words[: max(words.find(MARK), subject.start)]
    if subject.rule == "all_content":
        # A name may have such a word in it.
        return f"{searched[: subject.start]} {searched[subject.end :]}"
    return searched


def _first_other(words: Searched) -> ObjectKind | None:
    places = [
        (found.start(), kind) for name, kind in OBJECT_KINDS.items() if (found := words.first(name))
    ]
    return min(places, key=lambda place: place[0])[1] if places else None


def _doubtful(reading: Reading) -> Verdict | None:
    if reading.unit.is_suspicious or len(reading.unit.licenses) > 1:
        return Verdict(frame="mention", rule="mention.doubtful")
    if not reading.unit.licenses and reading.subject:
        return Verdict(frame="mention", rule="mention.unnamed", kind="text")
    return None


def _without_our_text(reading: Reading) -> Verdict | None:
    """Return what a unit says that names nothing of ours, or speaks of the picture above it."""
    subject, context = reading.subject, reading.context
    if subject is None:
        if not reading.unit.licenses or not context.is_own_line or context.is_alone:
            return None
        return _IMAGE if _LICENCE_FIRST.match(reading.words) else None
    is_vague = subject.rule in _MAY_BE_MEDIA or reading.has("work")
    is_below_media = is_vague and (reading.previous.has("caption") or reading.previous.has("media"))
    return _IMAGE if is_below_media else None


def _granted(reading: Reading) -> Verdict | None:
    subject = reading.subject
    is_told = reading.has("telling") and not reading.has("text")
    if subject is None and reading.context.is_alone and not is_told:
        subject = Subject(0, 0, "unspecified", is_strong=True, rule="alone")
    if subject is None or not reading.unit.licenses or reading.has("topic"):
        return None
    if is_question(reading.words):
        return _MENTION
    is_grant = subject.rule in _ALWAYS_GRANT or reading.has("grant")
    if not is_grant or _is_loose(reading.counting, subject):
        return None
    is_free_to_stand = subject.is_strong and subject.scope in ("this_object", "unspecified")
    if not (reading.context.is_placed or is_free_to_stand):
        return Verdict(frame="mention", rule="mention.place")
    return Verdict(
        frame="grant_text",
        rule=subject.rule,
        kind="text",
        scope=subject.scope,
        has_exception=reading.has_exception,
        is_about_licensor=subject.scope in ("site", "site_by_licensor"),
        has_condition=reading.context.is_limited
        or any(reading.has(kind) for kind in ("condition", "negation", "past")),
    )


def _is_loose(words: Searched, subject: Subject) -> bool:
    """Return whether our text and a licence stand in one sentence without being one notice.

    "The story under CC BY 4.0 won a prize." For a weak subject the licence must end the sentence,
    but for a few words.
    """
    if subject.is_strong:
        return _is_other_clause(words, subject)
    if subject.rule in ("the_text", "bare_notice") and words.has("telling"):
        return True
    if subject.rule == "all_content" and _HEADLINE.search(words.text):
        return True
    if subject.rule not in ("the_text", "bare_notice", "text_label"):
        return False
    rest = words.text[max(words.text.rfind(MARK) + 1, subject.end) :].lstrip(" )")
    is_headline = rest.startswith(":")
    if subject.rule != "bare_notice" and not is_headline and _CLAUSE_END.match(rest):
        return False
    most = words.lexicon.words_behind + (_MOST_WORDS_OF_NAME if _BY.match(rest) else 0)
    return len(_WORDS.findall(rest)) > most


def _is_other_clause(words: Searched, subject: Subject) -> bool:
    """Return whether the licence stands in a clause of its own that speaks of something else."""
    mark = words.text.find(MARK)
    if mark <= subject.end:
        return False
    start = max(words.text.rfind(stop, subject.end, mark) for stop in ";؛")
    if start < 0:
        return False
    clause = words.over(words.text[start:mark])
    return not (clause.has("lead_in") or clause.has("pronoun"))


def _told_or_named(reading: Reading) -> Verdict:
    is_told = reading.has("telling") or reading.has("stating")
    return _TOLD if is_told and not reading.has("topic") else _MENTION
