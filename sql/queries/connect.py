"""The page's database engine: few connections, the reviewer's rights, short timeouts."""

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from nlp.errors import DatabaseDownError, DatabaseError, TriageError
from nlp.settings import Settings
from sql.connect import check_schema, engine_of, url_of

ROLE = "triage_reviewer"
_OPTIONS = f"-c role={ROLE} -c statement_timeout=30000 -c jit=off -c cursor_tuple_fraction=1"
# jit: the page runs many short queries, which compilation would only delay.
# cursor_tuple_fraction: an export reads all rows; a plan for the first few would be slow.


def open_page(settings: Settings) -> Engine:
    """Return an engine on the database of the settings with the rights of `triage_reviewer`.

    Raises DatabaseDownError, or DatabaseError where the role or the schema is not right.
    """
    engine = engine_of(
        url_of(settings),
        connect_timeout=5,
        options=_OPTIONS,
        pool_size=8,
        max_overflow=8,
        pool_timeout=15,
    )
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        check_schema(engine)
    except DBAPIError as error:
        engine.dispose()
        raise readable_error(error) from error
    except DatabaseError:
        engine.dispose()
        raise
    return engine


def readable_error(error: DBAPIError) -> TriageError:
    """Return an error of the driver as one that a person at the page understands."""
    reason = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
    if "role" in reason and ("permission" in reason or "does not exist" in reason):
        return DatabaseError(
            f"The page may not act as {ROLE}. Run `triage migrate`, or let an administrator run "
            f"GRANT {ROLE} TO the user of the page"
        )
    if isinstance(error, ProgrammingError):
        return DatabaseError(
            f"The database refuses: {reason}. Run `triage migrate` with this version"
        )
    if "statement timeout" in reason:
        return DatabaseDownError("The database took more than 30 s. Ask for fewer days or rows")
    if isinstance(error, OperationalError):
        return DatabaseDownError(
            "The database of the messages does not answer. Start it, or ask whoever runs it; this "
            "page works again as soon as it does"
        )
    return DatabaseError(f"The database refuses: {reason}")
