"""Fixtures of all tests: an embedded server per session, an empty store per test."""

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from sqlalchemy import create_engine

from nlp.settings import Settings, load
from nlp.text.embed import SentenceEncoder
from sql import embedded
from sql.connect import PostgresStore, migrate, open_store

# How fast examples are generated means nothing on a machine that others use too.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")

_SHARING = ("browser", "dags")
"""Folders whose tests share one Airflow."""
if "PYTEST_XDIST_WORKER" in os.environ:  # as many workers as cores: one thread each
    os.environ.setdefault("OMP_NUM_THREADS", "1")

# The server ends with the session: nothing of it must outlast a power cut.
_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_RELOAD = "SELECT pg_reload_conf()"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep tests that share a server or a store on one worker, where several run them."""
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            module = Path(nodeid.split("::", maxsplit=1)[0])
            return str(module.parent if module.parent.name in _SHARING else module)

    return Together(config, log)


@pytest.fixture(scope="session")
def local_dir() -> Iterator[Path]:
    """The folder of an embedded server that ends with the session.

    It is not one of pytest's folders, which other sessions on the same machine may delete.
    """
    with tempfile.TemporaryDirectory(prefix="triage-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        embedded.start(folder)
        _run(folder, *(f"ALTER SYSTEM SET {name} = off" for name in _DURABLE), _RELOAD)
        yield folder
        embedded.stop(folder)


def _run(local_dir: Path, *statements: str) -> None:
    """Run statements outside a transaction on the server's own database."""
    engine = create_engine(
        embedded.database_url(local_dir, "postgres"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The default encoder, whose weights are read once for all tests."""
    return SentenceEncoder()


@contextmanager
def migrated(local_dir: Path) -> Iterator[Settings]:
    """Settings that name a new database with the current schema, dropped at the end.

    It is a copy of one that was migrated once: to migrate each anew would take most of a test.
    """
    name = f"test_{uuid.uuid4().hex[:12]}"
    _run(local_dir, f'CREATE DATABASE "{name}" TEMPLATE "{_template(local_dir)}"')
    yield _settings(local_dir, name)
    embedded.drop_database(local_dir, name)


@cache
def _template(local_dir: Path) -> str:
    """The name of the migrated database that the others are copied from."""
    migrate(_settings(local_dir, "template"))
    return "template"


def _settings(local_dir: Path, name: str) -> Settings:
    """Settings that name a database of the server."""
    url = embedded.database_url(local_dir, name)
    return load(database_url=url, local_dir=local_dir, _env_file=None)


@pytest.fixture
def settings(local_dir: Path) -> Iterator[Settings]:
    """Settings that name a migrated database for one test."""
    with migrated(local_dir) as result:
        yield result


@pytest.fixture
def store(settings: Settings) -> Iterator[PostgresStore]:
    """An empty store."""
    with open_store(settings) as opened:
        yield opened
