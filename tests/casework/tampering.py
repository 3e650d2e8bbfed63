"""Changing what must not change, as the owner of the database can: triggers off, change, triggers on again."""

from typing import Any

from django.db import connection

from tests.conftest import WEB


def as_owner(*statements: str, given: list[Any] | None = None) -> None:
    """Run them as the owner of the tables; `given` are the parameters of each."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or tables with waiting checks cannot be altered
        cursor.execute("RESET ROLE")
        for statement in statements:
            cursor.execute(statement, given)
        cursor.execute(f"SET ROLE {WEB}")


def tamper(table: str, statement: str, *given: Any) -> None:
    as_owner(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    as_owner(statement, given=list(given))
    as_owner(f"ALTER TABLE {table} ENABLE TRIGGER USER")
