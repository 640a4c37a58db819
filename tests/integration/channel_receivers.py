"""Receivers on loopback for messages: HTTP answers byte by byte, and a mail server."""

# ruff: noqa: ARG002, N802 (names and arguments of the handler are those of aiosmtpd)

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HANG = "hang"
CUT = "cut"


@dataclass(slots=True)
class HttpRequest:
    line: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class HttpReceiver:
    """Answers each request with the next of ``answers``; the last one stays."""

    answers: list[str]
    port: int = 0
    requests: list[HttpRequest] = field(default_factory=list)

    def url(self, scheme: str = "http", path: str = "/hook") -> str:
        return f"{scheme}://127.0.0.1:{self.port}{path}"

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            line, *rows = head.strip().split("\r\n")
            headers = {
                name.strip().lower(): value.strip()
                for name, _, value in (row.partition(":") for row in rows)
            }
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.requests.append(HttpRequest(line, headers, body))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            if answer == HANG:
                await reader.read()  # until the client gives up
            elif answer != CUT:
                writer.write(answer.encode("latin-1"))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def http_answer(status: int, *headers: str, body: str = "") -> str:
    rows = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(rows) + "\r\n\r\n" + body


@asynccontextmanager
async def http_receiver(
    *answers: str, tls: ssl.SSLContext | None = None
) -> AsyncIterator[HttpReceiver]:
    receiver = HttpReceiver(list(answers))
    server = await asyncio.start_server(receiver.talk, "127.0.0.1", 0, ssl=tls)
    receiver.port = server.sockets[0].getsockname()[1]
    try:
        yield receiver
    finally:
        server.close()


@dataclass(slots=True)
class Mailbox:
    """What a mail server took; ``replies`` by command are given instead of taking it."""

    replies: dict[str, str] = field(default_factory=dict)
    envelopes: list[Envelope] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    port: int = 0
    is_cut_after_data: bool = False

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "MAIL" in self.replies:
            return self.replies["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if "RCPT" in self.replies:
            return self.replies["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.replies:
            return self.replies["DATA"]
        self.envelopes.append(envelope)
        self.sessions.append(session)
        if self.is_cut_after_data:
            server.transport.abort()
        return "250 OK"


@contextmanager
def mail_server(
    mailbox: Mailbox, *, starttls: ssl.SSLContext | None = None, implicit: bool = False
) -> Iterator[Mailbox]:
    """Serve ``mailbox`` on a free port; ``implicit``: TLS from the first byte."""
    controller = _Controller(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        ssl_context=starttls if implicit else None,
        tls_context=None if implicit else starttls,
        require_starttls=starttls is not None and not implicit,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


class _Controller(Controller):
    """Knows its port although it asked for any."""

    def _trigger_server(self) -> None:
        mailbox = self.handler
        assert isinstance(mailbox, Mailbox)
        assert self.server is not None
        self.port = mailbox.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def make_certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Return a certificate for ``name`` that vouches for itself, and a server's context with it."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    kind = "IP" if name.replace(".", "").isdigit() else "DNS"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName={kind}:{name}",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return certificate, context
