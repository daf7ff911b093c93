"""Fixtures of all tests: an embedded server per session, an empty store per test."""

import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import pytest

from nlp.settings import Settings, load
from nlp.text.embed import SentenceEncoder
from sql import embedded
from sql.connect import PostgresStore, migrate, open_store

# How fast examples are generated means nothing on a machine that others use too.
hypothesis.settings.register_profile(
    "shared", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("shared")


@pytest.fixture(scope="session")
def local_dir() -> Iterator[Path]:
    """The folder of an embedded server that ends with the session.

    It is not one of pytest's folders, which other sessions on the same machine may delete.
    """
    with tempfile.TemporaryDirectory(prefix="triage-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        embedded.start(folder)
        yield folder
        embedded.stop(folder)


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    """The default encoder, whose weights are read once for all tests."""
    return SentenceEncoder()


@contextmanager
def migrated(local_dir: Path) -> Iterator[Settings]:
    """Settings that name a new database with the current schema, dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    url = embedded.database_url(local_dir, name)
    found = load(database_url=url, local_dir=local_dir, _env_file=None)
    migrate(found)
    yield found
    embedded.drop_database(local_dir, name)


@pytest.fixture
def settings(local_dir: Path) -> Iterator[Settings]:
    """Settings that name a migrated database for one test."""
    with migrated(local_dir) as found:
        yield found


@pytest.fixture
def store(settings: Settings) -> Iterator[PostgresStore]:
    """An empty store."""
    with open_store(settings) as opened:
        yield opened
