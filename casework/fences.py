"""What keeps the histories from being changed: triggers that stop everybody, and rights that the web role has not."""

from django.conf import settings
from django.db import connection

from accounts.privileges import append_only_models

# A trigger counts if it is on, before every row's UPDATE and DELETE, without a condition, and still raises.
FENCED = """
SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc ON pg_proc.oid = tgfoid
WHERE tgname LIKE 'pgtrigger_append_only%%' AND tgenabled IN ('O', 'A') AND tgtype & 27 = 27
  AND tgqual IS NULL AND tgattr = ''::int2vector AND prosrc LIKE '%%RAISE EXCEPTION%%'
"""
LETTING_THROUGH = "SELECT public._pgtrigger_should_ignore('pgtrigger_append_only')"
RIGHTS = """
SELECT class.relname, array_remove(ARRAY[
    CASE WHEN has_any_column_privilege(web.oid, class.oid, 'UPDATE') THEN 'UPDATE' END,
    CASE WHEN has_table_privilege(web.oid, class.oid, 'DELETE') THEN 'DELETE' END,
    CASE WHEN has_table_privilege(web.oid, class.oid, 'TRUNCATE') THEN 'TRUNCATE' END,
    CASE WHEN has_table_privilege(web.oid, class.oid, 'TRIGGER') THEN 'TRIGGER' END], NULL),
    pg_has_role(web.oid, class.relowner, 'MEMBER')
FROM pg_class class, pg_roles web
WHERE web.rolname = %s AND class.relname = ANY(%s) AND class.relnamespace = 'public'::regnamespace
ORDER BY class.relname
"""


def broken_fences() -> list[str]:
    """In words, each table that can be changed: its trigger is gone, or the web role may do too much."""
    tables = [model._meta.db_table for model in append_only_models()]
    with connection.cursor() as cursor:
        cursor.execute(FENCED)
        fenced = {table for (table,) in cursor.fetchall()}
        cursor.execute(LETTING_THROUGH)
        (letting_through,) = cursor.fetchone()
        cursor.execute(RIGHTS, [settings.DATABASE_WEB_ROLE, tables])
        rights = cursor.fetchall()
    broken = [f"{table} has lost its append-only trigger" for table in tables if table not in fenced]
    if letting_through:
        broken.append("the function _pgtrigger_should_ignore lets every change through")
    web = settings.DATABASE_WEB_ROLE
    for table, granted, owned in rights:
        if owned:
            broken.append(f"the role {web} owns {table}, or belongs to its owner")
        elif granted:
            broken.append(f"the role {web} may {', '.join(granted)} on {table}")
    return broken


def remarks() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [settings.DATABASE_WEB_ROLE])
        if cursor.fetchone() is not None:
            return []
    return [
        f"there is no role {settings.DATABASE_WEB_ROLE} here: the site runs as a role that may change history"
    ]
