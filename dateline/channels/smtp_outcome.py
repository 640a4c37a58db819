"""Return what an error of the SMTP library means; the only such place."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
)

from dateline.channels.message import Sent, refused, retry
from dateline.outbound.guarded_resolver import AddressForbidden

PERMANENT = 500
# RFC 3463 in the words of the server: "5.1.1 User unknown".
ENHANCED = re.compile(r"\b5\.(\d{1,3}\.\d{1,3})\b")
NO_SUCH_MAILBOX = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
MAILBOX_FULL = "2.2"
# Without an enhanced code: mailbox unavailable, not local, name not allowed (RFC 5321, 4.2.3).
NO_SUCH_MAILBOX_REPLIES = frozenset({550, 551, 553})
STORAGE_EXCEEDED = 552


def sent_by_error(error: Exception) -> Sent:
    """Return the outcome of a try that ended with ``error``; in our words, never the server's.

    Raises: Nothing.
    """
    causes = list(_chain(error))
    for each in causes:
        if isinstance(each, AddressForbidden):
            return refused(
                "channels.smtp_host is a private address, or without TLS a public one; "
                "channels.allow_networks does not list it"
            )
        if isinstance(each, ssl.SSLError | ssl.CertificateError):
            return retry("no secure connection to the mail server: its certificate or handshake")
        if isinstance(each, TimeoutError):
            return retry("no answer of the mail server in time")
    if isinstance(error, SMTPRecipientsRefused):
        return _by_receiver(error.recipients[0])
    if isinstance(error, SMTPResponseException):
        return _by_reply(error)
    return retry(_words(error))


def _by_receiver(error: SMTPRecipientRefused) -> Sent:
    status = error.code
    if status < PERMANENT:
        return retry(f"the receiver is put off ({status})", status_code=status)
    found = ENHANCED.search(error.message)
    detail = found.group(1) if found else ""
    if detail == MAILBOX_FULL or (not detail and status == STORAGE_EXCEEDED):
        return retry(f"the receiver's mailbox is full ({status})", status_code=status)
    is_gone = detail in NO_SUCH_MAILBOX if detail else status in NO_SUCH_MAILBOX_REPLIES
    if is_gone:
        return Sent(outcome="gone", status_code=status, error=f"no such mailbox ({status})")
    error_text = f"the mail server refuses this receiver ({status})"
    return Sent(outcome="refused", status_code=status, error=error_text)


def _by_reply(error: SMTPResponseException) -> Sent:
    status = error.code
    # What is wrong with the server or our account is mended there, and the mail then goes out.
    if isinstance(error, SMTPAuthenticationError):
        return retry(f"the mail server refuses the login ({status})", status_code=status)
    if status < PERMANENT or isinstance(error, SMTPConnectError):
        return retry(f"the mail server answered {status}", status_code=status)
    what = "sender" if isinstance(error, SMTPSenderRefused) else "message"
    error_text = f"the mail server refuses the {what} ({status})"
    return Sent(outcome="refused", status_code=status, error=error_text)


def _words(error: Exception) -> str:
    if isinstance(error, SMTPServerDisconnected) and not isinstance(error, SMTPConnectError):
        return "the mail server ended the conversation early"
    if isinstance(error, SMTPException) and not isinstance(error, SMTPConnectError):
        return "the mail server lacks what is needed (STARTTLS, login or SMTPUTF8)"
    return "no connection to the mail server"


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        current = current.__cause__ or current.__context__
