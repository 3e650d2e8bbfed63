"""`Idempotency-Key`: a request that is sent twice is carried out once, and answered the same both times.

The key's row, the work and the kept answer share one transaction: whoever is killed in between has done
nothing, and may try again. A lock on the key, held as long as the transaction, tells a second request that
the first is not done.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import IdempotencyKey, User

KEPT = timedelta(days=7)
LONGEST = 255


class KeyMalformed(Exception):
    """The key is empty, too long, or holds more than visible ASCII."""


class KeyInUse(Exception):
    """A request with this key is being carried out at this moment."""


class KeyReused(Exception):
    """The key belongs to another request."""


@contextmanager
def once(user: User, key: str, fingerprint: str, *, at: datetime | None = None) -> Iterator[IdempotencyKey]:
    """The row of a person's key, in the transaction in which the request is carried out.

    A row that has a `status` holds the answer given before. Raises `KeyMalformed`, `KeyInUse`, `KeyReused`.
    """
    if not 0 < len(key) <= LONGEST or not all("!" <= letter <= "~" for letter in key):
        raise KeyMalformed
    at = at or timezone.now()
    with transaction.atomic():
        _lock(user, key)
        IdempotencyKey.objects.filter(user=user, created_at__lt=at - KEPT).delete()
        row, _ = IdempotencyKey.objects.get_or_create(
            user=user, key=key, defaults={"fingerprint": fingerprint, "created_at": at}
        )
        if row.fingerprint != fingerprint:
            raise KeyReused
        yield row


def keep(row: IdempotencyKey, *, status: int, headers: dict[str, str], body: Any) -> None:
    """Keep the answer, in the same transaction."""
    row.status, row.headers, row.body = status, headers, body
    row.save(update_fields=["status", "headers", "body"])


def fingerprint_of(method: str, address: str, body: Any) -> str:
    """SHA-256 of what is asked; files in `body` are hashed by their content and name."""
    text = json.dumps([method, address, body], sort_keys=True, default=_plain, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    """An uploaded file as its name and hash; it is read from its beginning again afterwards."""
    value.seek(0)
    digest = hashlib.file_digest(value, "sha256").hexdigest()
    value.seek(0)
    return [value.name, value.content_type, digest]


def _lock(user: User, key: str) -> None:
    number = int.from_bytes(hashlib.sha256(f"{user.pk}\n{key}".encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise KeyInUse
