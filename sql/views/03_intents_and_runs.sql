-- Intents over time, what waits for a person, and how the runs went.

CREATE OR REPLACE VIEW triage.intent_trend AS
SELECT arrived_on AS day, coalesce(intent, 'unsupported_language') AS intent,
       count(*) AS n_messages, count(*) FILTER (WHERE intent_abstained) AS n_abstained,
       avg(intent_probability) AS mean_probability
FROM triage.message_triage
WHERE model_version IS NOT NULL
GROUP BY 1, 2;
COMMENT ON VIEW triage.intent_trend IS 'Messages an intent and day, and how many the model would rather not decide.';
COMMENT ON COLUMN triage.intent_trend.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.intent_trend.intent IS 'The intent, corrections first; unsupported_language where the model understands none.';
COMMENT ON COLUMN triage.intent_trend.n_messages IS 'Messages with this intent, those where the model abstained included.';
COMMENT ON COLUMN triage.intent_trend.n_abstained IS 'Of those, where the model abstained.';
COMMENT ON COLUMN triage.intent_trend.mean_probability IS 'Mean calibrated probability of the model''s best guess.';

CREATE OR REPLACE VIEW triage.review_queue AS
SELECT message_id, created_at, text, theme, intent, intent_probability, abstain_reason, runners_up
FROM triage.message_triage
WHERE intent_abstained AND NOT intent_corrected AND abstain_reason <> 'unsupported_language';
COMMENT ON VIEW triage.review_queue IS 'Messages whose intent a person should decide, the least certain are the most useful.';
COMMENT ON COLUMN triage.review_queue.message_id IS 'The message.';
COMMENT ON COLUMN triage.review_queue.created_at IS 'When the customer wrote it.';
COMMENT ON COLUMN triage.review_queue.text IS 'What the customer wrote, redacted.';
COMMENT ON COLUMN triage.review_queue.theme IS 'Label of its theme; null = unclustered.';
COMMENT ON COLUMN triage.review_queue.intent IS 'The model''s best guess.';
COMMENT ON COLUMN triage.review_queue.intent_probability IS 'Calibrated probability of the guess.';
COMMENT ON COLUMN triage.review_queue.abstain_reason IS 'Why the model abstained.';
COMMENT ON COLUMN triage.review_queue.runners_up IS 'The next best intents: [[intent, probability], …].';

CREATE OR REPLACE VIEW triage.run_health AS
WITH numbers AS (
    SELECT day,
           sum((counts->>'n_pulled')::int)      AS n_pulled,
           sum((counts->>'n_stored')::int)      AS n_stored,
           sum((counts->>'n_known')::int)       AS n_known,
           sum((counts->>'n_quarantined')::int) AS n_quarantined,
           max((counts->>'n_messages')::int)  FILTER (WHERE job = 'discover') AS n_messages,
           max((counts->>'n_clustered')::int) FILTER (WHERE job = 'discover') AS n_clustered,
           max((counts->>'n_unsupported')::int) FILTER (WHERE job = 'discover') AS n_unsupported,
           sum((seconds->>'total')::numeric) AS seconds,
           -- Only these two stand on the days before; ingestion need not be repeated with them.
           coalesce(bool_or(stale) FILTER (WHERE job IN ('assign', 'discover')), false) AS stale,
           max(finished_at) AS finished_at
    FROM triage.runs GROUP BY day)
SELECT *, n_messages - n_clustered AS n_unclustered,
       round(n_clustered::numeric / nullif(n_messages, 0), 4) AS coverage,
       (SELECT count(*) FROM triage.messages m WHERE m.arrived_on = numbers.day) AS n_arrived
FROM numbers;
COMMENT ON VIEW triage.run_health IS 'One row a day: rows in and out, coverage, seconds, and whether an earlier day was run again since.';
COMMENT ON COLUMN triage.run_health.day IS 'The day; a day on which no job finished has no row.';
COMMENT ON COLUMN triage.run_health.n_pulled IS 'Rows that the latest pull of each source brought: stored, known and quarantined together.';
COMMENT ON COLUMN triage.run_health.n_stored IS 'Of those, new messages.';
COMMENT ON COLUMN triage.run_health.n_known IS 'Of those, messages that were stored already.';
COMMENT ON COLUMN triage.run_health.n_quarantined IS 'Of those, rows that broke the contract.';
COMMENT ON COLUMN triage.run_health.n_messages IS 'Messages that discovery saw; null while it has not run.';
COMMENT ON COLUMN triage.run_health.n_clustered IS 'Of those, with a theme at the end of the day.';
COMMENT ON COLUMN triage.run_health.n_unsupported IS 'Messages in languages that the encoder does not understand; not among n_messages.';
COMMENT ON COLUMN triage.run_health.seconds IS 'Seconds of all its jobs together.';
COMMENT ON COLUMN triage.run_health.stale IS 'An earlier day was run again since: this day should follow.';
COMMENT ON COLUMN triage.run_health.finished_at IS 'When its last job finished.';
COMMENT ON COLUMN triage.run_health.n_unclustered IS 'Messages that fitted no theme at the end of the day.';
COMMENT ON COLUMN triage.run_health.coverage IS 'Share of n_messages with a theme, 0..1.';
COMMENT ON COLUMN triage.run_health.n_arrived IS 'Messages stored for the day; a finished day has n_messages + n_unsupported = n_arrived.';
