"""Return what follows an alert: its article was withdrawn or corrected, or its licence has changed.

Pure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dateline import ids
from dateline.alert_records import Alert, AlertContent, AlertTrigger, Watch
from dateline.alerts.ledger import LedgerEntry
from dateline.records import GroupedArticle
from dateline.rights.record import DisplayTier
from dateline.rights.shown import shown_decision
from processors.alerts.build_content import build_content, withdrawn_content
from processors.alerts.correction_notice import find_notice, notice_sha256
from processors.alerts.drafts import is_later_text
from processors.alerts.plan_alerts import new_entry

FOLLOWING: tuple[AlertTrigger, ...] = ("license_change", "correction")
SHOWN = {
    "full": "the whole text", "metadata_only": "no text", "no_index": "nothing",
}  # fmt: skip
CORRECTED = "corrected by its source"
TEXT_CHANGES = ("content", "revive")
FindWatch = Callable[[str], Watch | None]


def is_withdrawal(grouped: GroupedArticle) -> bool:
    """Return whether the record takes the article back, for good or for now."""
    return grouped.kill is not None or grouped.pub_status != "usable"


def may_follow(grouped: GroupedArticle) -> bool:
    """Return whether a record can concern alerts that exist already."""
    if is_withdrawal(grouped) or grouped.change == "policy":
        return True
    return grouped.change in TEXT_CHANGES and is_later_text(grouped)


def follow_ups(
    grouped: GroupedArticle,
    told: Sequence[LedgerEntry],
    *,
    find_watch: FindWatch,
    excerpt_chars: int,
    now: datetime,
) -> list[LedgerEntry]:
    """Return the corrections or changes of licence that the record makes, for those who were told.

    Args:
        grouped: a record that ``may_follow``.
        told: everything the ledger holds of its article, the oldest first.
        find_watch: by id; None for one that was removed. Who was told is corrected all the same; a
            change of licence is told where the watch asks for it.
        excerpt_chars: as in ``build_content``.
        now: when they are made.
    """
    found = []
    for first, channel_ids in _first_told(told):
        past = _past(first, told)
        watch = find_watch(first.alert.watch_id)
        for make in _makers(grouped):
            alert = make(grouped, past, watch, excerpt_chars)
            if alert is not None:
                found.append(_entry(grouped, first.alert, *alert, channel_ids, now))
                break
    return found


def _makers(grouped: GroupedArticle) -> tuple[Make, ...]:
    """Return what a record may be, the gravest first."""
    if is_withdrawal(grouped):
        return (_withdrawal,)
    return (_license_change,) if grouped.change == "policy" else (_text_correction, _license_change)


def _first_told(told: Sequence[LedgerEntry]) -> Iterator[tuple[LedgerEntry, tuple[str, ...]]]:
    """Yield the alerts that are followed and the channels that heard of the article by them.

    Whoever got several alerts of one watch about the article is told once what became of it.
    """
    reached: dict[str, set[str]] = defaultdict(set)
    for entry in told:
        alert = entry.alert
        if alert.trigger in FOLLOWING:
            continue
        channels = entry.channel_ids or ("",)
        new = [each for each in channels if each not in reached[alert.watch_id]]
        if new:
            reached[alert.watch_id].update(new)
            yield entry, tuple(each for each in new if each)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Past:
    """What was told about the article to those who got ``first``, in the order of its records."""

    first: LedgerEntry
    entries: Sequence[LedgerEntry]

    @property
    def last(self) -> LedgerEntry:
        return self.entries[-1]

    def is_made_of(self, grouped: GroupedArticle, trigger: AlertTrigger) -> bool:
        """Return whether the last was made of this very record, which is read again."""
        alert = self.last.alert
        return (alert.trigger, alert.revision) == (trigger, grouped.revision)

    def is_later(self, grouped: GroupedArticle) -> bool:
        return self.last.alert.revision > grouped.revision

    @property
    def is_withdrawn(self) -> bool:
        alert = self.last.alert
        note = alert.content.note if alert.content else ""
        return alert.trigger == "correction" and note != CORRECTED


def _past(first: LedgerEntry, told: Sequence[LedgerEntry]) -> _Past:
    related = [
        each
        for each in told
        if each.alert.watch_id == first.alert.watch_id
        and (each.alert.trigger not in FOLLOWING or _follows(each, first))
    ]
    related.sort(key=lambda each: (each.alert.revision, each.alert.created_at))
    return _Past(first=first, entries=related)


def _follows(entry: LedgerEntry, first: LedgerEntry) -> bool:
    return entry.alert.corrects_alert_id == first.alert.alert_id


Made = tuple[AlertTrigger, AlertContent]
Make = Callable[[GroupedArticle, _Past, Watch | None, int], Made | None]


def _withdrawal(grouped: GroupedArticle, past: _Past, _watch: Watch | None, _: int) -> Made | None:
    content = past.first.alert.content
    is_told = past.is_withdrawn and not past.is_made_of(grouped, "correction")
    if content is None or is_told or past.is_later(grouped):
        return None
    return "correction", withdrawn_content(grouped, content, _withdrawal_note(grouped))


def _withdrawal_note(grouped: GroupedArticle) -> str:
    if grouped.kill is not None:
        return f"withdrawn by its source: {grouped.kill.reason}"
    return "withdrawn by its source" if grouped.pub_status == "canceled" else "held back for now"


def _text_correction(
    grouped: GroupedArticle, past: _Past, watch: Watch | None, excerpt_chars: int
) -> Made | None:
    """Return what is told when the source says that it corrected the article since it was told."""
    told, enriched = past.first.alert.content, grouped.enriched
    notice = find_notice(enriched) if enriched else None
    if told is None or notice is None or past.is_later(grouped):
        return None
    known = {each.notice_sha256 for each in past.entries}
    # An update of this very text says it already.
    is_told = past.last.alert.revision == grouped.revision or notice_sha256(grouped) in known
    if is_told and not past.is_made_of(grouped, "correction"):
        return None
    decision = shown_decision(grouped)
    if decision is None or "no_index" in (decision.store, decision.display):
        return "correction", withdrawn_content(grouped, told, CORRECTED)
    content = build_content(grouped, watch, (notice,), excerpt_chars=excerpt_chars, note=CORRECTED)
    return "correction", replace(
        content, watch_name=told.watch_name, query=told.query, reasons=told.reasons
    )


def _license_change(
    grouped: GroupedArticle, past: _Past, watch: Watch | None, excerpt_chars: int
) -> Made | None:
    decision, last = shown_decision(grouped), past.last
    told = last.alert.content
    if watch is None or not watch.is_license_told or decision is None or grouped.enriched is None:
        return None
    if told is None or past.is_withdrawn or past.is_later(grouped):
        return None
    before = _allowed(told.spdx_expression, last.display, last.snippet_chars)
    spdx_expression = grouped.enriched.rights.spdx_expression
    after = _allowed(spdx_expression, decision.display, decision.snippet_chars)
    if before == after and not past.is_made_of(grouped, "license_change"):
        return None
    if "no_index" in (decision.store, decision.display):
        return "license_change", withdrawn_content(grouped, told, f"now {after}; before {before}")
    content = build_content(
        grouped, watch, (), excerpt_chars=excerpt_chars, because=told.reasons,
        note=f"now {after}; before {before}",
    )  # fmt: skip
    return "license_change", content


def _allowed(spdx_expression: str, display: DisplayTier, snippet_chars: int) -> str:
    if display == "snippet":
        return f"{spdx_expression}, the first {snippet_chars} characters may be shown"
    return f"{spdx_expression}, {SHOWN[display]} may be shown"


def _entry(
    grouped: GroupedArticle, first: Alert, trigger: AlertTrigger, content: AlertContent,
    channel_ids: tuple[str, ...], now: datetime,
) -> LedgerEntry:  # fmt: skip
    subject = f"{first.alert_id}:{grouped.revision}"
    alert = Alert(
        alert_id=ids.alert_id(first.watch_id, trigger, subject), watch_id=first.watch_id,
        channel_id="", trigger=trigger, subject=subject, article_id=grouped.article_id,
        revision=grouped.revision, story_id=grouped.story_id,
        story_aliases=grouped.story_aliases, created_at=now, content=content,
        corrects_alert_id=first.alert_id,
    )  # fmt: skip
    return new_entry(grouped, alert, channel_ids)


def by_article(entries: Sequence[LedgerEntry]) -> dict[str, list[LedgerEntry]]:
    """Return the entries of each article, in their order."""
    found: dict[str, list[LedgerEntry]] = defaultdict(list)
    for each in entries:
        found[each.alert.article_id].append(each)
    return found
