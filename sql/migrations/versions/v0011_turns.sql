-- A later turn of a conversation on one day has no passages of its own: it is part of the first.
ALTER TABLE triage.messages ADD COLUMN joined_to uuid;
COMMENT ON COLUMN triage.messages.joined_to IS 'The message that it is counted with: the first turn of its conversation on the day; null where it counts itself.';
CREATE INDEX messages_conversation ON triage.messages (conversation_id, source) WHERE conversation_id IS NOT NULL;
