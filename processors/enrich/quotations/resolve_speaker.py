"""Say which entity a pronoun or a description means, for the record of quotations alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import dropwhile

from dateline.document_records import SpeakerReason
from dateline.rights.sentences import Span
from processors.enrich.document_entities.groups import Group
from processors.enrich.document_entities.ties import Ties

from .speakers import Candidate, Speakers

_SENTENCES_BACK = 3
Resolved = tuple[int | None, SpeakerReason]


class Resolver:
    """Resolves the speakers of one text, in the order of its quotations."""

    def __init__(self, speakers: Speakers, ties: Ties, sentences: Sequence[Span]) -> None:
        """Take the possible speakers, their countries, and the sentences of the text."""
        self._speakers, self._words = speakers, speakers.speech
        self._sentences = sentences
        self._ties = ties
        self._last: int | None = None
        self._last_at = 0
        self._body: int | None = None

    def resolve(self, candidate: Candidate, sentence: int) -> Resolved:
        """Return the group that speaks, or why it is not known.

        Args:
            candidate: the words of the speaker.
            sentence: place of their sentence.
        """
        if candidate.kind == "name":
            found: Resolved = (candidate.group, "named")
        elif candidate.kind == "pronoun":
            found = self._by_pronoun(candidate, sentence)
        elif candidate.head in self._words.papers:
            found = (self._body, "paper") if self._body is not None else (None, "unnamed")
        else:
            found = self._by_role(candidate)
        if found[0] is not None:
            self._last, self._last_at = found[0], sentence
            if not self._speakers.groups[found[0]].is_person:
                self._body = found[0]
        return found

    def _by_pronoun(self, candidate: Candidate, sentence: int) -> Resolved:
        """Return the one person who is a subject in the nearest sentence that has any."""
        for back in range(_SENTENCES_BACK + 1):
            at = sentence - back
            if at < 0:
                break
            start, end = self._sentences[at]
            end = min(end, candidate.start)
            subjects = [
                each.group
                for each in self._speakers.candidates(start, end)
                if each.group is not None and self._speakers.groups[each.group].is_person
            ]
            if not subjects:
                continue
            if len(set(subjects)) == 1:
                return subjects[0], "pronoun"
            if self._last in subjects and self._last_at == at:
                return self._last, "pronoun"
            return None, "several"
        return None, "unnamed"

    def _by_role(self, candidate: Candidate) -> Resolved:
        """Return the one person whose role and country fit: those already named come first."""
        if candidate.is_of_other and candidate.head not in self._words.titles.heads:
            return None, "unnamed"
        fits = [at for at, g in enumerate(self._speakers.groups) if self._fits(g, candidate)]
        if not fits:
            return None, "unnamed"
        before = [at for at in fits if self._speakers.groups[at].first.start < candidate.start]
        chosen = before or fits
        return (chosen[0], "role") if len(chosen) == 1 else (None, "several")

    def _fits(self, group: Group, candidate: Candidate) -> bool:
        roles = [m.titles.role.lower() for m in group.mentions if m.titles.role]
        if not group.is_person or not roles:
            return False
        country = self._country(candidate)
        if country is not None and country not in self._ties.countries(group):
            return False
        heads = self._words.titles.classes.get(candidate.head)
        if heads is not None:
            return not heads or any(heads & set(role.split()) for role in roles)
        wanted = " ".join(dropwhile(self._is_no_role_word, candidate.noun.split()))
        return any(f" {wanted} " in f" {role} " for role in roles)

    def _is_no_role_word(self, word: str) -> bool:
        return word not in self._words.titles.vocabulary

    def _country(self, candidate: Candidate) -> str | None:
        for mention, _ in self._speakers.names_in(candidate.start, candidate.end):
            if mention.link and mention.link.country_code:
                return mention.link.country_code
        return None
