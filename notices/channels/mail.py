"""Handing a letter to a mail server so that a kill at any moment neither loses nor repeats it.

Up to the final dot of the message the server cannot have accepted anything; from then until its reply has
come, nobody can know. So `handing_over` is called with everything transmitted but the dot.
"""

import contextlib
import hashlib
import smtplib
import socket
import ssl
from datetime import datetime
from email.charset import QP, Charset
from email.utils import format_datetime, formataddr
from string import Template
from typing import cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend
from django.utils import timezone

from casework import store
from casework.signing import NoKey
from notices import item_lists, links
from notices.channels import signing
from notices.channels.assembly import assembled
from notices.channels.outcomes import Accepted, CannotSend, HandingOver, OutcomeUnknown, Refused, TryAgain
from notices.incoming import addresses
from notices.line_table import XLSX, line_sheet, line_table
from notices.models import Dispatch, Notice, NoticeKind
from notices.wording import phrases
from platforms.models import Channel

ACCEPTED, START_MAIL, CLOSING, PERMANENT = 250, 354, 421, 500
FORWARDED = 251
SEVEN_BITS = Charset("utf-8")
SEVEN_BITS.body_encoding = QP  # a signature must survive servers that change eight bits into seven
LIST_TYPES = {item_lists.CSV_NAME: "text/csv", item_lists.JSON_NAME: "application/json"}


def new_message_id(notice: Notice) -> str:
    """The same for every attempt: from the reference and the frozen text."""
    return f"<{notice.reference}.{notice.body_sha256[:24]}@{notice.sender_email.rpartition('@')[2]}>"


def letter_message(notice: Notice, channel: Channel, *, at: datetime) -> EmailMultiAlternatives:
    """The letter as text, the same as PDF, and its lines as tables to fill in. `at` is the Date header."""
    answers_to = addresses.reply_address(notice)
    message = EmailMultiAlternatives(
        subject=f"[{notice.marking}] {notice.subject}" if notice.marking else notice.subject,
        body=notice.body + _way_to_answer(notice),
        from_email=formataddr((notice.sender_organisation, notice.sender_email)),
        to=[channel.address],
        reply_to=[answers_to] if answers_to else None,
        headers={
            "Message-ID": notice.message_id,
            "Date": format_datetime(at),
            "X-Notice": notice.reference,
            "Auto-Submitted": "no",
        },
    )
    if signing.is_wanted():
        message.encoding = SEVEN_BITS  # Django takes a Charset too
    if (
        notice.kind == NoticeKind.CHASER
    ):  # its text is all of it: what is to be answered came with the notices
        return message
    message.attach(f"{notice.reference}.pdf", _frozen(notice, "PDF", notice.pdf_sha256), "application/pdf")
    message.attach(f"{notice.reference}-lines.csv", _table(notice), "text/csv")
    message.attach(f"{notice.reference}-lines.xlsx", _sheet(notice), XLSX)
    for name, content in _lists(notice).items():
        message.attach(name, content, LIST_TYPES.get(name, "application/octet-stream"))
    return message


def _way_to_answer(notice: Notice) -> str:
    """Below the letter, which stays as it was approved: the link to answer it, if it is to carry one."""
    if (link := links.in_letter(notice)) is None:
        return ""
    until = timezone.localtime(link.expires_at)
    day = f"{until.day} {phrases(notice.language)['months'][until.month - 1]} {until.year}"
    said = Template(phrases(notice.language)["link"]).substitute(date=day, address=links.address_of(link))
    return f"\n{said}\n"


