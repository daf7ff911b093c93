"""One connection pool for the page, opened when it is first needed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nlp.errors import DatabaseDownError, NotFoundError
from nlp.settings import Settings, load
from sql.queries.connect import N_EXPORTS, open_exports, open_page, readable_error
from sql.queries.past import look_back
from triage_page import past

DATABASE = "triage_postgres"
"""Airflow connection of the triage database; where it is missing, TRIAGE_DATABASE_URL is used."""


class Database:
    """Opens the engine once and keeps it; if that fails, the next request tries again."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._engine: Engine | None = None
        self._exports: Engine | None = None
        self.slots = threading.Semaphore(N_EXPORTS)
        """One for each file that is being written."""
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """The settings, with the database of the Airflow connection if there is one."""
        if self._settings is None:
            self._settings = _settings()
        return self._settings

    def engine(self) -> Engine:
        """The engine. Raises DatabaseDownError or DatabaseError."""
        with self._lock:
            if self._engine is None:
                self._engine = open_page(self.settings)
            return self._engine

    def exports(self) -> Engine:
        """The engine of files that are streamed. Raises DatabaseDownError or DatabaseError."""
        with self._lock:
            if self._exports is None:
                self._exports = open_exports(self.settings)
            return self._exports

    def close(self) -> None:
        """Close the connections; the next request opens others."""
        with self._lock:
            for engine in (self._engine, self._exports):
                if engine is not None:
                    engine.dispose()
            self._engine = self._exports = None

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A connection with a transaction; its errors are raised with a message for a person."""
        try:
            with self.engine().begin() as connection:
                yield connection
        except DBAPIError as error:
            raise readable_error(error) from error
        except PoolTimeout as error:
            raise DatabaseDownError("Too many people read at once. Try again shortly") from error


def _settings() -> Settings:
    from airflow.exceptions import AirflowNotFoundException
    from airflow.models.connection import Connection as AirflowConnection

    try:
        connection = AirflowConnection.get_connection_from_secrets(DATABASE)
    except AirflowNotFoundException:
        return load()
    return load(database_url=connection.get_uri())


@contextmanager
def transaction(request: Request) -> Iterator[Connection]:
    """A transaction that looks back at the day of a request, where it has one.

    Raises NotFoundError where that day was not discovered.
    """
    with request.app.state.database.begin() as connection:
        if (day := past.as_of(request)) is not None:
            try:
                look_back(connection, day)
            except NotFoundError:
                past.leave(request)
                raise
        yield connection


def _connection(request: Request) -> Iterator[Any]:
    with transaction(request) as connection:
        yield connection


Db = Annotated[Connection, Depends(_connection, scope="function")]
"""A transaction of one request, committed before the answer goes out."""
