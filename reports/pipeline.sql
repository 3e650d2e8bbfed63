-- How far the items that were first seen in a period had come as at one moment, known by another.
-- Follows the common beginning of facts.py, whose rows begin with the period and have no end.
-- Parameters besides those of a scope: before (the end of the period, in which an item was first seen).
letter AS (
    SELECT item_id, bool_or(delivered) AS delivered, bool_or(feedback_at IS NOT NULL) AS answered,
           bool_or(claimed_at IS NOT NULL) AS said_down, bool_or(outcome = ANY (%(down)s)) AS gone
    FROM facts GROUP BY item_id
), described_then AS (
    SELECT DISTINCT item_id FROM casework_description WHERE found_at >= %(since)s AND found_at < %(before)s
), taken_for AS (
    SELECT DISTINCT ON (item_id) item_id, platform_id, category_id, kind, language, severity, found_at
    FROM casework_description
    WHERE item_id IN (SELECT item_id FROM described_then)
    ORDER BY item_id, recorded_at > %(known_by)s, CASE WHEN recorded_at <= %(known_by)s THEN -id ELSE id END
), cohort AS (
    SELECT i.id, n.item_id IS NOT NULL AS notified, coalesce(n.delivered, false) AS delivered,
           coalesce(n.answered, false) AS answered, coalesce(n.said_down, false) AS said_down,
           coalesce(n.gone, false) AS gone
    FROM taken_for d
    JOIN casework_item i ON i.id = d.item_id
    JOIN platforms_platform p ON p.id = d.platform_id
    LEFT JOIN casework_category c ON c.id = d.category_id
    LEFT JOIN letter n ON n.item_id = i.id
    WHERE d.found_at >= %(since)s AND d.found_at < %(before)s AND d.found_at <= %(as_at)s
      AND i.identified_at <= %(known_by)s
      AND (%(platform)s::text IS NULL OR p.slug = %(platform)s)
      AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
      AND (%(categories)s::text[] IS NULL OR c.slug = ANY (%(categories)s))
      AND (%(language)s::text IS NULL OR d.language = %(language)s)
      AND (%(severity)s::text IS NULL OR d.severity = %(severity)s)
      AND (%(channel)s::text IS NULL OR n.item_id IS NOT NULL)
), pipeline AS (  -- a notified item was assessed and approved, also where a recorded history does not say when
    SELECT c.*,
           c.notified OR EXISTS (
               SELECT FROM casework_assessment a
               WHERE a.item_id = c.id AND a.assessed_at <= least(%(as_at)s, %(known_by)s)) AS assessed,
           c.notified OR EXISTS (
               SELECT FROM casework_event e
               WHERE e.item_id = c.id AND e.kind = 'item.approved'
                 AND e.at <= %(as_at)s AND e.recorded_at <= %(known_by)s) AS approved
    FROM cohort c
)
