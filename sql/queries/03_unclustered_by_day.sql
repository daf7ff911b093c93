-- Which share of the messages fits no theme, day by day?
--
-- One row per day. n_messages are those in a language that the encoder understands; n_unclustered of
-- them had no theme at the end of the day, n_unclustered_now have none today: some got theirs
-- later, when enough similar messages had come. A share that jumps means that people write about
-- something that is not a theme yet; one that rises slowly, that the themes are out of date.
-- A day without figures was not discovered.
--
-- Parameters: first and last, dates, both included.

SELECT h.day, h.n_messages, h.n_unclustered,
       round(h.n_unclustered::numeric / nullif(h.n_messages, 0), 4) AS share_unclustered,
       m.n_now AS n_unclustered_now,
       round(m.n_now::numeric / nullif(h.n_messages, 0), 4) AS share_unclustered_now,
       h.n_unsupported
FROM triage.run_health h
LEFT JOIN (
    SELECT t.arrived_on AS day,
           greatest(count(*) FILTER (WHERE t.topic_id IS NULL)
                    - max(r.n_unsupported + coalesce(r.n_wordless, 0) + coalesce(r.n_joined, 0)),
                    0) AS n_now
    FROM triage.message_triage t JOIN triage.run_health r ON r.day = t.arrived_on
    WHERE t.arrived_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
    GROUP BY t.arrived_on
) m USING (day)
WHERE h.day BETWEEN CAST(:first AS date) AND CAST(:last AS date)
ORDER BY h.day;
