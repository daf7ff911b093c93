-- Kept with the views, because it contains no data either: each migration recreates it.
-- Before a correction changes, the message is removed from the counts; afterwards it is added where
-- it belongs now: to the topic that a person gave the whole message, else to those of its passages.
-- A day's counts are as known at its end, so what later days decided does not matter. Counts of a
-- topic that was merged since may be those of its heir.
CREATE OR REPLACE FUNCTION triage.follow_correction() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    corrected uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.message_id ELSE NEW.message_id END;
    m record;
    counted bigint;
BEGIN
    PERFORM triage.take_turn();
    FOR m IN
        SELECT x.arrived_on AS day, coalesce(x.channel, '') AS channel, t.topic_id,
               (t.n = min(t.n) OVER ())::int AS first,
               coalesce(ci.intent, p.intent, '') AS intent,
               coalesce(p.abstained AND ci.intent IS NULL, false)::int AS abstained
        FROM messages x
        LEFT JOIN LATERAL (SELECT c.topic_id FROM corrections c
                           WHERE c.message_id = x.message_id AND c.topic_id IS NOT NULL
                           ORDER BY c.corrected_at DESC LIMIT 1) ct ON true
        CROSS JOIN LATERAL (
            SELECT ct.topic_id, 1 AS n WHERE ct.topic_id IS NOT NULL
            UNION ALL
            SELECT coalesce(b.topic_id, 0), coalesce(b.n, 1) FROM (SELECT) one LEFT JOIN (
                SELECT DISTINCT ON (h.heir_id) a.topic_id, s.n FROM passages s
                CROSS JOIN LATERAL (SELECT d.topic_id FROM memberships d
                                    WHERE d.passage_id = s.passage_id AND d.decided_on <= x.arrived_on
                                    ORDER BY d.decided_on DESC, d.stage DESC LIMIT 1) a
                JOIN heirs h ON h.topic_id = a.topic_id
                WHERE s.message_id = x.message_id
                ORDER BY h.heir_id, s.n) b ON true
            WHERE ct.topic_id IS NULL
              AND EXISTS (SELECT FROM passages s WHERE s.message_id = x.message_id)) t
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
            SELECT x.topic_id INTO counted FROM topic_mix x LEFT JOIN heirs t USING (topic_id)
            WHERE x.day = m.day AND x.channel = m.channel AND x.intent = m.intent
              AND (x.topic_id = m.topic_id OR t.heir_id =
                   (SELECT h.heir_id FROM heirs h WHERE h.topic_id = m.topic_id))
            ORDER BY x.topic_id = m.topic_id DESC, x.n_messages DESC LIMIT 1;
            UPDATE topic_mix SET n_messages = n_messages - 1, n_first = greatest(n_first - m.first, 0),
                                 n_abstained = greatest(n_abstained - m.abstained * m.first, 0)
            WHERE day = m.day AND topic_id = counted AND channel = m.channel AND intent = m.intent;
            SELECT x.topic_id INTO counted FROM topic_days x JOIN heirs t USING (topic_id)
            WHERE x.day = m.day AND x.n_messages > 0
              AND t.heir_id = (SELECT h.heir_id FROM heirs h WHERE h.topic_id = m.topic_id)
            ORDER BY x.topic_id = m.topic_id DESC, x.n_messages DESC LIMIT 1;
            UPDATE topic_days SET n_messages = n_messages - 1 WHERE day = m.day AND topic_id = counted;
        ELSE
            INSERT INTO topic_mix AS x (day, topic_id, channel, intent, n_messages, n_first, n_abstained)
            VALUES (m.day, m.topic_id, m.channel, m.intent, 1, m.first, m.abstained * m.first)
            ON CONFLICT (day, topic_id, channel, intent) DO UPDATE
            SET n_messages = x.n_messages + 1, n_first = x.n_first + excluded.n_first,
                n_abstained = x.n_abstained + excluded.n_abstained;
            INSERT INTO topic_days AS x (topic_id, day, n_messages, status)
            SELECT m.topic_id, m.day, 1, 'new' WHERE m.topic_id <> 0
            ON CONFLICT (day, topic_id) DO UPDATE SET n_messages = x.n_messages + 1;
            DELETE FROM topic_mix WHERE day = m.day AND n_messages <= 0;
        END IF;
    END LOOP;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
