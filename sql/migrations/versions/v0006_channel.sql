-- Decisions come from the page, the command line or a script, and the log says which.

ALTER TABLE triage.decisions ADD COLUMN channel text NOT NULL DEFAULT 'page'
    CHECK (channel IN ('page', 'command_line', 'api'));
COMMENT ON TABLE  triage.decisions IS 'One thing that a person decided, with all that is needed to undo it; rows stay.';
COMMENT ON COLUMN triage.decisions.actor IS 'User name in Airflow; on the command line that of the operating system.';
COMMENT ON COLUMN triage.decisions.channel IS 'Where it was decided: page, command_line, or api (a script that posts to the page''s addresses).';
