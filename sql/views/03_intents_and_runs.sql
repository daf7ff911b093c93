-- Intents over time, what waits for a person, and how the runs went.

CREATE OR REPLACE VIEW triage.intent_trend AS
SELECT arrived_on AS day, coalesce(intent, 'unsupported_language') AS intent,
       count(*) AS n_messages, count(*) FILTER (WHERE intent_abstained) AS n_abstained,
       avg(intent_probability) AS mean_probability
FROM triage.message_triage
WHERE model_version IS NOT NULL
GROUP BY 1, 2;
COMMENT ON VIEW triage.intent_trend IS 'Messages an intent and day, and how many the model would rather not decide.';

CREATE OR REPLACE VIEW triage.review_queue AS
SELECT message_id, created_at, text, theme, intent, intent_probability, abstain_reason, runners_up
FROM triage.message_triage
WHERE intent_abstained AND NOT intent_corrected AND abstain_reason <> 'unsupported_language';
COMMENT ON VIEW triage.review_queue IS 'Messages whose intent a person should decide, the least certain are the most useful.';

CREATE OR REPLACE VIEW triage.run_health AS
WITH numbers AS (
    SELECT day,
           sum((counts->>'n_pulled')::int)      AS n_pulled,
           sum((counts->>'n_stored')::int)      AS n_stored,
           sum((counts->>'n_quarantined')::int) AS n_quarantined,
           max((counts->>'n_messages')::int)  FILTER (WHERE job = 'discover') AS n_messages,
           max((counts->>'n_clustered')::int) FILTER (WHERE job = 'discover') AS n_clustered,
           max((counts->>'n_unsupported')::int) FILTER (WHERE job = 'discover') AS n_unsupported,
           sum((seconds->>'total')::numeric) AS seconds,
           bool_or(stale) AS stale, max(finished_at) AS finished_at
    FROM triage.runs GROUP BY day)
SELECT *, n_messages - n_clustered AS n_unclustered,
       round(n_clustered::numeric / nullif(n_messages, 0), 4) AS coverage
FROM numbers;
COMMENT ON VIEW triage.run_health IS 'One row a day: rows in and out, coverage, seconds, and whether an earlier day was run again since.';
