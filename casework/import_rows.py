"""Rows of a file as new items, in batches that fit into memory; what cannot be one is an error, row by row."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from casework.intake import NewItem, Reading, RowError, RowReader
from casework.spreadsheets import Row

BATCH = 5000
MOST_TEXT = 8 * 1024**2  # characters in a batch
SLUGS = frozenset({"category", "kind", "language", "platform"})
PRIORITIES = frozenset("12345")
QUOTED = 60


@dataclass
class Batch:
    """Consecutive rows: how many, those that may become items, and the errors of the others by row."""

    count: int = 0
    reading: Reading = field(default_factory=Reading)

    @property
    def refused(self) -> int:
        return len({error.row for error in self.reading.refused})


def batches(rows: Iterator[Row], reader: RowReader) -> Iterator[Batch]:
    """Batches of at most `BATCH` rows, fewer where their cells are long."""
    while True:
        count, errors, new = _batch(rows)
        if not count:
            return
        reading = reader.read_all(new)
        reading.refused = sorted(errors + reading.refused, key=lambda error: error.row)
        yield Batch(count, reading)


def _batch(rows: Iterator[Row]) -> tuple[int, list[RowError], list[tuple[int, NewItem]]]:
    count = text = 0
    errors: list[RowError] = []
    found: list[tuple[int, NewItem]] = []
    for row in rows:
        count += 1
        new, wrong = new_item(row)
        errors += wrong
        if new:
            found.append((row.number, new))
            text += len(new.address) + len(new.note)
        if count == BATCH or text > MOST_TEXT:
            break
    return count, errors, found


def new_item(row: Row) -> tuple[NewItem | None, list[RowError]]:
    """What a row says of an item, or everything that is wrong with it."""
    if row.problem:
        return None, [RowError(row.number, row.column, row.code, row.problem)]
    cells = {name: cell.lower() if name in SLUGS else cell for name, cell in row.cells.items()}
    errors = []
    found_at = priority = None
    if not cells["address"]:
        errors.append(RowError(row.number, "address", "missing", "The row has no address."))
    if given := cells.pop("found_at", ""):
        found_at = read_time(given)
        if found_at is None:
            message = f"“{given[:QUOTED]}” is no time; write it like 2026-03-01T14:30+00:00."
            errors.append(RowError(row.number, "found_at", "not_a_time", message))
    if given := cells.pop("priority", ""):
        priority = int(given) if given in PRIORITIES else None
        if priority is None:
            message = f"“{given[:QUOTED]}” is no priority; write a number from 1 to 5."
            errors.append(RowError(row.number, "priority", "out_of_range", message))
    if errors:
        return None, errors
    return NewItem(**cells, found_at=found_at, priority=priority or 3), []


def read_time(text: str) -> datetime | None:
    """A date or time in ISO 8601; without a zone it is Europe/London. None if it is neither."""
    try:
        parsed = parse_datetime(text)
        if parsed is None and (day := parse_date(text)):
            parsed = datetime(day.year, day.month, day.day)
    except ValueError:
        return None
    if parsed is None:
        return None
    return timezone.make_aware(parsed) if timezone.is_naive(parsed) else parsed
