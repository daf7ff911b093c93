-- Intents over time, what waits for a person, and how the runs went.

CREATE OR REPLACE VIEW triage.intent_trend AS
SELECT arrived_on AS day, coalesce(intent, 'unsupported_language') AS intent,
       count(*) AS n_messages,
       count(*) FILTER (WHERE intent_abstained AND NOT intent_corrected) AS n_abstained,
       avg(intent_probability) AS mean_probability
FROM triage.message_triage
WHERE model_version IS NOT NULL
GROUP BY 1, 2;
COMMENT ON VIEW triage.intent_trend IS 'Messages per intent and day, and for how many the model abstained.';
COMMENT ON COLUMN triage.intent_trend.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.intent_trend.intent IS 'The intent, corrections first; unsupported_language where the model does not understand the language.';
COMMENT ON COLUMN triage.intent_trend.n_messages IS 'Messages with this intent, those where the model abstained included.';
COMMENT ON COLUMN triage.intent_trend.n_abstained IS 'Of those, where the model abstained and no person decided.';
COMMENT ON COLUMN triage.intent_trend.mean_probability IS 'Mean calibrated probability of the model''s best guess.';

CREATE OR REPLACE VIEW triage.review_queue AS
SELECT message_id, created_at, text, theme, intent, intent_probability, abstain_reason, runners_up
FROM triage.message_triage
WHERE intent_abstained AND NOT intent_corrected AND abstain_reason <> 'unsupported_language';
COMMENT ON VIEW triage.review_queue IS 'Messages whose intent a person should decide; correcting the least certain helps most.';
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
           max((counts->>'n_wordless')::int) FILTER (WHERE job = 'cut') AS n_wordless,
           max((counts->>'n_joined')::int) FILTER (WHERE job = 'cut') AS n_joined,
           sum((seconds->>'total')::numeric) AS seconds,
           -- Only these two depend on the days before; ingestion need not be repeated with them.
           coalesce(bool_or(stale) FILTER (WHERE job IN ('assign', 'discover')), false) AS stale,
           max(finished_at) AS finished_at
    FROM triage.runs GROUP BY day)
SELECT numbers.*, numbers.n_messages - n_clustered AS n_unclustered,
       round(n_clustered::numeric / nullif(numbers.n_messages, 0), 4) AS coverage,
       (SELECT count(*) FROM triage.messages m WHERE m.arrived_on = numbers.day) AS n_arrived,
       d.messages AS drift_messages, d.confidence AS drift_confidence, d.intents AS drift_intents,
       nullif(d.alert, '') AS drift_alert
FROM numbers LEFT JOIN triage.drift d USING (day);
COMMENT ON VIEW triage.run_health IS 'One row per day: rows in and out, coverage, seconds, and whether an earlier day was run again since.';
COMMENT ON COLUMN triage.run_health.day IS 'The day; a day on which no job finished has no row.';
COMMENT ON COLUMN triage.run_health.n_pulled IS 'Rows that the latest pull of each source brought: stored, known and quarantined together.';
COMMENT ON COLUMN triage.run_health.n_stored IS 'Of those, new messages.';
COMMENT ON COLUMN triage.run_health.n_known IS 'Of those, messages that were stored already.';
COMMENT ON COLUMN triage.run_health.n_quarantined IS 'Of those, rows that broke the contract.';
COMMENT ON COLUMN triage.run_health.n_messages IS 'Messages that discovery saw; null while it has not run.';
COMMENT ON COLUMN triage.run_health.n_clustered IS 'Of those, with a theme at the end of the day.';
COMMENT ON COLUMN triage.run_health.n_unsupported IS 'Messages in languages that the encoder does not understand; not among n_messages.';
COMMENT ON COLUMN triage.run_health.n_wordless IS 'Messages without own words of a customer, as an agent''s turn or a mail that no person wrote; not among n_messages.';
COMMENT ON COLUMN triage.run_health.n_joined IS 'Later turns of a conversation, counted with its first turn of the day; not among n_messages.';
COMMENT ON COLUMN triage.run_health.seconds IS 'Seconds of all its jobs together.';
COMMENT ON COLUMN triage.run_health.stale IS 'An earlier day was run again since: this day should follow.';
COMMENT ON COLUMN triage.run_health.finished_at IS 'When its last job finished.';
COMMENT ON COLUMN triage.run_health.n_unclustered IS 'Messages that fitted no theme at the end of the day.';
COMMENT ON COLUMN triage.run_health.coverage IS 'Share of n_messages with a theme, 0..1.';
COMMENT ON COLUMN triage.run_health.n_arrived IS 'Messages stored for the day; a finished day has n_messages + n_unsupported + n_wordless + n_joined = n_arrived.';
COMMENT ON COLUMN triage.run_health.drift_messages IS 'How far the messages of the week moved (population stability index); null where it was not measured on this day.';
COMMENT ON COLUMN triage.run_health.drift_confidence IS 'Likewise of the probabilities.';
COMMENT ON COLUMN triage.run_health.drift_intents IS 'Likewise of the shares of intents.';
COMMENT ON COLUMN triage.run_health.drift_alert IS 'One sentence about the figures above the limit; null while there are none.';

CREATE OR REPLACE VIEW triage.models AS
SELECT v.version, v.role, v.kind, v.encoder, v.trained_at, v.approved_by, v.approved_at,
       (v.metrics->>'accuracy')::real AS accuracy, (v.metrics->>'macro_f1')::real AS macro_f1,
       (v.metrics->>'ece')::real AS ece, (v.metrics->>'oos_auroc')::real AS oos_auroc,
       (v.metrics->>'answered')::real AS answered, (v.metrics->>'n_examples')::real AS n_examples,
       v.gate->>'verdict' AS gate, v.data_sha256, v.registry_ref, v.card
FROM triage.model_versions v;
COMMENT ON VIEW triage.models IS 'One row per intent model: its figures, who approved it, its card.';
COMMENT ON COLUMN triage.models.version IS 'Its name.';
COMMENT ON COLUMN triage.models.role IS 'champion: in service; challenger: waits for approval; retired.';
COMMENT ON COLUMN triage.models.kind IS 'The candidate that won.';
COMMENT ON COLUMN triage.models.encoder IS 'The encoder whose embeddings it reads.';
COMMENT ON COLUMN triage.models.trained_at IS 'When it was stored.';
COMMENT ON COLUMN triage.models.approved_by IS 'Who put it into service.';
COMMENT ON COLUMN triage.models.approved_at IS 'When.';
COMMENT ON COLUMN triage.models.accuracy IS 'Share right on held-out examples.';
COMMENT ON COLUMN triage.models.macro_f1 IS 'Mean F1 of the intents.';
COMMENT ON COLUMN triage.models.ece IS 'Expected calibration error, 15 bins.';
COMMENT ON COLUMN triage.models.oos_auroc IS 'How well its probability separates examples of its intents from those of intents it did not learn (area under the ROC curve).';
COMMENT ON COLUMN triage.models.answered IS 'Share of held-out examples on which it does not abstain.';
COMMENT ON COLUMN triage.models.n_examples IS 'Examples it learnt from.';
COMMENT ON COLUMN triage.models.gate IS 'Verdict of the gate: pass, or the reason why not.';
COMMENT ON COLUMN triage.models.data_sha256 IS 'Hash of the labelled data it learnt from.';
COMMENT ON COLUMN triage.models.registry_ref IS 'Its name in the model registry, where there is one.';
COMMENT ON COLUMN triage.models.card IS 'The model card, in Markdown.';
