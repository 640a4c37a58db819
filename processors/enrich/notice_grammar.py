"""Return what a sentence grants, if all of it is one licence notice.

The whole sentence must be a notice: a word too many (a negation, a reporter, an exception, a date)
and it is none. Licences in it are found first (``license_rules``) and stand as one mark here: the
grammar knows no licence names.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from processors.enrich.license_rules import LicenseRule, find_licenses

# A notice is short; what is longer is a paragraph that speaks of licences.
LONGEST_NOTICE_CHARS = 400
LONGEST_CREDIT_CHARS = 1500

_MARK = "\x1a"
_SPACES = re.compile("[ \\t\\r\\n\u00a0\u202f]+")

# Licensors are names: each word begins with a capital or a digit, or joins two that do. Latin
# letters only, so that a name in mixed scripts is no licensor.
_LETTER = r"A-Za-z0-9À-ÖØ-öø-ɏ.&'’/+\-"
_WORD = rf"[A-Z0-9À-ÖØ-Þ][{_LETTER}]*"
_JOIN = r"(?:of|the|and|for|de|la|le|les|du|des|del|da|do|di|et|und|der|&)"
_LICENSOR = rf"(?P<licensor>(?-i:{_WORD}(?: (?:{_JOIN} ){{0,2}}{_WORD}){{0,9}}))"
_FROM = rf"(?: (?:by|from) {_LICENSOR})?"
_VERB = (
    r"(?:is|are) (?:hereby |also )?(?:"
    r"(?:licensed|published|released|distributed|shared|(?:made )?available) under"
    r"(?: the terms of)?|marked with|dedicated to the public domain under)"
)
_DONE = (
    r"(?:licensed|published|republished|released|reprinted|(?:made )?available)"
)  # fmt: skip
_LICENSE = (
    rf"(?:an? |the )?{_MARK}(?: (?:public )?licen[cs]e| deed)?"
    rf"(?: ?\({_MARK}\))?(?:[,:;]? (?:at |see )?[(<]?{_MARK}[)>]?)?[.!]?"
)
_ALL = r"(?:all )?(?:of )?(?:the )?(?:original |news |editorial )?"
_KINDS = r"(?:contents?|texts?|articles|stories|material)"

# The order changes the rule that is named as evidence, never what is granted.
_FORMS = {
    "all_content": rf"{_ALL}{_KINDS} (?:published )?(?:by|from) {_LICENSOR},? {_VERB} {_LICENSE}",
    "all_text": rf"(?:all (?:the )?(?:original )?{_KINDS}|(?:the )?text) {_VERB} {_LICENSE}",
    "this_text": (
        r"(?:this (?:article|story|text|dispatch|news item|news story|content|piece)|"
        rf"the text of this (?:article|story)){_FROM} {_VERB} {_LICENSE}"
    ),
    "republished_text": (
        r"this (?:article|story|text|dispatch|piece) is republished"
        rf"{_FROM} under {_LICENSE}"
    ),
    "this_work": rf"(?:this|the) work{_FROM} {_VERB} {_LICENSE}",
    "bare_notice": rf"{_DONE}{_FROM} under {_LICENSE}",
    "license_label": rf"licen[cs]e: {_LICENSE}",
}
_COPYRIGHT = (
    r"(?:©|\(c\)|copyright(?: ©| \(c\))?) ?(?:[0-9]{4}(?:[-–][0-9]{4})?,? )?"
    rf"{_LICENSOR}[.,;|]?(?: [–—|-])? (?:(?:{_DONE} under|licen[cs]e:) )?{_LICENSE}"
)
# Title, authors, publisher and address as far as they were supplied; `detect_license` writes it.
_CREDIT = (
    rf'(?:(?:"[^"]{{1,600}}"(?: by |, | (?=\())?)?(?:{_LICENSOR}|[^"]{{0,600}}?)'
    rf"(?: ?\([^()\s]{{1,600}}\))?, )?(?:licensed under|marked with) {_MARK} \({_MARK}\)\.?"
)
_FLAGS = re.ASCII | re.IGNORECASE
_SENTENCE = {rule_id: re.compile(form, _FLAGS) for rule_id, form in _FORMS.items()}
_LINE = {"copyright_line": re.compile(_COPYRIGHT, _FLAGS)}
_WHOLE = {"credit_line": re.compile(_CREDIT, _FLAGS)}

# What these say could as well be said of a picture above them.
MAY_MEAN_OTHER_OBJECT = frozenset({"this_work", "bare_notice", "license_label", "copyright_line"})
BEGINS_WITH_SUBJECT = frozenset({"all_content", "all_text", "this_text", "republished_text"})


@dataclass(frozen=True, slots=True)
class Notice:
    """One licence, granted by one sentence; ``rule_id`` names the form that it has."""

    rule_id: str
    rule: LicenseRule
    licensor: str | None


def read_sentence(sentence: str, rules: tuple[LicenseRule, ...]) -> Notice | None:
    """Return the notice that ``sentence`` is, or nothing."""
    return _read(sentence, rules, _SENTENCE, LONGEST_NOTICE_CHARS)


def read_line(line: str, rules: tuple[LicenseRule, ...]) -> Notice | None:
    """Return the notice of a copyright line (``© 2024 X. CC BY 4.0``), or nothing."""
    return _read(line, rules, _LINE, LONGEST_NOTICE_CHARS)


def read_credit(line: str, rules: tuple[LicenseRule, ...]) -> Notice | None:
    """Return the notice of a credit line, the form of our own ``attribution_text``, or nothing."""
    return _read(line, rules, _WHOLE | _SENTENCE, LONGEST_CREDIT_CHARS)


def _read(
    text: str, rules: tuple[LicenseRule, ...], forms: dict[str, re.Pattern[str]], longest: int
) -> Notice | None:
    if len(text) > longest or _MARK in text:
        return None
    plain = _SPACES.sub(" ", text).strip()
    named = find_licenses(plain, rules)
    # Two licences in one sentence: neither is granted.
    if len({license_.rule.spdx_id for license_ in named}) != 1:
        return None
    for license_ in reversed(named):
        plain = plain[: license_.start] + _MARK + plain[license_.end :]
    for rule_id, form in forms.items():
        found = form.fullmatch(plain)
        if found:
            return Notice(rule_id, named[0].rule, _licensor(found))
    return None


def _licensor(found: re.Match[str]) -> str | None:
    name: str | None = found.groupdict().get("licensor")
    if name is None:
        return None
    # The full stop of "© 2024 Orchard Wire." ends the name, that of "Orchard Inc." is part of it.
    keeps_stop = name.endswith(("Inc.", "Ltd.", "Co.", "Corp.", "S.A."))
    return name if keeps_stop else name.rstrip(".")