def _frozen(notice: Notice, what: str, sha256: str) -> bytes:
    """What was approved, proven by its hash; raises `CannotSend` if the store no longer has it."""
    try:
        content = store.get(sha256)
    except (OSError, ValueError) as error:
        raise CannotSend(f"The approved {what} of {notice} cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CannotSend(f"The {what} of {notice} is not the one that was approved.")
    return content


def _table(notice: Notice) -> bytes:
    """The table to fill in; of a letter that was frozen without, as it is now. So with the sheet."""
    kept = notice.lines_csv_sha256
    return _frozen(notice, "table", kept) if kept else line_table(notice)


def _sheet(notice: Notice) -> bytes:
    kept = notice.lines_xlsx_sha256
    return _frozen(notice, "spreadsheet", kept) if kept else line_sheet(notice)


def _lists(notice: Notice) -> dict[str, bytes]:
    """The lists of items and their signatures, by their names; raises `CannotSend`."""
    if not notice.items_json_sha256:
        return {}  # a chaser lists nothing of its own
    try:
        lists = item_lists.frozen(notice)
        signatures = {
            f"{name}{item_lists.SIGNED}": item_lists.signature(made) for name, made in lists.items()
        }
    except (OSError, ValueError, NoKey) as error:
        raise CannotSend(f"The lists of {notice} cannot be sent: {error}") from error
    return lists | signatures


class Connection:
    """A connection to the mail server, opened when the first letter needs it and kept for the next."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def begin(self, sender: str, content: bytes) -> smtplib.SMTP:
        """The server, which has taken `MAIL FROM`; a new line where the kept one has been closed meanwhile.

        Raises `TryAgain`, `Refused`, and what a new line breaks with.
        """
        if self._server is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                code, reply = self._server.mail(sender, _options(self._server, content))
                if code != CLOSING:
                    _expect((ACCEPTED,), code, reply)
                    return self._server
            self.close()
        server = self._server = _connect(cast(EmailBackend, get_connection()))
        _expect((ACCEPTED,), *server.mail(sender, _options(server, content)))
        return server

    def close(self) -> None:
        server, self._server = self._server, None
        if server is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            server.send(b"QUIT\r\n")  # without waiting: what counts has been said
        server.close()


def deliver(
    dispatch: Dispatch, *, at: datetime, handing_over: HandingOver, connection: Connection
) -> Accepted:
    """Hand the letter over; returns what the server said when it accepted it. After anything else the line is cut.

    Raises `CannotSend`, `TryAgain`, `Refused`, `OutcomeUnknown`, and whatever `handing_over` raises.
    """
    message = letter_message(dispatch.notice, dispatch.channel, at=at)
    sender = addresses.return_address(dispatch) or dispatch.notice.sender_email
    return post(message, sender=sender, handing_over=handing_over, connection=connection)


def post(
    message: EmailMultiAlternatives, *, handing_over: HandingOver, connection: Connection, sender: str = ""
) -> Accepted:
    """Any mail to its one recipient, in the name of `sender` (default: as it says itself); raises as `deliver`."""
    sender, [recipient] = sender or message.from_email, message.to
    backend: BaseEmailBackend = get_connection()
    if not isinstance(backend, EmailBackend):
        handing_over()
        backend.send_messages([message])
        return Accepted("Accepted")
    content = assembled(message)
    if signing.is_wanted():
        content = signing.signed(content)
    try:
        return _transmit(connection, sender, recipient, content, handing_over)
    except BaseException:
        connection.close()
        raise


def _connect(backend: EmailBackend) -> smtplib.SMTP:
    try:
        backend.open()
        server = backend.connection
        if server is None:
            raise TryAgain("The mail server cannot be reached.")
        server.ehlo_or_helo_if_needed()
        if settings.EMAIL_TLS == "if_offered" and server.has_extn("starttls"):
            server.starttls(context=_unverified())
            server.ehlo()
        # The dot is written after the text: it must not wait until the other side has confirmed that.
        cast(socket.socket, server.sock).setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except smtplib.SMTPAuthenticationError as error:
        _hang_up(backend)
        raise TryAgain(
            f"The mail server does not let us in: {_said(error.smtp_code, error.smtp_error)}"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        _hang_up(backend)
        raise TryAgain(f"The mail server cannot be reached: {error}") from error
    return server


def _hang_up(backend: EmailBackend) -> None:
    """Django's backend keeps the line to a server that it could not agree with."""
    if backend.connection is not None:
        backend.connection.close()


def _unverified() -> ssl.SSLContext:
    """Against listeners only: whoever takes what is offered cannot insist on a certificate either."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _transmit(
    connection: Connection, sender: str, recipient: str, content: bytes, handing_over: HandingOver
) -> Accepted:
    try:
        server = connection.begin(sender, content)
        _expect((ACCEPTED, FORWARDED), *server.rcpt(recipient))
        _expect((START_MAIL,), *server.docmd("DATA"))
        server.send(content.rstrip(b"\r\n").replace(b"\n.", b"\n..") + b"\r\n")
    except (OSError, smtplib.SMTPException) as error:
        raise TryAgain(
            f"The connection to the mail server broke before the letter was handed over: {error}"
        ) from error
    handing_over()
    try:
        server.send(b".\r\n")
        code, reply = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise OutcomeUnknown(f"The mail server did not confirm: {error or type(error).__name__}") from error
    _expect((ACCEPTED,), code, reply)
    return Accepted(_said(code, reply), status=code)


def _options(server: smtplib.SMTP, content: bytes) -> list[str]:
    options = [f"size={len(content)}"] if server.has_extn("size") else []
    return [*options, "body=8bitmime"] if server.has_extn("8bitmime") else options


def _expect(wanted: tuple[int, ...], code: int, reply: bytes) -> None:
    if code in wanted:
        return
    raise (Refused if code >= PERMANENT else TryAgain)(_said(code, reply), status=code)


def _said(code: int, reply: bytes | str) -> str:
    text = reply.decode(errors="replace") if isinstance(reply, bytes) else reply
    return " ".join(f"{code} {text}".split())
