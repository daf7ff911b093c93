-- The current themes and intent of each message.

CREATE OR REPLACE VIEW triage.current_topics AS
SELECT DISTINCT ON (passage_id) passage_id, message_id, arrived_on, topic_id, strength, decided_on, stage
FROM triage.memberships
ORDER BY passage_id, decided_on DESC, stage DESC;
COMMENT ON VIEW triage.current_topics IS 'The latest decision of a run about the topic of each passage.';
COMMENT ON COLUMN triage.current_topics.passage_id IS 'The passage.';
COMMENT ON COLUMN triage.current_topics.message_id IS 'Its message.';
COMMENT ON COLUMN triage.current_topics.arrived_on IS 'The day whose run pulled the message.';
COMMENT ON COLUMN triage.current_topics.topic_id IS 'The topic as it was decided, merges not followed; null = unclustered.';
COMMENT ON COLUMN triage.current_topics.strength IS '0..1, how well it fits; 0 where unclustered.';
COMMENT ON COLUMN triage.current_topics.decided_on IS 'The day whose run decided it.';
COMMENT ON COLUMN triage.current_topics.stage IS 'assign: against the topics of the eve; discover: by the clustering of the day.';

-- A condition on a message or a day limits the messages first; the rest is looked up by index.
CREATE OR REPLACE VIEW triage.message_topics AS
SELECT DISTINCT ON (m.message_id, m.arrived_on, x.heir_id)
       m.message_id, m.arrived_on, x.heir_id AS topic_id, t.label AS theme, p.n,
       CASE WHEN ct.topic_id IS NULL THEN a.strength END AS strength, coalesce(p.text, '') AS text
