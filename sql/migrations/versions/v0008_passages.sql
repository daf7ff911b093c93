-- A message has zones, of which the customer's own words are its text, and passages of one subject
-- each. A passage belongs to one topic or none; a message belongs to the topics of its passages.

ALTER TABLE triage.messages
    ADD COLUMN subject         text,
    ADD COLUMN conversation_id text,
    ADD COLUMN author          text  NOT NULL DEFAULT 'customer' CHECK (author IN ('customer', 'agent', 'bot')),
    ADD COLUMN zones           jsonb NOT NULL DEFAULT '[]';
COMMENT ON TABLE  triage.messages IS 'One message, redacted before it came here; partitioned by the month of its day.';
COMMENT ON COLUMN triage.messages.text IS 'The customer''s own words, personal data replaced by placeholders such as <CARD>; empty where nothing is their own.';
COMMENT ON COLUMN triage.messages.subject IS 'Subject line of a mail, redacted.';
COMMENT ON COLUMN triage.messages.conversation_id IS 'Id of the conversation in its source.';
COMMENT ON COLUMN triage.messages.author IS 'customer, agent or bot; what the last two wrote has no own words.';
COMMENT ON COLUMN triage.messages.zones IS 'What is not the customer''s own words, redacted, in order: [[zone, text], …]; zones are quote, greeting, closing, signature, disclaimer, form, machine, turn.';

CREATE TABLE triage.passages (
    passage_id uuid     PRIMARY KEY,
    message_id uuid     NOT NULL,
    n          smallint NOT NULL,
    arrived_on date     NOT NULL,
    start      integer  NOT NULL,
    stop       integer  NOT NULL,
    text       text     NOT NULL,
    text_hash  uuid     NOT NULL,
    UNIQUE (message_id, n)
);
CREATE INDEX passages_arrived_on ON triage.passages (arrived_on, text_hash);
CREATE INDEX passages_text_hash ON triage.passages (text_hash);
COMMENT ON TABLE  triage.passages IS 'One part of a message''s own words that is about one subject; most messages are one passage.';
COMMENT ON COLUMN triage.passages.passage_id IS 'That of the first passage is its message''s.';
COMMENT ON COLUMN triage.passages.message_id IS 'Its message.';
COMMENT ON COLUMN triage.passages.n IS '1.. within its message; the passage that says most is the first.';
COMMENT ON COLUMN triage.passages.arrived_on IS 'See messages.arrived_on.';
COMMENT ON COLUMN triage.passages.start IS 'Offset of its first character in messages.text.';
COMMENT ON COLUMN triage.passages.stop IS 'Offset after its last.';
COMMENT ON COLUMN triage.passages.text IS 'Its sentences without filler: what is embedded.';
COMMENT ON COLUMN triage.passages.text_hash IS 'Hash of the normalised text; equal texts share one embedding.';
INSERT INTO triage.passages
    SELECT message_id, message_id, 1, arrived_on, 0, length(text), text, text_hash FROM triage.messages;

ALTER TABLE triage.topic_assignments RENAME TO memberships;
ALTER TABLE triage.memberships ADD COLUMN passage_id uuid;
UPDATE triage.memberships SET passage_id = message_id;
ALTER TABLE triage.memberships
    ALTER COLUMN passage_id SET NOT NULL,
    DROP CONSTRAINT topic_assignments_pkey,
    ADD PRIMARY KEY (passage_id, decided_on, stage);
ALTER INDEX triage.topic_assignments_arrived_on RENAME TO memberships_arrived_on;
ALTER INDEX triage.topic_assignments_decided_on RENAME TO memberships_decided_on;
ALTER INDEX triage.topic_assignments_topic_id RENAME TO memberships_topic_id;
CREATE INDEX memberships_message_id ON triage.memberships (message_id);
COMMENT ON TABLE  triage.memberships IS 'One decision which topic a passage belongs to; the latest holds, the history is kept.';
COMMENT ON COLUMN triage.memberships.passage_id IS 'The passage.';
COMMENT ON COLUMN triage.memberships.message_id IS 'Its message.';

ALTER TABLE triage.intent_predictions RENAME COLUMN message_id TO passage_id;
COMMENT ON COLUMN triage.intent_predictions.passage_id IS 'The passage; that of a message''s first passage is the message''s prediction.';

