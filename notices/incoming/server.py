"""Our own door for mail: SMTP or LMTP, which answers 250 only after the message is committed.

It stands behind the mail server that faces the world, sends nothing on, and writes to nobody.
"""

import asyncio
import logging
import signal

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from notices.incoming.receiving import MOST_RECIPIENTS, Empty, TooLarge, receive
from notices.models import Door

KEPT = "250 2.0.0 Kept as {sha256}"
AGAIN = "451 4.3.0 It cannot be kept now. Try again later"
TOO_LARGE = "552 5.3.4 The message is too large"
EMPTY = "554 5.6.0 There is no message"
NOT_HERE = "550 5.1.1 No mail is taken for this address"
TOO_MANY = "452 4.5.3 Too many recipients"
LONGEST_LINE = 1024 * 1024  # what others let through is not for us to lose

log = logging.getLogger(__name__)


class Keeper:
    """The aiosmtpd handler. LMTP is answered once for each recipient (RFC 2033, 4.2)."""

    def __init__(self, *, lmtp: bool = False) -> None:
        self.lmtp = lmtp

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        domain = settings.REPLY_DOMAIN.lower()
        if not domain or address.rpartition("@")[2].lower() != domain:
            return NOT_HERE
        if len(envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return TOO_MANY
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        said = await asyncio.to_thread(keep, envelope)
        return "\r\n".join([said] * len(envelope.rcpt_tos)) if self.lmtp else said


class Smtp(SMTP):
    line_length_limit = LONGEST_LINE


class Lmtp(LMTP):
    line_length_limit = LONGEST_LINE


def keep(envelope: Envelope) -> str:
    """Commit the message; the reply to whoever brought it."""
    try:
        received = receive(
            envelope.original_content or b"", door=Door.SMTP, sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
        )  # fmt: skip
    except TooLarge:
        return TOO_LARGE
    except Empty:
        return EMPTY
    except (DatabaseError, InterfaceError, OSError):
        log.exception("A message could not be kept")
        return AGAIN
    finally:
        connection.close()  # that of this thread, which may wait long for its next message
    return KEPT.format(sha256=received.mail.sha256)


async def serve(*, host: str, port: int, lmtp: bool, ended: asyncio.Event | None = None) -> None:
    """Take mail until SIGTERM or SIGINT, or until `ended`."""
    loop = asyncio.get_running_loop()
    if ended is None:
        ended = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, ended.set)
    keeper, kind = Keeper(lmtp=lmtp), Lmtp if lmtp else Smtp

    def session() -> SMTP:
        return kind(
            keeper, hostname=settings.REPLY_DOMAIN or "desk", ident="Takedown Desk", enable_SMTPUTF8=True,
            data_size_limit=settings.INCOMING_MAX_BYTES,
        )  # fmt: skip

    server = await loop.create_server(session, host, port)
    log.info("Taking mail at %s port %s by %s", host, port, "LMTP" if lmtp else "SMTP")
    async with server:
        await ended.wait()
