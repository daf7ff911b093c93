"""How the page's queries are run: bound values in, mappings out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, text

Row = RowMapping
Rows = Sequence[RowMapping]


def fetch(connection: Connection, query: str, **values: Any) -> Rows:
    """Return all rows."""
    return connection.execute(text(query), values).mappings().all()


def first(connection: Connection, query: str, **values: Any) -> Row | None:
    """Return the first row, None where there is none."""
    return connection.execute(text(query), values).mappings().first()
