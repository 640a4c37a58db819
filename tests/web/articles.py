"""Return made-up news articles, the same for the same seed; no two share a sentence by rule."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

State = Literal["usable", "canceled", "deleted"]

TOWNS = (
    "Larnby", "Osterhaven", "Quillfield", "Varnmouth", "Brackwell", "Tolvik", "Merrowgate",
    "Eastmarch", "Hollin Bridge", "Castrey", "Dunmere", "Port Sallow", "Wexholm", "Arden Cross",
    "Ilvermoor",
)  # fmt: skip
BODIES = (
    "harbour board", "water authority", "town council", "transport agency", "regional court",
    "fire service", "school district", "weather office", "energy regulator", "museum trust",
    "public library", "farm union", "hospital group", "statistics office", "housing committee",
)  # fmt: skip
SUBJECTS = (
    "repairs to the east quay", "the new tram line", "a shortage of drinking water",
    "the spring flood defences", "a tender for school buses", "the price of winter wheat",
    "an exhibition of early maps", "the closure of two lanes", "a survey of old bridges",
    "the budget for street lighting", "an appeal against the ruling", "a drill at the depot",
    "the count of nesting terns", "an audit of its accounts", "the return of the night ferry",
)  # fmt: skip
VERBS = ("said", "reported", "confirmed", "announced", "told a hearing", "wrote in a notice")
ENDS = (
    "would take until the end of the season", "had cost {n} thousand crowns so far",
    "was expected to be finished within {n} weeks", "drew {n} written comments from residents",
    "could not begin before the ground had dried", "had been put off for the second time this year",
    "would be paid for by a levy of {n} cents", "had met with little resistance in the chamber",
    "was now in the hands of an outside engineer", "needed the consent of {n} other parishes",
)  # fmt: skip
ADDITIONS = (
    "A spokesperson declined to give a date.",
    "Figures for the previous year were not available.",
    "The decision can be contested within {n} days.",
    "Work resumed shortly after noon.",
    "Similar plans in {town} were dropped {n} years ago.",
    "Traffic is led around the site by way of {town}.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One version of one article of a publisher; ``token`` stands in its first and last paragraph.

    ``path`` is the page's, without the host. ``version`` counts from 1.
    """

    publisher: str
    number: int
    version: int
    path: str
    title: str
    paragraphs: tuple[str, ...]
    token: str
    published_at: datetime
    updated_at: datetime
    state: State = "usable"
    embargoed_until: datetime | None = None

    @property
    def summary(self) -> str:
        """Return the teaser of a feed: the first paragraph."""
        return self.paragraphs[0]


def token_of(seed: int, publisher: str, number: int, version: int) -> str:
    """Return 16 hexadecimal digits that stand in this version's text and in no other's."""
    return hashlib.sha256(f"{seed}/{publisher}/{number}/{version}".encode()).hexdigest()[:16]


def opening(token: str) -> str:
    """Return the sentence that marks the text of a version."""
    return f"The reference of this report is {token}."


def closing(token: str) -> str:
    """Return the last sentence of a version: who has it has the whole text."""
    return f"This is the end of report {token}."


def write_text(chance: random.Random, token: str, *, words: int = 300) -> tuple[str, ...]:
    """Return paragraphs of about ``words`` words in all."""
    paragraphs = [f"{_sentence(chance)} {opening(token)}"]
    count = len(paragraphs[0].split())
    while count < words:
        paragraph = " ".join(_sentence(chance) for _ in range(chance.randint(2, 4)))
        paragraphs.append(f"{paragraph} {_addition(chance)}")
        count += len(paragraphs[-1].split())
    paragraphs.append(f"{_sentence(chance)} {closing(token)}")
    return tuple(paragraphs)


def write_title(chance: random.Random) -> str:
    """Return a headline."""
    return f"{chance.choice(TOWNS)}: {chance.choice(SUBJECTS)} before the {chance.choice(BODIES)}"


def _sentence(chance: random.Random) -> str:
    end = chance.choice(ENDS).format(n=chance.randint(2, 980))
    return (
        f"The {chance.choice(BODIES)} of {chance.choice(TOWNS)} {chance.choice(VERBS)} that"
        f" {chance.choice(SUBJECTS)} {end}."
    )


def _addition(chance: random.Random) -> str:
    return chance.choice(ADDITIONS).format(n=chance.randint(3, 60), town=chance.choice(TOWNS))
