-- Who is affected: the segment of customers in which the topic of an alert rises.
ALTER TABLE triage.alerts
    ADD COLUMN segment_name  text,
    ADD COLUMN segment_value text,
    ADD COLUMN segment_n     integer,
    ADD COLUMN segment_of    integer,
    ADD COLUMN segment_days  integer,
    ADD COLUMN segment_usual double precision;
COMMENT ON COLUMN triage.alerts.segment_name IS 'The attribute whose one value rises; null where all messages do.';
COMMENT ON COLUMN triage.alerts.segment_value IS 'That value.';
COMMENT ON COLUMN triage.alerts.segment_n IS 'Messages of the topic that have it, on the one to three last days that show it.';
COMMENT ON COLUMN triage.alerts.segment_of IS 'Messages of the topic that have any value of the attribute, on the same days.';
COMMENT ON COLUMN triage.alerts.segment_days IS 'How many days these are, the day of the alert included.';
COMMENT ON COLUMN triage.alerts.segment_usual IS 'The share of that value that is usual for the topic, 0..1.';
