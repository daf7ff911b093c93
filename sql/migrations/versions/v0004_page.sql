-- What the review page needs: who decided what, themes that a person split off, figures ready to show.

CREATE TABLE triage.decisions (
    decision_no bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    decided_at  timestamptz NOT NULL DEFAULT now(),
    actor       text        NOT NULL,
    action      text        NOT NULL CHECK (action IN (
        'rename', 'merge', 'split', 'mute', 'unmute', 'promote', 'note', 'correct', 'alert')),
    topic_id    bigint      REFERENCES triage.topics,
    message_id  uuid,
    alert_id    text,
    was         jsonb       NOT NULL,
    became      jsonb       NOT NULL,
    undone_by   text,
    undone_at   timestamptz
);
CREATE INDEX decisions_topic_id ON triage.decisions (topic_id, decision_no);
CREATE INDEX decisions_message_id ON triage.decisions (message_id, decision_no) WHERE message_id IS NOT NULL;
CREATE INDEX decisions_heir ON triage.decisions ((became->>'heir_id')) WHERE action = 'merge';
COMMENT ON TABLE  triage.decisions IS 'One thing that a person decided on the review page, with all that is needed to undo it; rows stay.';
COMMENT ON COLUMN triage.decisions.decision_no IS 'Its number, in the order of deciding.';
COMMENT ON COLUMN triage.decisions.decided_at IS 'When.';
COMMENT ON COLUMN triage.decisions.actor IS 'User name in Airflow.';
COMMENT ON COLUMN triage.decisions.action IS 'What was done.';
COMMENT ON COLUMN triage.decisions.topic_id IS 'The topic it is about, if any.';
COMMENT ON COLUMN triage.decisions.message_id IS 'The message it is about, if any.';
COMMENT ON COLUMN triage.decisions.alert_id IS 'The alert it is about, if any; a day that runs again may have dropped it since.';
COMMENT ON COLUMN triage.decisions.was IS 'How it was before.';
COMMENT ON COLUMN triage.decisions.became IS 'What was decided.';
COMMENT ON COLUMN triage.decisions.undone_by IS 'Who undid it; null while it holds.';
COMMENT ON COLUMN triage.decisions.undone_at IS 'When it was undone.';

CREATE TABLE triage.topic_seeds (
    topic_id  bigint PRIMARY KEY REFERENCES triage.topics,
    born_on   date   NOT NULL,
    centroid  vector NOT NULL,
    radius    real   NOT NULL,
    size      integer NOT NULL,
    exemplars uuid[] NOT NULL
);
COMMENT ON TABLE  triage.topic_seeds IS 'One topic that a person split off: what it begins with until a run has seen it.';
COMMENT ON COLUMN triage.topic_seeds.topic_id IS 'The topic.';
COMMENT ON COLUMN triage.topic_seeds.born_on IS 'The day of its first message.';
COMMENT ON COLUMN triage.topic_seeds.centroid IS 'See topic_states.centroid.';
COMMENT ON COLUMN triage.topic_seeds.radius IS 'See topic_states.radius.';
COMMENT ON COLUMN triage.topic_seeds.size IS 'Messages that the person picked.';
COMMENT ON COLUMN triage.topic_seeds.exemplars IS 'See topics.exemplars.';

CREATE TABLE triage.topic_mix (
    day         date    NOT NULL,
    topic_id    bigint  NOT NULL,
    channel     text    NOT NULL,
    intent      text    NOT NULL,
    n_messages  integer NOT NULL,
    n_abstained integer NOT NULL,
    PRIMARY KEY (day, topic_id, channel, intent)
);
CREATE INDEX topic_mix_topic_id ON triage.topic_mix (topic_id, day);
COMMENT ON TABLE  triage.topic_mix IS 'Messages by day, topic, channel and intent, as known at the end of the day; derived from the other tables.';
COMMENT ON COLUMN triage.topic_mix.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.topic_mix.topic_id IS 'The topic; 0 = unclustered.';
COMMENT ON COLUMN triage.topic_mix.channel IS 'The channel; empty where the source names none.';
COMMENT ON COLUMN triage.topic_mix.intent IS 'The best guess or the correction; empty where no model predicted one.';
COMMENT ON COLUMN triage.topic_mix.n_messages IS 'Messages.';
COMMENT ON COLUMN triage.topic_mix.n_abstained IS 'Of those, where the model abstained.';

CREATE INDEX messages_search ON triage.messages USING gin (to_tsvector('english', text));
CREATE INDEX intent_predictions_unsure ON triage.intent_predictions (day, probability)
    WHERE abstained AND reason = 'low_probability';
CREATE INDEX corrections_topic_id ON triage.corrections (topic_id) WHERE topic_id IS NOT NULL;
CREATE INDEX corrections_corrected_at ON triage.corrections (corrected_at);
CREATE INDEX topic_events_persons ON triage.topic_events (event, topic_id) WHERE actor <> 'run';

CREATE FUNCTION triage.retract(decision bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
    DELETE FROM triage.corrections c USING triage.decisions d
    WHERE d.decision_no = decision AND d.became->'corrections' ? c.correction_id::text;
    DELETE FROM triage.labelled_examples WHERE origin = 'promotion:' || decision;
$$;
COMMENT ON FUNCTION triage.retract(bigint) IS 'Takes back the corrections and labelled examples that a decision made, for its undoing.';
