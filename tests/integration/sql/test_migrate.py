"""Migrate a database of another version, and be killed while doing so."""

import os
import signal
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine, event, text

from nlp.errors import DatabaseError
from nlp.settings import load
from sql import embedded
from sql.connect import PostgresStore, _alembic, check_schema, migrate
from tests import forks

_BEFORE = "0005"
_TOPIC = 20260302001
_MESSAGE = "00000000-0000-4000-8000-000000000001"
_FILL = f"""
SELECT triage.ensure_month('2026-03-02');
INSERT INTO triage.messages (message_id, source, external_id, created_at, day, arrived_on, text,
                             text_hash, language)
VALUES ('{_MESSAGE}', 'box', 'm1', '2026-03-02', '2026-03-02', '2026-03-02', 'My card is lost',
        '{_MESSAGE}', 'en');
INSERT INTO triage.topic_assignments (message_id, arrived_on, decided_on, stage, topic_id, strength)
VALUES ('{_MESSAGE}', '2026-03-02', '2026-03-02', 'discover', {_TOPIC}, 0.9);
INSERT INTO triage.topic_days (topic_id, day, n_messages, status)
VALUES ({_TOPIC}, '2026-03-02', 1, 'new');
INSERT INTO triage.topic_mix (day, topic_id, channel, intent, n_messages, n_abstained)
VALUES ('2026-03-02', {_TOPIC}, '', '', 1, 0);
"""


def _migrate_and_die(url: str, local: str, statement: int) -> None:
    """Migrate, and be killed before the statement of that number."""
    from sqlalchemy.engine import Engine

    n = 0

    def count(*_: object) -> None:
        nonlocal n
        n += 1
        if n == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count)
    migrate(load(database_url=url, local_dir=Path(local), _env_file=None))


@pytest.fixture
def older(local_dir: Path) -> str:
    """The address of a database on an earlier schema, with a decision in it."""
    url = embedded.database_url(local_dir, "older")
    engine = create_engine(url)
    with engine.begin() as connection:
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, _BEFORE)
        connection.execute(
            text(
                "INSERT INTO triage.topics (topic_id, label, label_source, keywords, exemplars, "
                "status, born_on, updated_on) VALUES (:t, 'Cards', 'person', '{}', '{}', "
                "'active', '2026-03-02', '2026-03-02')"
            ),
            {"t": _TOPIC},
        )
        connection.execute(
            text(
                "INSERT INTO triage.decisions (actor, action, topic_id, was, became, decided_at) "
                'VALUES (\'lead\', \'rename\', :t, \'{"label": "Card", "label_source": "model"}\', '
                '\'{"label": "Cards"}\', now())'
            ),
            {"t": _TOPIC},
        )
    engine.dispose()
    yield url
    embedded.drop_database(local_dir, "older")


def test_a_migration_killed_at_any_statement_is_mended_by_the_next(
    older: str, local_dir: Path
) -> None:
    """The database is unchanged until the end; nothing is lost, and running it again suffices."""
    settings = load(database_url=older, local_dir=local_dir, _env_file=None)
    engine = create_engine(older)
    n_killed = 0
    for statement in range(2, 200, 3):
        process = forks.start(_migrate_and_die, older, str(local_dir), statement)
        process.join(60)
        if process.exitcode == 0:
            break
        n_killed += 1
        assert process.exitcode == -signal.SIGKILL
        with engine.connect() as connection:
            version = connection.scalar(text("SELECT version_num FROM triage.alembic_version"))
        assert version == _BEFORE
    assert n_killed > 2
    migrate(settings)
    check_schema(engine)
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT actor, action, undone_at FROM triage.decisions"))
        assert kept.all() == [("lead", "rename", None)]
    engine.dispose()


