"""Rows of any SQL database, by a query whose bounds are bound."""

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from nlp.errors import SourceError, TransientError
from nlp.records import RawRow


class DatabaseSource:
    """The rows of a day: `query` is a file of SQL with `:start` and `:end`, end excluded."""

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
        own_name = {own: field for field, own in self.columns.items()}
        try:
            statement = text(self.query.read_text(encoding="utf-8"))
            with self.engine.connect().execution_options(yield_per=2_000) as connection:
                rows = connection.execute(statement, bounds).mappings()
                for n, row in enumerate(rows, 1):
                    yield RawRow(f"{self.query.name}, row {n}", _renamed(dict(row), own_name))
        except OSError as error:
            raise SourceError(
                f"Source {self.name!r}: the query file {self.query} cannot be read"
            ) from error
        except (DBAPIError, SQLAlchemyError) as error:
            kind = type(getattr(error, "orig", None) or error).__name__
            if isinstance(error, OperationalError) and "syntax" not in str(error.orig):
                raise TransientError(f"Source {self.name!r} does not answer ({kind})") from error
            raise SourceError(f"Source {self.name!r}: {self.query} fails ({kind})") from error


def _renamed(row: Mapping[str, Any], own_name: Mapping[str, str]) -> dict[str, Any]:
    return {own_name.get(column, column): value for column, value in row.items()}
