"""References that people read out: 2026-000123 for an item, N2026-000045 for a notice."""

from datetime import datetime

from django.db import connection
from django.utils import timezone

NEXT = """
INSERT INTO casework_counter AS counter (series, value) VALUES (%s, %s)
ON CONFLICT (series) DO UPDATE SET value = counter.value + excluded.value RETURNING value
"""


def references(count: int, *, at: datetime, prefix: str = "") -> list[str]:
    """The next `count` references of the year of `at` (Europe/London), with one statement.

    Holds the series' row until the transaction ends, so numbers have no gaps.
    """
    series = f"{prefix}{timezone.localtime(at).year}"
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [series, count])
        last: int = cursor.fetchone()[0]
    return [f"{series}-{number:06d}" for number in range(last - count + 1, last + 1)]
