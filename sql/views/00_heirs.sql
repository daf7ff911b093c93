-- The theme that counts a topic's messages, merges followed: every view and query uses it.
-- topics.heir_id is already the end of a chain of merges; sql/stores/heirs.py writes it.

CREATE OR REPLACE VIEW triage.heirs AS
SELECT topic_id, coalesce(heir_id, topic_id) AS heir_id FROM triage.topics;
COMMENT ON VIEW triage.heirs IS 'One row per topic with the theme that counts its messages: the topic itself while it is not merged, else the theme at the end of its merges.';
COMMENT ON COLUMN triage.heirs.topic_id IS 'The topic as a run or a person decided it, merges not followed.';
COMMENT ON COLUMN triage.heirs.heir_id IS 'The theme.';
