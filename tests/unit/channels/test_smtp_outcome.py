"""Every error of the SMTP library has an outcome, in words of ours."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import aiosmtplib
import pytest

from dateline.channels.message import Sent
from dateline.channels.smtp_outcome import sent_by_error

EXAMPLES: dict[type[Exception], tuple[object, ...]] = {
    aiosmtplib.SMTPRecipientRefused: (550, "hunter2", "desk@news.example"),
    aiosmtplib.SMTPSenderRefused: (550, "hunter2", "alerts@news.example"),
    aiosmtplib.SMTPRecipientsRefused: (
        [aiosmtplib.SMTPRecipientRefused(450, "hunter2", "desk@news.example")],
    ),
}


def errors() -> Iterator[Exception]:
    for _, kind in inspect.getmembers(aiosmtplib, inspect.isclass):
        if issubclass(kind, aiosmtplib.SMTPResponseException):
            yield kind(*EXAMPLES.get(kind, (554, "hunter2")))
        elif issubclass(kind, aiosmtplib.SMTPException):
            yield kind(*EXAMPLES.get(kind, ("hunter2",)))


@pytest.mark.parametrize("error", list(errors()), ids=lambda error: type(error).__name__)
def test_smtp_error_has_an_outcome_without_the_servers_words(error: Exception) -> None:
    sent = sent_by_error(error)

    assert sent.outcome in ("retry", "gone", "refused")
    assert sent.error
    assert "hunter2" not in repr(sent)


def test_refused_login_is_tried_again() -> None:
    sent = sent_by_error(aiosmtplib.SMTPAuthenticationError(535, "5.7.8 hunter2"))

    assert sent == Sent(
        outcome="retry", status_code=535, error="the mail server refuses the login (535)"
    )


def test_refusal_while_the_server_greets_is_tried_again() -> None:
    sent = sent_by_error(aiosmtplib.SMTPConnectResponseError(554, "no service"))

    assert (sent.outcome, sent.status_code) == ("retry", 554)