def test_data_of_an_older_schema_is_read_and_corrected(older: str, local_dir: Path) -> None:
    """An earlier message is one passage of its topic, counts once, and a correction moves it.

    A correction moves its customer, too.
    """
    engine = create_engine(older)
    with engine.begin() as connection:
        connection.exec_driver_sql(_FILL)
    migrate(load(database_url=older, local_dir=local_dir, _env_file=None))
    with engine.begin() as connection:
        themes = "SELECT topic_id, text, strength::float4 FROM triage.message_topics"
        assert connection.execute(text(themes)).all() == [(_TOPIC, "My card is lost", 0.9)]
        counts = "SELECT topic_id, n_messages, n_first FROM triage.theme_mix"
        assert connection.execute(text(counts)).all() == [(_TOPIC, 1, 1)]
        wrote = "SELECT topic_id, customer FROM triage.theme_customers"
        assert connection.execute(text(wrote)).all() == [(_TOPIC, _MESSAGE)]
        other = (
            "INSERT INTO triage.topics (topic_id, label, label_source, keywords, exemplars, status,"
            " born_on, updated_on) SELECT topic_id + 1, 'Pins', label_source, keywords, exemplars,"
            " status, born_on, updated_on FROM triage.topics"
        )
        connection.execute(text(other))
        moved = (
            "INSERT INTO triage.corrections (message_id, topic_id, corrected_by) "
            f"VALUES ('{_MESSAGE}', {_TOPIC + 1}, 'lead')"
        )
        connection.execute(text(moved))
        assert connection.execute(text(counts)).all() == [(_TOPIC + 1, 1, 1)]
        assert connection.execute(text(wrote)).all() == [(_TOPIC + 1, _MESSAGE)]
    engine.dispose()


def test_the_last_migrations_can_be_taken_back(older: str, local_dir: Path) -> None:
    """Down to the schema of before and up again, nothing of a message of one theme is lost."""
    engine = create_engine(older)
    with engine.begin() as connection:
        connection.exec_driver_sql(_FILL)
    settings = load(database_url=older, local_dir=local_dir, _env_file=None)
    migrate(settings)
    with engine.begin() as connection:
        config = _alembic()
        config.attributes["connection"] = connection
        command.downgrade(config, "0007")
        assigned = "SELECT message_id::text, topic_id FROM triage.topic_assignments"
        assert connection.execute(text(assigned)).all() == [(_MESSAGE, _TOPIC)]
    migrate(settings)
    with engine.connect() as connection:
        counts = "SELECT topic_id, n_messages, n_first FROM triage.theme_mix"
        assert connection.execute(text(counts)).all() == [(_TOPIC, 1, 1)]
    engine.dispose()


def test_who_wrote_and_what_waited_can_be_taken_back(older: str, local_dir: Path) -> None:
    """Down one version a correction still moves a message; up again its customer is counted."""
    engine = create_engine(older)
    with engine.begin() as connection:
        connection.exec_driver_sql(_FILL)
    settings = load(database_url=older, local_dir=local_dir, _env_file=None)
    migrate(settings)
    with engine.begin() as connection:
        waits = (
            "INSERT INTO triage.topic_events (event_id, day, event, topic_id, actor, detail) "
            f"VALUES ('1', '2026-03-02', 'wait', {_TOPIC}, 'run', '')"
        )
        connection.execute(text(waits))
        config = _alembic()
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
        assert connection.scalar(text("SELECT count(*) FROM triage.topic_events")) == 0
        corrected = (
            "INSERT INTO triage.corrections (message_id, topic_id, corrected_by) "
            f"VALUES ('{_MESSAGE}', {_TOPIC}, 'lead')"
        )
        connection.execute(text(corrected))
        days = "SELECT topic_id, n_messages FROM triage.topic_days"
        assert connection.execute(text(days)).all() == [(_TOPIC, 1)]
    migrate(settings)
    with engine.connect() as connection:
        wrote = "SELECT topic_id, customer FROM triage.theme_customers"
        assert connection.execute(text(wrote)).all() == [(_TOPIC, _MESSAGE)]
    engine.dispose()


def test_a_newer_schema_is_left_alone(store: PostgresStore, settings: object) -> None:
    """What a later version migrated is named and refused, by the store and by `triage migrate`."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"schema 9999, newer than .*Install the version"):
        check_schema(store.engine)
    with pytest.raises(DatabaseError, match=r"schema 9999, newer than"):
        migrate(settings)  # type: ignore[arg-type]
