-- Which digest was sent where, so that a task that runs again sends nothing twice.
CREATE TABLE triage.digests (
    day     date        NOT NULL,
    channel text        NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (day, channel)
);
COMMENT ON TABLE  triage.digests IS 'Digests of weeks that were sent, one row per channel.';
COMMENT ON COLUMN triage.digests.day IS 'Last day of the week.';
COMMENT ON COLUMN triage.digests.channel IS 'Name of its connection.';
COMMENT ON COLUMN triage.digests.sent_at IS 'When it was sent.';
