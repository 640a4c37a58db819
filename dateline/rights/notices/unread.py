"""Tell whether words of a constraint stand outside the licence's name that was read."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dateline.rights.notices.reading import Reading

# What a name of a constraint looks like where it is no part of a licence's name.
_CONSTRAINTS: Mapping[str, re.Pattern[str]] = {
    "sa": re.compile(
        r"\bshare-? ?alike\b|\bweitergabe unter gleichen bedingungen\b|\bcompartir ?igual\b"
        r"|\bpartage dans les mêmes conditions\b|\bcondividi allo stesso modo\b"
        r"|\bcompartilha ?igual\b|\bgelijk ?delen\b|同じ条件|동일 ?조건|相同方式共享"
    ),
    "nd": re.compile(
        r"\bno-? ?deriv\w+|\bkeine bearbeitung\w*|\bpas de modification\w*"
        r"|\bwithout (?:modification|changes|alteration)\w*|\bunverändert\b(?! oder)"
        r"|\bohne (?:bearbeitung|änderung|veränderung)\w*|\bsans (?:la |le )?modifi\w+"
        r"|\bsin (?:modifica\w+|obras? derivada)\w*|\bsem (?:modifica|altera|obras? derivada)\w*"
        r"|\bsenza modific\w+"
    ),
    "nc": re.compile(
        r"(?<!or )(?<!ou )\bnon-? ?commercial\b|\bnicht-? ?kommerziell\b"
        r"|\bpas d'utilisation commerciale\b"
        r"|\bnão ?comercial\b|\bno ?comercial\b|\b(?:without|no) commercial\b"
        r"|\bohne kommerzielle\b|\b(?:sans|hors) (?:\w+ )?commercia(?:l|le|ux|les)\b"
        r"|\bcommercial\w* (?:exclue?|interdite?|proscrite?)\b|(?<!ou )\bnon commercia\w+"
        r"|\bsin (?:\w+ )?(?:comercial(?:es)?|ánimo de lucro)\b"
        r"|\bsem (?:\w+ )?(?:comercia(?:l|is)|lucrativos)\b"
        r"|\bsenza (?:\w+ )?commercial[ei]\b"
    ),
}


def lacks_constraint(reading: Reading) -> bool:
    """Return whether words of a constraint stand beside a licence that has it not."""
    constraints = {each for one in reading.unit.licenses for each in one.constraints}
    # What the licence says in its own words is not among the words that count.
    return any(
        name not in constraints and pattern.search(reading.words)
        for name, pattern in _CONSTRAINTS.items()
    )
