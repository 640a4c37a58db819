"""How well single statements are read that nobody tuned a rule on (`sentences.py`, check)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dateline.rights.notices import find_notices
from dateline.rights.registry import LicenseRegistry

from .measures import Value, share
from .sentences import Sentence

# What `make test` asks for; the report has the numbers.
LEAST = {"frame right": 0.68, "grants found": 0.58}
MOST_PERMISSIVE = 0.004


@dataclass(frozen=True, slots=True)
class SentenceRow:
    """One statement and what was read in its body."""

    sentence: Sentence
    frame: str | None
    is_exact: bool
    granted: frozenset[str]

    @property
    def is_grant(self) -> bool:
        """Whether the statement gives a licence to the text."""
        return self.sentence.frame == "grant_text"

    @property
    def is_permissive(self) -> bool:
        """Whether the text is granted by a licence that the statement does not give it."""
        given = {self.sentence.spdx} if self.is_grant else set()
        return not self.granted <= given


def read_sentences(
    sentences: Sequence[Sentence], licenses: LicenseRegistry
) -> tuple[SentenceRow, ...]:
    """Return each sentence with what is read in it."""
    return tuple(_read(sentence, licenses) for sentence in sentences)


def _read(sentence: Sentence, licenses: LicenseRegistry) -> SentenceRow:
    found = find_notices(sentence.body, licenses, language=sentence.language)
    over = [each for each in found if each.start < sentence.end and sentence.start < each.end]
    exact = [each for each in over if (each.start, each.end) == (sentence.start, sentence.end)]
    statement = next(iter([*exact, *over]), None)
    return SentenceRow(
        sentence=sentence,
        frame=statement.frame if statement else None,
        is_exact=bool(exact),
        granted=frozenset(
            each.license.spdx_id
            for each in found
            # With a condition that the licence does not know an article's rights are a conflict.
            if each.frame == "grant_text" and each.license and not each.has_condition
        ),
    )


MEASURES: dict[str, tuple[Callable[[SentenceRow], bool], Callable[[SentenceRow], bool]]] = {
    "permissive errors": (lambda row: row.is_permissive, lambda _: True),
    "grants found": (
        lambda row: row.granted == frozenset({row.sentence.spdx}), lambda row: row.is_grant
    ),
    "frame right": (lambda row: row.frame == row.sentence.frame, lambda _: True),
    "offsets exact": (lambda row: row.is_exact, lambda _: True),
}  # fmt: skip


def sentence_values(rows: Sequence[SentenceRow]) -> dict[str, Value]:
    """Return every measure with its interval."""
    return {
        name: share([is_hit(row) for row in rows if among(row)])
        for name, (is_hit, among) in MEASURES.items()
    }


def sentence_section(rows: Sequence[SentenceRow], shown: Callable[[Value], str]) -> Iterator[str]:
    """Yield the lines of the report."""
    values = sentence_values(rows)
    yield "| measure | value |"
    yield "|---|---|"
    yield from (f"| {name} | {shown(value)} |" for name, value in values.items())
    yield ""
    yield "| language | n | grants found | frame right | permissive |"
    yield "|---|---|---|---|---|"
    languages = sorted({row.sentence.language.partition("-")[0] for row in rows})
    for language in languages:
        own = [row for row in rows if row.sentence.language.partition("-")[0] == language]
        part = sentence_values(own)
        found, frame = part["grants found"].value, part["frame right"].value
        yield (
            f"| `{language}` | {len(own)} | {'-' if found is None else f'{found:.2f}'} "
            f"| {frame:.2f} | {sum(row.is_permissive for row in own)} |"
        )
    yield ""
