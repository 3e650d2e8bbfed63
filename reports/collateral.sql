-- Items nobody was notified of that went with their account, as at one moment and known by another: for S17.
-- Parameters: as_at, known_by, platform, kind, categories, language, severity, channel (a channel is a notice's: there is none here).
WITH touched AS (
    SELECT DISTINCT c.item_id
    FROM casework_check c
    WHERE (c.verdict = 'account_gone' OR c.cause = 'account_suspended')
      AND c.at <= %(as_at)s AND c.recorded_at <= %(known_by)s
      AND NOT EXISTS (
          SELECT FROM notices_line l JOIN notices_notice n ON n.id = l.notice_id
          WHERE l.item_id = c.item_id AND n.kind IN ('notice', 'chaser', 'escalation') AND n.sent_at <= %(as_at)s
            AND coalesce(n.sent_recorded_at, n.sent_at) <= %(known_by)s)
), changed AS (
    SELECT item_id FROM touched
), {described}, sight AS (
    SELECT c.item_id, c.id, c.at, c.verdict IN ('gone', 'account_gone') AS gone,
           c.confirms AND c.verdict IN ('gone', 'account_gone') AS confirms,
           c.verdict = 'account_gone' OR c.cause = 'account_suspended' AS with_account
    FROM casework_check c JOIN touched t ON t.item_id = c.item_id
    WHERE c.at <= %(as_at)s AND c.recorded_at <= %(known_by)s
      AND (c.verdict IN ('live', 'changed', 'restricted', 'geo_blocked')
           OR c.verdict IN ('gone', 'account_gone') AND (c.confirms OR c.confidence = 'high'))
), placed AS (
    SELECT *, max(at) FILTER (WHERE NOT gone) OVER (PARTITION BY item_id) AS last_live_at FROM sight
), gone AS (
    SELECT item_id, min(at) AS first_at, max(at) AS last_at, min(at) FILTER (WHERE confirms) AS confirmed_at,
           bool_or(with_account) AS with_account
    FROM placed WHERE gone AND at > coalesce(last_live_at, '-infinity') GROUP BY item_id
), collateral AS (
    SELECT g.item_id, p.slug AS platform, d.kind, c.slug AS category, NULL::text AS channel, nullif(d.severity, '') AS severity,
           nullif(d.language, '') AS language,
           CASE WHEN g.last_at > g.first_at AND g.last_at - g.first_at >= d.confirm_after
                THEN g.first_at ELSE g.confirmed_at END AS removed_at
    FROM gone g
    JOIN described d ON d.item_id = g.item_id
    JOIN platforms_platform p ON p.id = d.platform_id
    LEFT JOIN casework_category c ON c.id = d.category_id
    WHERE g.with_account AND %(channel)s::text IS NULL
      AND (%(platform)s::text IS NULL OR p.slug = %(platform)s)
      AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
      AND (%(categories)s::text[] IS NULL OR c.slug = ANY (%(categories)s))
      AND (%(language)s::text IS NULL OR d.language = %(language)s)
      AND (%(severity)s::text IS NULL OR d.severity = %(severity)s)
)
