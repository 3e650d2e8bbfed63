"""Keeps `EpisodeFact` up to date: the rows of `episodes.sql` with all that is recorded, for what changed since.

Triggers (migrations 0002 to 0004) write a `StaleItem` with every record that figures depend on, in the same
transaction; readers compute what is stale themselves, so that no figure ever waits for this module or depends on it.
"""

from typing import Any

from django.db import connection, transaction

from reports.facts import COMPUTED, KEPT, plan_for
from reports.packing import PACKING, WORDS

BATCH = 200_000  # items at a time
LOCK = "reports.projection"
ALL: dict[str, Any] = {
    "as_at": "infinity", "known_by": "infinity", "since": "-infinity", "until": "infinity",
    "platform": None, "kind": None, "channel": None, "categories": None,
}  # fmt: skip
# When anything was last recorded, or is said to have happened, of what `episodes.sql` reads; and when it first left.
LATEST = """moment AS (
    SELECT id AS item_id, identified_at AS at, NULL::timestamptz AS left_at
    FROM casework_item WHERE id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT item_id, greatest(found_at, recorded_at), NULL FROM casework_description
    WHERE item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT item_id, greatest(at, recorded_at), NULL FROM casework_check
    WHERE item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT item_id, greatest(placed_at, placed_recorded_at, released_at, released_recorded_at), NULL
    FROM casework_hold WHERE item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT item_id, greatest(at, recorded_at), NULL FROM casework_setaside
    WHERE item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT item_id, greatest(at, recorded_at), NULL FROM casework_event
    WHERE kind IN ('item.given_up', 'item.approved') AND item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT of_id, greatest(at, recorded_at), NULL FROM casework_copy
    WHERE of_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT l.item_id, greatest(n.sent_at, n.sent_recorded_at), n.sent_at
    FROM notices_line l JOIN notices_notice n ON n.id = l.notice_id
    WHERE l.item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT l.item_id, greatest(d.at, d.recorded_at), d.at
    FROM notices_line l JOIN notices_deliveryrecord d ON d.notice_id = l.notice_id
    WHERE l.item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT l.item_id, greatest(a.at, a.recorded_at), NULL
    FROM notices_line l JOIN notices_answer a ON a.line_id = l.id
    WHERE l.item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT l.item_id, greatest(a.at, a.recorded_at), NULL
    FROM notices_line l JOIN notices_acknowledgement a ON a.notice_id = l.notice_id
    WHERE l.item_id = ANY (ARRAY(SELECT item_id FROM changed))
    UNION ALL
    SELECT l.item_id, greatest(v.at, v.recorded_at), NULL
    FROM notices_line l
    JOIN notices_notice n ON n.id = l.notice_id
    JOIN casework_event v ON v.notice = n.reference AND v.notice <> ''
    WHERE v.kind = 'notice.clarification_asked' AND l.item_id = ANY (ARRAY(SELECT item_id FROM changed))
), latest AS (
    SELECT item_id, max(at) AS latest_at, min(left_at) AS left_at FROM moment GROUP BY item_id
)"""
# Rows lie in the order of T0 as far as they are made together: most figures are about a span of it.
REFRESH = f"""{COMPUTED.replace("{changed}", "SELECT unnest(%(items)s::bigint[]) AS item_id")}, {LATEST}, made AS (
    SELECT f.*, l.latest_at, l.left_at, p.slug AS platform, c.slug AS category
    FROM computed f
    JOIN latest l ON l.item_id = f.item_id
    JOIN platforms_platform p ON p.id = f.platform_id
    LEFT JOIN casework_category c ON c.id = f.category_id
), coined AS (
    INSERT INTO reports_word (text)
    SELECT x.text FROM made f, LATERAL (VALUES {", ".join(f"(f.{name})" for name in WORDS)}) x (text)
    WHERE x.text IS NOT NULL
    EXCEPT SELECT text FROM reports_word
    RETURNING id, text
), word AS MATERIALIZED (
    SELECT jsonb_object_agg(text, id) AS numbers
    FROM (SELECT id, text FROM reports_word UNION ALL SELECT id, text FROM coined) x
)
INSERT INTO reports_episodefact ({", ".join(KEPT)}, latest_at, left_at, packed)
SELECT {", ".join(f"f.{name}" for name in KEPT)}, f.latest_at, f.left_at, {PACKING}
FROM made f, word w ORDER BY f.t0"""  # noqa: S608 - all names are ours


def refresh() -> int:
    """Make the rows of all stale items again; returns how many items that were."""
    done = 0
    while items := _refresh_some():
        done += items
    return done


@transaction.atomic
def _refresh_some() -> int:
    """Marks are taken before the records are read: what is written in between leaves a mark of its own."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [LOCK])
        cursor.execute(
            "WITH taken AS (DELETE FROM reports_staleitem WHERE item_id IN"
            " (SELECT DISTINCT item_id FROM reports_staleitem ORDER BY item_id LIMIT %s) RETURNING item_id)"
            " SELECT coalesce(array_agg(DISTINCT item_id), '{}') FROM taken",
            [BATCH],
        )
        (items,) = cursor.fetchone()
        if items:
            plan_for(cursor, len(items))
            cursor.execute("DELETE FROM reports_episodefact WHERE item_id = ANY (%s)", [items])
            cursor.execute(REFRESH, {**ALL, "items": items})
    return len(items)
