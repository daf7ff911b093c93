-- Alerts belong to somebody: who took one, until when it is put off, who wants to hear, and what was sent where.
ALTER TABLE triage.alerts
    ADD COLUMN assigned_to   text,
    ADD COLUMN snoozed_until date;
COMMENT ON COLUMN triage.alerts.assigned_to IS 'Who takes care of it; null where nobody does.';
COMMENT ON COLUMN triage.alerts.snoozed_until IS 'The day from which it is listed again; null where it was not put off.';

CREATE TABLE triage.subscriptions (
    subscription_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscriber      text NOT NULL CHECK (subscriber <> ''),
    topic_id        bigint REFERENCES triage.topics,
    segment_name    text,
    segment_value   text,
    address         text NOT NULL DEFAULT '',
    created_at      timestamptz NOT NULL DEFAULT now(),
    CHECK ((topic_id IS NULL) = (segment_name IS NOT NULL)),
    CHECK ((segment_name IS NULL) = (segment_value IS NULL)),
    UNIQUE NULLS NOT DISTINCT (subscriber, topic_id, segment_name, segment_value)
);
COMMENT ON TABLE triage.subscriptions IS 'Who is told of the alerts about a theme or a segment.';
COMMENT ON COLUMN triage.subscriptions.subscriber IS 'The name in Airflow.';
COMMENT ON COLUMN triage.subscriptions.topic_id IS 'The theme; merges are followed. Null where it is a segment.';
COMMENT ON COLUMN triage.subscriptions.segment_name IS 'The attribute; null where it is a theme.';
COMMENT ON COLUMN triage.subscriptions.segment_value IS 'Its value.';
COMMENT ON COLUMN triage.subscriptions.address IS 'Where alerts are mailed to; empty for none.';

CREATE TABLE triage.deliveries (
    alert_id     text NOT NULL REFERENCES triage.alerts ON DELETE CASCADE,
    channel      text NOT NULL,
    delivered_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (alert_id, channel)
);
COMMENT ON TABLE triage.deliveries IS 'The channels on which an alert was sent, each once.';
