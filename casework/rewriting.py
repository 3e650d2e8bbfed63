"""Columns of many rows changed by few statements, whatever the number of rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

MOST = 10_000  # rows of one statement


def rewrite(rows: Iterable[models.Model], columns: Sequence[str]) -> None:
    """Save these columns of rows that are there, each row once; what `bulk_update` does, in a tenth of the time.

    The columns hold numbers, texts, times or references; lists and documents cannot be passed this way.
    """
    every = list(rows)
    for start in range(0, len(every), MOST):
        _rewrite(every[start : start + MOST], columns)


def _rewrite(rows: Sequence[models.Model], columns: Sequence[str]) -> None:
    meta = rows[0]._meta
    fields: list[Any] = [meta.pk, *map(meta.get_field, columns)]
    key, *changed = [sql.Identifier(field.column) for field in fields]
    statement = sql.SQL(
        "UPDATE {table} SET {changes} FROM unnest({lists}) AS new({names}) WHERE {table}.{key} = new.{key}"
    ).format(
        table=sql.Identifier(meta.db_table),
        changes=sql.SQL(", ").join(sql.SQL("{0} = new.{0}").format(name) for name in changed),
        lists=sql.SQL(", ").join(sql.SQL(f"%s::{field.db_type(connection)}[]") for field in fields),
        names=sql.SQL(", ").join([key, *changed]),
        key=key,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [_list(field, rows) for field in fields])


def _list(field: Any, rows: Sequence[models.Model]) -> list[Any]:
    saved = (field.get_db_prep_save(getattr(row, field.attname), connection) for row in rows)
    return [str(value) if isinstance(value, str) else value for value in saved]  # a choice is a text
