"""Whether what must not change has not changed: evidence files, the histories' fences, and status against history."""

from typing import Any

from django.db import connection

from accounts.privileges import append_only_models
from casework import evidence
from casework.models import Event, Evidence

FENCES = (
    "SELECT tgrelid::regclass::text FROM pg_trigger "
    "WHERE tgname LIKE 'pgtrigger_append_only%%' AND tgenabled <> 'D'"
)
LAST_STATUS = """
SELECT item.reference, item.status, last.new FROM casework_item item
JOIN LATERAL (SELECT new FROM casework_event WHERE item_id = item.id AND kind LIKE 'item.%%' AND new <> ''
              ORDER BY id DESC LIMIT 1) last ON last.new <> item.status ORDER BY item.id LIMIT 100
"""


def verify() -> dict[str, Any]:
    """Counts and the broken places, in words, first things first; an empty list is a clean bill."""
    broken = [
        f"exhibit {found.evidence.pk} of {found.evidence.item} is {found.problem}"
        for found in evidence.rehash()
    ]
    with connection.cursor() as cursor:
        cursor.execute(FENCES)
        fenced = {table for (table,) in cursor.fetchall()}
        cursor.execute(LAST_STATUS)
        strayed = cursor.fetchall()
    broken += [
        f"{model._meta.db_table} has lost its append-only trigger"
        for model in append_only_models()
        if model._meta.db_table not in fenced
    ]
    broken += [
        f"item {reference} is {status}, but its last event made it {last}"
        for reference, status, last in strayed
    ]
    return {"exhibits": Evidence.objects.count(), "events": Event.objects.count(), "broken": broken}
