-- An intent that was renamed is as it was before: the page may undo it, and change nothing else of what others said.
CREATE FUNCTION triage.move_back(decision bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
    UPDATE triage.labelled_examples e SET intent = d.became->>'intent' FROM triage.decisions d
    WHERE d.decision_no = decision AND d.action = 'move' AND e.intent = d.became->>'name'
      AND d.became->'moved'->'examples' ? e.text_hash::text
      AND NOT EXISTS (SELECT FROM triage.labelled_examples x
                      WHERE x.text_hash = e.text_hash AND x.intent = d.became->>'intent');
    UPDATE triage.corrections c SET intent = d.became->>'intent' FROM triage.decisions d
    WHERE d.decision_no = decision AND d.action = 'move' AND c.intent = d.became->>'name'
      AND d.became->'moved'->'corrections' ? c.correction_id::text;
$$;
COMMENT ON FUNCTION triage.move_back(bigint) IS 'Gives examples and corrections the intent from which a decision moved them, for its undoing.';

-- The page shows drivers, and never computes.
CREATE TABLE triage.topic_drivers (
    day           date    NOT NULL,
    topic_id      bigint  NOT NULL,
    segment_name  text    NOT NULL,
    segment_value text    NOT NULL,
    segment_n     integer NOT NULL,
    segment_of    integer NOT NULL,
    segment_days  integer NOT NULL,
    segment_usual real    NOT NULL,
    p_value       double precision NOT NULL,
    lower         real    NOT NULL,
    upper         real    NOT NULL,
    PRIMARY KEY (day, topic_id)
);
COMMENT ON TABLE  triage.topic_drivers IS 'The attribute value that is over-represented in a topic in the week up to a day, where there is one; of the drivers of a day at most one in twenty is there by chance.';
COMMENT ON COLUMN triage.topic_drivers.day IS 'The last day of the week.';
COMMENT ON COLUMN triage.topic_drivers.topic_id IS 'The topic, as it was at the end of that day.';
COMMENT ON COLUMN triage.topic_drivers.segment_name IS 'The attribute, as app_version.';
COMMENT ON COLUMN triage.topic_drivers.segment_value IS 'Its value.';
COMMENT ON COLUMN triage.topic_drivers.segment_n IS 'Messages of the topic that have it, on the last days that show it best.';
COMMENT ON COLUMN triage.topic_drivers.segment_of IS 'Messages of the topic that have any value of the attribute, on the same days.';
COMMENT ON COLUMN triage.topic_drivers.segment_days IS 'How many days these are, from one to seven.';
COMMENT ON COLUMN triage.topic_drivers.segment_usual IS 'The share of that value that is usual for the topic, 0..1.';
COMMENT ON COLUMN triage.topic_drivers.p_value IS 'Probability of such a share or a larger one by chance, times the segments of the topic.';
COMMENT ON COLUMN triage.topic_drivers.lower IS 'The share is at least this, with a probability of .95 with upper; 0..1.';
COMMENT ON COLUMN triage.topic_drivers.upper IS 'The share is at most this.';

ALTER TABLE triage.corrections ADD COLUMN as_guessed boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN triage.corrections.as_guessed IS 'Many guesses of the model were taken at once, from a few examples of each: it neither teaches the model nor counts as judged.';
