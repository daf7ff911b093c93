"""What the page says where there is nothing to show: an empty database, or none at all."""

import pytest
from fastapi import FastAPI
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings, load
from sql.connect import PostgresStore

_PAGES = ("/", "/themes", "/messages", "/queue", "/intents", "/runs", "/map")


class _Somebody:
    """A user of Airflow's; who may do what is tested before a real Airflow."""

    def get_name(self) -> str:
        return "maria"


@pytest.fixture
def may_enter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody may read."""
    from triage_page import guard

    monkeypatch.setattr(guard, "may_write", lambda _: False)


def _client(settings: Settings) -> TestClient:
    from airflow.api_fastapi.core_api.security import get_user
    from triage_page import guard
    from triage_page.app import create_app

    page = create_app(settings)
    page.dependency_overrides[get_user] = _Somebody
    page.dependency_overrides[guard.reads.dependency] = lambda: None
    outer = FastAPI()
    outer.mount("/triage", page)
    return TestClient(outer, headers={"Accept": "text/html"}, raise_server_exceptions=False)


@pytest.mark.parametrize("path", _PAGES)
def test_an_empty_database_says_what_to_do(settings: Settings, may_enter: None, path: str) -> None:
    """Before the first day every page says that there is none, and how to get one."""
    answer = _client(settings).get(f"/triage{path}")
    assert answer.status_code == 200
    assert "No day was discovered" in answer.text
    assert "triage demo" in answer.text


def test_a_database_that_is_down_is_told(may_enter: None) -> None:
    """Each page answers 503 in words; none shows an address, a trace or a defect."""
    nobody = load(database_url="postgresql://someone:secret@127.0.0.1:1/none", _env_file=None)
    client = _client(nobody)
    for path in (*_PAGES, "/export/themes.csv", "/api/themes"):
        answer = client.get(f"/triage{path}")
        assert answer.status_code == 503, path
        assert "does not answer" in answer.text
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text


def test_another_schema_version_is_told(
    settings: Settings, store: PostgresStore, may_enter: None
) -> None:
    """A database that was not migrated names the command that mends it."""
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.alembic_version SET version_num = '0000'"))
    answer = _client(settings).get("/triage/")
    assert answer.status_code == 503
    assert "triage migrate" in answer.text


def test_a_database_that_comes_back_is_used_again(
    settings: Settings, store: PostgresStore, may_enter: None
) -> None:
    """After its connections were cut, the next page is shown as if nothing had been."""
    client = _client(settings)
    assert client.get("/triage/").status_code == 200
    with store.engine.connect() as connection:
        cut = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute(text(cut))
    assert client.get("/triage/").status_code == 200
