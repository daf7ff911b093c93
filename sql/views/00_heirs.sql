-- Where the messages of a topic belong since it was merged: what every view and query asks.
-- topics.heir_id is the end of a chain of merges already; sql/stores/heirs.py writes it.

CREATE OR REPLACE VIEW triage.heirs AS
SELECT topic_id, coalesce(heir_id, topic_id) AS heir_id FROM triage.topics;
COMMENT ON VIEW triage.heirs IS 'One row a topic with the theme that its messages count in: itself while it lives, else the theme at the end of its merges.';
COMMENT ON COLUMN triage.heirs.topic_id IS 'The topic as it was decided.';
COMMENT ON COLUMN triage.heirs.heir_id IS 'The theme.';
