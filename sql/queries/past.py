"""The board as of an earlier day: the views and queries of a transaction end with that day."""

import datetime as dt

from sqlalchemy import Connection, text

from nlp.errors import NotFoundError

AS_OF = "nullif(current_setting('triage.as_of', true), '')::date"
"""The day that `look_back` set, null where none is."""
LAST_DAY = f"coalesce({AS_OF}, (SELECT max(day) FROM triage.topic_days))"
"""The last day that is looked at, null before the first; `views/02_themes.sql` says it as well."""
LAST_STATES = f"(SELECT max(day) FROM triage.topic_states WHERE {AS_OF} IS NULL OR day <= {AS_OF})"
"""The last day up to then whose topics have centroids."""


def look_back(connection: Connection, day: dt.date) -> None:
    """Show the board as of a day from now on, until the transaction ends.

    Counts and states are those that were known at the end of that day; merges and names are those
    of now. Raises NotFoundError where that day was not discovered.
    """
    query = text("SELECT EXISTS (SELECT FROM triage.topic_days WHERE day = :day)")
    if not connection.scalar(query, {"day": day}):
        first, last = days(connection) or (None, None)
        known = "No day has one yet" if first is None else f"The days go from {first} to {last}"
        raise NotFoundError(f"There is no board of {day}. {known}")
    connection.execute(text("SELECT set_config('triage.as_of', :day, true)"), {"day": str(day)})


def days(connection: Connection) -> tuple[dt.date, dt.date] | None:
    """The first and the last day that has a board, None before the first."""
    row = connection.execute(text("SELECT min(day), max(day) FROM triage.topic_days")).one()
    return None if row[0] is None else (row[0], row[1])
