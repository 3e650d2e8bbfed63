"""Taking a message in: kept byte for byte and committed before anything reads it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.roles import Permission, require
from notices.incoming.parsing import clean
from notices.models import IncomingMail
from notices.models.incoming import LONGEST_ADDRESS

MOST_RECIPIENTS = 100


class TooLarge(Exception):
    """The message is larger than `INCOMING_MAX_BYTES`."""


class Empty(Exception):
    """There is no message."""


@dataclass(frozen=True)
class Received:
    """The message as kept; `is_new` is false for bytes that had come before, which have no effect again."""

    mail: IncomingMail
    is_new: bool


def receive(
    raw: bytes,
    *,
    door: str,
    sender: str = "",
    recipients: Sequence[str] = (),
    by: User | None = None,
    at: datetime | None = None,
) -> Received:
    """Keep a message as it came at `at`; `sender` and `recipients` are the envelope's.

    It is read afterwards, by a sweep. `by` is whose token brought it; our own mail server needs none. Raises
    `TooLarge`, `Empty`, and the database's errors: then nothing is kept, and whoever brought it must try again.
    """
    if by is not None:
        require(by, Permission.DELIVER_MAIL)
    if len(raw) > settings.INCOMING_MAX_BYTES:
        raise TooLarge
    if not raw.strip():
        raise Empty
    known = IncomingMail.objects.defer("raw").filter(sha256=hashlib.sha256(raw).hexdigest())
    if (mail := known.first()) is not None:
        return Received(mail, is_new=False)
    mail = IncomingMail(
        raw=raw,
        size=len(raw),
        sender=clean(sender)[:LONGEST_ADDRESS],
        recipients=[clean(each)[:LONGEST_ADDRESS] for each in recipients[:MOST_RECIPIENTS]],
        door=door,
        received_at=at or timezone.now(),
        by=by,
    )
    try:
        with transaction.atomic():
            mail.save(force_insert=True)
    except IntegrityError:  # the same bytes came by another door at this moment
        return Received(known.get(), is_new=False)
    return Received(mail, is_new=True)
