"""Rows of any SQL database, from a query with bound parameters for the start and end of a day."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nlp.errors import SourceError, TransientError
from nlp.records import RawRow
from nlp.sources.files import FIELDS, REQUIRED

# Classes of SQLSTATE that a retry may fix: connection, rollback, resources, operator, busy.
_HEALING = ("08", "40", "53", "55", "57")
_DATA_EXCEPTION = "22"


class DatabaseSource:
    """The rows of a day: `query` is an SQL file with `:start` and `:end`, end excluded.

    The bounds are aware times, from midnight to midnight in `zone`. `columns` maps a column of the
    contract to its name in the result. Rows are streamed.
    """

    def __init__(
        self,
        name: str,
        *,
        engine: Engine,
        query: Path,
        zone: dt.tzinfo,
        columns: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self.engine = engine
        self.query = query
        self.zone = zone
        self.columns = dict(columns or {})

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`. A lost connection is a TransientError."""
        bounds = {
            "start": dt.datetime.combine(day, dt.time(), self.zone),
            "end": dt.datetime.combine(day + dt.timedelta(1), dt.time(), self.zone),
        }
        statement = self._statement()
        n = -1  # an error before the first row is one of the connection
        try:
            with self.engine.connect().execution_options(yield_per=2_000) as connection:
                n = 0
                result = connection.execute(statement, bounds)
                own_name = self._own_names(list(result.keys()))
                for n, row in enumerate(result.mappings(), 1):
                    fields = {field: row[own] for field, own in own_name.items()}
                    yield RawRow(f"{self.query.name}, row {n}", fields)
        except SQLAlchemyError as error:
            raise self._error(error, n) from _fit_to_show(error, self.engine)

    def _statement(self) -> TextClause:
        try:
            statement = text(self.query.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise SourceError(
                f"Source {self.name!r}: the query file {self.query} cannot be read"
            ) from error
        if missing := {"start", "end"} - set(statement.compile().params):
            raise SourceError(
                f"Source {self.name!r}: {self.query} does not use :{' and :'.join(sorted(missing))}"
                ". Bound the query: created_at >= :start AND created_at < :end"
            )
        return statement

    def _own_names(self, present: list[str]) -> dict[str, str]:
        own_name = {field: self.columns.get(field, field) for field in FIELDS}
        if missing := [own_name[f] for f in REQUIRED if own_name[f] not in present]:
            raise SourceError(
                f"Source {self.name!r}: {self.query} gives no column {', '.join(missing)}. Select "
                "it under that name, or map it in TRIAGE_SOURCES under `columns`"
            )
        return {field: own for field, own in own_name.items() if own in present}

    def _error(self, error: SQLAlchemyError, n: int) -> SourceError | TransientError:
        kind = type(getattr(error, "orig", None) or error).__name__
        if n < 0 or getattr(error, "connection_invalidated", False) or _state(error) in _HEALING:
            return TransientError(f"Source {self.name!r}: the database does not answer ({kind})")
        return SourceError(
            f"Source {self.name!r}: {self.query} fails after row {n} ({kind}). Correct the query"
        )


def _state(error: SQLAlchemyError) -> str:
    """Return the class of the error's SQLSTATE, empty where the driver gives none."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or "")[:2]


def _fit_to_show(error: SQLAlchemyError, engine: Engine) -> BaseException | None:
    """Return the driver's error, unless it quotes a row's value or the password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    password = engine.url.password
    quotes: Any = (password and str(password) in str(cause)) or _state(error) == _DATA_EXCEPTION
    return None if quotes else cause
