"""The page's database engine: few connections, the reviewer's rights, short timeouts."""

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from nlp.errors import DatabaseDownError, DatabaseError, TriageError
from nlp.settings import Settings
from sql.connect import check_schema, engine_of, url_of
from sql.session import find_vector, hold_in_each_transaction

ROLE = "triage_reviewer"
_SETTINGS = {"statement_timeout": "30000", "jit": "off", "cursor_tuple_fraction": "1"}
_OPTIONS = " ".join(f"-c {key}={value}" for key, value in {"role": ROLE, **_SETTINGS}.items())
# jit: the page runs many short queries, which compilation would only delay.
# cursor_tuple_fraction: an export reads all rows; a plan for the first few would be slow.


def open_page(settings: Settings) -> Engine:
    """Return an engine on the database of the settings with the rights of `triage_reviewer`.

    The role holds from the start of a connection, so that RESET ROLE does not leave it, and again
    in each transaction, because a pooler drops what is said at the start. Raises DatabaseDownError,
    or DatabaseError where the role or the schema is not right.
    """
    url = url_of(settings)
    try:
        return _opened(url, {"options": _OPTIONS})
    except OperationalError as error:
        if "unsupported startup parameter" not in str(error.orig):
            raise readable_error(error) from error
    except DBAPIError as error:
        raise readable_error(error) from error
    try:
        return _opened(url, {})  # a pooler that refuses options instead of dropping them
    except DBAPIError as error:
        raise readable_error(error) from error


def _opened(url: URL, arguments: dict[str, str]) -> Engine:
    engine = engine_of(
        url,
        connect_timeout=5,
        arguments=arguments,
        pool_size=8,
        max_overflow=8,
        pool_timeout=15,
    )
    try:
        vector = find_vector(engine)
        hold_in_each_transaction(engine, {**_SETTINGS, **vector}, role=ROLE)
        check_schema(engine)
    except (DBAPIError, DatabaseError):
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
