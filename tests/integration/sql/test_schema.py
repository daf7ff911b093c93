"""The schema: what the migrations create and what the code expects."""

import pytest
from alembic import command
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import ProgrammingError

from nlp.errors import DatabaseDownError, DatabaseError
from nlp.jobs.decide import undo
from nlp.settings import Settings, load
from nlp.states import Channel
from sql.connect import PostgresStore, _alembic, check_schema, connect, migrate
from tests.three_themes import APP, CARD, PIN, fill, message_id


def test_every_table_and_column_says_what_it_is(store: PostgresStore) -> None:
    """Each table and view of the schema, and each of their columns, has a comment."""
    query = text(
        """
        SELECT c.relname || coalesce('.' || a.attname, '') FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'triage'
        LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
             AND NOT a.attisdropped
        WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
          AND c.relname <> 'alembic_version'
          AND (col_description(c.oid, a.attnum) IS NULL AND a.attnum IS NOT NULL
               OR obj_description(c.oid) IS NULL)
        """
    )
    with store.engine.connect() as connection:
        assert connection.execute(query).scalars().all() == []


def test_migrating_again_changes_nothing(settings: Settings, store: PostgresStore) -> None:
    """A second migration ends on the same version and keeps the rows."""
    with store.engine.begin() as connection:
        connection.execute(text("INSERT INTO triage.intents (name) VALUES ('card_lost')"))
    assert migrate(settings) == migrate(settings)
    with store.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM triage.intents")) == 1


def test_an_older_schema_is_refused(settings: Settings, store: PostgresStore) -> None:
    """A database with another version says so and names the command that fixes it."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.alembic_version SET version_num = '0000'"))
    with pytest.raises(DatabaseError, match=r"on schema 0000.*triage migrate"):
        check_schema(store.engine)


def test_a_database_that_is_down_is_said_to_be(settings: Settings) -> None:
    """If no database answers, one line gives the address and the remedy, without the password."""
    url = "postgresql://someone:hidden-word@127.0.0.1:1/triage"
    with pytest.raises(DatabaseDownError, match="No PostgreSQL answers") as caught:
        connect(load(database_url=url, _env_file=None))
    assert "hidden-word" not in str(caught.value)


@pytest.mark.parametrize(
    ("role", "statement", "allowed"),
    [
        ("triage_reader", "SELECT 1 FROM triage.themes", True),
        ("triage_reader", "SELECT 1 FROM triage.message_triage", True),
        ("triage_reader", "SELECT 1 FROM triage.messages", False),
        ("triage_reader", "SELECT 1 FROM triage.quarantine", False),
        ("triage_reader", "SELECT n_customers_week FROM triage.themes", True),
        ("triage_reader", "SELECT customer FROM triage.theme_customers", False),
        ("triage_reviewer", "SELECT customer FROM triage.theme_customers", True),
        ("triage_reviewer", "DELETE FROM triage.topic_customers", False),
        ("triage_writer", "DELETE FROM triage.topic_customers", True),
        ("triage_reviewer", "SELECT 1 FROM triage.messages", True),
        ("triage_reviewer", "SELECT 1 FROM triage.quarantine", False),
        ("triage_reviewer", "DELETE FROM triage.messages", False),
        ("triage_reviewer", "UPDATE triage.topics SET label = 'x'", True),
        ("triage_reviewer", "UPDATE triage.topics SET born_on = now()", False),
        ("triage_writer", "DELETE FROM triage.messages", True),
        ("triage_writer", "SELECT triage.ensure_month('2026-03-02')", True),
        ("triage_writer", "DROP TABLE triage.messages", False),
        ("triage_writer", "DELETE FROM triage.alembic_version", False),
    ],
)
def test_roles_may_do_what_they_need_and_no_more(
    settings: Settings, role: str, statement: str, allowed: bool
) -> None:
    """Each role is granted its work and refused the rest."""
    assert settings.database_url is not None
    engine = create_engine(settings.database_url.get_secret_value())
    try:
        with engine.begin() as connection:
            connection.execute(text(f"SET ROLE {role}"))
            if allowed:
                assert connection.execute(text(statement)) is not None
            else:
                with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
                    connection.execute(text(statement))
    finally:
        engine.dispose()


def downgrade(connection: Connection, version: str) -> None:
    """Downgrade the schema to an earlier version, in the caller's transaction."""
    config = _alembic()
    config.attributes["connection"] = connection
    command.downgrade(config, version)


