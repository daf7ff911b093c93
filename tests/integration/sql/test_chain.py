"""Decisions cannot be forged: who is acting, what the roles may not do, and the chain."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from sql.connect import PostgresStore, _alembic, open_store
from sql.queries.chain import Chain, verify
from sql.stores.turns import take_turn, work_beside
from tests import deciding
from tests.command_line import Triage, one_line, triage  # noqa: F401
from tests.conftest import migrated
from tests.integration.sql.test_schema import downgrade
from tests.three_themes import APP, CARD, PIN, fill, message_id

_ADD = (
    "INSERT INTO triage.decisions (actor, action, was, became) VALUES ('eve', 'note', '{}', '{}')"
)
_LOGINS = {"clerk": "triage_reviewer", "web": "triage_reviewer, triage_page",
           "job": "triage_writer", "analyst": "triage_reader"}  # fmt: skip


@pytest.fixture(scope="module")
def planted(local_dir: Path) -> Iterator[PostgresStore]:
    """A day with three themes, and a login of each kind."""
    with migrated(local_dir) as settings, open_store(settings) as store:
        fill(store)
        with store.engine.begin() as connection:
            for login, roles in _LOGINS.items():
                connection.exec_driver_sql(f"CREATE ROLE {login} LOGIN; GRANT {roles} TO {login}")
        yield store
        with store.engine.begin() as connection:
            connection.exec_driver_sql(f"DROP ROLE {', '.join(_LOGINS)}")


@pytest.fixture
def db(planted: PostgresStore) -> Iterator[Connection]:
    """A connection whose transaction is rolled back in the end."""
    with planted.engine.connect() as connection:
        yield connection
        connection.rollback()
        connection.exec_driver_sql("RESET SESSION AUTHORIZATION")
        connection.commit()


def _be(db: Connection, login: str) -> None:
    db.exec_driver_sql(f"SET SESSION AUTHORIZATION {login}")


def _as_owner(db: Connection, statement: str) -> None:
    """What somebody who has the tables can do: past the triggers."""
    db.exec_driver_sql("RESET SESSION AUTHORIZATION")
    db.exec_driver_sql("SET LOCAL session_replication_role = replica")
    db.exec_driver_sql(statement)


@pytest.mark.parametrize("login", ["clerk", "web", "job"])
@pytest.mark.parametrize(
    "statement",
    [
        _ADD,
        "UPDATE triage.decisions SET decided_at = '2030-01-01'",
        "UPDATE triage.decisions SET undone_by = 'eve'",
        "DELETE FROM triage.decisions",
        "INSERT INTO triage.corrections (message_id, corrected_by) VALUES (null, 'eve')",
        "UPDATE triage.corrections SET corrected_by = 'eve'",
        "DELETE FROM triage.corrections",
        "INSERT INTO triage.chain SELECT * FROM triage.chain",
        "UPDATE triage.chain SET actor = 'eve'",
        "DELETE FROM triage.chain",
        "ALTER TABLE triage.decisions DISABLE TRIGGER chain_up",
    ],
)
def test_nobody_writes_decisions_but_through_the_functions(
    db: Connection, login: str, statement: str
) -> None:
    """No role adds, post-dates, changes or deletes what people decided, or its chain."""
    _be(db, login)
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        db.exec_driver_sql(statement)


@pytest.mark.parametrize("login", ["clerk", "job"])
def test_a_login_decides_in_its_own_name_only(db: Connection, login: str) -> None:
    """Whoever states another user is refused by name; without a statement it is the login."""
    _be(db, login)
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=5)
    call = "SELECT triage.decide('note', 'api', NULL, NULL, NULL, '{}', '{}')"
    number = db.scalar(text(call))
    made = "SELECT actor, decided_at, undone_at FROM triage.decisions WHERE decision_no = :n"
    actor, decided_at, undone_at = db.execute(text(made), {"n": number}).one()
    assert (actor, undone_at) == (login, None)
    assert before < decided_at < dt.datetime.now(dt.UTC) + dt.timedelta(seconds=5)
    db.exec_driver_sql("SELECT set_config('triage.actor', 'maria', true)")
    with pytest.raises(ProgrammingError, match=f"the login {login} may not act as maria"):
        db.execute(text(call))


def test_the_page_speaks_for_its_users_and_its_login_is_recorded(db: Connection) -> None:
    """A member of triage_page is believed; beside the user the chain has the login."""
    _be(db, "web")
    number = deciding.rename(db, CARD, "Lost cards", actor="maria")
    deciding.undo(db, number, actor="ben")
    links = "SELECT login, actor, act FROM triage.chain ORDER BY n"
    assert [tuple(row) for row in db.execute(text(links))] == [
        ("web", "maria", "INSERT"), ("web", "ben", "UPDATE"),
    ]  # fmt: skip
    assert verify(db).broken is None


@pytest.mark.parametrize("actor", ["maria", "run"])
def test_an_event_bears_the_name_of_who_acts(db: Connection, actor: str) -> None:
    """The history of a theme is not written in the name of somebody else, or of a run."""
    _be(db, "clerk")
    with pytest.raises(ProgrammingError, match="clerk may not write an event of"):
        db.exec_driver_sql(
            "INSERT INTO triage.topic_events (event_id, day, event, topic_id, actor, detail) "
            f"VALUES ('x', '2026-03-09', 'mute', {APP}, '{actor}', '')"
        )


def test_an_undo_takes_back_nothing_of_somebody_else(db: Connection) -> None:
    """A decision that names the corrections of another person does not delete them."""
    _be(db, "web")
    deciding.correct(db, message_id(PIN, 0), actor="maria", intent="card_lost")
    made = db.scalar(text("SELECT correction_id::text FROM triage.corrections"))
    _be(db, "clerk")
    db.exec_driver_sql("SELECT set_config('triage.actor', '', true)")
    forged = text("SELECT triage.decide('correct', 'api', NULL, NULL, NULL, '{}', "
                  "jsonb_build_object('corrections', jsonb_build_array(:made)))")  # fmt: skip
    number = db.scalar(forged, {"made": made})
    db.execute(text("SELECT triage.undo(:n)"), {"n": number})
    assert db.scalar(text("SELECT count(*) FROM triage.corrections")) == 1


def test_a_job_forgets_no_correction_of_a_message_that_exists(db: Connection) -> None:
    """The function for retention and erasure deletes only what has lost its message."""
    _be(db, "web")
    deciding.correct(db, message_id(PIN, 0), actor="maria", intent="card_lost")
    _be(db, "job")
    db.exec_driver_sql("SELECT set_config('triage.actor', '', true)")
    forget = text("SELECT triage.forget_corrections(ARRAY[CAST(:m AS uuid)])")
    assert db.scalar(forget, {"m": message_id(PIN, 0)}) == 0
    message = {"m": message_id(PIN, 0)}
    db.execute(text("DELETE FROM triage.messages WHERE message_id = CAST(:m AS uuid)"), message)
    assert db.scalar(forget, message) == 1
    assert verify(db).broken is None


def _three(db: Connection) -> Chain:
    """A rename, a correction and a note, whose chain holds."""
    _be(db, "web")
    deciding.rename(db, CARD, "Lost cards", actor="maria")
    deciding.correct(db, message_id(PIN, 0), actor="ben", intent="card_lost")
    chain = verify(db)
    assert (chain.n_links, chain.broken) == (3, None)
    return chain


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("UPDATE triage.decisions SET actor = 'eve' WHERE action = 'rename'",
         "of decisions was changed past the chain, after link 1, INSERT by maria"),
        ("UPDATE triage.decisions SET decided_at = decided_at + interval '1 s'", "was changed"),
        ("UPDATE triage.corrections SET intent = 'pin'", "of corrections was changed past"),
        ("DELETE FROM triage.corrections", "of corrections was deleted past the chain"),
        (_ADD,
         "of decisions was added past the chain"),
        ("UPDATE triage.chain SET actor = 'eve' WHERE n = 2", "Link 2 is broken: its hash"),
        ("DELETE FROM triage.chain WHERE n = 2", "Link 2 is broken: it is missing"),
        ("UPDATE triage.chain SET hash = 'x' WHERE n = 3", "Link 3 is broken"),
        ("DELETE FROM triage.chain WHERE n = 3; DELETE FROM triage.decisions WHERE decision_no > 1",
         "its end was cut off"),
        ("TRUNCATE triage.chain, triage.decisions, triage.corrections", "its end was cut off"),
    ],
)  # fmt: skip
def test_the_first_broken_link_is_named(db: Connection, statement: str, line: str) -> None:
    """What is changed past the functions, also by an owner, shows, and where."""
    chain = _three(db)
    _as_owner(db, statement)
    broken = verify(db, head=chain.head).broken
    assert broken is not None
    assert line in broken


def test_decisions_of_before_begin_the_chain(planted: PostgresStore) -> None:
    """Migrating adopts what people decided earlier, and the chain holds."""
    with planted.engine.connect() as db, db.begin() as transaction:
        _three(db)
        db.exec_driver_sql("RESET SESSION AUTHORIZATION")
        downgrade(db, "0017")
        config = _alembic()
        config.attributes["connection"] = db
        command.upgrade(config, "0020")
        assert verify(db).n_links == 3
        assert verify(db).broken is None
        transaction.rollback()


def test_a_reader_holds_up_neither_decisions_nor_jobs(planted: PostgresStore) -> None:
    """Whatever a reader locks, decisions go on and months come; none is dropped meanwhile."""
    with planted.engine.connect() as reader, planted.engine.connect() as db:
        _be(reader, "analyst")
        for key in ("triage.decide", "triage.erase"):
            reader.exec_driver_sql(f"SELECT pg_advisory_xact_lock(hashtext('{key}'))")
        reader.exec_driver_sql("SELECT * FROM triage.message_triage, triage.themes LIMIT 1")
        with pytest.raises(ProgrammingError, match="permission denied"), reader.begin_nested():
            reader.exec_driver_sql("SELECT triage.take_turn()")
        with pytest.raises(ProgrammingError, match="permission denied"), reader.begin_nested():
            reader.exec_driver_sql("LOCK TABLE triage.turn_of_decisions IN ACCESS SHARE MODE")
        db.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
        take_turn(db)
        work_beside(db)
        deciding.rename(db, CARD, "Lost cards", actor="maria")
        db.exec_driver_sql("SELECT triage.ensure_month('2027-01-01')")
        db.rollback()
        db.exec_driver_sql("SELECT triage.ensure_month('2020-01-01')")
        db.commit()
        reader.exec_driver_sql("SELECT count(*) FROM triage.message_triage")
        started = time.monotonic()
        assert db.scalar(text("SELECT triage.drop_month('2020-01-01')")) is False
        assert time.monotonic() - started < 5
        reader.rollback()
        reader.exec_driver_sql("RESET SESSION AUTHORIZATION")
        assert db.scalar(text("SELECT triage.drop_month('2020-01-01')")) is True
        db.commit()


def test_a_clock_that_is_set_back_changes_no_order(db: Connection) -> None:
    """What was decided by a clock an hour ahead is earlier than what is decided now."""
    _be(db, "web")
    deciding.correct(db, message_id(PIN, 0), actor="maria", intent="card_lost")
    merged = deciding.merge(db, PIN, CARD, actor="maria")
    _as_owner(
        db,
        "UPDATE triage.corrections SET corrected_at = corrected_at + interval '1 hour';"
        "UPDATE triage.decisions SET decided_at = decided_at + interval '1 hour';"
        "UPDATE triage.chain SET at = at + interval '1 hour';"
        "UPDATE triage.topic_events SET event_id = day || '/p' || "
        "lpad((substr(event_id, 13)::bigint"
        " + 3600000000000)::text, 20, '0') WHERE actor = 'maria'",
    )
    db.exec_driver_sql("SET LOCAL session_replication_role = origin")
    _be(db, "web")
    deciding.correct(db, message_id(PIN, 0), actor="ben", intent="pin")
    deciding.undo(db, merged, actor="ben")
    last = text("SELECT intent FROM triage.message_triage WHERE message_id = CAST(:m AS uuid)")
    assert db.scalar(last, {"m": message_id(PIN, 0)}) == "pin"
    status = text("SELECT status FROM triage.topics WHERE topic_id = :t")
    assert db.scalar(status, {"t": PIN}) != "merged"
    order = text("SELECT actor FROM triage.decisions ORDER BY decided_at")
    assert list(db.scalars(order)) == ["maria", "maria", "ben"]
    events = "SELECT event FROM triage.topic_events WHERE actor <> 'run' ORDER BY event_id"
    assert list(db.scalars(text(events))) == ["merge", "unmerge"]


def test_turns_are_taken_one_after_the_other(planted: PostgresStore) -> None:
    """Jobs work beside each other; an erasure waits for them and they for it."""
    with planted.engine.connect() as one, planted.engine.connect() as other:
        for connection in (one, other):
            connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")
            work_beside(connection)
        with pytest.raises(OperationalError, match="lock timeout"):
            other.exec_driver_sql("SELECT triage.work_alone()")


def test_the_command_walks_the_chain(triage: Triage, store: PostgresStore) -> None:  # noqa: F811
    """`triage verify` prints the head that a later run needs, or one line with what is wrong."""
    fill(store)
    url = store.engine.url.render_as_string(hide_password=False)
    with store.engine.begin() as connection:
        deciding.rename(connection, CARD, "Lost cards", actor="maria")
    ended = triage("verify", database_url=url)
    assert (ended.code, ended.err) == (0, "")
    assert "1 links hold, and 0 models" in ended.out
    head = ended.out.split()[-1]
    assert triage("verify", "--head", head).code == 0
    with store.engine.begin() as connection:
        _as_owner(connection, "UPDATE triage.decisions SET actor = 'eve'")
    assert "was changed past the chain, after link 1, INSERT by maria" in one_line(triage("verify"))
    assert "There is no model 'v1'" in one_line(triage("sign", "v1"))
