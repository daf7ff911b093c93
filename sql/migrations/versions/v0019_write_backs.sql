-- The outbox of what is written to tickets. A row is marked before it is sent and after: one that was
-- being sent when a run was killed is looked for at the desk first.
CREATE TABLE triage.write_backs (
    key             uuid        PRIMARY KEY,
    source          text        NOT NULL,
    conversation_id text        NOT NULL,
    day             date        NOT NULL,
    topic_id        bigint,
    intent          text,
    state           text        NOT NULL DEFAULT 'waiting'
                    CHECK (state IN ('waiting', 'sending', 'sent', 'gone', 'refused')),
    changed_at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX write_backs_open ON triage.write_backs (source, day) WHERE state IN ('waiting', 'sending');
CREATE INDEX write_backs_conversation ON triage.write_backs (source, conversation_id);
COMMENT ON TABLE  triage.write_backs IS 'Themes and intents written to tickets of helpdesks: one row for each of a conversation, written once.';
COMMENT ON COLUMN triage.write_backs.key IS 'Hash of source, conversation, theme and intent; it stands in the note and in the header Idempotency-Key.';
COMMENT ON COLUMN triage.write_backs.source IS 'Name of the source in the settings.';
COMMENT ON COLUMN triage.write_backs.conversation_id IS 'See messages.conversation_id.';
COMMENT ON COLUMN triage.write_backs.day IS 'The day whose run asked for it.';
COMMENT ON COLUMN triage.write_backs.topic_id IS 'The theme; null where there is only an intent.';
COMMENT ON COLUMN triage.write_backs.intent IS 'The intent; null where the model abstained.';
COMMENT ON COLUMN triage.write_backs.state IS 'waiting, sending (it may have arrived), sent, gone (the ticket is), refused (by the desk, for good).';
COMMENT ON COLUMN triage.write_backs.changed_at IS 'When the state changed.';
