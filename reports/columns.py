"""Episode rows as columns: one numpy array for each field of `Episode`, for figures over a million rows.

Times are `datetime64[us]` in UTC with NaT for none, truths `bool`, numbers `int64`, texts codes whose values stand
beside them. All of it follows from the types of `Episode`: a field that is added there is a column here.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from struct import Struct
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import NDArray

from reports.facts import Episode, Scope, reading, statement

Array = NDArray[Any]
Place = Array | slice  # a mask, places, or a slice
Values = tuple[str | None, ...]
HINTS = get_type_hints(Episode)
TYPES: dict[str, type] = {name: (get_args(HINTS[name]) or (HINTS[name],))[0] for name in Episode._fields}

TIME = "datetime64[us]"
POSTGRES_BEGINS = np.datetime64("2000-01-01", "us") - np.datetime64("1970-01-01", "us")
GATHERED = {  # one value of bytes for a column; no text of PostgreSQL holds a zero byte
    datetime: "string_agg(timestamptz_send(coalesce({}, '-infinity')), '')",
    int: "string_agg(int8send({}), '')",
    bool: "string_agg(boolsend({}), '')",
    str: r"string_agg(textsend(coalesce('=' || {}, '')), '\x00')",
}
COPY_HEADER, FIELDS, LENGTH = 19, Struct("!h"), Struct("!i")


class Columns:
    """Rows, by column: `columns.t0`, `columns.outcome` and so on, for the fields of `Episode` that were read."""

    def __init__(
        self,
        arrays: dict[str, Array],
        values: dict[str, Values],
        size: int,
        part_of: "tuple[Columns, Place] | None" = None,
    ) -> None:
        self.arrays = arrays
        self.values = values  # what the codes of a text stand for
        self.size = size
        self._part_of = part_of

    @classmethod
    def of_rows(cls, rows: Iterable[Episode]) -> "Columns":
        """The columns of rows in hand, in their order."""
        columns = list(zip(*rows, strict=True)) or [()] * len(Episode._fields)
        parts = {
            name: [_from_python(TYPES[name], column)]
            for name, column in zip(Episode._fields, columns, strict=True)
        }
        return cls._of_parts(parts, len(columns[0]))

    @classmethod
    def read(cls, scope: Scope, names: Iterable[str] = Episode._fields) -> "Columns":
        """The scope's rows, in no order, with the fields that are named."""
        names = tuple(dict.fromkeys(names))
        parts: dict[str, list[Any]] = {name: [] for name in names}
        size = 0
        for number, *gathered in _gathered(scope, names):
            size += int.from_bytes(number)
            for name, data in zip(names, gathered, strict=True):
                parts[name].append(_from_database(TYPES[name], data))
        return cls._of_parts(parts, size)

    @classmethod
    def _of_parts(cls, parts: dict[str, list[Any]], size: int) -> "Columns":
        arrays: dict[str, Array] = {}
        values: dict[str, Values] = {}
        for name, found in parts.items():
            if TYPES[name] is str:
                arrays[name], values[name] = _coded(found, size)
            else:
                arrays[name] = np.concatenate(found) if found else _from_python(TYPES[name], ())
        return cls(arrays, values, size)

    def __getattr__(self, name: str) -> Array:
        if name not in self.arrays:
            if self._part_of is None:
                raise AttributeError(f"There is no column {name} here.")
            whole, place = self._part_of
            self.arrays[name] = getattr(whole, name)[place]
        return self.arrays[name]

    def __len__(self) -> int:
        return self.size

    def is_(self, name: str, *values: str | None) -> Array:
        """Where the text `name` is one of these; None is where there is none."""
        return np.array([value in values for value in self.values[name]], bool)[getattr(self, name)]

    def where(self, place: Place) -> "Columns":
        """The rows at a place; each column is taken from here when it is first asked for."""
        if isinstance(place, slice):
            size = len(range(*place.indices(self.size)))
        else:
            size = int(np.count_nonzero(place)) if place.dtype == bool else len(place)
        return Columns({}, self.values, size, (self, place))

    def count(self, name: str, where: Array | None = None) -> dict[str | None, int]:
        """How many rows, of all or of those in a mask, have each value of the text `name`."""
        codes = getattr(self, name) if where is None else getattr(self, name)[where]
        numbers = np.bincount(codes, minlength=len(self.values[name])).tolist()
        return {value: number for value, number in zip(self.values[name], numbers, strict=True) if number}


def moment(at: datetime) -> np.datetime64:
    """A time as the columns have it."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def _gathered(scope: Scope, names: Sequence[str]) -> Iterator[list[bytes]]:
    """For each month of T0 how many rows it has, and the columns that are named, each as one value of bytes."""
    columns = "".join(f", {GATHERED[TYPES[name]].format(name)}" for name in names)
    sql = (
        f"COPY ({statement([*names, 'month'])} SELECT int8send(count(*)){columns} FROM facts GROUP BY month)"  # noqa: S608
        " TO STDOUT (FORMAT BINARY)"
    )
    with reading(parameters := scope.parameters()) as cursor, cursor.cursor.copy(sql, parameters) as copy:
        for number, message in enumerate(copy):
            row = bytes(message) if number else bytes(message)[COPY_HEADER:]
            if len(row) > FIELDS.size:
                yield _fields(row)


def _fields(row: bytes) -> list[bytes]:
    """The values of one row of a binary COPY; none of ours is NULL."""
    fields, place = [], FIELDS.size
    while place < len(row):
        begin = place + LENGTH.size
        place = begin + LENGTH.unpack_from(row, place)[0]
        fields.append(row[begin:place])
    return fields


def _from_database(kind: type, data: bytes) -> Any:
    if kind is str:
        return data.split(b"\0")
    if kind is datetime:
        return (np.frombuffer(data, ">i8").astype(np.int64).view(TIME)) + POSTGRES_BEGINS
    return np.frombuffer(data, bool if kind is bool else ">i8").astype(bool if kind is bool else np.int64)


def _from_python(kind: type, values: Sequence[Any]) -> Any:
    if kind is str:
        return values
    if kind is datetime:
        return np.array([at and at.astimezone(UTC).replace(tzinfo=None) for at in values], TIME)
    return np.array(values, bool if kind is bool else np.int64)


def _coded(parts: Iterable[Sequence[str | bytes | None]], size: int) -> tuple[Array, Values]:
    """The values as codes, with what each code stands for, in order of first appearance."""
    codes: dict[str | bytes | None, int] = {}
    array, place = np.empty(size, np.int32), 0
    for part in parts:
        for value in dict.fromkeys(part):
            codes.setdefault(value, len(codes))
        array[place : place + len(part)] = np.fromiter(map(codes.__getitem__, part), np.int32, len(part))
        place += len(part)
    return array, tuple(map(_text, codes))


def _text(value: str | bytes | None) -> str | None:
    """From Python as it is; from the database after a sign that there is one."""
    return (value[1:].decode() if value else None) if isinstance(value, bytes) else value
