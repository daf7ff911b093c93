-- What grew, week on week?
--
-- One row per theme that has more messages in the seven days up to the day than in the seven days
-- before, the largest increase first. Messages are counted in the theme that they belong to now,
-- so a theme that was born this week shows its earlier messages, too. times is null where there
-- were none. Compare share_week with share_week_before: where the inbox as a whole grew, a theme
-- grows with it and its share stays the same. A message of two themes counts in both.
--
-- Parameters: day, a date; at_least, the fewest messages of the week that are worth a row.

WITH arrivals AS (
    SELECT m.message_id, x.topic_id, x.theme, m.arrived_on > CAST(:day AS date) - 7 AS this_week
    FROM triage.message_triage m LEFT JOIN triage.message_topics x USING (message_id)
    WHERE m.arrived_on > CAST(:day AS date) - 14 AND m.arrived_on <= CAST(:day AS date)
), volume AS (
    SELECT count(DISTINCT message_id) FILTER (WHERE this_week) AS n_week,
           count(DISTINCT message_id) FILTER (WHERE NOT this_week) AS n_week_before
    FROM arrivals
), by_theme AS (
    SELECT topic_id, theme, count(*) FILTER (WHERE this_week) AS n_week,
           count(*) FILTER (WHERE NOT this_week) AS n_week_before
    FROM arrivals
    WHERE topic_id IS NOT NULL
    GROUP BY topic_id, theme
)
SELECT t.topic_id, t.theme, t.n_week, t.n_week_before, t.n_week - t.n_week_before AS n_more,
       round(t.n_week::numeric / nullif(t.n_week_before, 0), 2) AS times,
       round(t.n_week::numeric / nullif(v.n_week, 0), 4) AS share_week,
       round(t.n_week_before::numeric / nullif(v.n_week_before, 0), 4) AS share_week_before
FROM by_theme t CROSS JOIN volume v
WHERE t.n_week >= CAST(:at_least AS integer) AND t.n_week > t.n_week_before
ORDER BY n_more DESC, t.topic_id;
