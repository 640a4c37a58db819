"""Ways to tell people: webhook, e-mail, Apprise, behind one guard of outgoing connections."""

from __future__ import annotations

from dateline.channels.message import Message, Outcome, Sent
from dateline.channels.render import render_alert, render_digest
from dateline.channels.senders import Senders, open_senders

__all__ = [
    "Message",
    "Outcome",
    "Senders",
    "Sent",
    "open_senders",
    "render_alert",
    "render_digest",
]
