-- What a language model answered, by what it was asked, so that a day that runs again asks nothing twice.
CREATE TABLE triage.wordings (
    key      text        PRIMARY KEY,
    topic_id bigint      NOT NULL,
    model    text        NOT NULL,
    label    text        NOT NULL,
    summary  text        NOT NULL,
    cited    uuid[]      NOT NULL,
    shown    uuid[]      NOT NULL,
    refusal  text        NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX wordings_by_topic ON triage.wordings (topic_id);
COMMENT ON TABLE  triage.wordings IS 'What a language model answered when it was asked to name a topic.';
COMMENT ON COLUMN triage.wordings.key IS 'Hash of what was asked: the model, the task, the topic and the texts of its typical messages.';
COMMENT ON COLUMN triage.wordings.topic_id IS 'The topic; its label is this one only where topics.label says so.';
COMMENT ON COLUMN triage.wordings.model IS 'The model, as TRIAGE_LLM_MODEL names it.';
COMMENT ON COLUMN triage.wordings.label IS 'The label; empty where the answer was refused.';
COMMENT ON COLUMN triage.wordings.summary IS 'At most two sentences on what the customers write.';
COMMENT ON COLUMN triage.wordings.cited IS 'The messages that label and summary rest on.';
COMMENT ON COLUMN triage.wordings.shown IS 'The messages that the model was shown.';
COMMENT ON COLUMN triage.wordings.refusal IS 'Why the answer was refused; empty where it was not.';
COMMENT ON COLUMN triage.wordings.asked_at IS 'When it was asked.';
