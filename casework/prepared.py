"""Statements that are carried out again and again, and which the database plans once for each connection."""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import Cursor


def execute(statement: str, values: Mapping[str, Any]) -> Cursor[Any]:
    """Carry it out, in the transaction that is open, if one is. Raises as Django's own cursors do.

    Through Django each is planned anew, which takes longer than to carry out a small one.
    """
    connection.ensure_connection()
    connection.connection.prepare_threshold = 0  # Django's None would prepare nothing
    with connection.wrap_database_errors:
        return Cursor(connection.connection).execute(statement, values, prepare=True)
