"""The page's database engines: few connections, the reviewer's rights, short timeouts."""

from collections.abc import Mapping

from sqlalchemy import Engine
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from nlp.errors import DatabaseDownError, DatabaseError, TriageError
from nlp.settings import Settings
from sql.connect import check_schema, engine_of, url_of
from sql.session import find_vector, hold_in_each_transaction

ROLE = "triage_reviewer"
_SETTINGS = {"statement_timeout": "30000", "jit": "off", "cursor_tuple_fraction": "1"}
_EXPORT = {"statement_timeout": "120000", "idle_in_transaction_session_timeout": "120000"}
"""Of an export: a statement here is the next few hundred rows, and between two it waits for the
reader."""
N_EXPORTS = 8
"""Files that are written at once; they have connections of their own."""
# jit: the page runs many short queries, which compilation would only delay.
# cursor_tuple_fraction: an export reads all rows; a plan for the first few would be slow.


def open_page(settings: Settings) -> Engine:
    """Return the engine of the pages, on the database of the settings.

    It has the rights of `triage_reviewer`. The role holds from the start of a connection, so that
    RESET ROLE does not leave it, and again in each transaction, because a pooler drops what is said
    at the start. Raises DatabaseDownError, or DatabaseError where the role or the schema is not
    right.
    """
    return _open(settings, _SETTINGS, n_most=16)


def open_exports(settings: Settings) -> Engine:
    """Return the engine of files that are streamed, so that no reader of one holds up a page."""
    return _open(settings, _SETTINGS | _EXPORT, n_most=N_EXPORTS)


def _open(settings: Settings, values: Mapping[str, str], *, n_most: int) -> Engine:
    url = url_of(settings)
    options = " ".join(f"-c {key}={value}" for key, value in {"role": ROLE, **values}.items())
    try:
        return _opened(url, {"options": options}, values, n_most=n_most)
    except OperationalError as error:
        if "unsupported startup parameter" not in str(error.orig):
            raise readable_error(error) from error
    except DBAPIError as error:
        raise readable_error(error) from error
    try:
        return _opened(
            url, {}, values, n_most=n_most
        )  # a pooler that refuses options instead of dropping them
    except DBAPIError as error:
        raise readable_error(error) from error


def _opened(
    url: URL, arguments: dict[str, str], values: Mapping[str, str], *, n_most: int
) -> Engine:
    engine = engine_of(
        url,
        connect_timeout=5,
        arguments=arguments,
        pool_size=n_most // 2,
        max_overflow=n_most - n_most // 2,
        pool_timeout=15,
    )
    try:
        vector = find_vector(engine)
        hold_in_each_transaction(engine, {**values, **vector}, role=ROLE)
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
