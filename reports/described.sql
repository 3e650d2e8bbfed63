-- What each item in `changed` was taken to be: the latest description known by then, or its first.
described AS (
    SELECT DISTINCT ON (item_id) item_id, platform_id, category_id, kind, language, severity, found_at,
           make_interval(hours => confirm_hours) AS confirm_after
    FROM casework_description
    WHERE item_id = ANY (ARRAY(SELECT item_id FROM changed))
    ORDER BY item_id, recorded_at > %(known_by)s,
             CASE WHEN recorded_at <= %(known_by)s THEN -id ELSE id END
)
