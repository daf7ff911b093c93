"""How queries are run: bound values in, rows out, typed where a page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, text

Row = RowMapping
Rows = Sequence[RowMapping]


@dataclass(frozen=True, slots=True)
class Record:
    """A row with a type: its fields are the columns of the query. `record["name"]` works, too."""

    def __getitem__(self, name: str) -> Any:
        """Return the field of that name. Raises KeyError where there is none."""
        try:
            return getattr(self, name)
        except AttributeError as error:
            raise KeyError(name) from error

    def as_dict(self) -> dict[str, Any]:
        """The fields by name, in the order of the columns."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


_R = TypeVar("_R", bound=Record)


def fetch(connection: Connection, query: str, **values: Any) -> Rows:
    """Return all rows."""
    return connection.execute(text(query), values).mappings().all()


def first(connection: Connection, query: str, **values: Any) -> Row | None:
    """Return the first row, None where there is none."""
    return connection.execute(text(query), values).mappings().first()


def records(connection: Connection, kind: type[_R], query: str, **values: Any) -> list[_R]:
    """Return all rows as records. Raises TypeError where the columns are not its fields."""
    return [kind(**row) for row in connection.execute(text(query), values).mappings()]


def record(connection: Connection, kind: type[_R], query: str, **values: Any) -> _R | None:
    """Return the first row as a record, None where there is none."""
    row = first(connection, query, **values)
    return None if row is None else kind(**row)
