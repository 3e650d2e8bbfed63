"""One worker at a time at a job, whoever dies: a lock that the database gives back with the worker's connection."""

import contextlib
from collections.abc import Iterator

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

WAIT = "2s"


@contextlib.contextmanager
def alone(lock: int, pk: int) -> Iterator[bool]:
    """Whether no other worker is at job `pk` of the class `lock`; given back even when the worker is killed.

    A worker just killed may hold it a moment longer, so it is waited for a little.
    """
    mine = _take(lock, pk)
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [lock, pk])


def _take(lock: int, pk: int) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [WAIT])
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [lock, pk])
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return False
        raise
    return True
