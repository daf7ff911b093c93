-- A helpdesk is read conversation by conversation. What was read and has not changed since is not
-- asked for again by a run that continues one that was killed.
CREATE TABLE triage.conversations (
    source          text        NOT NULL,
    conversation_id text        NOT NULL,
    version         text        NOT NULL,
    first_day       date        NOT NULL,
    last_day        date        NOT NULL,
    is_whole        boolean     NOT NULL,
    n_messages      integer     NOT NULL,
    n_quarantined   integer     NOT NULL,
    read_at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (source, conversation_id)
);
CREATE INDEX conversations_first_day ON triage.conversations (source, first_day);
COMMENT ON TABLE  triage.conversations IS 'One conversation of a helpdesk, as it was last read; files and databases have none.';
COMMENT ON COLUMN triage.conversations.source IS 'Name of the source in the settings.';
COMMENT ON COLUMN triage.conversations.conversation_id IS 'See messages.conversation_id.';
COMMENT ON COLUMN triage.conversations.version IS 'What the desk changes with every change of the conversation: mostly a time.';
COMMENT ON COLUMN triage.conversations.first_day IS 'The first day whose messages are stored.';
COMMENT ON COLUMN triage.conversations.last_day IS 'The last day whose messages are stored.';
COMMENT ON COLUMN triage.conversations.is_whole IS 'Whether it had no message after last_day when it was read.';
COMMENT ON COLUMN triage.conversations.n_messages IS 'Its messages that were stored or known when it was read.';
COMMENT ON COLUMN triage.conversations.n_quarantined IS 'Its rows that broke the contract.';
COMMENT ON COLUMN triage.conversations.read_at IS 'When it was read.';
