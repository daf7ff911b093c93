"""Open the store that the settings name: the engine, the schema check and the migrations."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg import ClientCursor
from psycopg.conninfo import make_conninfo
from sqlalchemy import Connection, CursorResult, Engine, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError

from nlp.errors import DatabaseDownError, DatabaseError, SettingError
from nlp.settings import Settings
from sql import embedded
from sql.address import address, shown
from sql.session import find_vector, hold_in_each_transaction
from sql.stores.alerts import AlertTables
from sql.stores.conversations import ConversationTables
from sql.stores.decisions.store import Decisions
from sql.stores.digests import SentDigests
from sql.stores.encoders import EncoderTables
from sql.stores.erasures.store import Erasures
from sql.stores.erasures.vacuum import vacuum
from sql.stores.intents import IntentTables
from sql.stores.messages import MessageTables
from sql.stores.mix import fill_missing
from sql.stores.models import ModelTables
from sql.stores.pulls import PullTables
from sql.stores.runs import RunTables
from sql.stores.seal import Seal
from sql.stores.topics import TopicTables
from sql.stores.wordings import WordingTables
from sql.stores.write_backs import WriteBackTables

_HERE = Path(__file__).parent
_VIEWS = "SELECT viewname FROM pg_views WHERE schemaname = 'triage'"


class PostgresStore(
    EncoderTables,
    MessageTables,
    PullTables,
    ConversationTables,
    TopicTables,
    WordingTables,
    AlertTables,
    IntentTables,
    ModelTables,
    RunTables,
    SentDigests,
    WriteBackTables,
):
    """Everything that the jobs read and write, on one engine (`nlp.ports.Store`)."""

    def __init__(self, engine: Engine, *, signing_key: bytes | None = None) -> None:
        self.engine = engine
        self.seal = Seal(signing_key)

    @contextmanager
    def deciding(self) -> Iterator[Decisions]:
        """A transaction for a person's decision (`nlp.ports.DecisionStore`)."""
        with self.engine.begin() as connection:
            yield Decisions(connection)

    @contextmanager
    def erasing(self, *, is_rehearsal: bool = False) -> Iterator[Erasures]:
        """A transaction for an erasure (`nlp.ports.ErasureStore`); a rehearsal changes nothing."""
        with self.engine.connect() as connection, connection.begin() as transaction:
            yield Erasures(connection, self.seal)
            if is_rehearsal:
                transaction.rollback()

    def vacuum(self, tables: Collection[str], *, days: Collection[dt.date]) -> bool:
        """See `sql.stores.erasures.vacuum.vacuum`."""
        return vacuum(self.engine, tables, days=days)


def connect(settings: Settings) -> Engine:
    """Return an engine for the database of the settings, or for the embedded one.

    Raises DatabaseDownError where no server answers, SettingError where the URL is not valid.
    """
    parsed = url_of(settings)
    engine = engine_of(parsed, connect_timeout=10)
    try:
        # psycopg itself checks the options only after it has resolved the host.
        make_conninfo(**dict.fromkeys(parsed.query, ""))
        vector = find_vector(engine)
    except OperationalError as error:
        raise DatabaseDownError(
            f"No PostgreSQL answers at {shown(parsed)}: {_reason(error.orig, parsed)}. Start it, "
            "or correct TRIAGE_DATABASE_URL"
        ) from _fit_to_show(error, parsed)
    except (ProgrammingError, psycopg.ProgrammingError) as error:
        reason = _reason(getattr(error, "orig", error), parsed)
        raise SettingError(
            f"TRIAGE_DATABASE_URL is refused: {reason}. Correct it, or leave the option out"
        ) from _fit_to_show(error, parsed)
    if vector:
        hold_in_each_transaction(engine, vector)
    return engine


def engine_of(
    url: URL, *, connect_timeout: int, arguments: Mapping[str, str] | None = None, **pool: Any
) -> Engine:
    """Return an engine of psycopg 3 that binds values on this side, as text.

    If the server bound them, each `:name` of a query would need a cast where its type cannot be
    inferred, only one statement could run at a time, and a pooler that gives each transaction
    another session would not know the prepared ones. `connect_timeout` is in seconds, where the
    URL gives none; `arguments` are further ones of libpq, `pool` of `create_engine`.
    """
    # A database without an encoding would give bytes, before anything could say so.
    defaults = {"connect_timeout": connect_timeout, "client_encoding": "utf8"}
    known = {key: value for key, value in defaults.items() if key not in url.query}
    return create_engine(
        url,
        pool_pre_ping=True,
        connect_args={"cursor_factory": ClientCursor, **known, **(arguments or {})},
        use_native_hstore=False,
        **pool,
    )


def url_of(settings: Settings) -> URL:
    """Return the URL of the database of the settings; without one, start the embedded server."""
    secret = settings.database_url
    return address(secret.get_secret_value() if secret else embedded.start(settings.local_dir))


