"""Take a grant back where the words show that it is none of our text: a last look at each grant.

Rules and model say that a unit grants. What they overlook has forms of its own, the same in all
languages:

1. our text only describes the thing that is licensed: "the study on which this article is based";
2. a part of it, a text that is attached to it or made of it is: "a translation of this article";
3. something must come first: "once it is paid for, this text is under ...";
4. the sentence is an example, or the question in a pair of question and answer;
5. the licence is withdrawn, was put there by mistake, or our text is what is excepted from it;
6. words of a constraint stand outside the name that was read: not all of the licence was read;
7. only some of our texts are meant: "articles older than ten years";
8. a label leads to another thing: "Document: the study is under ...", "Source: report of ...";
9. the sentence before brings another's text, or speaks of a publication whose texts are meant.

The words are in ``guards.toml``. They are looked for only where something would be granted, so they
may doubt more than the lexicon may deny.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from dateline.rights.notices.guard_words import THIS_ONE, Guards, load_guards
from dateline.rights.notices.names import MARK
from dateline.rights.notices.reading import Reading
from dateline.rights.notices.subject import without_subject
from dateline.rights.notices.unread import lacks_constraint
from dateline.rights.notices.verdict import OBJECT_KINDS, Verdict
from dateline.rights.record import Frame

_NOT_FOR_TEXTS = frozenset(
    {"gpl", "lgpl", "agpl", "mit", "apache", "bsd", "mpl", "isc", "epl", "eupl", "ofl", "zlib",
     "unlicense", "boost", "wtfpl", "odc", "cdla", "uda"}
)  # fmt: skip
_SAYS_LITTLE = ("text_label", "bare_notice", "copyright_line")
_ASIDE = re.compile(rf" ?[,(][^,()]{{0,60}}{MARK}[^,()]{{0,20}}[,)] (?:\w+ ){{2}}\w+")
_SENTENCE_END = re.compile(r"[.;:!?؛؟。]")
_WORD = re.compile(r"\w+")
# A thing: an article and a few words. "Note that", "as with all that" are none.
_ARTICLE = (
    r"(?:the|an?|el|la|los|las|un|una|os?|as?|uma?|il|lo|i|gli|les?|une|het|de|een|den|det|ett?"
    r"|ein|eine|der|die|das) "
    r"|l'"
)
_THING = re.compile(rf"\W*(?:{_ARTICLE})[\w' -]+")
_THING_IN_A_WORD = re.compile(rf"\W*(?:{_ARTICLE})\w+ ?")
# "The trust, which owns the rights in this article, ..."
_RIGHTS = re.compile(
    r"\b(?:copyrights?|rights|\w*rechte?n?|droits|derechos|direitos|diritti|права?|حقوق)\b"
)
# "Document: the whole study, which we print, is under ..."
_LABELS_A_THING = re.compile(
    rf" ?: ?(?:{_ARTICLE})[^{MARK}.;]*"
    rf"\b(?:is|are|est|sont|está|están|es|son|é|são|estão|è|sono|ist|sind|steht|stehen|is|zijn)\b"
    rf"[^{MARK}.;]*{MARK}"
)
# "Source: report of the water agency": a thing, for the name of somebody begins with a capital.
_SOURCE_IS_A_THING = re.compile(r"\W*(?:[Ss]ource|[Ff]uente|[Ff]onte|Quelle|[Bb]ron) ?: ?[a-zà-ÿ]")
# "Our tutorials and our articles": a list of what is meant.
_LISTED = re.compile(
    r"\b(?:our|unsere|nos|nuestr[oa]s|noss[oa]s|nostr[ie]|onze) (?P<noun>[\w-]+),? "
    r"(?:and|und|et|y|e|ed|en)(?: (?:os|as|i|gli|le))? $"
)
_AND = re.compile(r"\b(?:and|et|y|e|en|och|og)\b")
# Before a noun: a verb has none of it ("servez-vous de cet article").
_NOUN_FOLLOWS = re.compile(rf"(?:^|[.,;:!?]|\b(?:{_ARTICLE}))\W*$")
_MOST_WORDS_OF_HEAD = 3
_MOST_WORDS_BETWEEN = 6
_LEAST_CHARS_THAT_SAY = 4
_ASKED = re.compile(rf"{MARK}[^.!?؟？]{{0,80}}[?؟？](?P<answer>.*)$", re.DOTALL)
_YES = re.compile(
    r"\W*(?:yes|indeed|it (?:is|does)|they (?:are|do)|ja|jawohl|oui|sí|sim|sì|si|да|بله|آری|نعم"
    r"|evet|はい|네|예|tak|так|是|可以|ya)\b"
)


def guarded(reading: Reading, verdict: Verdict) -> Verdict:
    """Return ``verdict``, or what the words say instead of a grant of the text.

    Args:
        reading: the unit with what was found in it.
        verdict: what rules and model say of it.

    Returns:
        ``verdict`` itself if it grants no text or nothing speaks against it; else one whose rule
        begins with ``guard``.
    """
    if verdict.frame != "grant_text":
        return verdict
    found = _doubt(reading)
    if found is None:
        return verdict
    name, frame = found
    return Verdict(frame=frame, rule=f"guard.{name}", kind="text")


def _doubt(reading: Reading) -> tuple[str, Frame] | None:
    """Return what takes a grant back, the surest first, and what the unit says then."""
    found = ((name, frame) for name, frame, is_so in _CHECKS if is_so(reading))
    return next(found, None) or _said(reading)


def _said(reading: Reading) -> tuple[str, Frame] | None:
    guards = load_guards(reading.lexicon.language)
    rest = without_subject(reading.words, reading.subject)
    return next((each for each in _FRAMES.items() if guards.kinds[each[0]].search(rest)), None)


def _is_asked(reading: Reading) -> bool:
    """Return whether the licence stands in a question that no yes answers."""
    asked = _ASKED.search(reading.words)
    return asked is not None and _YES.match(asked["answer"]) is None


def _is_for_other_works(reading: Reading) -> bool:
    """Return whether a licence is of software, data or old works, and our text hardly named."""
    license_ = next(iter(reading.unit.licenses), None)
    words, subject = reading.words, reading.subject
    if license_ is None or reading.context.is_alone:
        return False
    if license_.code == "mark":
        return subject is None or subject.rule in _SAYS_LITTLE
    if license_.family not in _NOT_FOR_TEXTS:
        return False
    if subject is None or not subject.is_strong:
        return True
    between = words[subject.end : words.find(MARK)] or words[words.find(MARK) : subject.start]
    return "," in between or len(between.split()) > _MOST_WORDS_BETWEEN


def _is_aside(reading: Reading) -> bool:
    """Return whether a story goes on behind a licence between commas: "A report, under @, has"."""
    subject = reading.subject
    if subject is None or subject.is_strong:
        return False
    return _ASIDE.match(reading.words, subject.end) is not None


def _points_back(reading: Reading) -> bool:
    """Return whether "it" is the other thing that the sentence before speaks of."""
    previous = reading.previous
    if reading.subject is None or reading.subject.rule != "bare_notice":
        return False
    if not reading.has("pronoun") or previous.has("own_this") or previous.has("own_site"):
        return False
    return any(map(previous.has, OBJECT_KINDS))


def _is_narrowed(reading: Reading) -> bool:
    """Return whether words behind our texts make some of them of it."""
    subject = reading.subject
    if subject is None or THIS_ONE.match(reading.words, subject.start, subject.end):
        return False
    return (
        load_guards(reading.lexicon.language).narrowed.match(reading.words, subject.end) is not None
    )


def _is_listed(reading: Reading) -> bool:
    """Return whether our text is one of several kinds of ours, each named: this may be none."""
    subject, lexicon = reading.subject, reading.lexicon
    if subject is None or subject.rule != "own_texts":
        return False
    found = _LISTED.search(reading.words[: subject.start])
    return found is not None and not (
        lexicon.has("text", found["noun"]) or lexicon.has("media", found["noun"])
    )


def _labels_another(reading: Reading) -> bool:
    """Return whether our text is only the label of another thing, or that thing's source."""
    subject = reading.subject
    if subject is None or subject.rule not in _SAYS_LITTLE:
        return False
    if _SOURCE_IS_A_THING.match(reading.unit.plain):
        return True
    found = _LABELS_A_THING.match(reading.words, subject.end)
    heads = load_guards(reading.lexicon.language).heads
    return found is not None and not any(
        heads.fullmatch(word) for word in _WORD.findall(found.group())[1:_MOST_WORDS_OF_HEAD]
    )


