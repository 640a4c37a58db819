"""Server-Sent Events: every new alert, and after a reconnection those in between."""

from __future__ import annotations

import http
import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sse_starlette import EventSourceResponse, ServerSentEvent
from sse_starlette.sse import SendTimeoutError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dateline.alert_records import Alert
from dateline.alerts.ledger import Ledger, LedgerEntry
from dateline.web.alert_hub import AlertEvent, AlertHub, alert_event
from dateline.web.problems import RETRY_AFTER_SECONDS, RequestProblem

ALERT_ID = re.compile(r"[0-9a-f]{64}")
# A browser waits so long before it connects again.
RECONNECT_MS = 3_000
# Nobody who has missed more wants to read it one by one: the list has it.
MAX_REPLAY = 1_000
# Two workers write alerts by their own clocks; who was told one may lack another that is as old.
OVERLAP = timedelta(seconds=60)
# A reader whose connection takes nothing for so long is let go.
SEND_TIMEOUT_SECONDS = 10.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """From when on alerts are told that are in the ledger: an alert, or a time; neither: none."""

    alert_id: str | None = None
    at: datetime | None = None


class AlertTeller:
    """Tells what comes on the topic as it stands in the ledger, and what a reader has missed."""

    def __init__(self, hub: AlertHub, ledger: Ledger) -> None:
        self.hub = hub
        self._ledger = ledger

    async def take(self, alerts: Sequence[Alert]) -> None:
        """Tell the alerts of the topic, each once; channels repeat them there.

        Raises:
            DependencyUnavailable: try again.
        """
        news = set(self.hub.unknown([each.alert_id for each in alerts]))
        # One that is not in the ledger was taken out by hand; the topic has it still.
        found = {
            each.alert_id: LedgerEntry(
                alert=each, channel_ids=(each.channel_id,) if each.channel_id else ()
            )
            for each in alerts
            if each.alert_id in news
        }
        if found and not self.hub.is_idle:
            found |= await self._ledger.get(list(found))
        self.hub.tell([alert_event(entry) for entry in found.values()])

    async def missed(self, since: Since, watch_id: str | None) -> list[LedgerEntry]:
        """Return what a reader was not told since then, oldest first; one more than it is told."""
        at = since.at
        if since.alert_id is not None:
            last = (await self._ledger.get([since.alert_id])).get(since.alert_id)
            at = last.alert.created_at if last else None
        if at is None:
            return []
        entries = await self._ledger.told_since(
            at - OVERLAP, watch_id=watch_id, limit=MAX_REPLAY + 1
        )
        if since.alert_id is None:
            return entries
        told_by = self.hub.was_told_by
        return [each for each in entries if not told_by(each.alert.alert_id, since.alert_id)]

    async def events(self, since: Since, watch_id: str | None) -> AsyncIterator[ServerSentEvent]:
        """Yield what was missed, then what comes, until the reader is let go."""
        # Listening begins before the ledger is read: between the two nothing is lost.
        with self.hub.reader(watch_id) as reader:
            yield ServerSentEvent(comment="alerts", retry=RECONNECT_MS)
            missed = await self.missed(since, watch_id)
            told = [alert_event(entry) for entry in missed[:MAX_REPLAY]]
            for event in told:
                yield _sent(event)
            if len(missed) > MAX_REPLAY:
                yield ServerSentEvent("more was missed than is told here", event="reload")
            known = {event.alert_id for event in told}
            while (news := await reader.next()) is not None:
                if news.alert_id not in known:
                    yield _sent(news)


def _sent(event: AlertEvent) -> ServerSentEvent:
    return ServerSentEvent(event.data, event="alert", id=event.alert_id)


class AlertStream(EventSourceResponse):
    """The response; a reader that does not read ends it without a trace of an error."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the client or the server leaves."""
        try:
            await super().__call__(scope, receive, send)
        except SendTimeoutError:
            log.info("a reader of alerts does not read; its connection is closed")


def stream_response(teller: AlertTeller, request: Request, *, heartbeat_seconds: float) -> Response:
    """Return the stream that ``request`` asks for.

    Raises:
        RequestProblem: 503, too many listen already; 400, ``since`` is no time.
    """
    if teller.hub.is_full:
        raise RequestProblem(
            http.HTTPStatus.SERVICE_UNAVAILABLE,
            "Too many readers listen already.",
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
        )
    since = read_since(
        request.headers.get("last-event-id", ""), request.query_params.get("since", "")
    )
    watch_id = request.query_params.get("watch") or None
    return AlertStream(
        teller.events(since, watch_id), ping=heartbeat_seconds, send_timeout=SEND_TIMEOUT_SECONDS
    )


def read_since(last_event_id: str, since: str) -> Since:
    """Return from when on a reader wants to be told; the last event counts more than a time.

    Raises:
        RequestProblem: 400, ``since`` is no time with a zone.
    """
    if ALERT_ID.fullmatch(last_event_id):
        return Since(alert_id=last_event_id)
    return Since(at=read_time(since)) if since else Since()


def read_time(text: str) -> datetime:
    """Return a time of an address (ISO 8601 with a zone), in UTC.

    Raises:
        RequestProblem: 400, it is none.
    """
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise RequestProblem(
        http.HTTPStatus.BAD_REQUEST, "since must be a time with a zone, as 2026-11-20T08:00:00Z."
    )