def conninfo_of(url: URL) -> str:
    """Return libpq's form of a URL, without the password."""
    dialect = url.get_dialect()()
    _, arguments = dialect.create_connect_args(url)
    arguments.pop("password", None)
    return make_conninfo(**arguments)


def _reason(error: BaseException | None, url: URL) -> str:
    """The message of the server or driver, without the address before and the advice after it."""
    reason = str(error).strip().splitlines()[0].rpartition("failed: ")[2]
    return "the reason is hidden, as it quotes the password" if _quotes(reason, url) else reason


def _quotes(text: str, url: URL) -> bool:
    return bool(url.password) and str(url.password) in text


def _fit_to_show(error: BaseException, url: URL) -> BaseException | None:
    return None if _quotes(str(error), url) else error


@contextmanager
def open_store(settings: Settings) -> Iterator[PostgresStore]:
    """Open the store of the settings, checked to be on this version's schema.

    Raises DatabaseDownError, or DatabaseError where the schema is older or newer.
    """
    engine = connect(settings)
    try:
        check_schema(engine)
        key = settings.signing_key
        signing_key = key.get_secret_value().encode() if key else None
        yield PostgresStore(engine, signing_key=signing_key)
    finally:
        engine.dispose()


def migrate(settings: Settings) -> str:
    """Bring the schema to this version; return the version. Repeating it changes nothing.

    It is one transaction: if it is killed at any point, the database is unchanged. Raises
    DatabaseError where pgvector is missing, the role lacks rights, or the schema is newer.
    """
    engine = connect(settings)
    try:
        with engine.begin() as connection:
            _refuse_encoding(connection)
            # Two processes that start at once migrate one after the other.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('triage.migrate'))"))
            _refuse_newer(_version(connection))
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _refresh_views(connection.exec_driver_sql)
            fill_missing(connection)
    except DBAPIError as error:
        raise DatabaseError(_not_migrated(error)) from error
    finally:
        engine.dispose()
    return _head()


_UTF8 = """
SELECT CASE WHEN current_setting('server_encoding') <> 'UTF8' THEN
    current_database() || ' has the encoding ' || current_setting('server_encoding') END
"""


def _refuse_encoding(connection: Connection) -> None:
    """Raise DatabaseError where the database cannot hold every script."""
    if other := connection.scalar(text(_UTF8)):
        raise DatabaseError(
            f"The database {other}; messages need UTF8. Create another one: CREATE DATABASE triage "
            "ENCODING 'UTF8' TEMPLATE template0"
        )


def _not_migrated(error: DBAPIError) -> str:
    """Return why the schema cannot be migrated, with the remedy."""
    reason = str(error.orig).strip().splitlines()[0]
    hint = getattr(getattr(error.orig, "diag", None), "message_hint", None)
    if "permission denied to create extension" in reason:
        remedy = "Let an administrator run in that database: CREATE EXTENSION vector"
    elif "vec" in reason:  # no extension "vector", or one without the type "halfvec"
        remedy = "Install pgvector 0.7 or later on that server (package postgresql-NN-pgvector)"
    elif hint and "administrator" in hint:
        remedy = hint
    elif "permission denied for database" in reason:
        remedy = "Let its owner run: GRANT CREATE ON DATABASE … TO the user of TRIAGE_DATABASE_URL"
    else:
        remedy = "Migrate as a role that may create schemas, extensions and roles"
    return f"The schema cannot be migrated: {reason}. {remedy}"


def check_schema(engine: Engine) -> None:
    """Raise DatabaseError unless the database is on this version's schema."""
    with engine.connect() as connection:
        version = _version(connection)
    _refuse_newer(version)
    if version != _head():
        raise DatabaseError(
            f"The database is on schema {version or 'none'}, this version needs {_head()}. "
            "Run `triage migrate`"
        )


def _version(connection: Connection) -> str | None:
    """The schema version of a database; None where there is none yet, or it may not be read."""
    if connection.scalar(text("SELECT to_regclass('triage.alembic_version')")) is None:
        return None
    version = connection.scalar(text("SELECT version_num FROM triage.alembic_version"))
    return None if version is None else str(version)


def _refuse_newer(version: str | None) -> None:
    """Raise DatabaseError where a later version of this project has migrated the database."""
    known = {r.revision for r in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if version and version not in known and version > _head():
        raise DatabaseError(
            f"The database is on schema {version}, newer than {_head()}, which this version "
            "knows. Install the version that migrated it, or name another database"
        )


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    return config


def _head() -> str:
    return str(ScriptDirectory.from_config(_alembic()).get_current_head())


def _refresh_views(execute: Callable[[str], CursorResult[Any]]) -> None:
    """Recreate views, their function and rights from their files; they contain no data."""
    for name in execute(_VIEWS).scalars().all():
        execute(f'DROP VIEW IF EXISTS triage."{name}" CASCADE')
    for file in [*sorted((_HERE / "views").glob("*.sql")), _HERE / "roles.sql"]:
        execute(file.read_text(encoding="utf-8").replace("%", "%%"))
