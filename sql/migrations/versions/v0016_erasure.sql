-- Erasure: what was erased is known by a hash only, so that its source cannot bring it back.
ALTER TABLE triage.quarantine ADD COLUMN customer_hash text;
COMMENT ON COLUMN triage.quarantine.customer_hash IS 'See messages.customer_hash; null where the row names no customer, or was stored before this column was.';
CREATE INDEX quarantine_customer_hash ON triage.quarantine (customer_hash) WHERE customer_hash IS NOT NULL;

CREATE FUNCTION triage.tombstone(kind text, id text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT encode(sha256(convert_to('erased ' || kind || ' ' || id, 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION triage.tombstone(text, text) IS 'The hash by which an erased message (by its message_id), customer (by its customer_hash) or conversation (by source and id) is known.';

CREATE TABLE triage.erasures (
    erasure_no bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    erased_at  timestamptz NOT NULL DEFAULT now(),
    actor      text        NOT NULL,
    kind       text        NOT NULL CHECK (kind IN ('customer', 'message')),
    subjects   text[]      NOT NULL,
    counts     jsonb       NOT NULL
);
COMMENT ON TABLE  triage.erasures IS 'One erasure that a person asked for: who, when and how much, without a word of what was erased.';
COMMENT ON COLUMN triage.erasures.erasure_no IS 'Its number, in the order of erasing.';
COMMENT ON COLUMN triage.erasures.erased_at IS 'When.';
COMMENT ON COLUMN triage.erasures.actor IS 'Who erased.';
COMMENT ON COLUMN triage.erasures.kind IS 'customer or message.';
COMMENT ON COLUMN triage.erasures.subjects IS 'The tombstones of what was asked for.';
COMMENT ON COLUMN triage.erasures.counts IS 'Rows that were deleted or changed, by table.';

CREATE TABLE triage.tombstones (
    hash       text   PRIMARY KEY,
    kind       text   NOT NULL CHECK (kind IN ('customer', 'message', 'conversation')),
    key_mark   text,
    erasure_no bigint NOT NULL REFERENCES triage.erasures
);
CREATE INDEX tombstones_key_mark ON triage.tombstones (key_mark) WHERE key_mark IS NOT NULL;
COMMENT ON TABLE  triage.tombstones IS 'One message, customer or conversation that was erased: rows of it are turned away.';
COMMENT ON COLUMN triage.tombstones.hash IS 'See the function tombstone.';
COMMENT ON COLUMN triage.tombstones.kind IS 'message; customer: all its messages; conversation: its messages that name no customer.';
COMMENT ON COLUMN triage.tombstones.key_mark IS 'Of a customer: tells which TRIAGE_HASH_KEY its hash was made with.';
COMMENT ON COLUMN triage.tombstones.erasure_no IS 'The erasure that barred it.';

-- Retention: how old an embedding is, and months without messages.
ALTER TABLE triage.embeddings ADD COLUMN stored_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN triage.embeddings.stored_at IS 'When the row was written, or this column was added.';

CREATE FUNCTION triage.drop_month(some_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    name text := 'messages_' || to_char(date_trunc('month', some_day), 'YYYY_MM');
    is_used boolean;
BEGIN
    IF to_regclass('triage.' || name) IS NULL THEN RETURN false; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('triage.ensure_month'));
    EXECUTE format('LOCK TABLE triage.%I IN ACCESS EXCLUSIVE MODE', name);
    EXECUTE format('SELECT EXISTS (SELECT FROM triage.%I)', name) INTO is_used;
    IF is_used THEN RETURN false; END IF;
    EXECUTE format('DROP TABLE triage.%I', name);
    RETURN true;
END $$;
COMMENT ON FUNCTION triage.drop_month(date) IS 'Drops the partition of messages that holds the day, if nothing is in it; says whether it did.';
