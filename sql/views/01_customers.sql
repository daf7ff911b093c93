-- Who wrote. The keys of customers are pseudonyms: analysts read their number in themes and
-- theme_trend, not these two views.

-- What sql/stores/mix.py and the trigger on corrections count by.
CREATE OR REPLACE VIEW triage.day_topics AS
SELECT m.message_id, m.arrived_on AS day, coalesce(m.customer_hash, m.message_id::text) AS customer,
       coalesce(ct.topic_id, a.topic_id) AS topic_id
FROM triage.messages m
LEFT JOIN triage.passages p ON p.message_id = m.message_id
LEFT JOIN LATERAL (SELECT d.topic_id FROM triage.memberships d
                   WHERE d.passage_id = p.passage_id AND d.decided_on <= m.arrived_on
                   ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) a ON true
LEFT JOIN LATERAL (SELECT c.topic_id FROM triage.corrections c
                   WHERE c.message_id = m.message_id AND c.topic_id IS NOT NULL
                   ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
WHERE coalesce(ct.topic_id, a.topic_id) IS NOT NULL;
COMMENT ON VIEW triage.day_topics IS 'One row a passage with a topic, as known at the end of the day that counts it, corrections included, merges not followed.';
COMMENT ON COLUMN triage.day_topics.message_id IS 'The message.';
COMMENT ON COLUMN triage.day_topics.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.day_topics.customer IS 'See topic_customers.customer.';
COMMENT ON COLUMN triage.day_topics.topic_id IS 'The topic.';

CREATE OR REPLACE VIEW triage.theme_customers AS
SELECT c.day, h.heir_id AS topic_id, c.customer
FROM triage.topic_customers c JOIN triage.heirs h USING (topic_id);
COMMENT ON VIEW triage.theme_customers IS 'Who wrote messages of a theme on a day, as known at its end, corrections included, merges followed: to be counted distinct, over days and merged topics, never added up.';
COMMENT ON COLUMN triage.theme_customers.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.theme_customers.topic_id IS 'The theme.';
COMMENT ON COLUMN triage.theme_customers.customer IS 'See topic_customers.customer.';
