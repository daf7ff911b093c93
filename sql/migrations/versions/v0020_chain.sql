-- Who decided what cannot be forged: functions write it, in the name of the session's user, and a chain of
-- hashes shows every row that was added, changed or taken away by another way.
CREATE TABLE triage.chain (
    n       bigint      PRIMARY KEY,
    at      timestamptz NOT NULL,
    login   text        NOT NULL,
    actor   text        NOT NULL,
    act     text        NOT NULL CHECK (act IN ('INSERT', 'UPDATE', 'DELETE')),
    subject text        NOT NULL,
    content text        NOT NULL,
    hash    text        NOT NULL
);
CREATE INDEX chain_subject ON triage.chain (subject, n);
COMMENT ON TABLE  triage.chain IS 'One link a change of a decision or correction, in order. It is only added to; `triage verify` follows it.';
COMMENT ON COLUMN triage.chain.n IS 'Its number, from 1 without a gap.';
COMMENT ON COLUMN triage.chain.at IS 'When, by the clock of the server.';
COMMENT ON COLUMN triage.chain.login IS 'The login of the database.';
COMMENT ON COLUMN triage.chain.actor IS 'In whose name; see the function acting.';
COMMENT ON COLUMN triage.chain.act IS 'INSERT, UPDATE or DELETE.';
COMMENT ON COLUMN triage.chain.subject IS 'The table and the key of the row.';
COMMENT ON COLUMN triage.chain.content IS 'SHA-256 of the row with its salt; empty where it was deleted. The salt goes with what is erased, so it tells nothing of that.';
COMMENT ON COLUMN triage.chain.hash IS 'SHA-256 of the hash before it and of all columns of this row.';

ALTER TABLE triage.decisions   ADD COLUMN salt uuid NOT NULL DEFAULT gen_random_uuid();
ALTER TABLE triage.corrections ADD COLUMN salt uuid NOT NULL DEFAULT gen_random_uuid();
COMMENT ON COLUMN triage.decisions.salt IS 'See chain.content; another one after each change.';
COMMENT ON COLUMN triage.corrections.salt IS 'See chain.content; another one after each change.';
COMMENT ON COLUMN triage.decisions.actor IS 'Who decided: the user of the page, else the login of the database; see the function acting.';

ALTER TABLE triage.model_versions ADD COLUMN signature text;
COMMENT ON COLUMN triage.model_versions.signature IS 'HMAC-SHA-256 of version and artefact under TRIAGE_SIGNING_KEY, after a mark of that key; null where it was stored without one.';

-- Locks by which decisions, runs and erasures take turns. Everybody may take an advisory lock, so these are
-- tables, which only the functions lock.
CREATE TABLE triage.turn_of_decisions ();
CREATE TABLE triage.turn_of_erasures ();
COMMENT ON TABLE triage.turn_of_decisions IS 'Has no rows. Who locks it decides, or writes topics.';
COMMENT ON TABLE triage.turn_of_erasures IS 'Has no rows. Jobs share its lock, an erasure has it alone.';

CREATE FUNCTION triage.take_turn() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN LOCK TABLE triage.turn_of_decisions IN EXCLUSIVE MODE; END $$;
COMMENT ON FUNCTION triage.take_turn() IS 'Waits for the turn to decide and keeps it until the transaction ends.';
CREATE FUNCTION triage.work_beside() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN LOCK TABLE triage.turn_of_erasures IN SHARE MODE; END $$;
COMMENT ON FUNCTION triage.work_beside() IS 'Waits while something is erased; until the transaction ends, nothing is.';
CREATE FUNCTION triage.work_alone() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN LOCK TABLE triage.turn_of_erasures IN EXCLUSIVE MODE; END $$;
COMMENT ON FUNCTION triage.work_alone() IS 'Waits until no job is at work; until the transaction ends, none begins.';

-- The page has one login for all its users. It says in each transaction who is acting, and only members of
-- triage_page are believed; for everybody else it is the login itself.
CREATE FUNCTION triage.acting() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    stated text := coalesce(current_setting('triage.actor', true), '');
BEGIN
    IF stated IN ('', session_user) THEN RETURN session_user; END IF;
    IF stated = 'run' OR NOT pg_has_role(session_user, 'triage_page', 'MEMBER') THEN
        RAISE EXCEPTION 'the login % may not act as %', session_user, stated USING ERRCODE = '42501',
            HINT = format('Decide on the page, or with a login of your own; only logins of pages get GRANT triage_page TO %I', session_user);
    END IF;
    RETURN stated;
END $$;
COMMENT ON FUNCTION triage.acting() IS 'Who is acting: the setting triage.actor, where the login is a member of triage_page; else the login.';

CREATE FUNCTION triage.content(d triage.decisions) RETURNS text LANGUAGE sql STABLE SET timezone = 'UTC' SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(d.decision_no, d.decided_at, d.actor, d.action, d.channel, d.topic_id,
        d.message_id, d.alert_id, d.was, d.became, d.undone_by, d.undone_at, d.salt)::text, 'UTF8')), 'hex')