_OF_0005 = """
INSERT INTO triage.decisions (actor, action, topic_id, message_id, was, became) VALUES
('maria', 'rename', :card, NULL, '{"label": "Card lost", "label_source": "model"}',
 '{"label": "Lost cards"}'),
('maria', 'merge', :pin, NULL, '{"label": "Pin blocked", "status": "active"}',
 '{"label": "Lost cards", "heir_id": 20260302001}'),
('maria', 'mute', :app, NULL, '{"muted": false}', '{"muted": true}'),
('maria', 'promote', :app, NULL, '{"active": false, "existed": false}', '{"intent": "app"}'),
('maria', 'correct', NULL, CAST(:message AS uuid),
 '{"label": "App crashes", "intent": null, "topic_id": 20260302003}',
 jsonb_build_object('topic_id', :card, 'label', 'Lost cards', 'corrections',
   (SELECT jsonb_agg(correction_id) FROM triage.corrections)));
INSERT INTO triage.topic_events VALUES
('2026-03-09/p00000000000000000001', '2026-03-09', 'merge', :pin, :card, 'maria', ''),
('2026-03-09/p00000000000000000002', '2026-03-09', 'mute', :app, NULL, 'maria', '');
UPDATE triage.topics SET label = 'Lost cards', label_source = 'person' WHERE topic_id = :card;
UPDATE triage.topics SET heir_id = :card, status = 'merged' WHERE topic_id = :pin;
UPDATE triage.topics SET muted = true WHERE topic_id = :app;
INSERT INTO triage.intents (name) VALUES ('app');
INSERT INTO triage.labelled_examples (text_hash, intent, text, origin)
SELECT text_hash, 'app', text, 'promotion:4' FROM triage.messages LIMIT 3
"""


def test_decisions_of_an_older_schema_are_undone_after_migrating(
    settings: Settings, store: PostgresStore
) -> None:
    """Entries of the log as version 0005 wrote them: each is undone, and all is as before."""
    fill(store)
    values = {"card": CARD, "pin": PIN, "app": APP, "message": message_id(APP, 0)}
    query = text(
        "SELECT t.topic_id, label, label_source, status, heir_id, muted, (SELECT count(*) FROM "
        "triage.message_triage m WHERE m.topic_id = t.topic_id) FROM triage.topics t ORDER BY 1"
    )
    with store.engine.begin() as connection:
        before = connection.execute(query).all()
        downgrade(connection, "0005")
        connection.execute(
            text("INSERT INTO triage.corrections (message_id, topic_id, corrected_by) "
                 "VALUES (CAST(:message AS uuid), :card, 'maria')"),
            values,
        )  # fmt: skip
        for statement in _OF_0005.split(";\n"):
            connection.execute(text(statement), values)
    assert migrate(settings) >= "0006"
    with store.deciding() as decisions:
        for number in (5, 4, 3, 2, 1):
            result = decisions.decision(number)
            assert result is not None
            assert result.channel == Channel.PAGE
            undo(decisions, number, actor="ben")
    with store.engine.connect() as connection:
        assert connection.execute(query).all() == before
        assert connection.scalar(text("SELECT count(*) FROM triage.labelled_examples")) == 0
        active = text("SELECT active FROM triage.intents WHERE name = 'app'")
        assert connection.scalar(active) is False
