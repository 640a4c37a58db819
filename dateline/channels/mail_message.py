"""Return the e-mail of a message: text and HTML, with headers that nothing foreign can add to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from yarl import URL

from dateline.channels.message import Message
from dateline.channels.plain_words import one_line

# Unquoted local parts (RFC 5322 dot-atom), with the letters of RFC 6531.
LOCAL_PART = re.compile(r'(?!\.)[^\s@<>()\[\],;:\\"\x00-\x1f\x7f]{1,64}(?<!\.)')
LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
DOMAIN = re.compile(rf"{LABEL}(\.{LABEL})*")
MAILBOX = re.compile(r"(?P<bare>[^\s<>]+)|(?P<name>[^<>@]*)<(?P<address>[^\s<>]+)>")


class AddressInvalid(ValueError):
    """No e-mail address."""


@dataclass(frozen=True, slots=True)
class MailAddress:
    """An e-mail address; ``domain`` is in the form of the name system (IDNA)."""

    local: str
    domain: str
    name: str = ""

    def __str__(self) -> str:
        """Return ``local@domain``."""
        return f"{self.local}@{self.domain}"

    @property
    def header(self) -> Address:
        """Return it for a header."""
        return Address(self.name, self.local, self.domain)


def parse_mail_address(text: str) -> MailAddress:
    """Return the one address in ``text``: ``desk@news.example`` or ``Desk <desk@news.example>``.

    Raises:
        AddressInvalid: none, several, a quoted local part, control characters.
    """
    if one_line(text) != text.strip():
        raise AddressInvalid("holds control characters")
    # Not `email.utils.parseaddr`: it mends what it does not understand.
    found = MAILBOX.fullmatch(text.strip())
    local, _, domain = (found["bare"] or found["address"] if found else "").rpartition("@")
    host = _host(domain)
    if not found or not LOCAL_PART.fullmatch(local) or ".." in local or not host:
        raise AddressInvalid("is no e-mail address")
    return MailAddress(local, host, (found["name"] or "").strip(' "'))


def build_mail(
    message: Message, *, sender: MailAddress, receiver: MailAddress, at: datetime
) -> EmailMessage:
    """Return the e-mail; at each try it has the same Message-ID, so mail programs show it once.

    Args:
        message: its text is on a line of its own wherever it came from outside.
        sender: its domain completes the ids.
        receiver: the only one.
        at: date of this try: a mail that waited for the morning lies on top.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender.header
    mail["To"] = receiver.header
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = at
    mail["Message-ID"] = f"<{message.message_id}@{sender.domain}>"
    mail["List-Id"] = f"<{message.list_id}.dateline.{sender.domain}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    if message.follows_id:
        mail["In-Reply-To"] = mail["References"] = f"<{message.follows_id}@{sender.domain}>"
    mail.set_content(message.text)
    mail.add_alternative(message.html, subtype="html")
    return mail


def _host(domain: str) -> str:
    try:
        host = URL.build(scheme="http", host=domain).raw_host or ""
    except ValueError:
        return ""
    return host if DOMAIN.fullmatch(host) else ""
