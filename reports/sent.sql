-- What has left and when it was received, of the notices in `correspondence`: T0 before holds are considered.
delivery AS (
    SELECT notice_id,
           max(at) FILTER (WHERE kind = 'sent') AS sent_at,
           max(at) FILTER (WHERE kind = 'failed') AS failed_at
    FROM notices_deliveryrecord
    WHERE at <= %(as_at)s AND recorded_at <= %(known_by)s
      AND notice_id IN (SELECT notice_id FROM correspondence)
    GROUP BY notice_id
), departed AS (  -- an attempt that was rejected at once counts from its failure
    SELECT n.id AS notice_id, n.kind AS notice_kind, n.channel_kind,
           coalesce(
               d.sent_at,
               CASE WHEN n.sent_at <= %(as_at)s AND coalesce(n.sent_recorded_at, n.sent_at) <= %(known_by)s
                    THEN n.sent_at END,
               d.failed_at
           ) AS sent_at
    FROM notices_notice n
    JOIN correspondence c ON c.notice_id = n.id
    LEFT JOIN delivery d ON d.notice_id = n.id
), receipt AS (
    SELECT r.notice_id, min(r.at) AS received_at
    FROM notices_deliveryrecord r JOIN departed d ON d.notice_id = r.notice_id AND r.at >= d.sent_at
    WHERE r.kind = 'received' AND r.at <= %(as_at)s AND r.recorded_at <= %(known_by)s
    GROUP BY r.notice_id
), failure AS (
    SELECT f.notice_id, min(f.at) AS failed_at
    FROM notices_deliveryrecord f JOIN departed d ON d.notice_id = f.notice_id AND f.at >= d.sent_at
    WHERE f.kind = 'failed' AND f.at <= %(as_at)s AND f.recorded_at <= %(known_by)s
    GROUP BY f.notice_id
), fate AS (  -- a bounce more than a day after the receipt takes nothing back
    SELECT d.*, r.received_at,
           f.failed_at IS NOT NULL
           AND coalesce(f.failed_at <= r.received_at + interval '24 hours', true) AS failed
    FROM departed d
    LEFT JOIN receipt r ON r.notice_id = d.notice_id
    LEFT JOIN failure f ON f.notice_id = d.notice_id
    WHERE d.sent_at IS NOT NULL
), sent AS (
    SELECT notice_id, notice_kind, channel_kind, sent_at, failed,
           CASE WHEN failed THEN sent_at ELSE coalesce(received_at, sent_at) END AS t0,
           CASE WHEN failed OR received_at IS NULL THEN 'sent' ELSE 'received' END AS t0_basis
    FROM fate
)
