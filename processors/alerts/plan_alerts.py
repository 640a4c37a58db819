"""Decide which drafts become alerts, knowing what the ledger holds (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dateline.alert_records import Alert, AlertContent, AlertTrigger
from dateline.alerts.ledger import LedgerEntry
from dateline.records import GroupedArticle
from dateline.rights.shown import shown_decision
from processors.alerts.correction_notice import notice_sha256
from processors.alerts.drafts import Draft

ANOTHER_TEXT = "another text of this article"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to be done.

    Attributes:
        entries: to write to the ledger, then to publish.
        again: alerts that exist and were made of a record that is read again: whether they were
            published is not known.
    """

    entries: tuple[LedgerEntry, ...] = ()
    again: tuple[LedgerEntry, ...] = ()


MakeContent = Callable[[Draft, str], AlertContent]


def asked_ids(drafts: Iterable[Draft]) -> list[str]:
    """Return the ids that the ledger has to be asked for, each once."""
    rows = ((*each.alert_ids, *((each.update_id,) if each.update_id else ())) for each in drafts)
    return list(dict.fromkeys(alert_id for row in rows for alert_id in row))


def plan_alerts(
    drafts: Sequence[Draft],
    told: Mapping[str, LedgerEntry],
    *,
    make_content: MakeContent,
    now: datetime,
) -> Plan:
    """Return the alerts to make, in the order of the drafts, and those to publish again.

    Args:
        drafts: in the order of the records.
        told: what the ledger holds of ``asked_ids``.
        make_content: of a draft and a note; called only for what becomes an alert.
        now: when they are made.
    """
    known = dict(told)
    entries: dict[str, LedgerEntry] = {}
    again: dict[str, LedgerEntry] = {}
    for draft in drafts:
        earlier = next((known[each] for each in draft.alert_ids if each in known), None)
        if earlier is None:
            entry = _entry(draft, draft.trigger, draft.alert_ids[0], now, make_content(draft, ""))
        elif _is_of(earlier, draft.grouped):
            again[earlier.alert.alert_id] = earlier
            continue
        elif draft.update_id is None:
            continue
        elif draft.update_id in known:
            update = known[draft.update_id]
            if _is_of(update, draft.grouped):
                again[draft.update_id] = update
            continue
        else:
            content = make_content(draft, ANOTHER_TEXT)
            entry = _entry(draft, "update", draft.update_id, now, content)
            entry = _following(entry, earlier.alert.alert_id, draft.update_subject or "")
        known[entry.alert.alert_id] = entries[entry.alert.alert_id] = entry
    return Plan(
        entries=tuple(entries.values()),
        again=tuple(each for key, each in again.items() if key not in entries),
    )


def _is_of(entry: LedgerEntry, grouped: GroupedArticle) -> bool:
    alert = entry.alert
    return (alert.article_id, alert.revision) == (grouped.article_id, grouped.revision)


def _entry(
    draft: Draft, trigger: AlertTrigger, alert_id: str, now: datetime, content: AlertContent
) -> LedgerEntry:
    return new_entry(
        draft.grouped,
        Alert(
            alert_id=alert_id,
            watch_id=draft.watch.watch_id,
            channel_id="",
            trigger=trigger,
            subject=draft.subjects[0],
            article_id=draft.grouped.article_id,
            revision=draft.grouped.revision,
            story_id=draft.grouped.story_id,
            story_aliases=draft.grouped.story_aliases,
            created_at=now,
            content=content,
        ),
        draft.watch.channel_ids,
    )


def new_entry(grouped: GroupedArticle, alert: Alert, channel_ids: Iterable[str]) -> LedgerEntry:
    """Return the entry of ``alert``, with what may be shown of its article now."""
    decision = shown_decision(grouped)
    return LedgerEntry(
        alert=alert,
        channel_ids=tuple(dict.fromkeys(channel_ids)),
        display=decision.display if decision else "metadata_only",
        snippet_chars=decision.snippet_chars if decision else 0,
        notice_sha256=notice_sha256(grouped),
    )


def _following(entry: LedgerEntry, corrects_alert_id: str, subject: str) -> LedgerEntry:
    alert = replace(entry.alert, subject=subject, corrects_alert_id=corrects_alert_id)
    return replace(entry, alert=alert)
