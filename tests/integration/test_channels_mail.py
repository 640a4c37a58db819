"""E-mail to a real mail server: over TLS, with safe headers, and each way it can be refused."""

from __future__ import annotations

import asyncio
import email
import email.policy
import logging
import shutil
import ssl
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest
from aiosmtpd.smtp import Envelope
from channel_receivers import Mailbox, mail_server, make_certificate
from channel_samples import ALERT, NOW, alert_with, channel

from dateline.channels import Message, Sent, render_alert
from dateline.channels.smtp import SmtpOptions, SmtpSender
from dateline.clock import FixedClock
from dateline.outbound.address_guard import parse_networks

LOOPBACK = parse_networks(["127.0.0.0/8"])
MESSAGE = render_alert(ALERT)
PLAIN = SmtpOptions(
    host="127.0.0.1",
    port=0,
    tls="none",
    tls_context=ssl.create_default_context(),
    sender="Dateline <alerts@dateline.example>",
    allowed_networks=LOOPBACK,
    timeout_seconds=5,
)
INSECURE = Sent(
    outcome="retry",
    error="no secure connection to the mail server: its certificate or handshake",
)


def send(
    mailbox: Mailbox,
    message: Message = MESSAGE,
    *,
    options: SmtpOptions = PLAIN,
    to: str = "desk@news.example",
) -> Sent:
    sender = SmtpSender(replace(options, port=mailbox.port), clock=FixedClock(NOW))
    return asyncio.run(sender.send(channel("email", address=to), message))


def exchange(
    message: Message = MESSAGE, *, to: str = "desk@news.example", **replies: str
) -> tuple[Sent, Mailbox]:
    with mail_server(Mailbox(replies=replies)) as mailbox:
        return send(mailbox, message, to=to), mailbox


def parsed(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, ssl.SSLContext]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    return make_certificate(tmp_path, "127.0.0.1")


def test_mail_arrives_with_text_html_and_its_ids() -> None:
    sent, mailbox = exchange()

    assert sent == Sent(outcome="delivered", status_code=250)
    (envelope,) = mailbox.envelopes
    assert envelope.mail_from == "alerts@dateline.example"
    assert envelope.rcpt_tos == ["desk@news.example"]
    mail = parsed(envelope)
    assert mail["Subject"] == "[Qatar talks] Talks in Doha"
    assert mail["From"] == "Dateline <alerts@dateline.example>"
    assert mail["Message-ID"] == f"<{MESSAGE.message_id}@dateline.example>"
    assert mail["List-Id"] == "<qatar-talks.dateline.dateline.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == NOW
    assert "Al-Khulaifi said the talks went on." in part(mail, "plain")
    assert "<blockquote" in part(mail, "html")


def test_correction_answers_the_mail_that_it_corrects() -> None:
    first = "f" * 64
    correction = replace(ALERT, trigger="correction", corrects_alert_id=ALERT.alert_id)
    correction = replace(correction, alert_id=first)

    _, mailbox = exchange(render_alert(correction))

    (envelope,) = mailbox.envelopes
    mail = parsed(envelope)
    assert mail["In-Reply-To"] == f"<{MESSAGE.message_id}@dateline.example>"
    assert mail["Subject"] == "[Qatar talks] correction: Talks in Doha"


def test_foreign_text_adds_no_header() -> None:
    evil = "Talks\r\nBcc: all@news.example\r\n\r\n<script>alert(1)</script>"
    alert = alert_with(title=evil, watch_name="x\nX-Evil: 1", story_title=evil, note=evil)

    _, mailbox = exchange(render_alert(alert))

    (envelope,) = mailbox.envelopes
    mail = parsed(envelope)
    assert envelope.rcpt_tos == ["desk@news.example"]
    assert set(mail.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted",
        "MIME-Version", "Content-Type", "X-Peer", "X-MailFrom", "X-RcptTo",
    } & set(mail.keys())  # fmt: skip
    assert "Bcc" not in mail
    assert "X-Evil" not in mail
    assert str(mail["Subject"]).startswith("[x X-Evil: 1] Talks Bcc: all@news.example")
    assert "<script>" not in part(mail, "html")


def test_mail_holds_every_letter() -> None:
    title = "گفت‌وگو در دوحه – Gespräche 🕊"

    _, mailbox = exchange(render_alert(alert_with(title=title)), to="desk@bücher.example")

    (envelope,) = mailbox.envelopes
    mail = parsed(envelope)
    assert envelope.rcpt_tos == ["desk@xn--bcher-kva.example"]
    assert mail["Subject"] == f"[Qatar talks] {title}"
    assert title in part(mail, "plain")


