"""Send messages to webhooks: signed, guarded, limited in time (Standard Webhooks 1.0.0)."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import aiohttp
from standardwebhooks import Webhook
from yarl import URL

from dateline import __version__
from dateline.alert_records import Channel
from dateline.channels.http_outcome import sent_by_status
from dateline.channels.message import Message, Sent, refused, retry
from dateline.channels.payload import body_of
from dateline.channels.webhook_signature import SecretInvalid, parse_secrets, signed_headers
from dateline.clock import Clock
from dateline.outbound.address_guard import Judge, Network, is_allowed_address, is_own_address
from dateline.outbound.guarded_resolver import (
    AddressForbidden,
    GuardedResolver,
    Lookup,
    guarded_socket_factory,
)
from dateline.settings import channel_secret

MAX_ANSWER_BYTES = 1_000
USER_AGENT = f"dateline/{__version__} (alerts; standard-webhooks 1.0.0)"
NO_URL = "the address is no http or https URL without user name"
# The first row that fits an error or its cause decides.
WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (TimeoutError, "no answer in time"),
    (
        (ssl.SSLError, ssl.CertificateError),
        "no secure connection: the certificate or the handshake is not accepted",
    ),
    (aiohttp.ClientConnectorDNSError, "the host name has no address"),
    (aiohttp.ClientConnectorError, "no connection"),
    (aiohttp.ClientResponseError, "no valid HTTP answer"),
)


@dataclass(frozen=True, slots=True)
class _Target:
    url: URL
    signers: tuple[Webhook, ...]

    @property
    def is_public(self) -> bool:
        """Return whether it may leave the house: encrypted, and signed for its receiver."""
        return self.url.scheme == "https" and bool(self.signers)


class WebhookSender:
    """Post messages to the address of a channel.

    Connections go to public addresses and to ``allowed`` networks; what is unencrypted or unsigned
    to ``allowed`` networks alone. Judged is the address of each connection when it is made, so
    names that change their address lead nowhere else. Redirects are not followed, no proxy of the
    environment is used, certificates are verified.
    """

    def __init__(
        self,
        allowed: Sequence[Network],
        *,
        timeout_seconds: float,
        clock: Clock,
        lookup: Lookup | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._allowed = allowed
        self._timeout_seconds = timeout_seconds
        self._clock = clock
        self._lookup = lookup
        self._tls = tls
        self._sessions: dict[Judge, aiohttp.ClientSession] = {}
        self._resolvers: list[GuardedResolver] = []

    async def send(self, channel: Channel, message: Message) -> Sent:
        """Return what the receiver made of ``message``.

        Raises: Nothing that the receiver or the network does.
        """
        target = _target(channel)
        if isinstance(target, Sent):
            return target
        body = body_of(message.payload)
        now = self._clock.now()
        headers = signed_headers(
            target.signers, message_id=message.message_id, at=now, body=body
        ) | {"content-type": "application/json", "user-agent": USER_AGENT}
        session = self._session(is_allowed_address if target.is_public else is_own_address)
        try:
            async with session.post(
                target.url, data=body, headers=headers, allow_redirects=False
            ) as response:
                await response.content.read(MAX_ANSWER_BYTES)  # polite; what it says is not used
                wait = response.headers.get("Retry-After", "")
                return sent_by_status(response.status, retry_after=wait, now=now)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _failure(error, target)

    async def close(self) -> None:
        """Close the connections."""
        for session in self._sessions.values():
            await session.close()
        for resolver in self._resolvers:
            await resolver.close()
        self._sessions.clear()

    def _session(self, judge: Judge) -> aiohttp.ClientSession:
        # Made with the first message: a session belongs to the running loop.
        if judge not in self._sessions:
            self._sessions[judge] = self._new_session(judge)
        return self._sessions[judge]

    def _new_session(self, judge: Judge) -> aiohttp.ClientSession:
        resolver = GuardedResolver(
            self._allowed, timeout_seconds=self._timeout_seconds, lookup=self._lookup, judge=judge
        )
        self._resolvers.append(resolver)
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                resolver=resolver,
                socket_factory=guarded_socket_factory(self._allowed, judge),
                ssl=self._tls or True,
                use_dns_cache=False,
                force_close=True,  # each message is judged for its own connection
                limit=0,  # the caller limits them: here, receivers that hang would hold up others
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=self._timeout_seconds),
        )
        # aiohttp repeats a request whose connection was reset; the schedule of tries is not its.
        session._retry_connection = False  # noqa: SLF001 (there is no public way)
        return session


def _target(channel: Channel) -> _Target | Sent:
    url = _parse_url(channel.address)
    if url is None:
        return refused(NO_URL)
    if not channel.secret_env:
        return _Target(url, ())
    secret = channel_secret(channel.secret_env)
    if secret is None:
        return refused(f"the variable {channel.secret_env} that holds the secret is not set")
    try:
        return _Target(url, parse_secrets(secret))
    except SecretInvalid as error:
        return refused(f"the secret in {channel.secret_env} {error}")


def _parse_url(text: str) -> URL | None:
    try:
        url = URL(text.strip()).with_fragment(None)
        is_usable = url.scheme in ("http", "https") and bool(url.raw_host) and url.port != 0
    except ValueError:
        return None
    has_user = url.raw_user is not None or url.raw_password is not None
    return url if is_usable and not has_user else None


def _failure(error: Exception, target: _Target) -> Sent:
    """Return what an error means, in our words: those of the library repeat the address."""
    causes = list(_chain(error))
    if any(isinstance(each, AddressForbidden) for each in causes):
        return refused(_forbidden(target))
    if isinstance(error, aiohttp.InvalidURL):  # such as 127.1, which some programs take for an IP
        return refused(NO_URL)
    for kinds, words in WORDS:
        if any(isinstance(each, kinds) for each in causes):
            return retry(words)
    return retry("the connection ended before the answer")


def _forbidden(target: _Target) -> str:
    if target.is_public:
        return "a private address; channels.allow_networks does not list it"
    if target.signers:
        return "not https; without TLS only addresses in channels.allow_networks are told"
    return "no secret_env; unsigned only addresses in channels.allow_networks are told"


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    while current is not None:
        yield current
        inner = getattr(current, "os_error", None)
        is_new = isinstance(inner, BaseException) and inner is not current
        current = inner if is_new else current.__cause__