-- Before the change the message is taken out of the counts, after it it is put in where it belongs
-- now: a person's word holds for all of it, else each of its passages has a topic. A day's counts are
-- as known at its end, so what later days decided does not matter. What was counted under a topic that
-- merged since may stand under its heir.
CREATE OR REPLACE FUNCTION triage.follow_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    corrected uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.message_id ELSE NEW.message_id END;
    m record;
    counted bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('triage.decide'));
    FOR m IN
        SELECT x.arrived_on AS day, coalesce(x.channel, '') AS channel, t.topic_id,
               coalesce(ci.intent, p.intent, '') AS intent,
               coalesce(p.abstained AND ci.intent IS NULL, false)::int AS abstained
        FROM messages x
        LEFT JOIN LATERAL (SELECT c.topic_id FROM corrections c
                           WHERE c.message_id = x.message_id AND c.topic_id IS NOT NULL
                           ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
        CROSS JOIN LATERAL (
            SELECT ct.topic_id WHERE ct.topic_id IS NOT NULL
            UNION ALL
            SELECT coalesce(b.topic_id, 0) FROM (SELECT) one LEFT JOIN (
                SELECT DISTINCT ON (coalesce(h.heir_id, h.topic_id)) a.topic_id FROM passages s
                CROSS JOIN LATERAL (SELECT d.topic_id FROM memberships d
                                    WHERE d.passage_id = s.passage_id AND d.decided_on <= x.arrived_on
                                    ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) a
                JOIN topics h ON h.topic_id = a.topic_id
                WHERE s.message_id = x.message_id
                ORDER BY coalesce(h.heir_id, h.topic_id), s.n) b ON true
            WHERE ct.topic_id IS NULL) t
        LEFT JOIN LATERAL (SELECT c.intent FROM corrections c
                           WHERE c.message_id = x.message_id AND c.intent IS NOT NULL
                           ORDER BY c.corrected_at DESC LIMIT 1) ci ON true
        LEFT JOIN LATERAL (SELECT i.intent, i.abstained FROM intent_predictions i
                           JOIN model_versions v ON v.version = i.model_version
                           WHERE i.passage_id = x.message_id
                           ORDER BY v.role = 'champion' DESC, v.trained_at DESC LIMIT 1) p ON true
        WHERE x.message_id = corrected
          -- A day that was not discovered yet has no counts; its discovery will make them.
          AND EXISTS (SELECT FROM topic_mix y WHERE y.day = x.arrived_on)
    LOOP
        IF TG_WHEN = 'BEFORE' THEN
            SELECT x.topic_id INTO counted FROM topic_mix x LEFT JOIN topics t USING (topic_id)
            WHERE x.day = m.day AND x.channel = m.channel AND x.intent = m.intent
              AND (x.topic_id = m.topic_id OR coalesce(t.heir_id, t.topic_id) =
                   (SELECT coalesce(h.heir_id, h.topic_id) FROM topics h WHERE h.topic_id = m.topic_id))
            ORDER BY x.topic_id = m.topic_id DESC, x.n_messages DESC LIMIT 1;
            UPDATE topic_mix SET n_messages = n_messages - 1,
                                 n_abstained = greatest(n_abstained - m.abstained, 0)
            WHERE day = m.day AND topic_id = counted AND channel = m.channel AND intent = m.intent;
            DELETE FROM topic_mix WHERE day = m.day AND topic_id = counted AND n_messages <= 0;
            SELECT x.topic_id INTO counted FROM topic_days x JOIN topics t USING (topic_id)
            WHERE x.day = m.day AND x.n_messages > 0 AND coalesce(t.heir_id, t.topic_id) =
                  (SELECT coalesce(h.heir_id, h.topic_id) FROM topics h WHERE h.topic_id = m.topic_id)
            ORDER BY x.topic_id = m.topic_id DESC, x.n_messages DESC LIMIT 1;
            UPDATE topic_days SET n_messages = n_messages - 1 WHERE day = m.day AND topic_id = counted;
        ELSE
            INSERT INTO topic_mix AS x (day, topic_id, channel, intent, n_messages, n_abstained)
            VALUES (m.day, m.topic_id, m.channel, m.intent, 1, m.abstained)
            ON CONFLICT (day, topic_id, channel, intent) DO UPDATE
            SET n_messages = x.n_messages + 1, n_abstained = x.n_abstained + excluded.n_abstained;
            INSERT INTO topic_days AS x (topic_id, day, n_messages, status)
            SELECT m.topic_id, m.day, 1, 'new' WHERE m.topic_id <> 0
            ON CONFLICT (day, topic_id) DO UPDATE SET n_messages = x.n_messages + 1;
        END IF;
    END LOOP;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
