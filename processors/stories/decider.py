"""Decide about rights by one policy, once about all that are the same to it.

A stream has few kinds of rights, and a decision costs a tenth of a millisecond.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime
from operator import attrgetter

from dateline.records import PubStatus
from dateline.rights.decide import decide_all, decisions_sha256
from dateline.rights.policy import Policy
from dateline.rights.record import Decision, Rights

# A thousand kinds are about 3 MB.
MAX_KINDS = 1_000

Decisions = tuple[tuple[Decision, ...], str]
# All that ``decide_all`` reads of rights, as the tests prove; times and attribution come on top.
_read = attrgetter(
    "status", "spdx_expression", "effective", "confidence",
    "preferences.tdm_reservation", "preferences.ai_train", "preferences.ai_input",
    "preferences.search", "preferences.snippet_max_chars", "preferences.noarchive",
    "preferences.noindex", "preferences.nosnippet_texts",
)  # fmt: skip


class Decider:
    """The decisions of one policy."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[Hashable, Decisions] = {}

    def decide(self, rights: Rights, *, at: datetime, pub_status: PubStatus) -> Decisions:
        """Return what ``decide_all`` does, with the hash of it."""
        kind = _kind(rights, at, pub_status)
        found = self._known.get(kind)
        if found is None:
            decisions = decide_all(rights, policy=self.policy, at=at, pub_status=pub_status)
            found = decisions, decisions_sha256(decisions)
            if len(self._known) >= MAX_KINDS:
                self._known.pop(next(iter(self._known)))
            self._known[kind] = found
        return found


def _kind(rights: Rights, at: datetime, pub_status: PubStatus) -> Hashable:
    access, attribution = rights.access, rights.attribution
    return (
        _read(rights),
        access.embargoed_until is not None and at < access.embargoed_until,
        access.expires_at is not None and at >= access.expires_at,
        attribution is not None and attribution.is_complete,
        pub_status,
    )