$$;
CREATE FUNCTION triage.content(c triage.corrections) RETURNS text LANGUAGE sql STABLE SET timezone = 'UTC' SET search_path = pg_catalog, pg_temp AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(c.correction_id, c.message_id, c.intent, c.topic_id, c.corrected_by,
        c.corrected_at, c.note, c.as_guessed, c.salt)::text, 'UTF8')), 'hex')
$$;
COMMENT ON FUNCTION triage.content(triage.decisions) IS 'See chain.content.';
COMMENT ON FUNCTION triage.content(triage.corrections) IS 'See chain.content.';

CREATE FUNCTION triage.renew_salt() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN NEW.salt := gen_random_uuid(); RETURN NEW; END $$;
CREATE TRIGGER renew_salt BEFORE UPDATE ON triage.decisions   FOR EACH ROW EXECUTE FUNCTION triage.renew_salt();
CREATE TRIGGER renew_salt BEFORE UPDATE ON triage.corrections FOR EACH ROW EXECUTE FUNCTION triage.renew_salt();

CREATE FUNCTION triage.chain_up() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last record;
    link triage.chain;
BEGIN
    PERFORM triage.take_turn();
    SELECT n, hash INTO last FROM triage.chain ORDER BY n DESC LIMIT 1;
    link.n := coalesce(last.n, 0) + 1;
    link.at := triage.moment();
    link.login := session_user;
    link.actor := triage.acting();
    link.act := TG_OP;
    IF TG_TABLE_NAME = 'decisions' THEN
        link.subject := 'decisions ' || CASE WHEN TG_OP = 'DELETE' THEN OLD.decision_no ELSE NEW.decision_no END;
    ELSE
        link.subject := 'corrections ' || CASE WHEN TG_OP = 'DELETE' THEN OLD.correction_id ELSE NEW.correction_id END;
    END IF;
    link.content := CASE WHEN TG_OP = 'DELETE' THEN '' ELSE triage.content(NEW) END;
    link.hash := encode(sha256(convert_to(concat_ws(E'\n', coalesce(last.hash, ''), link.n, extract(epoch FROM link.at),
        link.login, link.actor, link.act, link.subject, link.content), 'UTF8')), 'hex');
    INSERT INTO triage.chain SELECT link.*;
    RETURN NULL;
END $$;
COMMENT ON FUNCTION triage.chain_up() IS 'Adds a link for a row that was written or deleted.';
CREATE TRIGGER chain_up AFTER INSERT OR UPDATE OR DELETE ON triage.decisions   FOR EACH ROW EXECUTE FUNCTION triage.chain_up();
CREATE TRIGGER chain_up AFTER INSERT OR UPDATE OR DELETE ON triage.corrections FOR EACH ROW EXECUTE FUNCTION triage.chain_up();

-- An event in a theme's history bears the name of who is acting; a run's is a job's.
CREATE FUNCTION triage.own_name() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.actor = 'run' AND has_table_privilege('triage.topic_events', 'DELETE')
        OR pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = 'triage.topic_events'::regclass), 'USAGE')
    THEN RETURN NEW; END IF;
    IF NEW.actor <> triage.acting() THEN
        RAISE EXCEPTION '% may not write an event of %', triage.acting(), NEW.actor USING ERRCODE = '42501';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER own_name BEFORE INSERT ON triage.topic_events FOR EACH ROW EXECUTE FUNCTION triage.own_name();

-- What is decided later counts, so a clock that is set back must not make it earlier.
CREATE FUNCTION triage.moment() RETURNS timestamptz LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT greatest(clock_timestamp(), (SELECT at + interval '1 microsecond' FROM triage.chain ORDER BY n DESC LIMIT 1))
$$;
COMMENT ON FUNCTION triage.moment() IS 'Now, by the clock of the server, and after the last link of the chain.';

CREATE FUNCTION triage.decide(action text, channel text, topic_id bigint, message_id uuid, alert_id text, was jsonb, became jsonb)
RETURNS bigint LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO triage.decisions (decided_at, actor, action, channel, topic_id, message_id, alert_id, was, became)
    VALUES (triage.moment(), triage.acting(), $1, $2, $3, $4, $5, $6, $7) RETURNING decision_no
$$;
COMMENT ON FUNCTION triage.decide(text, text, bigint, uuid, text, jsonb, jsonb) IS 'Logs a decision of who is acting, now; returns its number.';

CREATE FUNCTION triage.correct(messages uuid[], intent text, topic_id bigint, note text, as_guessed boolean)
RETURNS SETOF uuid LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO triage.corrections (message_id, intent, topic_id, corrected_by, corrected_at, note, as_guessed)
    SELECT m, $2, $3, triage.acting(), triage.moment(), $4, $5 FROM unnest($1) m RETURNING correction_id
$$;
COMMENT ON FUNCTION triage.correct(uuid[], text, bigint, text, boolean) IS 'Gives messages an intent or a topic in the name of who is acting, now.';