def _is_brought(reading: Reading) -> bool:
    """Return whether our text is what the sentence before brings: "We reprint his speech."."""
    subject, previous = reading.subject, reading.previous
    if subject is None or subject.scope != "this_object" or not previous.text:
        return False
    if previous.has("own_this") or previous.has("own_site"):
        return False
    kinds = load_guards(reading.lexicon.language).kinds
    if kinds["announced"].search(previous.text):
        return True
    return subject.rule == "the_text" and kinds["venues"].search(previous.text) is not None


def _begins_later(reading: Reading) -> bool:
    """Return whether a day is named from which on this one text is licensed."""
    if reading.subject is None or reading.subject.scope != "this_object":
        return False
    kinds = load_guards(reading.lexicon.language).kinds
    return kinds["from_day"].search(reading.words) is not None


def _is_part(reading: Reading) -> bool:
    """Return whether a part of our text, or a text beside it, stands before the licence."""
    guards = load_guards(reading.lexicon.language)
    words = reading.words[: reading.words.find(MARK)]
    rest = without_subject(reading.words, reading.subject)[: len(words)]
    parts = guards.kinds["parts"]
    return bool(parts.search(words) or parts.search(rest) or guards.kinds["attached"].search(words))


def _is_governed(reading: Reading) -> bool:
    """Return whether our text belongs to a noun that is another thing: "a copy of this article"."""
    words, subject = reading.words, reading.subject
    if subject is None:
        return False
    guards = load_guards(reading.lexicon.language)
    for word in list(_WORD.finditer(words, 0, subject.start))[-_MOST_WORDS_OF_HEAD:]:
        found = guards.governing.match(words, word.start())
        if found and found.end() == subject.start:
            is_noun = _NOUN_FOLLOWS.search(words[: word.start()]) is not None
            return is_noun and guards.uses.fullmatch(found["noun"]) is None
    return False


