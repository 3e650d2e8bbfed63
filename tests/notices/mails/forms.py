"""Raw mails made for the tests: what they say, to which notice, and what is to come of each."""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from notices.incoming import addresses
from notices.models import MailKind as K
from notices.models import Notice

AUTHSERV = "mx.centre.example"
PLATFORM = "legal@platform.example"
PASSED = f"{AUTHSERV}; dkim=pass header.d=platform.example; spf=pass smtp.mailfrom=legal@platform.example"


@dataclass(frozen=True)
class About:
    """What a raw mail is made from: the notice that it is about, and another platform's."""

    notice: Notice
    other: Notice

    @property
    def reply_to(self) -> str:
        return addresses.reply_address(self.notice)

    @property
    def return_to(self) -> str:
        return addresses.return_address(self.notice.dispatches.latest("pk"))

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Reference and address of each line."""
        return [(line.item.reference, line.address) for line in self.notice.lines.select_related("item")]


@dataclass(frozen=True)
class Case:
    """A raw mail and its effect: nothing beyond what stands here, and no claim ever."""

    name: str
    raw: Callable[[About], bytes]
    kind: K = K.REPLY
    matched: str = "reply"  # by which address, or "" for none
    verified: bool = True
    says: dict[int, str] = field(default_factory=dict)  # suggested for the lines, by position
    remark: str = ""  # a part of what a person is told
    status: str = "sent"  # of the notice afterwards
    envelope: str = PLATFORM
    to: str = "reply"  # reply, return, none, both, other
    receipt: bool = False
    reference: str = ""
    own: str = ""  # how the words of the sender begin, without what they quote


def mail(
    about: About,
    body: str,
    *,
    headers: Sequence[str] = (),
    sender: str = f"From: Trust and Safety <{PLATFORM}>",
    results: str | None = PASSED,
    subject: str = "",
    kind: str = "text/plain; charset=utf-8",
    threaded: bool = True,
    to: str = "",
) -> bytes:
    """A message as a mail server hands it on, in UTF-8."""
    top = [f"Authentication-Results: {results}"] if results else []
    threads = [f"In-Reply-To: {about.notice.message_id}", f"References: {about.notice.message_id}"]
    lines = [
        *top,
        f"Received: from out.platform.example by {AUTHSERV} with ESMTPS; Mon, 2 Mar 2026 10:00:00 +0000",
        *([sender] if sender else []),
        f"To: {to or about.reply_to}",
        f"Subject: {subject or f'Re: {about.notice.subject}'}",
        "Date: Mon, 2 Mar 2026 10:00:00 +0000",
        f"Message-ID: <{zlib.crc32((body + subject + sender).encode()):x}@platform.example>",
        *(threads if threaded else []),
        "MIME-Version: 1.0",
        f"Content-Type: {kind}",
        "Content-Transfer-Encoding: 8bit",
        *headers,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\r\n", "\n").replace("\n", "\r\n")).encode()


def quoted(about: About, mark: str = "> ") -> str:
    """Our letter as their program quotes it."""
    return "\n".join(f"{mark}{line}".rstrip() for line in about.notice.body.splitlines())
