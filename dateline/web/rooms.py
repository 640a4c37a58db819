"""Return what handlers of requests work with."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypedDict

from starlette.requests import Request

from dateline.alerts.deliveries import DeliveryStore
from dateline.alerts.ledger import Ledger
from dateline.clock import Clock
from dateline.web.alert_stream import AlertTeller
from dateline.web.csrf import FormTokens
from dateline.web.search_desk import SearchDesk
from dateline.web.watch_desk import WatchDesk


class BodyLimits(TypedDict):
    """Limits of the body of a request."""

    max_bytes: int
    timeout_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Rooms:
    """Everything behind the handlers; one a process."""

    desk: WatchDesk
    search: SearchDesk
    ledger: Ledger
    deliveries: DeliveryStore
    teller: AlertTeller
    clock: Clock
    body_limits: BodyLimits
    heartbeat_seconds: float
    tokens: FormTokens = field(default_factory=FormTokens)


def rooms_of(request: Request) -> Rooms:
    """Return the rooms of the application that answers ``request``."""
    rooms: Rooms = request.app.state.rooms
    return rooms
