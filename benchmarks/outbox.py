"""Letters a second through the outbox to a mail server of this machine, beside a bare loop with the same messages.

The loop has the finished messages and one connection, and does nothing else: no record, no claim, no look at what may
leave, no message to put together. The server is a process of its own and keeps each message on the disk before it
replies; its own processor seconds are not among those that are told.
"""

import os
import smtplib
import tempfile
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from benchmarks import letters
from benchmarks.figures import Figure, spent
from benchmarks.recorder import recorded, running
from notices import dispatch
from notices.channels import mail
from notices.channels.assembly import assembled
from notices.models import Notice

LETTERS = int(os.environ.get("NOTICES", "500"))
AIM = 0.5


def measure() -> Iterable[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "recorded"
        with running(file) as port:
            settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
            notices = letters.queued(LETTERS, reference="OUTBOX")
            messages = [_message(notice) for notice in notices]
            ours = spent(_all_that_is_due)
            arrived = recorded(file)
            if [arrived[notice.message_id] for notice in notices] != [1] * LETTERS:
                raise SystemExit("Not every letter arrived once.")
            bare = spent(lambda: _bare(port, messages))
            yield Figure(
                f"{LETTERS} letters through the outbox ({LETTERS / ours.clock:.0f} a second)", ours.clock,
                f"bare smtplib ({LETTERS / bare.clock:.0f} a second)", bare.clock, AIM,
                f"; processors of sender and database {ours.processor:.2f} s, of the loop {bare.processor:.2f} s",
            )  # fmt: skip


def _all_that_is_due() -> None:
    while dispatch.send_due():
        pass


def _message(notice: Notice) -> bytes:
    return assembled(mail.letter_message(notice, notice.channel, at=timezone.now()))  # type: ignore[arg-type]


def _bare(port: int, messages: list[bytes]) -> None:
    with smtplib.SMTP("127.0.0.1", port) as server:
        for message in messages:
            server.sendmail("desk@centre.example", ["legal@platform.example"], message)
