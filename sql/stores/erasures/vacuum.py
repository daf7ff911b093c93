"""Remove what Postgres keeps of rows that were deleted."""

import datetime as dt
from collections.abc import Collection

from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

# An index of words keeps each word that was ever in it, also when no row has it any more.
_WORDS = text(
    """
    SELECT i.indexrelid::regclass::text FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam AND a.amname = 'gin'
    WHERE i.indrelid = ANY(SELECT to_regclass('triage.messages_' || m)
                           FROM unnest(CAST(:months AS text[])) m)
    """
)


def vacuum(engine: Engine, tables: Collection[str], *, days: Collection[dt.date]) -> bool:
    """Remove the dead rows of tables, renew what the planner knows of them, and build the search
    indexes of the months of `days` anew.

    Returns whether this user has the right to do all of it. Postgres skips a table otherwise, with
    a warning.
    """
    months = sorted({f"{day:%Y_%m}" for day in days})
    alone = engine.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        for table in sorted(tables):
            connection.exec_driver_sql(f'VACUUM (ANALYZE) triage."{table}"')
        try:
            for index in connection.scalars(_WORDS, {"months": months}).all():
                connection.exec_driver_sql(f"REINDEX INDEX CONCURRENTLY {index}")
        except ProgrammingError as error:
            if "must be owner" not in str(error.orig):
                raise
            return False
    return True