FROM triage.messages m
LEFT JOIN triage.passages p ON p.message_id = m.message_id
LEFT JOIN LATERAL (SELECT d.topic_id, d.strength FROM triage.memberships d
                   WHERE d.passage_id = p.passage_id
                   ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT c.topic_id FROM triage.corrections c
                   WHERE c.message_id = m.message_id AND c.topic_id IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
JOIN triage.heirs x ON x.topic_id = coalesce(ct.topic_id, a.topic_id)
JOIN triage.topics t ON t.topic_id = x.heir_id
ORDER BY m.message_id, m.arrived_on, x.heir_id, p.n;
COMMENT ON VIEW triage.message_topics IS 'One row per message and theme: a message has the themes of its passages, or the one that a person gave it; merges followed. A message without a theme has no row.';
COMMENT ON COLUMN triage.message_topics.message_id IS 'The message.';
COMMENT ON COLUMN triage.message_topics.arrived_on IS 'The day whose run pulled it and counts it.';
COMMENT ON COLUMN triage.message_topics.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.message_topics.theme IS 'Its label now.';
COMMENT ON COLUMN triage.message_topics.n IS 'Number of its passage that says most about the theme; 1 = the first passage of the message.';
COMMENT ON COLUMN triage.message_topics.strength IS '0..1, how well that passage fits; null where a person decided.';
COMMENT ON COLUMN triage.message_topics.text IS 'That passage.';

-- Each lookup goes through an index by message, so that asking for a few messages costs little.
CREATE OR REPLACE VIEW triage.message_triage AS
SELECT m.message_id, m.source, m.external_id, m.created_at, m.day, m.arrived_on,
       m.day < m.arrived_on AS is_late, m.channel, m.language, m.text, m.entities,
       h.topic_id, h.label AS theme, CASE WHEN ct.topic_id IS NULL THEN a.strength END AS strength,
       CASE WHEN ct.topic_id IS NULL THEN a.stage ELSE 'correction' END AS stage,
       coalesce(ct.corrected_by, CASE WHEN a.stage IS NOT NULL THEN 'run' END) AS decided_by,
       coalesce((ct.corrected_at AT TIME ZONE 'UTC')::date, a.decided_on) AS decided_on,
       coalesce(ci.intent, p.intent) AS intent, ci.intent IS NOT NULL AS intent_corrected,
       p.probability AS intent_probability, p.abstained AS intent_abstained,
       p.reason AS abstain_reason, p.runners_up, p.model_version
FROM triage.messages m
LEFT JOIN LATERAL (SELECT l.topic_id, l.strength, l.stage, l.decided_on FROM triage.passages s
                   CROSS JOIN LATERAL (SELECT d.* FROM triage.memberships d
                                       WHERE d.passage_id = s.passage_id
                                       ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) l
                   WHERE s.message_id = m.message_id
                   ORDER BY l.topic_id IS NULL, s.n LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT c.topic_id, c.corrected_by, c.corrected_at FROM triage.corrections c
                   WHERE c.message_id = m.message_id AND c.topic_id IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
LEFT JOIN LATERAL (SELECT c.intent FROM triage.corrections c
                   WHERE c.message_id = m.message_id AND c.intent IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ci ON true
LEFT JOIN triage.heirs x ON x.topic_id = coalesce(ct.topic_id, a.topic_id)
LEFT JOIN triage.topics h ON h.topic_id = x.heir_id
LEFT JOIN LATERAL (SELECT ip.*
                   FROM triage.intent_predictions ip JOIN triage.model_versions v
                     ON v.version = ip.model_version
                   WHERE ip.passage_id = m.message_id
                   ORDER BY v.role = 'champion' DESC, v.trained_at DESC LIMIT 1) p ON true;
COMMENT ON VIEW triage.message_triage IS 'One row per message with its theme (the first of its passages that has one), intent, confidence and model version; a person''s correction comes first.';
COMMENT ON COLUMN triage.message_triage.message_id IS 'The message.';
COMMENT ON COLUMN triage.message_triage.source IS 'Name of the source in the settings.';
COMMENT ON COLUMN triage.message_triage.external_id IS 'Id of the message in its source.';
COMMENT ON COLUMN triage.message_triage.created_at IS 'When the customer wrote it.';
COMMENT ON COLUMN triage.message_triage.day IS 'Date of created_at in the time zone of the settings.';
COMMENT ON COLUMN triage.message_triage.arrived_on IS 'The day whose run pulled it and counts it.';
COMMENT ON COLUMN triage.message_triage.is_late IS 'True where it arrived on a later day than it was written.';
COMMENT ON COLUMN triage.message_triage.channel IS 'chat, email, …, as the source names it.';
COMMENT ON COLUMN triage.message_triage.language IS 'ISO 639-1 code; und where it cannot be detected.';
COMMENT ON COLUMN triage.message_triage.text IS 'The customer''s own words, personal data replaced by placeholders such as <CARD>.';
COMMENT ON COLUMN triage.message_triage.entities IS 'Kinds of personal data that were replaced.';
COMMENT ON COLUMN triage.message_triage.topic_id IS 'Its theme, merges followed; null = unclustered.';
COMMENT ON COLUMN triage.message_triage.theme IS 'Label of its theme now.';
COMMENT ON COLUMN triage.message_triage.strength IS '0..1, how well it fits its theme; 0 where unclustered, null where a person decided.';
COMMENT ON COLUMN triage.message_triage.stage IS 'What decided its theme: assign (against the themes of the eve), discover (the clustering of a day) or correction (a person); null before triage.';
COMMENT ON COLUMN triage.message_triage.decided_by IS 'run, or the user name of the person who corrected its theme; null before triage.';
COMMENT ON COLUMN triage.message_triage.decided_on IS 'The day whose run decided its theme, or the UTC date of the correction.';
COMMENT ON COLUMN triage.message_triage.intent IS 'Its intent; the best guess also where the model abstained, null for an unsupported language.';
COMMENT ON COLUMN triage.message_triage.intent_corrected IS 'True where a person decided the intent.';
COMMENT ON COLUMN triage.message_triage.intent_probability IS 'Calibrated probability of the model''s best guess.';
COMMENT ON COLUMN triage.message_triage.intent_abstained IS 'True: the model did not decide, and its guess should not be acted on.';
COMMENT ON COLUMN triage.message_triage.abstain_reason IS 'Why it abstained: low_probability, ambiguous, out_of_scope, unsupported_language, cold_start.';
COMMENT ON COLUMN triage.message_triage.runners_up IS 'The next best intents: [[intent, probability], …].';
COMMENT ON COLUMN triage.message_triage.model_version IS 'The model that predicted the intent; null without a prediction.';
