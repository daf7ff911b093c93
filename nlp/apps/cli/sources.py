"""The sources of the settings, opened without Airflow."""

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from nlp.errors import SettingError
from nlp.settings import (
    DeskSource,
    FilesSource,
    IcebergSource,
    RestSource,
    Settings,
    SourceSetting,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import URL


@contextmanager
def opened_sources(settings: Settings) -> Iterator[list[Any]]:
    """Yield a source for each of the settings; what has to be closed is closed at the end."""
    with ExitStack() as stack:
        sources = [_source(name, setting, settings) for name, setting in settings.sources.items()]
        for source in sources:
            if isinstance(source, AbstractContextManager):
                stack.enter_context(source)
        yield sources


def _source(name: str, setting: SourceSetting, settings: Settings) -> Any:
    from fsspec.core import url_to_fs
    from sqlalchemy import create_engine
    from sqlalchemy.exc import ArgumentError

    from nlp.sources.database import DatabaseSource
    from nlp.sources.files import FileSource
    from nlp.sources.iceberg import iceberg_source
    from nlp.sources.shape import Shape

    if isinstance(setting, DeskSource | RestSource):
        from nlp.sources.desks.build import desk_source

        return desk_source(name, setting, settings)
    shape = Shape.of(setting, settings)
    try:
        if isinstance(setting, FilesSource):
            fs, pattern = url_to_fs(setting.url)
            return FileSource(
                name, fs=fs, pattern=pattern, shape=shape, whole_days=setting.whole_days
            )
        if isinstance(setting, IcebergSource):
            return iceberg_source(name, setting, settings)
        engine = create_engine(_address_of(name, setting.connection))
    except (ArgumentError, ImportError, ValueError) as error:
        # A part of the address that is taken for a port may be one of the password.
        reason = "" if isinstance(error, ValueError) and "int()" in str(error) else f": {error}"
        raise SettingError(
            f"TRIAGE_SOURCES: {name!r} cannot be opened here{reason}. The command line takes URLs "
            "of fsspec and SQLAlchemy and needs their packages; it does not read Airflow's "
            "connections"
        ) from (error if reason else None)
    return DatabaseSource(
        name,
        engine=engine,
        query=setting.query,
        zone=settings.zone,
        shape=shape,
        whole_days=setting.whole_days,
    )


def _address_of(name: str, connection: str) -> "str | URL":
    """Return the address of a database; PostgreSQL's may be in any form that libpq has."""
    from sql.address import address

    if re.match(r"\s*[\"']?(jdbc:)?postgres|\s*\w+\s*=", connection):
        return address(connection, key=f"TRIAGE_SOURCES: {name!r}")
    return connection.strip()
