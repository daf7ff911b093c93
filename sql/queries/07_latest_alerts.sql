-- What were the latest alerts, and what became of them?
--
-- One row per alert, the latest day first, within a day the most severe first. Compare observed
-- with expected, which is null for a new theme. days_open counts, for an alert that nobody has
-- handled, from its day to the day given. A merged theme is shown as the theme it was merged into.
--
-- Parameters: day, a date, up to which to look; most, how many alerts to show.

SELECT day, kind, topic_id, theme, observed, round(CAST(expected AS numeric), 1) AS expected,
       severity, status, handled_by, handled_at,
       CASE WHEN status = 'open' THEN CAST(:day AS date) - day END AS days_open
FROM triage.theme_alerts
WHERE day <= CAST(:day AS date)
ORDER BY day DESC, array_position(ARRAY['high', 'medium', 'low'], severity), observed DESC,
         alert_id
LIMIT CAST(:most AS integer);