DROP FUNCTION triage.retract(bigint);
CREATE FUNCTION triage.undo(decision bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    d triage.decisions;
BEGIN
    UPDATE triage.decisions x SET undone_by = triage.acting(), undone_at = triage.moment()
    WHERE x.decision_no = decision AND x.undone_at IS NULL RETURNING * INTO d;
    IF NOT FOUND THEN RETURN; END IF;
    DELETE FROM triage.corrections c
    WHERE d.became->'corrections' ? c.correction_id::text AND c.corrected_by = d.actor;
    DELETE FROM triage.labelled_examples WHERE origin = 'promotion:' || decision;
END $$;
COMMENT ON FUNCTION triage.undo(bigint) IS 'Marks a decision as undone by who is acting, and takes back its corrections and labelled examples; nothing where it was undone.';

-- What a job may do to what people decided: less, not more, and each time with a link of the chain.
CREATE FUNCTION triage.forget_corrections(messages uuid[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (DELETE FROM triage.corrections c WHERE c.message_id = ANY($1)
        AND NOT EXISTS (SELECT FROM triage.messages m WHERE m.message_id = c.message_id) RETURNING 1)
    SELECT count(*) FROM gone
$$;
COMMENT ON FUNCTION triage.forget_corrections(uuid[]) IS 'Deletes the corrections of messages that exist no more.';
CREATE FUNCTION triage.blank_corrections(notes text[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH done AS (UPDATE triage.corrections SET note = '[erased]' WHERE note = ANY($1) RETURNING 1) SELECT count(*) FROM done
$$;
COMMENT ON FUNCTION triage.blank_corrections(text[]) IS 'Replaces notes that quote what was erased.';
CREATE FUNCTION triage.rename_corrections(old text, new text) RETURNS SETOF uuid
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE triage.corrections SET intent = $2 WHERE intent = $1 RETURNING correction_id
$$;
COMMENT ON FUNCTION triage.rename_corrections(text, text) IS 'Lets corrections follow an intent to its other name; returns which.';
CREATE FUNCTION triage.rewrite_decision(decision bigint, message_id uuid, was jsonb, became jsonb) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH done AS (UPDATE triage.decisions d SET was = $3, became = $4,
        message_id = CASE WHEN $2 IS NULL THEN NULL ELSE d.message_id END WHERE d.decision_no = $1 RETURNING 1)
    SELECT count(*) FROM done
$$;
COMMENT ON FUNCTION triage.rewrite_decision(bigint, uuid, jsonb, jsonb) IS 'Leaves out of a decision what an erasure removes; who decided, when and what kind stays.';

-- A reader with a transaction open holds up neither a new month nor, for longer than a second, a dropped one.
CREATE OR REPLACE FUNCTION triage.ensure_month(some_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp AS $$
DECLARE
    first date := date_trunc('month', some_day);
    name text := 'messages_' || to_char(first, 'YYYY_MM');
BEGIN
    IF to_regclass('triage.' || name) IS NOT NULL THEN RETURN; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('triage.ensure_month'));
    IF to_regclass('triage.' || name) IS NOT NULL THEN RETURN; END IF;
    -- To create it as a partition would lock out who reads messages, and wait for who does.
    EXECUTE format('CREATE TABLE triage.%I (LIKE triage.messages INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)', name);
    EXECUTE format('ALTER TABLE triage.messages ATTACH PARTITION triage.%I FOR VALUES FROM (%L) TO (%L)',
                   name, first, first + interval '1 month');
END $$;
CREATE OR REPLACE FUNCTION triage.drop_month(some_day date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = triage, pg_temp SET lock_timeout = '1s' AS $$
DECLARE
    name text := 'messages_' || to_char(date_trunc('month', some_day), 'YYYY_MM');
    is_used boolean;
BEGIN
    IF to_regclass('triage.' || name) IS NULL THEN RETURN false; END IF;
    PERFORM pg_advisory_xact_lock(hashtext('triage.ensure_month'));
    EXECUTE format('SELECT EXISTS (SELECT FROM triage.%I)', name) INTO is_used;
    IF is_used THEN RETURN false; END IF;
    LOCK TABLE triage.messages IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('SELECT EXISTS (SELECT FROM triage.%I)', name) INTO is_used;
    IF is_used THEN RETURN false; END IF;
    EXECUTE format('DROP TABLE triage.%I', name);
    RETURN true;
EXCEPTION WHEN lock_not_available THEN RETURN false;
END $$;
COMMENT ON FUNCTION triage.drop_month(date) IS 'Drops the partition of messages that holds the day, if nothing is in it and nobody reads; says whether it did.';

-- What was decided before begins the chain, by updates that change nothing but the salt.
DO $$
DECLARE
    key record;
BEGIN
    FOR key IN SELECT decision_no FROM triage.decisions ORDER BY 1 LOOP
        UPDATE triage.decisions SET actor = actor WHERE decision_no = key.decision_no;
    END LOOP;
    FOR key IN SELECT correction_id FROM triage.corrections ORDER BY corrected_at, 1 LOOP
        UPDATE triage.corrections SET note = note WHERE correction_id = key.correction_id;
    END LOOP;
END $$;
