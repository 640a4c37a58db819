"""Return what the pages show, as plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dateline.alert_records import Alert
from dateline.alerts.deliveries import Delivery
from dateline.channels.alert_words import AlertWords, words_of_alert
from dateline.channels.plain_words import one_line
from dateline.web.problems import RequestProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAlert:
    """An alert of the list."""

    alert_id: str
    watch_id: str
    words: AlertWords
    created_at: datetime

    @property
    def shown_at(self) -> str:
        """Return when it was made, in words."""
        return shown_time(self.created_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class FormValues:
    """What was written into the form, to be shown again."""

    query: str = ""
    name: str = ""
    repeat: str = "every_story"
    channel_ids: tuple[str, ...] = ()
    is_forced: bool = False
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FormError:
    """What is wrong with a form.

    ``before``, ``at`` and ``behind`` are the query around the character that it is about; ``at``
    is a space at the end of the query. All None where it is about no character.
    """

    status: int
    detail: str
    hint: str = ""
    before: str | None = None
    at: str | None = None
    behind: str | None = None
    may_be_forced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """What became of a delivery."""

    channel_id: str
    status: str
    note: str
    attempts: tuple[str, ...]


EMPTY_FORM = FormValues()


def listed_alert(alert: Alert) -> ListedAlert:
    """Return the alert as the list shows it."""
    return ListedAlert(
        alert_id=alert.alert_id, watch_id=alert.watch_id, words=words_of_alert(alert),
        created_at=alert.created_at,
    )  # fmt: skip


def form_values(fields: Sequence[tuple[str, str]]) -> FormValues:
    """Return the fields of a form; the last of a name counts."""
    values = dict(fields)
    return FormValues(
        query=values.get("query", ""), name=values.get("name", ""),
        repeat=values.get("repeat", "every_story"),
        channel_ids=tuple(value for name, value in fields if name == "channel"),
        is_forced=values.get("force") == "yes", token=values.get("token", ""),
    )  # fmt: skip


def form_error(problem: RequestProblem, query: str) -> FormError:
    """Return what the form says of ``problem``."""
    before, at, behind = _split(query, problem.extra.get("position"))
    return FormError(
        status=problem.status,
        detail=problem.detail,
        hint=str(problem.extra.get("hint", "")),
        before=before,
        at=at,
        behind=behind,
        may_be_forced="matches_per_day" in problem.extra,
    )


def _split(query: str, position: object) -> tuple[str, str, str] | tuple[None, None, None]:
    if not isinstance(position, int) or not 0 <= position <= len(query):
        return None, None, None
    return query[:position], query[position : position + 1] or " ", query[position + 1 :]


def delivery_rows(deliveries: Sequence[Delivery]) -> list[DeliveryRow]:
    """Return the deliveries of an alert with every try."""
    return [
        DeliveryRow(
            channel_id=each.channel_id,
            status=each.status.replace("_", " "),
            note=one_line(each.note),
            attempts=tuple(
                one_line(f"{shown_time(row.at)} {row.outcome} {row.status_code or ''} {row.error}")
                for row in each.history
            ),
        )
        for each in deliveries
    ]


def shown_time(at: datetime) -> str:
    """Return a time in words."""
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"
