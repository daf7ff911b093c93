-- Who wrote, by day and topic: distinct customers do not add up, so they are kept one by one.
CREATE TABLE triage.topic_customers (
    topic_id bigint NOT NULL,
    day      date   NOT NULL,
    customer text   NOT NULL,
    PRIMARY KEY (topic_id, day, customer)
);
CREATE INDEX topic_customers_day ON triage.topic_customers (day, customer) INCLUDE (topic_id);
COMMENT ON TABLE  triage.topic_customers IS 'Who wrote messages of a topic on a day, as known at its end, people''s corrections included; derived from the other tables.';
COMMENT ON COLUMN triage.topic_customers.topic_id IS 'The topic as it was decided, merges not followed.';
COMMENT ON COLUMN triage.topic_customers.day IS 'The day, by arrival.';
COMMENT ON COLUMN triage.topic_customers.customer IS 'See messages.customer_hash; the id of the message where it has none, for nothing tells its customer from others.';

CREATE INDEX messages_customer_hash ON triage.messages (customer_hash, arrived_on) WHERE customer_hash IS NOT NULL;
CREATE INDEX topics_heir ON triage.topics ((coalesce(heir_id, topic_id)));

ALTER TABLE triage.alerts ADD COLUMN n_customers integer;
COMMENT ON COLUMN triage.alerts.n_customers IS 'Distinct customers who wrote the observed messages; null for alerts from before they were counted.';

ALTER TABLE triage.topic_events DROP CONSTRAINT topic_events_event_check;
ALTER TABLE triage.topic_events ADD CONSTRAINT topic_events_event_check CHECK (event IN (
    'birth', 'propose_merge', 'merge', 'unmerge', 'propose_split', 'split', 'rename', 'mute', 'unmute',
    'promote', 'note', 'retire', 'revive', 'wait'));

-- Of the customer whose message a correction is about, the whole day is counted anew.
CREATE FUNCTION triage.follow_customer() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    corrected uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.message_id ELSE NEW.message_id END;
    m record;
    same uuid[];
BEGIN
    SELECT x.arrived_on AS day, x.customer_hash, coalesce(x.customer_hash, x.message_id::text) AS customer
    INTO m FROM messages x WHERE x.message_id = corrected;
    -- A day that was not discovered yet has no counts; its discovery will make them.
    IF FOUND AND EXISTS (SELECT FROM topic_mix y WHERE y.day = m.day) THEN
        DELETE FROM topic_customers c WHERE c.day = m.day AND c.customer = m.customer;
        SELECT array_agg(x.message_id) INTO same FROM messages x
        WHERE x.customer_hash = m.customer_hash AND x.arrived_on = m.day;
        INSERT INTO topic_customers (topic_id, day, customer)
        SELECT DISTINCT d.topic_id, m.day, m.customer FROM day_topics d
        WHERE d.message_id = ANY(coalesce(same, ARRAY[corrected]));
    END IF;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION triage.follow_customer() IS 'Counts a customer''s day anew in topic_customers when a correction about one of its messages comes or goes.';
CREATE TRIGGER recount AFTER INSERT OR DELETE ON triage.corrections
    FOR EACH ROW EXECUTE FUNCTION triage.follow_customer();
