"""Migrating a database of another version, and being killed at it."""

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
    """The address of a database on the schema of before, with a decision in it."""
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
    """The database stays as it was until all is done; nothing is lost, and again is enough."""
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


def test_a_newer_schema_is_left_alone(store: PostgresStore, settings: object) -> None:
    """What a later version migrated is named and refused, by the store and by `triage migrate`."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match=r"schema 9999, newer than .*Install the version"):
        check_schema(store.engine)
    with pytest.raises(DatabaseError, match=r"schema 9999, newer than"):
        migrate(settings)  # type: ignore[arg-type]
