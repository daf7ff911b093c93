"""`nlp.sources.database`, on SQLite; nothing in it depends on a dialect."""

import datetime as dt
import sqlite3
import traceback
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, OperationalError

from nlp.errors import SourceError, TransientError
from nlp.sources.database import DatabaseSource

DAY = dt.date(2026, 3, 2)
SELECT = "SELECT external_id, created_at, text FROM tickets"
BOUNDED = f"{SELECT} WHERE created_at >= :start AND created_at < :end ORDER BY created_at"


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A helpdesk's database with five tickets over three days."""
    engine = create_engine(f"sqlite:///{tmp_path}/desk.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE tickets (external_id, created_at, text)")
        for i, hour in enumerate(["01 23:59", "02 00:00", "02 12:00", "02 23:59", "03 00:00"]):
            connection.exec_driver_sql(
                "INSERT INTO tickets VALUES (?, ?, ?)", (i, f"2026-03-{hour}:00.000000", f"t{i}")
            )
    yield engine
    engine.dispose()


def source(engine: Engine, tmp_path: Path, query: str, **columns: str) -> DatabaseSource:
    """A source with some SQL, in UTC."""
    file = tmp_path / "tickets.sql"
    file.write_text(query, encoding="utf-8")
    return DatabaseSource("desk", engine=engine, query=file, zone=dt.UTC, columns=columns)


def test_the_rows_of_a_day_and_no_others(engine: Engine, tmp_path: Path) -> None:
    """Midnight belongs to the new day; rows keep the query's order and have a position."""
    rows = list(source(engine, tmp_path, BOUNDED).pull(DAY))
    assert [row.fields["text"] for row in rows] == ["t1", "t2", "t3"]
    assert [row.position for row in rows] == [f"tickets.sql, row {n}" for n in (1, 2, 3)]
    assert set(rows[0].fields) == {"external_id", "created_at", "text"}


def test_the_bounds_are_the_day_of_the_zone(engine: Engine, tmp_path: Path) -> None:
    """Start and end are aware midnights of the zone, 23 hours apart when clocks go forward."""
    bound = []

    @event.listens_for(engine, "before_execute")
    def keep(_: object, __: object, multiparams: object, params: dict, ___: object) -> None:  # type: ignore[type-arg]
        bound.append(multiparams or params)

    desk = source(engine, tmp_path, BOUNDED)
    desk.zone = ZoneInfo("Europe/Paris")
    list(desk.pull(dt.date(2026, 3, 29)))
    (values,) = bound
    values = values[0] if isinstance(values, list | tuple) else values
    span = values["end"].astimezone(dt.UTC) - values["start"].astimezone(dt.UTC)
    assert span == dt.timedelta(hours=23)
    assert values["start"].utcoffset() == dt.timedelta(hours=1)


def test_columns_may_have_other_names(engine: Engine, tmp_path: Path) -> None:
    """A mapping names the columns of the result; other columns are ignored."""
    query = BOUNDED.replace("text FROM", "text AS body, 1 AS noise FROM")
    rows = list(source(engine, tmp_path, query, text="body").pull(DAY))
    assert rows[0].fields["text"] == "t1"
    assert "noise" not in rows[0].fields


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (BOUNDED.replace("tickets", "no_table"), r"tickets\.sql fails after row 0.*Correct"),
        ("SELEC 1 FROM x WHERE :start < :end", r"tickets\.sql fails after row 0.*Correct"),
        (SELECT, r"tickets\.sql does not use :end and :start.*created_at >= :start"),
        (BOUNDED.replace("external_id,", ""), r"gives no column external_id.*columns"),
    ],
)
def test_a_wrong_query_fails_for_good(
    engine: Engine, tmp_path: Path, query: str, sentence: str
) -> None:
    """An error that a retry cannot fix names the source, the file and the remedy."""
    with pytest.raises(SourceError, match=sentence) as error:
        list(source(engine, tmp_path, query).pull(DAY))
    assert "'desk'" in str(error.value)


def test_a_missing_query_file_is_named(engine: Engine, tmp_path: Path) -> None:
    """A path that does not exist is reported before anything connects."""
    desk = DatabaseSource("desk", engine=engine, query=tmp_path / "no.sql", zone=dt.UTC)
    with pytest.raises(SourceError, match=r"'desk': the query file .*no\.sql cannot be read"):
        list(desk.pull(DAY))


def test_a_database_that_is_down_may_come_back(tmp_path: Path) -> None:
    """A database that does not answer is an error that may be retried."""
    engine = create_engine(f"sqlite:///{tmp_path}/no_folder/desk.db")
    with pytest.raises(TransientError, match="'desk': the database does not answer"):
        list(source(engine, tmp_path, BOUNDED).pull(DAY))


def failing(engine: Engine, error: Exception) -> Engine:
    """Make every statement of `engine` fail with `error`."""

    @event.listens_for(engine, "before_cursor_execute")
    def fail(*_: object) -> None:
        raise error

    return engine


class DriverError(sqlite3.Error):
    """An error with an SQLSTATE, as PostgreSQL's drivers raise it."""

    def __init__(self, message: str, sqlstate: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@pytest.mark.parametrize("sqlstate", ["08006", "40001", "57P01", "53300"])
def test_a_lost_connection_may_come_back(engine: Engine, tmp_path: Path, sqlstate: str) -> None:
    """A lost connection, a restart and a full server are recognised by their SQLSTATE."""
    error = OperationalError(BOUNDED, {}, DriverError("server closed", sqlstate))
    with pytest.raises(TransientError, match="'desk': the database does not answer"):
        list(source(failing(engine, error), tmp_path, BOUNDED).pull(DAY))


@pytest.mark.parametrize(
    ("kind", "sqlstate", "message"),
    [
        (DataError, "22P02", "invalid input syntax for integer: 'jane@mail.example'"),
        (OperationalError, "28P01", "connection to postgres://u:hush@db failed"),
    ],
)
def test_an_error_shows_neither_rows_nor_the_password(
    engine: Engine, tmp_path: Path, kind: type[Exception], sqlstate: str, message: str
) -> None:
    """The driver's error is chained, unless it quotes a customer's value or the password."""
    error = kind(BOUNDED, {}, DriverError(message, sqlstate))  # type: ignore[call-arg]
    failing(engine, error)
    engine.url = make_url("sqlite://u:hush@/x")
    with pytest.raises(SourceError) as raised:
        list(source(engine, tmp_path, BOUNDED).pull(DAY))
    shown = "".join(traceback.format_exception(raised.value))
    assert "jane@" not in shown
    assert "hush" not in shown
    assert "DriverError" in shown
