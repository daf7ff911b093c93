-- What is new today?
--
-- One row per theme that was born on the day, the one with most messages of that day first.
-- n_today counts the day alone, n_so_far also the older messages that belong to the theme: where
-- n_so_far is much larger, rare messages have accumulated and nothing happened suddenly.
-- severity is that of the alert; null means that there was none. Muted themes are left out.
-- In the first days of a collection every theme is new.
--
-- Parameters: day, a date.

WITH born AS (
    SELECT topic_id, label, n_messages
    FROM triage.theme_trend
    WHERE day = CAST(:day AS date) AND born_on = CAST(:day AS date) AND NOT muted
), members AS (
    SELECT x.topic_id, x.text, count(*) OVER w AS n_so_far, min(m.day) OVER w AS first_day,
           row_number() OVER (w ORDER BY x.strength DESC NULLS LAST, message_id) AS rank
    FROM triage.message_topics x JOIN triage.message_triage m USING (message_id)
    WHERE x.arrived_on <= CAST(:day AS date) AND x.arrived_on > CAST(:day AS date) - 90
      AND x.topic_id IN (SELECT topic_id FROM born)
    WINDOW w AS (PARTITION BY x.topic_id)
)
SELECT b.topic_id, b.label AS theme, b.n_messages AS n_today, m.n_so_far, m.first_day,
       a.severity, m.text AS example
FROM born b
LEFT JOIN members m ON m.topic_id = b.topic_id AND m.rank = 1
LEFT JOIN triage.theme_alerts a ON a.topic_id = b.topic_id AND a.kind = 'new_topic'
      AND a.day = CAST(:day AS date)
ORDER BY n_today DESC, b.topic_id;
