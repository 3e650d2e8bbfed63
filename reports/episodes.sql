-- Episode rows as at one moment, from what was recorded by another (docs/statistics.md explains each choice).
-- Parameters: as_at, known_by, since and until (T0 in [since, until)), platform, kind, channel, categories.
-- `changed` holds the items to compute; `computed` has one row for each of them in each notice of kind "notice"
-- that had left. Nothing in it depends on the as-at but through what had been recorded: facts.py adds what does.
-- Tables are looked up by arrays of keys: some thousands of a million items are found by an index without nested loops.
WITH changed AS (
    {changed}
), correspondence AS (
    SELECT DISTINCT notice_id FROM notices_line WHERE item_id = ANY (ARRAY(SELECT item_id FROM changed))
), {sent}, {described}, noticed AS (
    SELECT l.id AS line_id, l.item_id, s.*
    FROM sent s JOIN notices_line l ON l.notice_id = s.notice_id
    WHERE s.notice_kind = 'notice' AND l.item_id = ANY (ARRAY(SELECT item_id FROM changed))
), held AS (
    SELECT item_id, placed_at AS since,
           CASE WHEN released_at <= %(as_at)s AND released_recorded_at <= %(known_by)s
                THEN released_at ELSE 'infinity' END AS until
    FROM casework_hold
    WHERE placed_at <= %(as_at)s AND placed_recorded_at <= %(known_by)s
      AND item_id = ANY (ARRAY(SELECT item_id FROM changed))
), hold_start AS (
    SELECT *, since > coalesce(max(until) OVER (PARTITION BY item_id ORDER BY since, until
                                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), '-infinity') AS starts
    FROM held WHERE until > since
), hold_number AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER (PARTITION BY item_id ORDER BY since, until
                                                   ROWS UNBOUNDED PRECEDING) AS number
    FROM hold_start
), hold AS (  -- overlapping and touching holds are one
    SELECT item_id, min(since) AS since, max(until) AS until FROM hold_number GROUP BY item_id, number
), scope AS (  -- only a hold can bring T0 from before the period into it
    SELECT d.*, i.reference, i.import_reference, i.identified_at
    FROM casework_item i
    JOIN described d ON d.item_id = i.id
    JOIN platforms_platform p ON p.id = d.platform_id
    LEFT JOIN casework_category c ON c.id = d.category_id
    WHERE i.id = ANY (ARRAY(SELECT item_id FROM changed))
      AND i.id IN (SELECT n.item_id FROM noticed n
                   WHERE n.t0 < %(until)s
                     AND (n.t0 >= %(since)s OR n.item_id IN (SELECT h.item_id FROM hold h)))
      AND (%(platform)s::text IS NULL OR p.slug = %(platform)s)
      AND (%(kind)s::text IS NULL OR d.kind = %(kind)s)
      AND (%(categories)s::text[] IS NULL OR c.slug = ANY (%(categories)s))
), clock AS (
    SELECT n.line_id, n.item_id, n.notice_id, n.channel_kind, n.sent_at, n.failed, n.t0_basis,
           CASE WHEN h.until < 'infinity' THEN h.until ELSE n.t0 END AS t0
    FROM noticed n
    JOIN scope s ON s.item_id = n.item_id
    LEFT JOIN hold h ON h.item_id = n.item_id AND NOT n.failed AND h.since <= n.t0 AND h.until > n.t0
), sight AS (  -- every observation; a look at a gone page that cannot confirm is none
    SELECT c.item_id, c.id, c.at, c.verdict, c.vantage, c.verdict IN ('gone', 'account_gone') AS gone,
           c.confirms AND c.verdict IN ('gone', 'account_gone') AS confirms,
           CASE WHEN c.cause = 'author' THEN 'uploader'
                WHEN c.cause IN ('platform_policy', 'account_suspended', 'legal') THEN 'platform' END AS stated
    FROM casework_check c
    WHERE c.item_id = ANY (ARRAY(SELECT item_id FROM scope))
      AND c.at <= %(as_at)s AND c.recorded_at <= %(known_by)s
      AND (c.verdict IN ('live', 'changed', 'restricted', 'geo_blocked')
           OR c.verdict IN ('gone', 'account_gone') AND (c.confirms OR c.confidence = 'high'))
    UNION ALL
    SELECT item_id, 0, found_at, 'live', '', false, false, NULL
    FROM scope WHERE found_at <= %(as_at)s AND identified_at <= %(known_by)s
), look AS (
    SELECT c.line_id,
           max(s.at) FILTER (WHERE NOT s.gone AND s.at <= c.sent_at) AS live_presend,
           max(s.at) FILTER (WHERE s.gone AND s.at <= c.sent_at) AS gone_presend,
           max(s.at) FILTER (WHERE NOT s.gone AND s.at <= c.t0) AS live_before,
           max(s.at) FILTER (WHERE NOT s.gone AND s.at >= c.t0) AS live_after
    FROM clock c LEFT JOIN sight s ON s.item_id = c.item_id
    GROUP BY c.line_id
), shown AS (
    SELECT c.*, l.live_before,
           coalesce(l.gone_presend > coalesce(l.live_presend, '-infinity'), false)
           OR (coalesce(l.live_before < c.t0 - interval '24 hours', true) AND l.live_after IS NULL) AS not_live
    FROM clock c JOIN look l ON l.line_id = c.line_id
), turn AS (
    SELECT *, row_number() OVER item AS number,
           max(t0) FILTER (WHERE NOT failed AND NOT not_live)
               OVER (item ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_t0,
           max(sent_at) FILTER (WHERE NOT failed AND NOT not_live)
               OVER (item ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS earlier_sent_at
    FROM shown WINDOW item AS (PARTITION BY item_id ORDER BY t0, sent_at, line_id)
), renotified AS (
    SELECT DISTINCT item_id FROM turn WHERE earlier_t0 IS NOT NULL
), gone_run AS (
    SELECT s.item_id, s.at, s.gone, s.confirms,
           count(*) FILTER (WHERE NOT s.gone) OVER (PARTITION BY s.item_id ORDER BY s.at, s.id) AS run
    FROM sight s JOIN renotified r ON r.item_id = s.item_id
), gone_look AS (
    SELECT *, min(at) FILTER (WHERE gone) OVER (PARTITION BY item_id, run) AS first_at FROM gone_run
), confirmed AS (
    SELECT g.item_id, g.run, min(g.at) AS at
    FROM gone_look g JOIN scope s ON s.item_id = g.item_id
    WHERE g.gone AND (g.confirms OR (g.at > g.first_at AND g.at >= g.first_at + s.confirm_after))
    GROUP BY g.item_id, g.run
), gone_part AS (  -- an episode that opens behind a confirmed look is looked at anew
    SELECT g.item_id, g.run, g.at, g.confirms, count(t.line_id) AS part
    FROM gone_look g
    JOIN confirmed c ON c.item_id = g.item_id AND c.run = g.run
    LEFT JOIN turn t ON t.item_id = g.item_id AND NOT (t.failed OR t.not_live) AND t.t0 > c.at AND t.t0 <= g.at
    WHERE g.gone
    GROUP BY g.item_id, g.run, g.at, g.confirms
), gone_anew AS (
    SELECT *, min(at) OVER (PARTITION BY item_id, run, part) AS first_at FROM gone_part
), ending AS (  -- what closes an episode: gone and confirmed, set aside, given up
    SELECT g.item_id, min(g.at) AS at, false AS aside
    FROM gone_anew g JOIN scope s ON s.item_id = g.item_id
    WHERE g.confirms OR (g.at > g.first_at AND g.at >= g.first_at + s.confirm_after)
    GROUP BY g.item_id, g.run, g.part
    UNION ALL
    SELECT a.item_id, a.at, true FROM casework_setaside a JOIN renotified r ON r.item_id = a.item_id
    WHERE a.at <= %(as_at)s AND a.recorded_at <= %(known_by)s
    UNION ALL
    SELECT e.item_id, e.at, false FROM casework_event e JOIN renotified r ON r.item_id = e.item_id
    WHERE e.kind = 'item.given_up' AND e.at <= %(as_at)s AND e.recorded_at <= %(known_by)s
), ended AS (  -- a notice can be withdrawn before it is received, or while T0 waits for a release
    SELECT DISTINCT t.line_id
    FROM turn t JOIN ending e ON e.item_id = t.item_id AND e.at <= t.t0
    WHERE e.at >= t.earlier_t0 OR (e.aside AND e.at >= t.earlier_sent_at)
), placed AS (
    SELECT t.*, t.earlier_t0 IS NOT NULL AND e.line_id IS NULL AS repeated
    FROM turn t LEFT JOIN ended e ON e.line_id = t.line_id
), episode AS (
    SELECT *, NOT (failed OR not_live OR repeated) AS opens,
           CASE WHEN repeated THEN max(t0) FILTER (WHERE NOT (failed OR not_live OR repeated))
                    OVER (PARTITION BY item_id ORDER BY number ROWS UNBOUNDED PRECEDING)
                ELSE t0 END AS opened_at,  -- of the episode that the row belongs to
           coalesce(min(t0) FILTER (WHERE NOT (failed OR not_live OR repeated))
                    OVER (PARTITION BY item_id ORDER BY number
                          ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING), 'infinity') AS ends_at
    FROM placed
), said AS (
    SELECT l.item_id, a.line_id, a.id, a.at, a.answer, a.effective_at, a.refusal_code,
           CASE WHEN a.territories <> '{}'
                THEN (SELECT string_agg(DISTINCT t, ',' ORDER BY t) FROM unnest(a.territories) t) END AS territories,
           a.answer IN ('removed', 'account_suspended', 'account_terminated', 'already_gone')
           OR (a.answer = 'access_disabled' AND a.territories = '{}') AS removal,
           NOT (a.answer IN ('more_information', 'preserved_only')
                OR (a.answer = 'refused' AND a.refusal_code IN ('wrong_channel', 'error_in_notice', 'under_review')))
           AS decides,
           (a.answer = 'refused' AND a.refusal_code NOT IN ('wrong_channel', 'error_in_notice', 'under_review'))
           OR a.answer IN ('not_found_by_platform', 'not_hosted_here') AS refuses
    FROM notices_answer a
    JOIN notices_line l ON l.id = a.line_id
    JOIN notices_notice n ON n.id = l.notice_id AND n.kind IN ('notice', 'chaser', 'escalation')
    WHERE l.item_id = ANY (ARRAY(SELECT item_id FROM scope))
      AND a.line_id = ANY (ARRAY(SELECT id FROM notices_line WHERE item_id = ANY (ARRAY(SELECT item_id FROM scope))))
      AND a.at <= %(as_at)s AND a.recorded_at <= %(known_by)s
), heard AS (
    SELECT e.line_id, e.sent_at, s.id, s.at, s.answer, s.effective_at, s.refusal_code, s.territories, s.removal,
           s.decides, s.refuses
    FROM episode e JOIN said s ON s.item_id = e.item_id
    WHERE (s.at >= e.opened_at OR s.line_id = e.line_id) AND s.at < e.ends_at
), claim AS (
    SELECT line_id, bool_or(removal) AS removal, min(at) FILTER (WHERE removal) AS claimed_at,
           min(at) FILTER (WHERE decides) AS decided_at,
           min(at) FILTER (WHERE decides AND at >= sent_at) AS notice_decided_at,
           min(at) FILTER (WHERE at >= sent_at) AS answered_at,
           min(at) FILTER (WHERE refuses) AS refused_at,
           (array_agg(coalesce(nullif(refusal_code, ''), answer) ORDER BY at, id) FILTER (WHERE refuses))[1]
           AS refusal_code,
           bool_or(refusal_code IN ('wrong_channel', 'error_in_notice')) AS said_error,
           (array_agg(answer ORDER BY at DESC, id DESC) FILTER (WHERE decides))[1] AS last_answer,
           (array_agg(at ORDER BY at DESC, id DESC) FILTER (WHERE decides))[1] AS last_at,
           (array_agg(removal ORDER BY at DESC, id DESC) FILTER (WHERE decides))[1] AS last_removal,
           (array_agg(territories ORDER BY at DESC, id DESC) FILTER (WHERE decides))[1] AS territories
    FROM heard GROUP BY line_id
), reaction AS (  -- to the notice as a whole, by a person
    SELECT notice_id, min(at) AS at, min(at) FILTER (WHERE receipt) AS acknowledged_at
    FROM (
        SELECT a.notice_id, a.at, true AS receipt FROM notices_acknowledgement a
        WHERE NOT a.automatic AND a.at <= %(as_at)s AND a.recorded_at <= %(known_by)s
          AND a.notice_id IN (SELECT notice_id FROM correspondence)
        UNION ALL
        SELECT n.id, v.at, false
        FROM notices_notice n JOIN casework_event v ON v.notice = n.reference AND v.notice <> ''
        WHERE v.kind = 'notice.clarification_asked' AND v.at <= %(as_at)s AND v.recorded_at <= %(known_by)s
          AND n.id IN (SELECT notice_id FROM correspondence)
    ) x GROUP BY notice_id
), approval AS (  -- the last before the notice left, since the item's episode before
    SELECT e.line_id, max(v.at) AS at
    FROM episode e JOIN casework_event v ON v.item_id = e.item_id AND v.at <= e.sent_at
    WHERE v.kind = 'item.approved' AND v.at <= %(as_at)s AND v.recorded_at <= %(known_by)s
      AND v.at > coalesce(e.earlier_t0, '-infinity')
    GROUP BY e.line_id
), watch AS (
    SELECT e.line_id, s.id, s.at, s.verdict, s.vantage, s.gone, s.confirms, s.stated,
           count(*) FILTER (WHERE NOT s.gone) OVER (PARTITION BY e.line_id ORDER BY s.at, s.id) AS stretch
    FROM episode e JOIN sight s ON s.item_id = e.item_id AND s.at >= e.t0 AND s.at < e.ends_at
    WHERE e.opens
), stretch AS (  -- one live look (none in stretch 0) and the gone looks that follow it
    SELECT w.line_id, w.stretch, max(w.at) AS last_at,
           max(w.at) FILTER (WHERE NOT w.gone) AS seen_at,
           max(w.verdict) FILTER (WHERE NOT w.gone) AS seen,
           max(w.vantage) FILTER (WHERE NOT w.gone) AS seen_from,
           min(w.at) FILTER (WHERE w.gone) AS gone_first_at,
           max(w.at) FILTER (WHERE w.gone) AS gone_last_at,
           min(w.at) FILTER (WHERE w.confirms) AS confirmed_at,
           (array_agg(w.stated ORDER BY w.at DESC, w.id DESC) FILTER (WHERE w.stated IS NOT NULL AND w.gone))[1] AS stated
    FROM watch w GROUP BY w.line_id, w.stretch
), agreed AS (  -- U: the first of two looks far enough apart, or the look that confirms by itself
    SELECT s.*, e.t0, coalesce(s.seen_at, e.live_before) AS live_at,
           CASE WHEN s.gone_last_at > s.gone_first_at AND s.gone_last_at - s.gone_first_at >= i.confirm_after
                THEN s.gone_first_at ELSE s.confirmed_at END AS gone_at
    FROM stretch s
    JOIN episode e ON e.line_id = s.line_id
    JOIN scope i ON i.item_id = e.item_id
), sequence AS (
    SELECT *, lead(seen_at) OVER (PARTITION BY line_id ORDER BY stretch) AS next_seen_at FROM agreed
), removal AS (
    SELECT s.line_id, s.stretch, s.t0, s.gone_at, s.next_seen_at,
           coalesce(min(h.effective_at), s.gone_at) AS removed_at,
           coalesce(s.stated, CASE WHEN c.removal THEN 'platform' ELSE 'unattributed' END) AS cause, c.refused_at
    FROM sequence s
    LEFT JOIN claim c ON c.line_id = s.line_id
    LEFT JOIN heard h ON h.line_id = s.line_id AND h.removal AND h.effective_at BETWEEN s.live_at AND s.gone_at
    WHERE s.gone_at IS NOT NULL
    GROUP BY s.line_id, s.stretch, s.t0, s.gone_at, s.next_seen_at, s.stated, c.removal, c.refused_at
), removed AS (
    SELECT line_id, max(stretch) AS last_stretch,
           max(gone_at) FILTER (WHERE next_seen_at IS NULL) AS gone_at,
           max(removed_at) FILTER (WHERE next_seen_at IS NULL) AS removed_at,
           max(cause) FILTER (WHERE next_seen_at IS NULL) AS cause,
           (array_agg(removed_at ORDER BY stretch))[1] AS first_removed_at,
           (array_agg(gone_at ORDER BY stretch))[1] AS first_gone_at,
           (array_agg(cause ORDER BY stretch))[1] AS first_cause,
           min(stretch) FILTER (WHERE cause <> 'uploader') AS taken_stretch,
           (array_agg(removed_at ORDER BY stretch) FILTER (WHERE cause <> 'uploader'))[1] AS taken_down_at,
           min(removed_at) FILTER (WHERE cause <> 'uploader' AND removed_at > refused_at) AS overturned_at,
           {in_time}
    FROM removal GROUP BY line_id
), back AS (
    SELECT s.line_id, min(s.seen_at) AS at
    FROM sequence s JOIN removed r ON r.line_id = s.line_id AND s.stretch > r.taken_stretch
    WHERE s.seen = 'live' GROUP BY s.line_id
), copied AS (
    SELECT e.line_id, min(c.at) AS at
    FROM episode e
    JOIN removed r ON r.line_id = e.line_id
    JOIN casework_copy c ON c.of_id = e.item_id AND c.at >= r.taken_down_at AND c.at < e.ends_at
    WHERE c.at <= %(as_at)s AND c.recorded_at <= %(known_by)s
    GROUP BY e.line_id
), seen AS (
    SELECT line_id, max(last_at) AS observed_at, max(seen_at) AS seen_at,
           max(stretch) FILTER (WHERE seen = 'live') AS live_stretch,
           (array_agg(seen ORDER BY stretch DESC) FILTER (WHERE seen_at IS NOT NULL))[1] AS seen,
           (array_agg(seen = 'geo_blocked' AND seen_from = 'GB' ORDER BY stretch DESC)
                FILTER (WHERE seen_from IN ('GB', '')))[1] AS blocked_uk,
           min(seen_at) FILTER (WHERE seen = 'geo_blocked' AND seen_from = 'GB') AS restricted_at
    FROM sequence GROUP BY line_id
), set_aside AS (
    SELECT e.line_id,
           bool_or(a.kind = 'withdrawn' AND greatest(a.at, a.recorded_at) < coalesce(c.decided_at, 'infinity')) AS withdrawn,
           bool_or(a.kind = 'invalid' AND a.confirmed_by <> '') AS invalid
    FROM episode e
    JOIN casework_setaside a ON a.item_id = e.item_id AND a.at >= e.sent_at AND a.at < e.ends_at
    LEFT JOIN claim c ON c.line_id = e.line_id
    WHERE a.at <= %(as_at)s AND a.recorded_at <= %(known_by)s
    GROUP BY e.line_id
), holding AS (
    SELECT e.line_id, bool_or(h.until = 'infinity') AS now, min(h.since) AS since
    FROM episode e JOIN hold h ON h.item_id = e.item_id AND h.until > e.t0 AND h.since < e.ends_at
    GROUP BY e.line_id
), excluded AS (
    SELECT e.*, g.since AS held_at, coalesce(a.invalid, false) AS invalid,
           CASE WHEN a.withdrawn THEN 'X1'
                WHEN e.repeated THEN 'X2'
                WHEN a.invalid THEN 'X3'
                WHEN e.not_live THEN 'X4'
                WHEN e.failed THEN 'X5'
                WHEN g.now THEN 'X6' END AS exclusion
    FROM episode e
    LEFT JOIN set_aside a ON a.line_id = e.line_id
    LEFT JOIN holding g ON g.line_id = e.line_id
    WHERE e.t0 >= %(since)s AND e.t0 < %(until)s AND (%(channel)s::text IS NULL OR e.channel_kind = %(channel)s)
), concluded AS (
    SELECT e.line_id, e.item_id, e.notice_id, i.reference AS item, nullif(i.import_reference, '') AS ref,
           i.platform_id, i.category_id, i.kind, e.channel_kind AS channel,
           nullif(i.severity, '') AS severity, nullif(i.language, '') AS language,
           to_char(e.t0 AT TIME ZONE 'Europe/London', 'YYYY-MM') AS month, e.t0, e.t0_basis, e.exclusion,
           CASE WHEN e.exclusion IS NOT NULL THEN NULL
                WHEN r.gone_at IS NULL AND s.live_stretch > r.last_stretch THEN 'REINSTATED'
                WHEN r.gone_at IS NOT NULL THEN CASE r.cause WHEN 'platform' THEN 'DOWN_PLATFORM_VERIFIED'
                                                             WHEN 'uploader' THEN 'DOWN_UPLOADER'
                                                             ELSE 'DOWN_UNATTRIBUTED' END
                WHEN s.blocked_uk THEN 'RESTRICTED_UK'
                WHEN c.last_removal AND coalesce(s.seen_at < c.last_at, true) THEN 'REPORTED_DOWN_UNVERIFIED'
                WHEN c.last_removal AND s.seen IN ('live', 'restricted', 'geo_blocked') THEN 'CONTRADICTED'
                WHEN s.seen IN ('changed', 'restricted') OR c.last_answer IN
                     ('access_disabled', 'restricted_age', 'restricted_geo', 'restricted_reach', 'labelled',
                      'redirected_to_support') THEN 'LIMITED'
                WHEN c.decided_at IS NOT NULL THEN 'REFUSED'
                WHEN s.seen_at IS NOT NULL THEN 'PENDING'
                ELSE 'UNKNOWN' END AS outcome,
           coalesce(s.seen_at, e.live_before) AS last_live_at,
           r.gone_at AS first_gone_at, r.removed_at,
           c.decided_at IS NOT NULL AS decided, c.decided_at, c.claimed_at, c.last_answer, c.last_removal,
           r.first_removed_at, r.first_gone_at AS first_removal_seen_at, r.first_cause,
           r.taken_down_at, b.at AS reinstated_at, o.at AS copied_at,
           c.refused_at, c.refusal_code, r.overturned_at,
           NOT e.failed AS delivered, e.sent_at, CASE WHEN e.earlier_t0 IS NULL THEN i.found_at END AS found_at,
           p.at AS approved_at, n.acknowledged_at, least(n.at, c.answered_at) AS feedback_at, c.notice_decided_at,
           e.invalid, coalesce(c.said_error, false) AS said_error,
           s.seen, c.territories AS said_territories,
           s.observed_at, s.restricted_at, e.held_at,
           {within}
    FROM excluded e
    JOIN scope i ON i.item_id = e.item_id
    LEFT JOIN claim c ON c.line_id = e.line_id
    LEFT JOIN removed r ON r.line_id = e.line_id
    LEFT JOIN seen s ON s.line_id = e.line_id
    LEFT JOIN back b ON b.line_id = e.line_id
    LEFT JOIN copied o ON o.line_id = e.line_id
    LEFT JOIN approval p ON p.line_id = e.line_id
    LEFT JOIN reaction n ON n.notice_id = e.notice_id
), computed AS (
    SELECT *, CASE WHEN outcome IN ('RESTRICTED_UK', 'LIMITED') THEN said_territories END AS territories,
           CASE WHEN outcome = 'RESTRICTED_UK' AND coalesce(last_answer NOT IN ('access_disabled', 'restricted_geo'), true)
                THEN 'geo_blocked'
                WHEN outcome = 'LIMITED' AND coalesce(last_removal OR last_answer NOT IN
                     ('access_disabled', 'restricted_age', 'restricted_geo', 'restricted_reach', 'labelled',
                      'redirected_to_support'), true) THEN seen
                WHEN outcome IN ('RESTRICTED_UK', 'LIMITED') THEN last_answer END AS measure
    FROM concluded
)
