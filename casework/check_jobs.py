"""Which looks are due, from which vantages: computed in the database, in one statement for all items."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from casework.models import Item
from casework.visits import OPEN

LOCK = 7_201_142_605  # one planner at a time
FRESH = timedelta(hours=1)  # statistics.md, 1.1: a live look within 60 minutes before a notice leaves
# The same due look has the same key, whoever computes it and however often.
MAKE = f"""
INSERT INTO casework_checkjob
    (key, item_id, country, logged_in, reason, urgency, host, due_at, not_before, state, attempt, made_at)
SELECT due.key, due.item_id, due.country, due.logged_in, due.reason, due.urgency, due.host, due.due_at,
       due.due_at + CASE WHEN due.urgency < 3 THEN interval '0'
                         ELSE make_interval(secs => abs(hashtext(due.key::text)::bigint) %% %(spread)s) END,
       'waiting', 0, %(at)s
FROM (
    SELECT md5(concat_ws('/', i.id, i.key, extract(epoch FROM i.due_at), o.country, o.logged_in))::uuid AS key,
           i.id AS item_id, o.country, o.logged_in, i.reason, i.due_at,
           CASE i.reason WHEN 'before_sending' THEN 1 WHEN 'claim' THEN 2 WHEN 'confirm' THEN 2
                         WHEN 'scheduled' THEN 3 ELSE 4 END AS urgency,
           left(lower(coalesce(substring(i.canonical FROM '^[a-z]+://([^/?#]+)'), '')), 255) AS host
    FROM ({{items}}) i JOIN ({OPEN}) o ON o.platform_id = i.platform_id
) due
WHERE NOT EXISTS (
    SELECT FROM casework_checkjob j WHERE j.item_id = due.item_id AND j.country = due.country
      AND j.logged_in = due.logged_in AND j.state IN ('waiting', 'leased'))
ON CONFLICT (key) DO UPDATE SET state = 'waiting', finished_at = NULL WHERE casework_checkjob.state = 'dropped'
"""  # noqa: S608 - names of ours
DUE = """SELECT id, key, canonical, platform_id, next_check_at AS due_at,
    CASE WHEN presence = 'perhaps_gone' THEN 'confirm'
         WHEN claims_removal AND presence <> 'gone' AND coalesce(last_checked_at < claim_at, true) THEN 'claim'
         WHEN status = 'watching' THEN 'watch' ELSE 'scheduled' END AS reason
FROM casework_item WHERE next_check_at <= %(at)s AND status IN ('notified', 'watching')"""
ASKED = """SELECT id, key, canonical, platform_id, %(at)s::timestamptz AS due_at, 'before_sending' AS reason
FROM casework_item WHERE id = ANY(%(items)s) AND status = 'approved'
  AND coalesce(last_checked_at < %(at)s - %(fresh)s, true)"""
# Nobody needs them any more: the item has moved on, or its look was brought forward, or the letter has long left.
DROP = """
UPDATE casework_checkjob j SET state = 'dropped', finished_at = %(at)s FROM casework_item i
WHERE i.id = j.item_id AND j.state = 'waiting' AND CASE j.reason
    WHEN 'before_sending' THEN i.status <> 'approved' OR j.due_at < %(at)s - interval '1 day'
    ELSE i.status NOT IN ('notified', 'watching') OR i.next_check_at < j.due_at END
"""


def plan(at: datetime | None = None) -> int:
    """Make the jobs of the looks that are due, and drop those that nobody needs; returns how many were made.

    Any number of processes may do so at the same time.
    """
    at = at or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(DROP, {"at": at})
        return _make(cursor, DUE, {"at": at})


def ask_before_sending(items: Iterable[Item], *, at: datetime | None = None) -> int:
    """Have approved items looked at now, unless they were within the hour; returns how many jobs were made.

    Nothing waits for it: where no checker may look, a person's look is what there is.
    """
    asked = {"at": at or timezone.now(), "items": sorted(item.pk for item in items), "fresh": FRESH}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        return _make(cursor, ASKED, asked)


def _make(cursor: Any, items: str, asked: dict[str, Any]) -> int:
    cursor.execute(MAKE.format(items=items), {**asked, "spread": settings.CHECK_SPREAD_SECONDS})
    return int(cursor.rowcount)