def _is_described(reading: Reading) -> bool:
    """Return whether our text stands in the description of another thing."""
    words, subject = reading.words, reading.subject
    if subject is None:
        return False
    guards = load_guards(reading.lexicon.language)
    if guards.behind.match(words, subject.end):
        return True
    before = words[: subject.start]
    ends = [found.end() for found in _SENTENCE_END.finditer(before)]
    clause = before[ends[-1] if ends else 0 :]
    if reading.lexicon.has("own_site", clause):
        return False
    is_of = guards.part_of.fullmatch(clause) and not _RIGHTS.search(words)
    if is_of or guards.what.match(clause):
        return True
    return _is_in_clause(clause, guards.relative, guards, is_sure=True) or _is_in_clause(
        clause, guards.that, guards, is_sure=False
    )


def _is_in_clause(clause: str, pattern: re.Pattern[str], guards: Guards, *, is_sure: bool) -> bool:
    """Return whether ``clause``, which our text ends, has a relative clause that reaches it."""
    for found in pattern.finditer(clause):
        head, rest = clause[: found.start()], clause[found.end() :]
        last = _WORD.findall(head)[-_MOST_WORDS_OF_HEAD:]
        if "," in rest or MARK in head or not last or any(map(guards.heads.fullmatch, last)):
            continue
        if _RIGHTS.search(rest):
            continue
        if is_sure or _THING_IN_A_WORD.fullmatch(head):
            return True
        if _THING.fullmatch(head) and _says_something(rest, guards):
            return True
    return False


def _says_something(rest: str, guards: Guards) -> bool:
    """Return whether words between a "that" and our text belong to neither."""
    if _AND.search(rest):
        return False
    return any(
        len(word) >= _LEAST_CHARS_THAT_SAY and not guards.heads.fullmatch(word)
        for word in _WORD.findall(rest)
    )


_CHECKS: tuple[tuple[str, Frame, Callable[[Reading], bool]], ...] = (
    ("asked", "mention", _is_asked),
    ("unread", "mention", lacks_constraint),
    ("other_works", "grant_other_object", _is_for_other_works),
    ("aside", "reported", _is_aside),
    ("pointed", "grant_other_object", _points_back),
    ("labelled", "grant_other_object", _labels_another),
    ("narrowed", "negated", _is_narrowed),
    ("listed", "mention", _is_listed),
    ("from_day", "hypothetical", _begins_later),
    ("brought", "grant_other_object", _is_brought),
    ("described", "grant_other_object", _is_described),
    ("governed", "grant_other_object", _is_governed),
    ("part", "grant_other_object", _is_part),
)
_FRAMES: Mapping[str, Frame] = {
    "excepted": "negated",
    "withdrawn": "negated",
    "later": "hypothetical",
    "sample": "mention",
    "partly": "mention",
}
