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
    -- The page logs in as the user who migrated and switches to this role.
    EXECUTE format('GRANT triage_reviewer TO %I', current_user);
END $$;

GRANT USAGE ON SCHEMA triage TO triage_writer, triage_reviewer, triage_reader;
REVOKE ALL ON ALL TABLES IN SCHEMA triage FROM triage_writer, triage_reviewer, triage_reader;
REVOKE EXECUTE ON FUNCTION triage.ensure_month(date) FROM PUBLIC;

-- The DAGs write everything but the schema.
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA triage TO triage_writer;
REVOKE INSERT, UPDATE, DELETE ON triage.alembic_version FROM triage_writer;
GRANT EXECUTE ON FUNCTION triage.ensure_month(date) TO triage_writer;

-- The page reads all but quarantine and writes what people decide.
GRANT SELECT ON ALL TABLES IN SCHEMA triage TO triage_reviewer;
REVOKE ALL ON triage.quarantine FROM triage_reviewer;
GRANT INSERT ON triage.corrections, triage.topic_events, triage.intents, triage.labelled_examples TO triage_reviewer;
GRANT UPDATE (label, label_source, heir_id, status, muted) ON triage.topics TO triage_reviewer;
GRANT UPDATE (status, handled_by, handled_at) ON triage.alerts TO triage_reviewer;
GRANT INSERT ON triage.decisions, triage.topics, triage.topic_seeds, triage.topic_days TO triage_reviewer;
GRANT UPDATE (undone_by, undone_at) ON triage.decisions TO triage_reviewer;
GRANT UPDATE (description, active) ON triage.intents TO triage_reviewer;
GRANT INSERT, DELETE ON triage.topic_overlaps TO triage_reviewer;
REVOKE EXECUTE ON FUNCTION triage.retract(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION triage.retract(bigint) TO triage_reviewer;

-- Analysts read the views, not the tables below them.
GRANT SELECT ON triage.heirs, triage.current_topics, triage.message_topics, triage.message_triage, triage.themes,
    triage.theme_days, triage.theme_trend, triage.theme_mix, triage.theme_alerts, triage.intent_trend,
    triage.review_queue, triage.run_health, triage.models TO triage_reader;
