"""Return what sends a message to a channel of any kind."""

from __future__ import annotations

import ssl
from typing import Literal, Protocol, cast

from dateline.alert_records import Channel, ChannelKind
from dateline.channels.apprise_sender import AppriseSender
from dateline.channels.message import Message, Sent
from dateline.channels.smtp import SmtpOptions, SmtpSender
from dateline.channels.webhook import WebhookSender
from dateline.clock import Clock, SystemClock
from dateline.errors import ConfigError
from dateline.outbound.address_guard import Network, parse_networks
from dateline.settings import ChannelsSettings, Settings


class Sender(Protocol):
    """Something that sends to one kind of channel."""

    async def send(self, channel: Channel, message: Message) -> Sent:
        """Return what came of it."""


class Senders:
    """One sender a kind of channel; all of them behind the guard of outgoing connections."""

    def __init__(self, webhook: WebhookSender, email: SmtpSender, apprise: AppriseSender) -> None:
        self._webhook = webhook
        self._apprise = apprise
        self._by_kind: dict[ChannelKind, Sender] = {
            "webhook": webhook,
            "email": email,
            "apprise": apprise,
        }

    async def send(self, channel: Channel, message: Message) -> Sent:
        """Return what came of sending ``message`` to ``channel`` once.

        Safe to call at the same time for many channels. Takes at most the setting
        ``channels.timeout_seconds`` from when it begins (Apprise: from when a child is free).

        Raises: Nothing that receiver, network or set-up of the channel do.
        """
        return await self._by_kind[channel.kind].send(channel, message)

    async def close(self) -> None:
        """Close connections and end child processes."""
        await self._webhook.close()
        await self._apprise.close()


def open_senders(settings: Settings, *, clock: Clock | None = None) -> Senders:
    """Return the senders; connections and child processes begin with the first message.

    Raises:
        ConfigError: ``channels.allow_networks`` or ``channels.smtp_ca_file`` cannot be read.
    """
    channels = settings.channels
    allowed = _networks(channels)
    used_clock = clock or SystemClock()
    tls = _tls_context(channels.smtp_ca_file)
    return Senders(
        WebhookSender(allowed, timeout_seconds=channels.timeout_seconds, clock=used_clock),
        SmtpSender(_smtp_options(channels, allowed, tls), clock=used_clock),
        AppriseSender(
            allowed,
            processes=channels.apprise_processes,
            timeout_seconds=channels.timeout_seconds,
        ),
    )


def _networks(channels: ChannelsSettings) -> tuple[Network, ...]:
    entries = [each.strip() for each in channels.allow_networks.split(",") if each.strip()]
    return parse_networks(entries, setting="channels.allow_networks")


def _tls_context(ca_file: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"channels.smtp_ca_file: {ca_file!r} cannot be read as certificates.",
            hint="Expected a PEM file; leave it empty for the system's authorities.",
        ) from error


def _smtp_options(
    channels: ChannelsSettings, allowed: tuple[Network, ...], tls: ssl.SSLContext
) -> SmtpOptions:
    return SmtpOptions(
        host=channels.smtp_host,
        port=channels.smtp_port,
        tls=cast("Literal['starttls', 'implicit', 'none']", channels.smtp_tls),
        tls_context=tls,
        user=channels.smtp_user,
        password=channels.smtp_password,
        sender=channels.sender,
        allowed_networks=allowed,
        timeout_seconds=channels.timeout_seconds,
    )
