-- The board, and its trend.

CREATE OR REPLACE VIEW triage.themes AS
WITH latest AS (SELECT max(day) AS day FROM triage.topic_days)
SELECT t.topic_id, t.label, t.label_source, t.keywords, t.status, t.muted, t.born_on,
       d.day, d.n_messages AS n_today, d.expected, d.upper, d.p_value, d.status AS state,
       coalesce(w.n, 0) AS n_week, coalesce(w.n_before, 0) AS n_week_before,
       round(d.n_messages::numeric / nullif(sum(d.n_messages) OVER (), 0), 4) AS share_today
FROM latest
JOIN triage.topic_days d USING (day)
JOIN triage.topics t USING (topic_id)
LEFT JOIN LATERAL (
    SELECT sum(n_messages) FILTER (WHERE x.day > latest.day - 7) AS n,
           sum(n_messages) FILTER (WHERE x.day <= latest.day - 7) AS n_before
    FROM triage.topic_days x
    WHERE x.topic_id = t.topic_id AND x.day > latest.day - 14 AND x.day <= latest.day) w ON true
WHERE t.heir_id IS NULL;
COMMENT ON VIEW triage.themes IS 'The living topics on the last day: today against expected, week on week, share.';

CREATE OR REPLACE VIEW triage.theme_trend AS
SELECT d.day, coalesce(h.topic_id, t.topic_id) AS topic_id, coalesce(h.label, t.label) AS label,
       sum(d.n_messages) AS n_messages, sum(d.expected) AS expected
FROM triage.topic_days d
JOIN triage.topics t USING (topic_id)
LEFT JOIN triage.topics h ON h.topic_id = t.heir_id
GROUP BY 1, 2, 3;
COMMENT ON VIEW triage.theme_trend IS 'Messages a theme and day, merges followed.';
