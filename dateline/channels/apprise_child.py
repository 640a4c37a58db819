"""Tell one service through Apprise, inside a child process that is confined to allowed addresses.

The child has no environment variables but a few, no proxies, no log (Apprise's repeats addresses,
which are secrets) and no redirects. Imported by the parent too, so Apprise is imported inside the
functions.
"""

from __future__ import annotations

import logging
import resource
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dateline.channels.http_outcome import SUCCESS, sent_by_status
from dateline.channels.message import Sent, refused, retry
from dateline.outbound.address_guard import Network
from dateline.outbound.confine import Confinement, confine_process
from dateline.parent_watch import start_parent_watch
from dateline.settings import forget_environment

MAX_CHILD_BYTES = 1_000_000_000
KEPT_VARIABLES = ("LANG", "LC_ALL", "PATH", "REQUESTS_CA_BUNDLE", "SSL_CERT_DIR", "SSL_CERT_FILE",
                  "TZ")  # fmt: skip


@dataclass(slots=True)
class _Exchange:
    """What the last HTTP exchange of a notification came to."""

    status: int | None = None
    retry_after: str = ""
    problem: str = "the service could not be told"


@dataclass(slots=True)
class _Child:
    confinement: Confinement
    exchange: _Exchange


_children: list[_Child] = []


def start_child(allowed: Sequence[Network], parent_pid: int) -> None:
    """Confine this process for good, and load Apprise; the initializer of the pool."""
    import apprise  # noqa: F401 (loaded before the limits: its plugins look for programs)
    import requests

    start_parent_watch(parent_pid)
    forget_environment(KEPT_VARIABLES)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_CHILD_BYTES, hard))
    child = _Child(confine_process(allowed), _Exchange())
    _children[:] = [child]
    _watch_requests(requests.Session, child)


def tell(url: str, title: str, body: str) -> Sent:
    """Return what came of telling the service at ``url``; one at a time in each child.

    Args:
        url: an Apprise address of a service on our list.
        title: one line.
        body: plain text; Apprise escapes it for its service and cuts what is too long.
    """
    from apprise import Apprise, AppriseAsset, NotifyFormat
    from apprise.common import OverflowMode

    (child,) = _children
    child.exchange = _Exchange()
    child.confinement.restrict(to_own_networks=True)
    child.confinement.take_refusals()
    asset = AppriseAsset(
        async_mode=False,
        http_redirects=False,
        interpret_emojis=False,
        interpret_escapes=False,
        allow_templates=False,
        service_timeout=0,  # it would use a thread; the parent ends this process instead
    )
    service = Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return refused("the address is not one that its service understands")
    service.redirects = False
    service.verify_certificate = True
    service.overflow_mode = OverflowMode.TRUNCATE  # a second part that fails would repeat the first
    sender = Apprise(asset=asset)
    sender.add(service)
    is_told = bool(sender.notify(body=body, title=title, body_format=NotifyFormat.TEXT))
    return _outcome(child, is_told=is_told)


def _outcome(child: _Child, *, is_told: bool) -> Sent:
    exchange = child.exchange
    refusals = child.confinement.take_refusals()
    if is_told:
        return Sent(outcome="delivered", status_code=exchange.status)
    if refusals:
        return refused(
            "a private address, or one without TLS; channels.allow_networks does not list it"
        )
    if exchange.status is None:
        return retry(exchange.problem)
    if exchange.status in SUCCESS:
        return retry("the service answered, and did not take it", status_code=exchange.status)
    return sent_by_status(exchange.status, retry_after=exchange.retry_after, now=datetime.now(UTC))


def _watch_requests(session_type: Any, child: _Child) -> None:
    """Let each request pass here: no redirects, no proxies, nothing unencrypted outside."""
    import requests

    send = session_type.send

    def watched_send(session: Any, request: Any, **options: Any) -> Any:
        is_encrypted = str(request.url).lower().startswith("https://")
        child.confinement.restrict(to_own_networks=not is_encrypted)
        options |= {"allow_redirects": False, "proxies": {}}
        try:
            answer = send(session, request, **options)
        except requests.Timeout:
            child.exchange.problem = "no answer in time"
            raise
        except requests.exceptions.SSLError:
            child.exchange.problem = "no secure connection: its certificate or handshake"
            raise
        except requests.ConnectionError:
            child.exchange.problem = "no connection"
            raise
        child.exchange.status = answer.status_code
        child.exchange.retry_after = answer.headers.get("Retry-After", "")
        return answer

    session_type.send = watched_send
