"""One sender at work: claims a few letters at a time, hands over one after the other, and settles what was accepted."""

import contextlib
import time
from datetime import datetime

from django.utils import timezone

from notices import attempts, ledger, outbox, sendable, settling
from notices.channels import mail
from notices.channels.outcomes import ClaimLost
from notices.models import Dispatch

MOST = 50  # letters claimed at once, where they leave quickly
ROUND = 1.0  # seconds after which at the latest is settled what was accepted


class Sender:
    """`at` stands for the present moment, if it is not now; what was accepted is settled when it is closed."""

    def __init__(self, at: datetime | None) -> None:
        self._at = at
        self._connection = mail.Connection()
        self._accepted: list[int] = []
        self._begun = time.monotonic()  # when the first of the accepted was begun

    def close(self) -> None:
        self._connection.close()
        self._settle()

    def send(self, limit: int) -> int:
        """At most so many letters; returns how many were accepted."""
        sent, most = 0, 1
        while limit > 0 and (rows := outbox.claim(self._at, most=min(most, limit))):
            begun = time.monotonic()
            sent += self._send(rows)
            limit -= len(rows)
            # As few as leave within a round: the others would be kept from senders that could take them.
            most = min(most * 2, MOST) if time.monotonic() - begun < ROUND else max(most // 2, 1)
        return sent

    def _send(self, rows: list[Dispatch]) -> int:
        ledger.note(rows)
        free = sendable.free(rows, at=self._at or timezone.now())
        sent = 0
        for row in rows:
            if not row.notice.threat_to_life:
                sent += self._send_urgent()
            sent += self._carry_out(row, free=row.pk in free)
        return sent

    def _send_urgent(self) -> int:
        """What has become due meanwhile and waits for nothing but the letter under way."""
        rows = outbox.claim(self._at, most=MOST, urgent=True) if outbox.may_be_urgent() else []
        return self._send(rows) if rows else 0

    def _carry_out(self, row: Dispatch, *, free: bool) -> int:
        if self._accepted and time.monotonic() - self._begun > ROUND:
            self._settle()
        with contextlib.suppress(ClaimLost):
            if attempts.carry_out(row, self._at, self._connection, free=free):
                if not self._accepted:
                    self._begun = time.monotonic()
                self._accepted.append(row.pk)
                return 1
        return 0

    def _settle(self) -> None:
        accepted, self._accepted = self._accepted, []
        if accepted:
            settling.settle(accepted)
