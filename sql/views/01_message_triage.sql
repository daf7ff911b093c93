-- What is known of each message now.

CREATE OR REPLACE VIEW triage.current_topics AS
SELECT DISTINCT ON (message_id) message_id, arrived_on, topic_id, strength, decided_on
FROM triage.topic_assignments
ORDER BY message_id, decided_on DESC, stage DESC;
COMMENT ON VIEW triage.current_topics IS 'The latest decision about the topic of each message.';

CREATE OR REPLACE VIEW triage.message_triage AS
SELECT m.message_id, m.source, m.external_id, m.created_at, m.day, m.arrived_on,
       m.day < m.arrived_on AS is_late, m.channel, m.language, m.text, m.entities,
       coalesce(ct.topic_id, h.topic_id) AS topic_id, h.label AS theme, a.strength,
       coalesce(ci.intent, p.intent) AS intent, ci.intent IS NOT NULL AS intent_corrected,
       p.probability AS intent_probability, p.abstained AS intent_abstained,
       p.reason AS abstain_reason, p.runners_up, p.model_version
FROM triage.messages m
LEFT JOIN triage.current_topics a USING (message_id)
LEFT JOIN LATERAL (SELECT c.topic_id FROM triage.corrections c
                   WHERE c.message_id = m.message_id AND c.topic_id IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
LEFT JOIN LATERAL (SELECT c.intent FROM triage.corrections c
                   WHERE c.message_id = m.message_id AND c.intent IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ci ON true
LEFT JOIN triage.topics t ON t.topic_id = coalesce(ct.topic_id, a.topic_id)
LEFT JOIN triage.topics h ON h.topic_id = coalesce(t.heir_id, t.topic_id)
LEFT JOIN (SELECT DISTINCT ON (ip.message_id) ip.*
           FROM triage.intent_predictions ip JOIN triage.model_versions v
             ON v.version = ip.model_version
           ORDER BY ip.message_id, v.role = 'champion' DESC, v.trained_at DESC) p USING (message_id);
COMMENT ON VIEW triage.message_triage IS 'One row a message with its theme, intent, confidence and model version; a person''s correction comes first.';
