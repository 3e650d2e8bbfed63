"""The keys that a trial has met, so that it knows an address again without storing an item.

They are the session's own temporary table: nobody waits for them, no memory of ours grows with them, and they are gone
with the session, even if it is killed.
"""

import contextlib
from collections.abc import Iterator, Sequence

from django.db import connection

from casework.intake import Reading, ReadRow


@contextlib.contextmanager
def keys() -> Iterator[None]:
    """For the length of one trial on this connection."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.trial_key")
        cursor.execute("CREATE TEMPORARY TABLE trial_key (key text PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE pg_temp.trial_key")


def seen(reading: Reading) -> set[str]:
    with connection.cursor() as cursor:
        wanted = [candidate.key for _, _, candidate in reading.rows]
        cursor.execute("SELECT key FROM pg_temp.trial_key WHERE key = ANY(%s)", [wanted])
        return {key for (key,) in cursor.fetchall()}


def note(rows: Sequence[ReadRow]) -> None:
    with connection.cursor() as cursor:
        kept = [candidate.key for _, _, candidate in rows]
        cursor.execute("INSERT INTO pg_temp.trial_key SELECT unnest(%s::text[])", [kept])