@pytest.mark.parametrize(
    ("command", "reply", "outcome", "error"),
    [
        ("RCPT", "451 4.7.1 Greylisted", "retry", "the receiver is put off (451)"),
        ("RCPT", "550 5.1.1 No such user", "gone", "no such mailbox (550)"),
        ("RCPT", "550 nobody", "gone", "no such mailbox (550)"),
        ("RCPT", "550 5.2.1 Disabled", "gone", "no such mailbox (550)"),
        ("RCPT", "552 5.2.2 Full", "retry", "the receiver's mailbox is full (552)"),
        ("RCPT", "550 5.7.1 No", "refused", "the mail server refuses this receiver (550)"),
        ("RCPT", "554 No", "refused", "the mail server refuses this receiver (554)"),
        ("MAIL", "421 Busy", "retry", "the mail server answered 421"),
        ("MAIL", "553 5.1.8 Who", "refused", "the mail server refuses the sender (553)"),
        ("DATA", "452 4.3.1 Space", "retry", "the mail server answered 452"),
        ("DATA", "554 5.7.1 hunter2 spam", "refused", "the mail server refuses the message (554)"),
    ],
)
def test_mail_outcome_follows_the_reply(command: str, reply: str, outcome: str, error: str) -> None:
    sent, mailbox = exchange(**{command: reply})

    assert (sent.outcome, sent.status_code, sent.error) == (outcome, int(reply[:3]), error)
    assert mailbox.envelopes == []


def test_mail_cut_before_the_answer_comes_again_under_its_id() -> None:
    with mail_server(Mailbox(is_cut_after_data=True)) as mailbox:
        first = send(mailbox)
        mailbox.is_cut_after_data = False
        second = send(mailbox)

    assert first == Sent(outcome="retry", error="the mail server ended the conversation early")
    assert second.outcome == "delivered"
    ids = [parsed(envelope)["Message-ID"] for envelope in mailbox.envelopes]
    assert ids == [f"<{MESSAGE.message_id}@dateline.example>"] * 2


def test_mail_server_that_is_not_there_is_tried_again() -> None:
    with mail_server(Mailbox()) as mailbox:
        port = mailbox.port

    assert send(Mailbox(port=port)) == Sent(
        outcome="retry", error="no connection to the mail server"
    )


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_goes_over_tls_when_the_certificate_is_known(
    tls: str, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    path, server_tls = certificate
    trusting = ssl.create_default_context(cafile=str(path))
    with mail_server(Mailbox(), starttls=server_tls, implicit=tls == "implicit") as mailbox:
        options = replace(PLAIN, tls=tls, tls_context=trusting)  # type: ignore[arg-type]
        sent = send(mailbox, options=options)

    assert sent.outcome == "delivered"
    assert len(mailbox.envelopes) == 1
    if tls == "starttls":
        assert mailbox.sessions[0].ssl is not None


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_stays_here_when_the_certificate_is_not_known(
    tls: str, certificate: tuple[Path, ssl.SSLContext]
) -> None:
    _, server_tls = certificate
    with mail_server(Mailbox(), starttls=server_tls, implicit=tls == "implicit") as mailbox:
        sent = send(mailbox, options=replace(PLAIN, tls=tls))  # type: ignore[arg-type]

    assert sent == INSECURE
    assert mailbox.envelopes == []


def test_mail_stays_here_when_the_server_offers_no_tls() -> None:
    with mail_server(Mailbox()) as mailbox:
        sent = send(mailbox, options=replace(PLAIN, tls="starttls"))

    assert sent.outcome == "retry"
    assert sent.error == "the mail server lacks what is needed (STARTTLS, login or SMTPUTF8)"
    assert mailbox.envelopes == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "10.0.0.1", "::1", "::ffff:7f00:1"])
def test_mail_server_at_a_private_address_must_be_allowed(host: str) -> None:
    with mail_server(Mailbox()) as mailbox:
        options = replace(PLAIN, host=host, tls="starttls", allowed_networks=())
        sent = send(mailbox, options=options)

    assert sent.outcome == "refused"
    assert "channels.allow_networks does not list it" in sent.error
    assert mailbox.sessions == []


def test_mail_without_tls_stays_in_the_house() -> None:
    sent = send(Mailbox(port=25), options=replace(PLAIN, host="93.184.215.14"))

    assert sent.outcome == "refused"
    assert "without TLS" in sent.error


@pytest.mark.parametrize(
    "address",
    ["", "desk", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example", "@b.example",
     "a..b@c.example", "a@-", "a@b c.example", "<script>@x.example"],
)  # fmt: skip
def test_mail_goes_to_one_plain_address(address: str) -> None:
    sent, mailbox = exchange(to=address)

    assert sent.outcome == "refused"
    assert sent.error in (
        "the channel's address is no e-mail address",
        "the channel's address holds control characters",
    )
    assert mailbox.envelopes == []


def test_mail_needs_a_server_and_a_sender() -> None:
    nobody = send(Mailbox(), options=replace(PLAIN, host=""))
    nameless = send(Mailbox(), options=replace(PLAIN, sender=""))

    assert nobody == Sent(
        outcome="refused", error="no mail server: set channels.smtp_host and channels.sender"
    )
    assert nameless == Sent(outcome="refused", error="channels.sender is no e-mail address")


def test_mail_repeats_no_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    options = replace(PLAIN, user="me", password="hunter2")  # noqa: S106
    with mail_server(Mailbox()) as mailbox:
        sent = send(mailbox, options=options)

    assert sent.outcome == "retry"
    assert "hunter2" not in repr(sent) + repr(options) + caplog.text
