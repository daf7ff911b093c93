-- The page's figures follow a correction at once, and a merge made by a run can be undone.

ALTER TABLE triage.decisions DROP CONSTRAINT decisions_action_check;
ALTER TABLE triage.decisions ADD CONSTRAINT decisions_action_check CHECK (action IN (
    'rename', 'merge', 'unmerge', 'split', 'mute', 'unmute', 'promote', 'note', 'correct', 'alert'));

-- Before the change the message is taken out of the counts, after it it is put in where it belongs
-- now. A day's counts are as known at its end, so the assignments of later days do not matter. What
-- was counted under a topic that merged since may stand under its heir.
CREATE FUNCTION triage.follow_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    corrected uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.message_id ELSE NEW.message_id END;
    m record;
    counted bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('triage.decide'));
    SELECT x.arrived_on AS day, coalesce(x.channel, '') AS channel,
           coalesce(ct.topic_id, a.topic_id, 0) AS topic_id,
           coalesce(ci.intent, p.intent, '') AS intent,
           coalesce(p.abstained AND ci.intent IS NULL, false)::int AS abstained
    INTO m FROM messages x
    LEFT JOIN LATERAL (SELECT d.topic_id FROM topic_assignments d
                       WHERE d.message_id = x.message_id AND d.decided_on <= x.arrived_on
                       ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) a ON true
    LEFT JOIN LATERAL (SELECT c.topic_id FROM corrections c
                       WHERE c.message_id = x.message_id AND c.topic_id IS NOT NULL
                       ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
    LEFT JOIN LATERAL (SELECT c.intent FROM corrections c
                       WHERE c.message_id = x.message_id AND c.intent IS NOT NULL
                       ORDER BY c.corrected_at DESC LIMIT 1) ci ON true
    LEFT JOIN LATERAL (SELECT i.intent, i.abstained FROM intent_predictions i
                       JOIN model_versions v ON v.version = i.model_version
                       WHERE i.message_id = x.message_id
                       ORDER BY v.role = 'champion' DESC, v.trained_at DESC LIMIT 1) p ON true
    WHERE x.message_id = corrected;
    -- A day that was not discovered yet has no counts; its discovery will make them.
    IF FOUND AND EXISTS (SELECT FROM topic_mix x WHERE x.day = m.day) THEN
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
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
COMMENT ON FUNCTION triage.follow_correction() IS 'Moves a message from one count to another in topic_mix and topic_days when a correction about it comes or goes.';

CREATE TRIGGER take_out BEFORE INSERT OR DELETE ON triage.corrections
    FOR EACH ROW EXECUTE FUNCTION triage.follow_correction();
CREATE TRIGGER put_in AFTER INSERT OR DELETE ON triage.corrections
    FOR EACH ROW EXECUTE FUNCTION triage.follow_correction();

COMMENT ON COLUMN triage.topic_days.n_messages IS 'Messages of that day in the topic, as known at its end; people''s corrections count at once.';
COMMENT ON TABLE triage.topic_mix IS 'Messages by day, topic, channel and intent, as known at the end of the day, people''s corrections included; derived from the other tables.';
