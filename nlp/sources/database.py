"""Rows of any SQL database, from a query with bound parameters for the start and end of a day."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, TextClause, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from nlp.errors import SourceError, TransientError
from nlp.records import RawRow
from nlp.sources.dated import streamed
from nlp.sources.shape import Shape, shape_of
from nlp.sources.sql_text import with_literal_colons

# Classes of SQLSTATE that a retry may fix: connection, rollback, resources, operator, busy.
_HEALING = ("08", "40", "53", "55", "57")
_DATA_EXCEPTION = "22"
_WRONG_QUERY = "42"


_BOUNDS = frozenset(("start", "end"))


class DatabaseSource:
    """The rows of a day: `query` is an SQL file with `:start` and `:end`, end excluded.

    The bounds are aware times, from midnight to midnight in `zone`. `columns` maps a column of the
    contract to its name in the result; `shape` says more of how the rows are written. Rows are
    streamed; the first of them tell the form of their times.
    """

    def __init__(
        self,
        name: str,
        *,
        engine: Engine,
        query: Path,
        zone: dt.tzinfo,
        columns: Mapping[str, str] | None = None,
        shape: Shape | None = None,
        whole_days: bool = False,
    ) -> None:
        self.name = name
        self.whole_days = whole_days
        self.engine = engine
        self.query = query
        self.zone = zone
        self.shape = shape or shape_of(columns)

    def pull(self, day: dt.date) -> Iterator[RawRow]:
        """See `nlp.ports.Source`. A lost connection is a TransientError."""
        rows, name = self._pull(day), f"Source {self.name!r}"
        yield from streamed(rows, shape=self.shape, name=name, what=str(self.query))

    def _pull(self, day: dt.date) -> Iterator[RawRow]:
        bounds = {
            "start": dt.datetime.combine(day, dt.time(), self.zone),
            "end": dt.datetime.combine(day + dt.timedelta(1), dt.time(), self.zone),
        }
        statement = statement_of(self.query, f"Source {self.name!r}: ")
        n = -1  # an error before the first row is one of the connection
        try:
            with self.engine.connect().execution_options(yield_per=2_000) as connection:
                n = 0
                result = connection.execute(statement, bounds)
                for n, fields in enumerate(self._fields(result), 1):
                    yield RawRow(f"{self.query.name}, row {n}", fields)
        except SQLAlchemyError as error:
            raise self._error(error, n) from _fit_to_show(error, self.engine)

    def _fields(self, result: Any) -> Iterator[dict[str, Any]]:
        columns = self.shape.reading
        at = columns.places(list(result.keys()), self.query.name)
        if missing := [columns.name(f) for f in columns.required if f not in at]:
            raise SourceError(
                f"Source {self.name!r}: {self.query} gives no column {', '.join(missing)}. Select "
                "it under that name, or map it in TRIAGE_SOURCES under `columns`"
            )
        for row in result:
            yield columns.picked(row, at)

    def _error(self, error: SQLAlchemyError, n: int) -> SourceError | TransientError:
        kind = type(getattr(error, "orig", None) or error).__name__
        if n < 0 or getattr(error, "connection_invalidated", False) or _state(error) in _HEALING:
            return TransientError(f"Source {self.name!r}: the database does not answer ({kind})")
        reason = _reason(error) if n == 0 else kind
        return SourceError(
            f"Source {self.name!r}: {self.query} fails after row {n} ({reason}). Correct the query"
        )


def statement_of(query: Path, prefix: str = "") -> TextClause:
    """Return a query that takes `:start` and `:end`. Raises SourceError for any other."""
    try:
        words = query.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{prefix}the query file {query} cannot be read") from error
    statement = text(with_literal_colons(words).rstrip().rstrip(";"))
    given = set(statement.compile().params)
    if missing := _BOUNDS - given:
        raise SourceError(
            f"{prefix}{query} does not use :{' and :'.join(sorted(missing))}"
            ". Bound the query: created_at >= :start AND created_at < :end"
        )
    if others := given - _BOUNDS:
        raise SourceError(
            f"{prefix}{query} uses :{' and :'.join(sorted(others))}, but "
            r"only :start and :end have a value. Write \: where a colon begins no parameter"
        )
    return statement


def _state(error: SQLAlchemyError) -> str:
    """Return the class of the error's SQLSTATE, empty where the driver gives none."""
    cause = getattr(error, "orig", None)
    return str(getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None) or "")[:2]


def _reason(error: SQLAlchemyError) -> str:
    """Return what the database says of a query that is wrong: it quotes the query, no row."""
    cause = getattr(error, "orig", None)
    kind = type(cause or error).__name__
    is_of_query = _state(error) == _WRONG_QUERY or kind == "OperationalError"
    return str(cause).strip().splitlines()[0][:200] if cause and is_of_query else kind


def _fit_to_show(error: SQLAlchemyError, engine: Engine) -> BaseException | None:
    """Return the driver's error, unless it quotes a row's value or the password."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    password = engine.url.password
    quotes: Any = (password and str(password) in str(cause)) or _state(error) == _DATA_EXCEPTION
    return None if quotes else cause
