"""The days of one theme, with who wrote on each: more than the board needs of every theme."""

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection

from sql.queries.board import ThemeDay
from sql.rows import records

_DAYS = """
SELECT topic_id, day, n_messages AS n, expected, upper, state, n_customers
FROM triage.theme_trend WHERE topic_id = :topic
  AND day > :first AND day <= :last ORDER BY day
"""


@dataclass(frozen=True, slots=True)
class CustomerDay(ThemeDay):
    """A day of one theme, with who wrote."""

    n_customers: int
    """Distinct customers of that day; they do not add up over days."""


def days_of(
    connection: Connection, topic_id: int, *, last: dt.date, n_days: int
) -> list[CustomerDay]:
    """Its last `n_days`, merges followed; days before its birth are absent."""
    since = last - dt.timedelta(n_days)
    return records(connection, CustomerDay, _DAYS, topic=topic_id, first=since, last=last)
