"""Find the articles that are copies, excerpts or updates of others, in a window of articles.

Candidates share hashes of word shingles; containment decides, not resemblance, because wire copy is
cut and gets a new head. No text is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from dateline.document_records import CopyRole
from processors.enrich.copy_signature import CopySignature, sign_text
from processors.stories.compare_copies import Comparison, CopyEntry, CopyPair, compare
from processors.stories.copy_role import MIN_CONTAINMENT, Reason, role_of
from processors.stories.shingle_table import LARGEST_NUMBER, ShingleTable

# Of a text that hundreds have, the nearest few dozen say whose it is.
MAX_CANDIDATES = 128
DEFAULT_MAX_ARTICLES = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMatch:
    """What an article is to the others that share its text.

    Attributes:
        origin_article_id: the first article of the group; None where this one is the original.
        role: ``original`` also for a text of which most stands in no other.
        containment: how much of the shorter of this text and its nearest stands in the longer.
        jaccard: what both share of all that either has.
        reasons: why the role, in fixed words.
        pairs: every article of the window that shares enough text, nearest first.
        redecided: articles that were known before and now have this one's origin, with their new
            role. Those that have it already are named again when an article is added again.
    """

    article_id: str
    origin_article_id: str | None
    role: CopyRole
    containment: float
    jaccard: float
    reasons: tuple[Reason, ...]
    pairs: tuple[CopyPair, ...] = ()
    redecided: tuple[CopyMatch, ...] = ()


class CopyIndex:
    """The articles of a window by their text; the same calls give the same answers.

    Args:
        min_containment: from which share of the shorter text on two texts are copies.
        max_articles: of more, those that came first are forgotten.
    """

    def __init__(
        self,
        *,
        min_containment: float = MIN_CONTAINMENT,
        max_articles: int = DEFAULT_MAX_ARTICLES,
    ) -> None:
        self._min_containment = min_containment
        self._max_articles = max_articles
        self._table = ShingleTable()
        self._entries: dict[int, CopyEntry] = {}
        self._numbers: dict[str, int] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._last_number = 0

    def __len__(self) -> int:
        """Return how many articles are remembered."""
        return len(self._entries)

    @property
    def table_bytes(self) -> int:
        """Return the memory of the table of hashes; signatures come on top."""
        return self._table.size_bytes

    def get(self, article_id: str) -> CopyEntry | None:
        """Return what is remembered of an article, or None."""
        number = self._numbers.get(article_id)
        return None if number is None else self._entries[number]

    def add(self, article_id: str, text: str, at: datetime, source_id: str) -> CopyMatch | None:
        """Remember an article and return what it is to the others, or None: it stands alone.

        Args:
            article_id: an id that is known already takes the place of its older text.
            text: clean text, licence notices already out.
            at: when it was published, clamped to when it was seen: the earliest is the original.
            source_id: the publisher.
        """
        signature = sign_text(text)
        if signature is None:
            self.remove(article_id)
            return None
        before = self.get(article_id)
        return self.add_entry(
            CopyEntry(
                article_id=article_id,
                source_id=source_id,
                at=min(at, before.at) if before else at,  # an edit makes it no later
                signature=signature,
            )
        )

    def add_entry(self, entry: CopyEntry) -> CopyMatch | None:
        """Do the same for an article whose text is signed already; its role is found anew."""
        comparison = self._compare(entry.signature, leave_out=entry.article_id)
        match = self._match(entry, comparison)
        self.put(replace(entry, origin_article_id=match.origin_article_id, role=match.role))
        redecided = self._redecide(match)
        if not match.pairs and not redecided:
            return None
        return replace(match, redecided=redecided)

    def put(self, entry: CopyEntry) -> None:
        """Remember an article as it was decided; nothing else changes."""
        self.remove(entry.article_id)
        while len(self._entries) >= self._max_articles:
            self.remove(next(iter(self._entries.values())).article_id)
        # Begins again after years: by then what had these numbers is forgotten.
        self._last_number = self._last_number % LARGEST_NUMBER + 1
        self._table.reserve(len(self._entries) + 1)
        self._table.add(self._last_number, entry.signature)
        self._entries[self._last_number] = entry
        self._numbers[entry.article_id] = self._last_number
        self._join(entry)

    def stand_alone(self, article_id: str) -> None:
        """Make an article the first of its group: something else says that it is."""
        number = self._numbers.get(article_id)
        if number is not None:
            self._leave(self._entries[number])
            self._entries[number] = replace(
                self._entries[number], origin_article_id=None, role="original"
            )

    def remove(self, article_id: str) -> None:
        """Forget an article, not whose copies it had; safe when it is not there."""
        number = self._numbers.pop(article_id, None)
        if number is not None:
            self._leave(self._entries.pop(number))

    def expire(self, before: datetime) -> int:
        """Forget the articles with times before ``before``; return how many."""
        old = [entry.article_id for entry in self._entries.values() if entry.at < before]
        for article_id in old:
            self.remove(article_id)
        return len(old)

    def dump(self) -> bytes:
        """Return what ``load`` makes the same index from."""
        return msgspec.msgpack.encode(list(self._entries.values()))

    @classmethod
    def load(
        cls,
        dumped: bytes,
        *,
        min_containment: float = MIN_CONTAINMENT,
        max_articles: int = DEFAULT_MAX_ARTICLES,
    ) -> CopyIndex:
        """Return the index that was dumped."""
        index = cls(min_containment=min_containment, max_articles=max_articles)
        for entry in msgspec.msgpack.decode(dumped, type=list[CopyEntry]):
            index.put(entry)
        return index

    def _compare(self, signature: CopySignature, *, leave_out: str) -> Comparison:
        found: list[CopyEntry] = []
        for number in self._table.find(signature):
            entry = self._entries.get(number)  # what was forgotten may still stand in the table
            if entry is not None and entry.article_id != leave_out:
                found.append(entry)
                if len(found) == MAX_CANDIDATES:
                    break
        return compare(signature, found, min_containment=self._min_containment)

    def _match(self, entry: CopyEntry, comparison: Comparison) -> CopyMatch:
        near = sorted(
            comparison.pairs,
            key=lambda pair: (-pair.shared_count, self._known(pair.article_id).age),
        )
        older = [pair for pair in near if _is_older(self._known(pair.article_id), entry)]
        covered = comparison.covered_by({pair.article_id for pair in older})
        origin_id, role, reasons = self._decide(entry, older, covered)
        nearest = (older or near or [_NO_PAIR])[0]
        return CopyMatch(
            article_id=entry.article_id,
            origin_article_id=origin_id,
            role=role,
            containment=nearest.containment,
            jaccard=nearest.jaccard,
            reasons=reasons,
            pairs=tuple(near),
        )

    def _decide(
        self, entry: CopyEntry, older: Sequence[CopyPair], covered: float
    ) -> tuple[str | None, CopyRole, tuple[Reason, ...]]:
        if not older:
            return None, "original", ()
        root_id = self._known(older[0].article_id).root_id
        # What it is to the first article says more than what it is to another copy.
        nearest = next((pair for pair in older if pair.article_id == root_id), older[0])
        roles = [self._role(entry, pair, covered) for pair in (nearest, *older)]
        role, reasons = next((found for found in roles if found[0] == "update"), roles[0])
        return (None if role == "original" else root_id), role, reasons

    def _role(
        self, entry: CopyEntry, pair: CopyPair, covered: float
    ) -> tuple[CopyRole, tuple[Reason, ...]]:
        other = self._known(pair.article_id)
        return role_of(
            pair,
            covered,
            min_containment=self._min_containment,
            is_same_source=entry.source_id == other.source_id,
            is_of_excerpt=other.role == "excerpt",
        )

    def _redecide(self, match: CopyMatch) -> tuple[CopyMatch, ...]:
        """Give the articles that this one is older than, and its copies, its origin."""
        entry = self._known(match.article_id)
        redecided: dict[str, CopyMatch] = {}
        for pair in match.pairs:
            other = self.get(pair.article_id)
            if other is not None and _may_follow(other, entry):
                redecided |= self._moved(other, pair, entry)
        for member in self._members_of(entry.article_id):
            if member.article_id not in redecided:
                redecided[member.article_id] = self._follow(member, entry)
        return tuple(redecided.values())

    def _moved(self, other: CopyEntry, pair: CopyPair, entry: CopyEntry) -> dict[str, CopyMatch]:
        """Return the later article and its copies with the origin of ``entry``."""
        turned = _turned(pair, entry.article_id)
        role, reasons = role_of(
            turned,
            turned.share,
            min_containment=self._min_containment,
            is_same_source=other.source_id == entry.source_id,
        )
        if role == "original":
            return {}
        members = self._members_of(other.article_id)
        moved = [self._changed(other, entry, role, (*reasons, "earlier_found"), turned)]
        moved += [self._follow(member, entry) for member in members]
        return {match.article_id: match for match in moved}

    def _follow(self, member: CopyEntry, entry: CopyEntry) -> CopyMatch:
        """Move a copy along with its origin: what it is to the group stays."""
        return self._changed(member, entry, member.role, ("origin_moved",), _NO_PAIR)

    def _changed(
        self,
        other: CopyEntry,
        entry: CopyEntry,
        role: CopyRole,
        reasons: tuple[Reason, ...],
        pair: CopyPair,
    ) -> CopyMatch:
        changed = replace(other, origin_article_id=entry.root_id, role=role)
        self._leave(other)
        self._entries[self._numbers[other.article_id]] = changed
        self._join(changed)
        return CopyMatch(
            article_id=other.article_id,
            origin_article_id=entry.root_id,
            role=role,
            containment=pair.containment,
            jaccard=pair.jaccard,
            reasons=reasons,
        )

    def _members_of(self, article_id: str) -> list[CopyEntry]:
        return [self._known(member) for member in sorted(self._members.get(article_id, ()))]

    def _known(self, article_id: str) -> CopyEntry:
        return self._entries[self._numbers[article_id]]

    def _join(self, entry: CopyEntry) -> None:
        if entry.origin_article_id is not None:
            self._members.setdefault(entry.origin_article_id, {})[entry.article_id] = None

    def _leave(self, entry: CopyEntry) -> None:
        if entry.origin_article_id is not None:
            members = self._members[entry.origin_article_id]
            del members[entry.article_id]
            if not members:
                del self._members[entry.origin_article_id]


_NO_PAIR = CopyPair(article_id="", share=0.0, other_share=0.0, jaccard=0.0, shared_count=0.0)


def _is_older(other: CopyEntry, entry: CopyEntry) -> bool:
    # A copy that is older than its origin has it from elsewhere, such as the page's own word.
    return other.age < entry.age and other.root_id != entry.article_id


def _may_follow(other: CopyEntry, entry: CopyEntry) -> bool:
    if other.article_id == entry.root_id:
        return False
    return other.age > entry.age and other.origin_article_id in (None, entry.article_id)


def _turned(pair: CopyPair, article_id: str) -> CopyPair:
    """Return the same pair as seen from the other article."""
    return replace(pair, article_id=article_id, share=pair.other_share, other_share=pair.share)
