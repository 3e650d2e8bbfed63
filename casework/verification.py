"""Whether what must not change has not changed: histories against their seals, exhibits, fences, and statuses."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from casework import anchor, chain, evidence, fences
from casework.anchor import Anchored
from casework.models import Event, Evidence

LAST_STATUS = """
SELECT item.reference, item.status, last.new FROM casework_item item
JOIN LATERAL (SELECT new FROM casework_event WHERE item_id = item.id AND kind LIKE 'item.%%' AND new <> ''
              ORDER BY id DESC LIMIT 1) last ON last.new <> item.status ORDER BY item.id LIMIT 100
"""
MISDESCRIBED = """
SELECT item.reference FROM casework_item item
JOIN platforms_platform platform ON platform.id = item.platform_id
LEFT JOIN LATERAL (SELECT * FROM casework_description WHERE item_id = item.id
                   ORDER BY id DESC LIMIT 1) last ON true
WHERE (item.platform_id, item.category_id, item.kind, item.language, item.severity, item.found_at,
       platform.confirm_hours)
    IS DISTINCT FROM (last.platform_id, last.category_id, last.kind, last.language, last.severity, last.found_at,
                      last.confirm_hours)
ORDER BY item.id LIMIT 100
"""


def verify(*, anchor_file: Path | None = None) -> dict[str, Any]:
    """Counts, and the broken places in words, first things first; an empty list is a clean bill.

    `anchor_file` is a copy of the anchor kept elsewhere; by default the site's own. Raises `OSError` if it is named and
    cannot be read.
    """
    found = chain.check(_anchored(anchor_file))
    exhibits = [
        f"exhibit {broken.evidence.pk} of {broken.evidence.item} is {broken.problem}"
        for broken in evidence.rehash()
    ]
    return {
        "exhibits": Evidence.objects.count(),
        "events": Event.objects.count(),
        "seals": found.seals,
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "last_seal_sha256": found.last,
        "remarks": found.remarks + fences.remarks(),
        "broken": found.broken + exhibits + fences.broken_fences() + _strayed_items() + _misdescribed_items(),
    }


def _anchored(named: Path | None) -> Anchored:
    path: Path = named or settings.SEAL_ANCHOR_FILE
    if not named and not path.exists():
        return Anchored()
    with path.open("rb") as stream:
        return anchor.read(stream, anchor.ours())


def _strayed_items() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(LAST_STATUS)
        return [
            f"item {reference} is {status}, but its last event made it {last}"
            for reference, status, last in cursor.fetchall()
        ]


def _misdescribed_items() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(MISDESCRIBED)
        return [
            f"item {reference} is not what its last description says" for (reference,) in cursor.fetchall()
        ]
