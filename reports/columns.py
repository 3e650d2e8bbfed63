"""Episode rows as columns: one numpy array for each field of `Episode`, for figures over a million rows.

Times are `datetime64[us]` in UTC with NaT for none, truths `bool`, numbers `int64`, texts codes whose values stand
beside them. All of it follows from the types of `Episode`: a field that is added there is a column here. Rows may lie
in groups, one behind the other; rows that were not grouped are one group.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from struct import Struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reports.batches import Batches
from reports.facts import SETTLED, Episode, Scope, reading, statement
from reports.models import Word
from reports.packing import APART, BYTES, NO_WORD, RECORD, TYPES

Array = NDArray[Any]
Place = Array | slice
Values = tuple[str | None, ...]

TIME = "datetime64[us]"
POSTGRES_BEGINS = np.datetime64("2000-01-01", "us") - np.datetime64("1970-01-01", "us")
GATHERED = {  # one value of bytes for a column; no text of PostgreSQL holds a zero byte
    datetime: "string_agg(timestamptz_send(coalesce({}, '-infinity')), '')",
    int: "string_agg(int8send({}), '')",
    bool: "string_agg(boolsend({}), '')",
    str: r"string_agg(textsend(coalesce('=' || {}, '')), '\x00')",
}
NOTHING = "''::bytea"
FEW = 256  # values that a byte tells apart
AT_HAND = 4096  # packed rows
COPY_HEADER, FIELDS, LENGTH = 19, Struct("!h"), Struct("!i")


class Columns:
    """Rows, by column: `columns.t0`, `columns.outcome` and so on, for the fields of `Episode` that were read.

    The rows of group g lie from `bounds[g]` up to, not including, `bounds[g + 1]`.
    """

    def __init__(
        self,
        arrays: dict[str, Array],
        values: dict[str, Values],
        bounds: Array,
        part_of: "tuple[Columns, Place] | None" = None,
    ) -> None:
        self.arrays = arrays
        self.values = values  # what the codes of a text stand for
        self.bounds = bounds
        self._part_of = part_of

    @classmethod
    def of_rows(cls, rows: Iterable[Episode]) -> "Columns":
        """The columns of rows in hand, in their order."""
        columns = list(zip(*rows, strict=True)) or [()] * len(Episode._fields)
        parts = {
            name: [_from_python(TYPES[name], column)]
            for name, column in zip(Episode._fields, columns, strict=True)
        }
        return cls._of_parts(parts, len(columns[0]), {})

    @classmethod
    def read(
        cls, scope: Scope, names: Iterable[str] = Episode._fields, *, earlier: bool = False
    ) -> "Columns":
        """The scope's rows, or what was removed of all earlier cohorts, in no order, with the fields that are named."""
        names = tuple(dict.fromkeys(names))
        parameters, chosen = scope.parameters(), "true"
        if earlier:
            parameters |= {"since": "-infinity", "until": scope.period.since}
            chosen = "removed_at IS NOT NULL"
        parts: dict[str, list[Any]] = {name: [] for name in names}
        size = 0
        for number, packed, *gathered in _gathered(parameters, names, chosen):
            size += int.from_bytes(number)
            unpacked = _unpacked(np.frombuffer(packed, RECORD), names) if packed else {}
            for name, data in zip(names, gathered, strict=True):
                parts[name].append(unpacked[name] if name in unpacked else _from_database(TYPES[name], data))
        words = dict(Word.objects.values_list("id", "text"))  # after the rows: none is ever taken away
        return cls._of_parts(parts, size, {NO_WORD: None, **words})

    @classmethod
    def _of_parts(cls, parts: dict[str, list[Any]], size: int, words: Mapping[int, str | None]) -> "Columns":
        arrays: dict[str, Array] = {}
        values: dict[str, Values] = {}
        for name, found in parts.items():
            if TYPES[name] is str:
                arrays[name], values[name] = _coded(found, words)
            else:
                arrays[name] = _joined(TYPES[name], found)
        return cls(arrays, values, np.array([0, size]))

    def __getattr__(self, name: str) -> Array:
        if name not in self.arrays:
            if self._part_of is None:
                raise AttributeError(f"There is no column {name} here.")
            whole, place = self._part_of
            self.arrays[name] = getattr(whole, name)[place]
        return self.arrays[name]

    def __len__(self) -> int:
        return int(self.bounds[-1])

    @property
    def groups(self) -> int:
        return len(self.bounds) - 1

    @cached_property
    def eligible(self) -> "Columns":
        """The rows that no exclusion leaves out."""
        return self.where(self.is_("exclusion", None))

    @cached_property
    def batches(self) -> Batches:
        """What left together in each group: the rows by notice."""
        return Batches.of(self.notice_id, self.bounds)

    def is_(self, name: str, *values: str | None) -> Array:
        """Where the text `name` is one of these; None is where there is none."""
        codes = getattr(self, name)
        found = np.zeros(len(codes), bool)
        for code, value in enumerate(self.values[name]):
            if value in values:
                found |= codes == code
        return found

    def where(self, mask: Array) -> "Columns":
        """The rows in a mask, in their groups; each column is taken from here when it is first asked for."""
        return Columns({}, self.values, bounds(self.counts(mask)), (self, np.flatnonzero(mask)))

    def placed(self, place: Place, bounds: Sequence[int] | Array) -> "Columns":
        """The rows at a place or at places, in groups with these bounds; columns are taken as by `where`."""
        return Columns({}, self.values, np.asarray(bounds), (self, place))

    def apart(self) -> Iterator["Columns"]:
        """The rows of each group by themselves."""
        for begin, end in pairwise(self.bounds.tolist()):
            yield self.placed(slice(begin, end), [0, end - begin])

    def counts(self, mask: Array | None = None) -> list[int]:
        """How many rows of each group there are, in all or in a mask."""
        return np.diff(self.bounds).tolist() if mask is None else counts(mask, self.bounds)

    def count(self, name: str) -> list[dict[str | None, int]]:
        """How many rows of each group have each value of the text `name` that occurs in it."""
        values, width = self.values[name], max(1, len(self.values[name]))
        cells = np.bincount(self.group * width + getattr(self, name), minlength=self.groups * width)
        return [
            {value: number for value, number in zip(values, row, strict=False) if number}
            for row in cells.reshape(self.groups, width).tolist()
        ]

    @cached_property
    def group(self) -> Array:
        """The number of each row's group."""
        return np.repeat(np.arange(self.groups), np.diff(self.bounds))


