"""Send messages as e-mail through the operator's mail server, guarded and over TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Literal

import aiosmtplib

from dateline.alert_records import Channel
from dateline.channels.mail_message import (
    AddressInvalid,
    MailAddress,
    build_mail,
    parse_mail_address,
)
from dateline.channels.message import Message, Sent, refused
from dateline.channels.smtp_outcome import sent_by_error
from dateline.clock import Clock
from dateline.outbound.address_guard import Network, is_allowed_address, is_own_address
from dateline.outbound.connect import connect_guarded

QUIT_SECONDS = 2.0
DELIVERED = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpOptions:
    """The mail server; ``tls_context`` verifies its certificate."""

    host: str
    port: int
    tls: Literal["starttls", "implicit", "none"]
    tls_context: ssl.SSLContext
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    allowed_networks: tuple[Network, ...] = ()
    timeout_seconds: float = 20.0


class SmtpSender:
    """One connection a message, to a server at an address that the guard allows.

    Without TLS only servers inside ``allowed_networks`` are used.
    """

    def __init__(self, options: SmtpOptions, *, clock: Clock) -> None:
        self._options = options
        self._clock = clock

    async def send(self, channel: Channel, message: Message) -> Sent:
        """Return what the mail server made of ``message``.

        A connection that ends before the server has answered counts as ``retry``: the mail may
        have arrived, and comes again with the same Message-ID.

        Raises: Nothing that the server or the network does.
        """
        if not self._options.host:
            return refused("no mail server: set channels.smtp_host and channels.sender")
        try:
            sender = parse_mail_address(self._options.sender)
        except AddressInvalid as error:
            return refused(f"channels.sender {error}")
        try:
            receiver = parse_mail_address(channel.address)
        except AddressInvalid as error:
            return refused(f"the channel's address {error}")
        mail = build_mail(message, sender=sender, receiver=receiver, at=self._clock.now())
        try:
            client = await self._handed_over(mail, sender, receiver)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return sent_by_error(error)
        transport = client.transport
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=QUIT_SECONDS)
        _hang_up(transport)
        return Sent(outcome="delivered", status_code=DELIVERED)

    async def _handed_over(
        self, mail: EmailMessage, sender: MailAddress, receiver: MailAddress
    ) -> aiosmtplib.SMTP:
        """Return the client, still connected, after the server took the mail."""
        options = self._options
        async with asyncio.timeout(options.timeout_seconds):
            sock = await connect_guarded(
                options.host,
                options.port,
                allowed=options.allowed_networks,
                timeout_seconds=options.timeout_seconds,
                judge=is_own_address if options.tls == "none" else is_allowed_address,
            )
            client = aiosmtplib.SMTP(
                hostname=options.host,
                sock=sock,
                use_tls=options.tls == "implicit",
                start_tls=options.tls == "starttls",
                tls_context=options.tls_context,
                username=options.user or None,
                password=options.password or None,
                local_hostname=sender.domain,
                timeout=options.timeout_seconds,
            )
            try:
                await client.connect()
                await client.send_message(mail, sender=str(sender), recipients=str(receiver))
            except BaseException:  # cancelled, too: the connection is nobody's
                _hang_up(client.transport)
                sock.close()
                raise
        return client


def _hang_up(transport: asyncio.BaseTransport | None) -> None:
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()  # a close would wait for the other side's end of TLS
