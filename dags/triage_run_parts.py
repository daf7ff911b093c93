"""What a task needs around a job: settings, an open store, sources, and limits on threads.

Called inside tasks only. The heavy modules are imported by the functions that need them.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection, ObjectStoragePath
from airflow.sdk.exceptions import AirflowNotFoundException

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from nlp.jobs.lake import Lake
    from nlp.ports import Source
    from nlp.records import RunReport
    from nlp.settings import DatabaseSource, FilesSource, RestSource, Settings
    from nlp.settings import DeskSource as DeskSetting
    from nlp.sources.desks.source import DeskSource
    from sql.connect import PostgresStore

DATABASE = "triage_postgres"
"""Connection of the triage database; where it is missing, TRIAGE_DATABASE_URL is used."""


def settings_of_task() -> "Settings":
    """Return the settings, with the database of the Airflow connection if there is one."""
    from nlp.settings import load

    try:
        return load(database_url=Connection.get(DATABASE).get_uri())
    except AirflowNotFoundException:
        return load()


@contextmanager
def settings_and_store() -> Iterator[tuple["Settings", "PostgresStore"]]:
    """Yield `(settings, store)`; the store is open for the duration of a task."""
    from sql.connect import open_store

    settings = settings_of_task()
    with open_store(settings) as store:
        yield settings, store


@contextmanager
def source_named(name: str, *, settings: "Settings") -> "Iterator[Source]":
    """Open a source of the settings; what is not a file uses an Airflow connection."""
    setting = settings.sources[name]
    if setting.kind == "files":
        yield _files(name, setting, settings=settings)
        return
    if setting.kind == "iceberg":
        from nlp.sources.iceberg import iceberg_source

        yield iceberg_source(name, setting, settings)
        return
    if setting.kind != "database":
        with _desk(name, setting, settings=settings) as desk:
            yield desk
        return
    engine = Connection.get(setting.connection).get_hook().get_sqlalchemy_engine()
    try:
        yield _database(name, setting, engine=engine, settings=settings)
    finally:
        engine.dispose()


def limit_threads(n_parallel: int = 1) -> None:
    """Divide the cores among `n_parallel` tasks; call it before torch is used.

    Libraries read the variables as they are imported. Where the scheduler has imported torch
    already (`nlp.apps.local.preload`), it is told.
    """
    threads = max(1, (os.cpu_count() or 1) // n_parallel)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))


def summary(report: "RunReport") -> Mapping[str, Any]:
    """Return what goes into XCom: the job, the day and its counts."""
    return {"job": report.job, "day": report.day.isoformat(), **report.counts}


def _files(name: str, setting: "FilesSource", *, settings: "Settings") -> "Source":
    from nlp.sources.files import FileSource
    from nlp.sources.shape import Shape

    fs, pattern = _file_system(
        setting.url,
        f"TRIAGE_SOURCES: {name!r} is on {setting.url.partition('://')[0]}://, which no installed "
        "package can read. Install its Airflow provider or fsspec implementation",
    )
    shape = Shape.of(setting, settings)
    return FileSource(name, fs=fs, pattern=pattern, shape=shape, whole_days=setting.whole_days)


def lake_at(url: str) -> "Lake":
    """Open the lake, as sources of files are opened."""
    from nlp.jobs.lake import Lake, unknown_scheme

    return Lake(*_file_system(url, str(unknown_scheme(url))))


def _file_system(url: str, unknown: str) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it with its wildcards.

    A scheme of an Airflow provider is opened with the connection in the URL, any other scheme of
    fsspec with the credentials of the environment. Raises SettingError, which says `unknown`, where
    there is none.
    """
    try:
        path = ObjectStoragePath(url)
        return path.fs, path.path
    except ValueError:
        from fsspec.core import url_to_fs

        from nlp.errors import SettingError

        try:
            return url_to_fs(url)
        except (ImportError, ValueError) as error:
            raise SettingError(unknown) from error


def _desk(name: str, setting: "DeskSetting | RestSource", *, settings: "Settings") -> "DeskSource":
    """Return a helpdesk with the host, login and password of its connection, if it has one."""
    from nlp.sources.desks.build import desk_source

    try:
        connection = Connection.get(setting.connection or f"triage_{setting.kind}")
    except AirflowNotFoundException:
        return desk_source(name, setting, settings)
    return desk_source(
        name,
        setting,
        settings,
        url=_url_of(connection),
        user=connection.login or "",
        token=connection.password or "",
    )


def _url_of(connection: Connection) -> str:
    """Return the address in a connection: a whole one as its host, or its parts; empty for none."""
    host = (connection.host or "").strip()
    if not host or "://" in host:
        return host
    port = f":{connection.port}" if connection.port else ""
    return f"{connection.schema or 'https'}://{host}{port}"


def _database(
    name: str, setting: "DatabaseSource", *, engine: "Engine", settings: "Settings"
) -> "Source":
    from nlp.sources.database import DatabaseSource
    from nlp.sources.shape import Shape

    return DatabaseSource(
        name,
        engine=engine,
        query=setting.query,
        zone=settings.zone,
        shape=Shape.of(setting, settings),
        whole_days=setting.whole_days,
    )
