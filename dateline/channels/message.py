"""Return what is sent and what came of it; plain data, the same for every kind of channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

# What came of sending one message.
#   delivered  the receiver has it
#   retry      not now; it may also have arrived, so the next try carries the same message id
#   gone       the receiver says that it is no more: nothing will ever arrive there
#   refused    as it is set up, the channel cannot be told; another try needs another set-up
Outcome = Literal["delivered", "retry", "gone", "refused"]
MAX_ERROR_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, rendered for every kind of channel.

    Attributes:
        message_id: the same at every try; letters and digits.
        subject: one line.
        text: plain text of an e-mail.
        html: its HTML form.
        payload: JSON value of a webhook: ``type``, ``timestamp``, ``data``.
        created_at: of the alert, of the youngest one of a digest.
        short: plain text for chats, without anything that they would act on.
        list_id: what the message belongs to: its watch, or ``digest``; e-mail sorts by it.
        follows_id: message that this one corrects or updates.
    """

    message_id: str
    subject: str
    text: str
    html: str
    payload: dict[str, Any]
    created_at: datetime
    short: str = ""
    list_id: str = "alerts"
    follows_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What came of one try.

    Attributes:
        outcome: what to do next.
        status_code: of HTTP or SMTP; None where nothing answered.
        retry_after_seconds: how long the receiver asks to be left alone, at most a day.
        error: in our own words, at most 200 characters; never a secret, never the receiver's text.
    """

    outcome: Outcome
    status_code: int | None = None
    retry_after_seconds: float | None = None
    error: str = ""


def refused(error: str) -> Sent:
    """Return that the channel cannot be told as it is set up, and why."""
    return Sent(outcome="refused", error=error[:MAX_ERROR_CHARS])


def retry(error: str, *, status_code: int | None = None) -> Sent:
    """Return that another try is due, and why."""
    return Sent(outcome="retry", status_code=status_code, error=error[:MAX_ERROR_CHARS])
