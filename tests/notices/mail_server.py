"""A real mail server for tests, which answers as told and can stand still at a step of the conversation."""

import asyncio
import email
import email.policy
import gc
import socket
import ssl
import threading
import warnings

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

PATIENCE = 30


class Script:
    """The server's handler. `replies` are by step: MAIL, RCPT, DATA (before the text), DOT (after it).

    `stand_still_at` is one of these, or REPLY: the message is kept and the reply does not come.
    """

    def __init__(self) -> None:
        self.replies: dict[str, str] = {}
        self.stand_still_at = ""
        self.drop_after_dot = False
        self.reached = threading.Event()
        self.go_on = threading.Event()
        self.kept: list[bytes] = []
        self.senders: list[str] = []  # of the envelopes
        self.encrypted: list[bool] = []  # whether the message came through TLS

    @property
    def message_ids(self) -> list[str]:
        return [email.message_from_bytes(content)["Message-ID"] for content in self.kept]

    @property
    def texts(self) -> list[str]:
        """The plain text of each message."""
        read = [email.message_from_bytes(content, policy=email.policy.default) for content in self.kept]
        bodies = [message.get_body(("plain",)) for message in read]
        return [body.get_content().replace("\r\n", "\n") if body else "" for body in bodies]

    async def step(self, name: str, otherwise: str) -> str:
        if self.stand_still_at == name:
            self.reached.set()
            await asyncio.to_thread(self.go_on.wait, PATIENCE)
        return self.replies.get(name, otherwise)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        self.senders.append(address)
        return await self.step("MAIL", "250 OK")

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return await self.step("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        reply = await self.step("DOT", "250 Kept")
        if reply.startswith("250"):
            self.kept.append(envelope.original_content)
            self.encrypted.append(server.transport.get_extra_info("cipher") is not None)
        if self.drop_after_dot:
            server.transport.abort()
        return await self.step("REPLY", reply)


class Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        script: Script = self.event_handler
        reply = await script.step("DATA", "")
        if reply:
            await self.push(reply)
        else:
            await super().smtp_DATA(arg)


class MailServer(Controller):
    """`offered` is the TLS that STARTTLS leads to, `implicit` that of a connection from its first byte."""

    def __init__(
        self, script: Script, *, offered: ssl.SSLContext | None = None, implicit: ssl.SSLContext | None = None
    ) -> None:
        super().__init__(script, hostname="127.0.0.1", port=0, ssl_context=implicit)
        self.offered = offered

    def factory(self) -> SMTP:
        return Server(self.handler, hostname="test", data_size_limit=10_000_000, tls_context=self.offered)

    def stop(self, no_assert: bool = False) -> None:
        super().stop(no_assert)
        with warnings.catch_warnings():  # under TLS the loop may end before it has closed the plain socket
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()

    def _trigger_server(self) -> None:
        """The port is known only now, and the look at the greeting of aiosmtpd's own cannot speak TLS."""
        self.port = self.server.sockets[0].getsockname()[1]
        if self.ssl_context is None:
            super()._trigger_server()
            return
        trusting = ssl._create_unverified_context()
        with (
            socket.create_connection((self.hostname, self.port), PATIENCE) as plain,
            trusting.wrap_socket(plain) as secured,
        ):
            secured.recv(100)