def counts(mask: Array, between: Array) -> list[int]:
    """How many are true from each bound to the next."""
    return [int(np.count_nonzero(mask[begin:end])) for begin, end in pairwise(between.tolist())]


def bounds(numbers: Iterable[int]) -> Array:
    """Of groups with so many rows each."""
    return np.cumsum([0, *numbers], dtype=np.int64)


def moment(at: datetime) -> np.datetime64:
    """A time as the columns have it."""
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")


def _gathered(parameters: Mapping[str, Any], names: Sequence[str], chosen: str) -> Iterator[list[memoryview]]:
    """For each month of T0 how many rows it has; settled ones packed, with what is not; others as columns of bytes.

    Each row is the number, the packed rows, and a value for each name.
    """
    columns = {name: GATHERED[TYPES[name]].format(name) for name in names}
    apart = {name: column if name in APART else NOTHING for name, column in columns.items()}
    records = "string_agg(packed, '')" if set(names) - set(APART) else NOTHING
    sql = f"""COPY (
        {statement([*names, "month", "removed_at"], settled=False)}, {SETTLED}
        SELECT {", ".join(["int8send(count(*))", NOTHING, *columns.values()])} FROM facts WHERE {chosen} GROUP BY month
        UNION ALL
        SELECT {", ".join(["int8send(count(*))", records, *apart.values()])} FROM settled WHERE {chosen} GROUP BY month
    ) TO STDOUT (FORMAT BINARY)"""  # noqa: S608 - all names are ours
    with reading(parameters) as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0; SET LOCAL hash_mem_multiplier = 16")
        yield from _copied(cursor, sql, parameters)


def _copied(cursor: Any, sql: str, parameters: Mapping[str, Any]) -> Iterator[list[memoryview]]:
    """The rows of a binary COPY."""
    with cursor.cursor.copy(sql, parameters) as copy:
        for number, message in enumerate(copy):
            row = memoryview(message) if number else memoryview(message)[COPY_HEADER:]
            if len(row) > FIELDS.size:
                yield _fields(row)


def _fields(row: memoryview) -> list[memoryview]:
    """The values of one row of a binary COPY; none of ours is NULL."""
    fields, place = [], FIELDS.size
    while place < len(row):
        begin = place + LENGTH.size
        place = begin + LENGTH.unpack_from(row, place)[0]
        fields.append(row[begin:place])
    return fields


def _unpacked(records: Array, names: Iterable[str]) -> dict[str, Array]:
    """The columns of packed rows, taken from few rows at a time, as long as these are at hand."""
    arrays = {
        name: np.empty(len(records), RECORD[name].newbyteorder("=")) for name in names if name not in APART
    }
    for begin in range(0, len(records), AT_HAND):
        block = records[begin : begin + AT_HAND]
        for name, array in arrays.items():
            array[begin : begin + AT_HAND] = block[name]
    return arrays


def _from_database(kind: type, data: memoryview) -> Any:
    if kind is str:
        return bytes(data).split(b"\0")
    return np.frombuffer(data, BYTES[kind])


def _joined(kind: type, parts: list[Array]) -> Array:
    """The parts as one array; times of the database count from the year 2000."""
    if kind is bool:
        return np.concatenate(parts) if parts else np.empty(0, bool)
    whole = np.concatenate(parts, dtype=np.int64, casting="unsafe") if parts else np.empty(0, np.int64)
    if kind is not datetime:
        return whole
    times = whole.view(TIME)
    times += POSTGRES_BEGINS
    return times


def _from_python(kind: type, values: Sequence[Any]) -> Any:
    if kind is str:
        return values
    if kind is datetime:
        moments = np.array([at and at.astimezone(UTC).replace(tzinfo=None) for at in values], TIME)
        return (moments - POSTGRES_BEGINS).view(np.int64)
    return np.array(values, bool if kind is bool else np.int64)


def _coded(parts: Iterable[Any], words: Mapping[int, str | None]) -> tuple[Array, Values]:
    """The values as codes, with what each code stands for; a part has texts, or the numbers of words."""
    codes: dict[str | None, int] = {}
    arrays: list[Array] = [np.empty(0, np.int32)]
    for part in parts:
        if isinstance(part, np.ndarray):
            numbers = np.flatnonzero(np.bincount(part))
            table = np.zeros(numbers.max() + 1, np.int32)
            table[numbers] = [codes.setdefault(words[number], len(codes)) for number in numbers.tolist()]
            arrays.append(table[part])
        else:
            own = {value: codes.setdefault(_text(value), len(codes)) for value in dict.fromkeys(part)}
            arrays.append(np.fromiter(map(own.__getitem__, part), np.int32, len(part)))
    few = np.uint8 if len(codes) <= FEW else np.int32
    return np.concatenate(arrays, dtype=few, casting="unsafe"), tuple(codes)


def _text(value: str | bytes | None) -> str | None:
    """From Python as it is; from the database after a sign that there is one."""
    return (value[1:].decode() if value else None) if isinstance(value, bytes) else value
