"""What the page says where there is nothing to show: an empty database, or none at all."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings, load
from sql.connect import PostgresStore

_PAGES = ("/", "/themes", "/messages", "/queue", "/intents", "/runs", "/map")


_Open = Callable[[Settings], TestClient]


@pytest.mark.parametrize("path", _PAGES)
def test_an_empty_database_says_what_to_do(settings: Settings, client_of: _Open, path: str) -> None:
    """Before the first day every page says that there is none, and how to get one."""
    answer = client_of(settings).get(f"/triage{path}")
    assert answer.status_code == 200
    assert "No day was discovered" in answer.text
    assert "triage demo" in answer.text


def test_a_database_that_is_down_is_told(client_of: _Open) -> None:
    """Each page answers 503 in words; none shows an address, a trace or a defect."""
    nobody = load(database_url="postgresql://someone:secret@127.0.0.1:1/none", _env_file=None)
    client = client_of(nobody)
    for path in (*_PAGES, "/export/themes.csv", "/api/themes"):
        answer = client.get(f"/triage{path}")
        assert answer.status_code == 503, path
        assert "does not answer" in answer.text
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


def test_another_schema_version_is_told(
    settings: Settings, store: PostgresStore, client_of: _Open
) -> None:
    """A database that was not migrated names the command that fixes it."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.alembic_version SET version_num = '0000'"))
    answer = client_of(settings).get("/triage/")
    assert answer.status_code == 503
    assert "triage migrate" in answer.text


def test_a_database_that_comes_back_is_used_again(
    settings: Settings, store: PostgresStore, client_of: _Open
) -> None:
    """After its connections were cut, the next page is shown as if nothing had been."""
    client = client_of(settings)
    assert client.get("/triage/").status_code == 200
    with store.engine.connect() as connection:
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(text(cut))
    assert client.get("/triage/").status_code == 200
