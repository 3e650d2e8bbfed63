"""What the web role may do in the database, granted anew after every migration.

The web role reads and writes, but owns nothing, empties nothing, and on a history (a model with
`append_only = True`) it may only read and insert. Of a model with `changeable`, it may change those columns alone.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models
from psycopg import sql


def append_only_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if getattr(model, "append_only", False)]


def partly_changeable() -> list[tuple[str, list[str]]]:
    """Tables of which rows are kept and only some columns may change, with those columns."""
    return [
        (
            model._meta.db_table,
            [str(field.column) for field in model._meta.concrete_fields if field.name in model.changeable],
        )
        for model in apps.get_models()
        if hasattr(model, "changeable")
    ]


def grant_after_migrate(using: str, **_: Any) -> None:
    """Run as the owner after `migrate`; without the web role (a single-role trial server) it does nothing."""
    connection = connections[using]
    web = sql.Identifier(settings.DATABASE_WEB_ROLE)
    histories = sorted(model._meta.db_table for model in append_only_models())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s), "
            "EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user)",
            [settings.DATABASE_WEB_ROLE],
        )
        role_exists, owns_tables = cursor.fetchone()
        if not (role_exists and owns_tables):
            return
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {web}",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {web}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {web}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {web}",
        ):
            cursor.execute(sql.SQL(statement).format(web=web))
        for table in (*histories, "django_migrations"):
            cursor.execute(
                sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {web}").format(
                    table=sql.Identifier(table), web=web
                )
            )
        for table, columns in partly_changeable():
            parts = {"table": sql.Identifier(table), "web": web}
            cursor.execute(sql.SQL("REVOKE UPDATE, DELETE ON {table} FROM {web}").format(**parts))
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            cursor.execute(sql.SQL("GRANT UPDATE ({names}) ON {table} TO {web}").format(names=names, **parts))
        cursor.execute(sql.SQL("REVOKE INSERT ON django_migrations FROM {web}").format(web=web))
