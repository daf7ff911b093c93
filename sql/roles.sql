-- Who may do what. The roles have no login: grant them to the users of your server.

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['triage_writer', 'triage_reviewer', 'triage_reader'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'permission denied to create role' USING ERRCODE = '42501', HINT = format(
        'Let an administrator run: CREATE ROLE triage_writer NOLOGIN; CREATE ROLE triage_reviewer NOLOGIN; '
        'CREATE ROLE triage_reader NOLOGIN; GRANT triage_reviewer TO %I', current_user);
END $$;

-- The page logs in as the user who migrated and switches to this role. Roles belong to the server: another
-- environment on it may have made them, and then only its user or an administrator can grant them.
DO $$
BEGIN
    EXECUTE format('GRANT triage_reviewer TO %I', current_user);
EXCEPTION WHEN insufficient_privilege THEN
    IF NOT pg_has_role(current_user, 'triage_reviewer',
                       CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
    THEN
        RAISE EXCEPTION 'the role triage_reviewer was made by another user of this server'
            USING ERRCODE = '42501', HINT = format(
                'Let that user or an administrator run: GRANT triage_reviewer TO %I', current_user);
    END IF;
END $$;

GRANT USAGE ON SCHEMA triage TO triage_writer, triage_reviewer, triage_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA triage FROM triage_writer, triage_reviewer, triage_reader;
REVOKE EXECUTE ON FUNCTION triage.ensure_month(date), triage.drop_month(date) FROM PUBLIC;

-- The DAGs write everything but the schema.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA triage TO triage_writer;
REVOKE INSERT, UPDATE, DELETE ON triage.alembic_version FROM triage_writer;
GRANT EXECUTE ON FUNCTION triage.ensure_month(date), triage.drop_month(date) TO triage_writer;
-- Who was erased is kept: it is added to, never changed.
REVOKE UPDATE, DELETE ON triage.erasures, triage.tombstones FROM triage_writer;

-- The page reads all but quarantine and writes what people decide.
GRANT SELECT ON ALL TABLES IN SCHEMA triage TO triage_reviewer;
REVOKE ALL ON triage.quarantine, triage.tombstones FROM triage_reviewer;
GRANT INSERT ON triage.corrections, triage.topic_events, triage.intents, triage.labelled_examples TO triage_reviewer;
GRANT UPDATE (label, label_source, heir_id, status, muted) ON triage.topics TO triage_reviewer;
GRANT UPDATE (status, handled_by, handled_at, assigned_to, snoozed_until) ON triage.alerts TO triage_reviewer;
GRANT INSERT, UPDATE (address), DELETE ON triage.subscriptions TO triage_reviewer;
GRANT INSERT ON triage.decisions, triage.topics, triage.topic_seeds, triage.topic_days TO triage_reviewer;
GRANT UPDATE (undone_by, undone_at) ON triage.decisions TO triage_reviewer;
GRANT UPDATE (description, active) ON triage.intents TO triage_reviewer;
GRANT INSERT, DELETE ON triage.topic_overlaps TO triage_reviewer;
REVOKE EXECUTE ON FUNCTION triage.retract(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION triage.retract(bigint) TO triage_reviewer;
REVOKE EXECUTE ON FUNCTION triage.move_back(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION triage.move_back(bigint) TO triage_reviewer;

-- Analysts read the views, not the tables below them.
GRANT SELECT ON triage.heirs, triage.current_topics, triage.message_topics, triage.message_triage, triage.themes,
    triage.theme_days, triage.theme_trend, triage.theme_mix, triage.theme_alerts, triage.intent_trend,
    triage.review_queue, triage.run_health, triage.models TO triage_reader;
