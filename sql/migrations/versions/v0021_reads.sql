-- Who read or exported messages: the user, the filter and how many. It is only added to, by functions.
CREATE TABLE triage.reads (
    read_no bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    login   text        NOT NULL DEFAULT session_user,
    actor   text        NOT NULL,
    what    text        NOT NULL,
    filter  jsonb       NOT NULL,
    n       integer
);
CREATE INDEX reads_read_at ON triage.reads (read_at);
COMMENT ON TABLE  triage.reads IS 'One time that a person of the page saw messages, or took out a file.';
COMMENT ON COLUMN triage.reads.read_no IS 'Its number, in the order of reading.';
COMMENT ON COLUMN triage.reads.read_at IS 'When.';
COMMENT ON COLUMN triage.reads.login IS 'The login of the database.';
COMMENT ON COLUMN triage.reads.actor IS 'Who read; see the function acting.';
COMMENT ON COLUMN triage.reads.what IS 'The kind of page, or the file.';
COMMENT ON COLUMN triage.reads.filter IS 'What was asked for: the parameters of the address. No text of a message.';
COMMENT ON COLUMN triage.reads.n IS 'Messages shown, or rows of the file; null while a file is written, or where its end was not reached.';

CREATE FUNCTION triage.note_read(what text, filter jsonb, n integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO triage.reads (actor, what, filter, n) VALUES (triage.acting(), $1, $2, $3) RETURNING read_no
$$;
COMMENT ON FUNCTION triage.note_read(text, jsonb, integer) IS 'Logs that who is acting reads, now; returns the number.';
CREATE FUNCTION triage.end_read(number bigint, n integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    UPDATE triage.reads r SET n = $2 WHERE r.read_no = $1 AND r.n IS NULL AND r.actor = triage.acting()
$$;
COMMENT ON FUNCTION triage.end_read(bigint, integer) IS 'Says once how many rows a file of who is acting had.';
CREATE FUNCTION triage.blank_reads(gone text[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH done AS (UPDATE triage.reads r SET filter = (
        SELECT jsonb_object_agg(key, CASE WHEN value = ANY($1) THEN '[erased]' ELSE value END)
        FROM jsonb_each_text(r.filter))
    WHERE EXISTS (SELECT FROM jsonb_each_text(r.filter) WHERE value = ANY($1)) RETURNING 1) SELECT count(*) FROM done
$$;
COMMENT ON FUNCTION triage.blank_reads(text[]) IS 'Blanks filters that name who was erased.';
