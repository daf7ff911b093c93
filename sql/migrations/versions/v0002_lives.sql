-- Topics that split, merge, retire and come back, and the areas that group them.

ALTER TABLE triage.topics ADD COLUMN area_id bigint;
COMMENT ON COLUMN triage.topics.area_id IS 'The broader area that it lies in, named by the id of its leading topic; null before it was clustered.';

ALTER TABLE triage.topic_states ADD COLUMN area_id bigint, ADD COLUMN last_on date;
UPDATE triage.topic_states SET last_on = day;
ALTER TABLE triage.topic_states ALTER COLUMN last_on SET NOT NULL;
COMMENT ON COLUMN triage.topic_states.area_id IS 'See topics.area_id.';
COMMENT ON COLUMN triage.topic_states.last_on IS 'The day its latest message arrived on.';

ALTER TABLE triage.topic_events DROP CONSTRAINT topic_events_event_check;
ALTER TABLE triage.topic_events ADD CONSTRAINT topic_events_event_check CHECK (event IN (
    'birth', 'propose_merge', 'merge', 'unmerge', 'propose_split', 'split', 'rename', 'mute', 'unmute',
    'promote', 'note', 'retire', 'revive'));
COMMENT ON COLUMN triage.topic_events.other_topic_id IS 'The heir of a merge, the child of a split, the parent of a birth.';

ALTER TABLE triage.alerts ADD COLUMN resolved_on date, ADD COLUMN sent_at timestamptz;
COMMENT ON COLUMN triage.alerts.resolved_on IS 'The day on which a run found the count back to usual; null while it is not, or where a person resolved it.';
COMMENT ON COLUMN triage.alerts.sent_at IS 'When people were told of it; null: not yet.';
