"""What a seal says, and what the rows of its range are now.

Form 1, so that an outsider can do it again: a row is the JSON array of the covered columns' values, in their order,
as PostgreSQL's `json_build_array` writes it with the time zone UTC; the rows stand in the order of their ids with a
line feed between them; SHA-256 is taken over that, in UTF-8. A mark is a row's id (8 bytes, big-endian) and the
first 8 bytes of the SHA-256 of the row alone. The seal's own digest is SHA-256 over `body`, and `body` is signed.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC

from django.apps import apps
from django.db import connection, models, transaction
from psycopg import sql

from accounts.privileges import append_only_models
from casework.models import Seal

FORM = 1
NOTHING = "0" * 64  # what the first seal names as the one before
LOWEST = -(2**63)
MARK = 16
# OFFSET 0 keeps PostgreSQL from writing a row as JSON once for each place where the text is used.
ROWS = sql.SQL("""
SELECT span.seal, found.rows, encode(sha256(convert_to(found.lines, 'UTF8')), 'hex'), found.marks
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS span (seal, above, upto)
CROSS JOIN LATERAL (
    SELECT count(*) AS rows, coalesce(string_agg(line, E'\\n' ORDER BY id), '') AS lines,
           coalesce(string_agg(int8send(id) || substring(sha256(convert_to(line, 'UTF8')) FOR 8), ''::bytea
                               ORDER BY id), ''::bytea) AS marks
    FROM (SELECT id, json_build_array({columns})::text AS line FROM {table}
          WHERE id > span.above AND id <= span.upto ORDER BY id OFFSET 0) AS covered
) AS found
""")


@dataclass(frozen=True)
class Span:
    """A run of a history's rows: those with `above` < id <= `upto`; `seal` is whatever tells spans apart."""

    seal: int
    above: int
    upto: int


@dataclass(frozen=True)
class Print:
    """What the rows of a span are: their number, their digest, and a mark for each."""

    rows: int
    sha256: str
    marks: bytes


def histories() -> list[type[models.Model]]:
    """The models whose rows are sealed, in one order; seals themselves are bound by their chain."""
    return sorted((m for m in append_only_models() if m is not Seal), key=lambda model: model._meta.db_table)


def history_columns(model: type[models.Model]) -> list[str]:
    """All but bytes, which may be large: their hash is a column that the database reckons."""
    fields = model._meta.concrete_fields
    return [str(field.column) for field in fields if not isinstance(field, models.BinaryField)]


def prints(table: str, columns: Sequence[str], spans: Sequence[Span]) -> dict[int, Print]:
    """The rows of each span as they are now, with one statement."""
    statement = ROWS.format(
        table=sql.Identifier(table), columns=sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    # No row may hide before the first: an id can be negative.
    starts = [span.above or LOWEST for span in spans]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('TimeZone', 'UTC', true), set_config('IntervalStyle', 'postgres', true)"
        )
        cursor.execute(statement, [[span.seal for span in spans], starts, [span.upto for span in spans]])
        return {seal: Print(rows, digest, bytes(marks)) for seal, rows, digest, marks in cursor.fetchall()}


def body(seal: Seal) -> bytes:
    """What is signed: JSON with sorted keys and no blanks, in ASCII."""
    return canonical(
        {
            "above": seal.above,
            "columns": seal.columns,
            "form": seal.form,
            "key": seal.key,
            "marks_sha256": hashlib.sha256(bytes(seal.marks)).hexdigest(),
            "number": seal.pk,
            "previous": seal.previous,
            "rows": seal.rows,
            "rows_sha256": seal.rows_sha256,
            "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "table": seal.table,
            "upto": seal.upto,
        }
    )


def canonical(content: object) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def digest(seal: Seal) -> str:
    return hashlib.sha256(body(seal)).hexdigest()


def marked(marks: bytes) -> Iterator[tuple[int, bytes]]:
    """The id and the beginning of the digest of each row."""
    for start in range(0, len(marks), MARK):
        yield int.from_bytes(marks[start : start + 8], signed=True), marks[start + 8 : start + MARK]


def present_columns() -> dict[str, set[str]]:
    """The columns that each table of the database has now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT class.relname, attribute.attname FROM pg_class class "
            "JOIN pg_attribute attribute ON attribute.attrelid = class.oid "
            "WHERE class.relnamespace = 'public'::regnamespace AND class.relkind IN ('r', 'p') "
            "AND attribute.attnum > 0 AND NOT attribute.attisdropped"
        )
        found: dict[str, set[str]] = {}
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found


def named(table: str) -> str:
    """The table as people call its rows: the model's name where there is one."""
    for model in apps.get_models():
        if model._meta.db_table == table:
            return f"{model._meta.verbose_name} ({table})"
    return table
