"""Open the store that the settings name: the engine, the schema check and the migrations."""

from collections.abc import Callable, Iterator
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
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, ProgrammingError

from nlp.errors import DatabaseDownError, DatabaseError, SettingError
from nlp.settings import Settings
from sql import embedded
from sql.stores.alerts import AlertTables
from sql.stores.decisions.store import Decisions
from sql.stores.intents import IntentTables
from sql.stores.messages import MessageTables
from sql.stores.mix import fill_missing
from sql.stores.models import ModelTables
from sql.stores.runs import RunTables
from sql.stores.topics import TopicTables

_HERE = Path(__file__).parent
_VIEWS = "SELECT viewname FROM pg_views WHERE schemaname = 'triage'"


class PostgresStore(MessageTables, TopicTables, AlertTables, IntentTables, ModelTables, RunTables):
    """Everything that the jobs read and write, on one engine (`nlp.ports.Store`)."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def deciding(self) -> Iterator[Decisions]:
        """A transaction for a person's decision (`nlp.ports.DecisionStore`)."""
        with self.engine.begin() as connection:
            yield Decisions(connection)


def connect(settings: Settings) -> Engine:
    """Return an engine for the database of the settings, or for the embedded one.

    Raises DatabaseDownError where no server answers, SettingError where the URL is not valid.
    """
    parsed = url_of(settings)
    engine = engine_of(parsed, connect_timeout=10)
    try:
        # psycopg itself checks the options only after it has resolved the host.
        make_conninfo(**dict.fromkeys(parsed.query, ""))
        engine.connect().close()
    except OperationalError as error:
        where = parsed.render_as_string(hide_password=True)
        raise DatabaseDownError(
            f"No PostgreSQL answers at {where}: {_reason(error.orig)}. Start it, or correct "
            "TRIAGE_DATABASE_URL"
        ) from error
    except (ProgrammingError, psycopg.ProgrammingError) as error:
        reason = _reason(getattr(error, "orig", error))
        raise SettingError(f"TRIAGE_DATABASE_URL is refused: {reason}") from error
    return engine


def engine_of(url: URL, *, connect_timeout: int, options: str = "", **pool: Any) -> Engine:
    """Return an engine of psycopg 3 that binds values on this side, as text.

    If the server bound them, each `:name` of a query would need a cast where its type cannot be
    inferred, and only one statement could run at a time. `connect_timeout` is in seconds, `options`
    are those of the server's session, `pool` are further arguments of `create_engine`.
    """
    arguments = {"connect_timeout": connect_timeout, "cursor_factory": ClientCursor}
    if options:
        arguments["options"] = options
    return create_engine(
        url, pool_pre_ping=True, connect_args=arguments, use_native_hstore=False, **pool
    )


def url_of(settings: Settings) -> URL:
    """Return the URL of the database of the settings; without one, start the embedded server."""
    secret = settings.database_url
    return _parse(secret.get_secret_value() if secret else embedded.start(settings.local_dir))


def _parse(url: str) -> URL:
    """The scheme may name another driver, no driver, or be `postgres`, which libpq also accepts."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() not in ("postgresql", "postgres"):
            raise SettingError(
                f"TRIAGE_DATABASE_URL names {parsed.get_backend_name()!r}; the triage tables need "
                "postgresql. Other databases can be sources: TRIAGE_SOURCES"
            )
        return parsed.set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError) as error:
        raise SettingError(
            "TRIAGE_DATABASE_URL is no URL such as postgresql://user:password@host:5432/database. "
            "Was: hidden"
        ) from error


def _reason(error: BaseException | None) -> str:
    """The message of the server or driver, without the address before and the advice after it."""
    return str(error).strip().splitlines()[0].rpartition("failed: ")[2]


@contextmanager
def open_store(settings: Settings) -> Iterator[PostgresStore]:
    """Open the store of the settings, checked to be on this version's schema.

    Raises DatabaseDownError, or DatabaseError where the schema is older or newer.
    """
    engine = connect(settings)
    try:
        check_schema(engine)
        yield PostgresStore(engine)
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
            # Two processes that start at once migrate one after the other.
            connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('triage.migrate'))"))
            _refuse_newer(_version(connection))
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _refresh_views(connection.exec_driver_sql)
            fill_missing(connection)
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        remedy = (
            "Install pgvector 0.7 or later on that server (package postgresql-NN-pgvector)"
            if "vec" in reason  # no extension "vector", or one without the type "halfvec"
            else "Migrate as a role that may create schemas, extensions and roles"
        )
        raise DatabaseError(f"The schema cannot be migrated: {reason}. {remedy}") from error
    finally:
        engine.dispose()
    return _head()


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
