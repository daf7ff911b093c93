"""The loop of intents in a real Airflow: correct, train, compare, approve by API, promote."""

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nlp import stack
from nlp.embed import SentenceEncoder
from nlp.jobs import govern
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.settings import Settings
from sql import embedded
from sql.connect import PostgresStore, open_store
from tests.conftest import migrated
from tests.fakes import MemorySource
from tests.inbox import FIRST, inbox
from tests.integration.test_models import _examples

_DAYS = [FIRST + dt.timedelta(n) for n in range(3)]
_PATIENCE = 400


@pytest.fixture(scope="module")
def airflow(
    local_dir: Path, encoder: SentenceEncoder
) -> Iterator[tuple[stack.Airflow, PostgresStore, Settings]]:
    """A running Airflow over three days that a first model predicted."""
    with migrated(local_dir) as settings, open_store(settings) as store:
        add_examples(store, _examples(), origin="file", settings=settings)
        govern.train_intents(store, encoder, settings=settings, by="setup")
        run_days(store, encoder, _DAYS, sources=[MemorySource("inbox", inbox())], settings=settings)
        assert settings.database_url is not None
        with stack.running(
            settings,
            triage_url=settings.database_url.get_secret_value(),
            airflow_url=embedded.database_url(local_dir, "airflow"),
            components=("api-server", "scheduler", "dag-processor"),
            port=0,
        ) as running:
            yield running, store, settings


def _start(airflow: stack.Airflow) -> str:
    airflow.api.call("PATCH", "/dags/train_intents", {"is_paused": False})
    body = {"logical_date": None, "conf": {"force": True}}
    return str(airflow.api.call("POST", "/dags/train_intents/dagRuns", body)["dag_run_id"])


def _states(airflow: stack.Airflow, run: str) -> dict[str, str]:
    path = f"/dags/train_intents/dagRuns/{run}/taskInstances"
    found = airflow.api.call("GET", path)["task_instances"]
    return {ti["task_id"]: ti["state"] or "none" for ti in found}


def _wait(airflow: stack.Airflow, run: str, *, task: str, states: set[str]) -> dict[str, str]:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        airflow.check()
        found = _states(airflow, run)
        assert "failed" not in found.values(), found
        if found.get(task) in states:
            return found
        time.sleep(1)
    raise AssertionError(f"{task} did not become {states}: {found}")


def _answer(airflow: stack.Airflow, run: str, option: str) -> dict[str, Any]:
    path = f"/dags/train_intents/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"
    asked = airflow.api.call("GET", path)
    airflow.api.call("PATCH", path, {"chosen_options": [option]})
    return dict(asked)


def _correct_twenty(store: PostgresStore, intent: str, *, like: str) -> list[str]:
    query = text(
        "SELECT message_id::text FROM triage.message_triage WHERE external_id LIKE :like "
        "AND NOT intent_corrected ORDER BY 1 LIMIT 20"
    )
    with store.engine.connect() as connection:
        ids = list(connection.scalars(query, {"like": like}))
    for message in ids:
        store.correct(message, intent, by="maria")
    return ids


def test_twenty_corrections_lead_to_an_approved_model_and_changed_answers(
    airflow: tuple[stack.Airflow, PostgresStore, Settings],
) -> None:
    """Corrected, trained, compared, approved by API: the new model answers, its card says so."""
    running, store, _ = airflow
    first = store.champion_version()
    with store.engine.begin() as connection:
        connection.execute(text("INSERT INTO triage.intents (name) VALUES ('app_crash')"))
    corrected = _correct_twenty(store, "app_crash", like="app-%")
    assert len(corrected) == 20
    run = _start(running)
    _wait(running, run, task="approve", states={"awaiting_input", "deferred"})
    assert store.champion_version() == first
    asked = _answer(running, run, "Approve")
    assert "| accuracy |" in asked["body"]
    found = _wait(running, run, task="settle", states={"success"})
    assert found["promote"] == "success"
    second = store.champion_version()
    assert second is not None
    assert second != first
    record = store.model(second)
    assert record.approved_by == "admin"
    assert "promote by admin" in record.card
    assert record.gate is not None
    with store.engine.connect() as connection:
        told = connection.execute(
            text(
                "SELECT p.intent FROM triage.intent_predictions p "
                "WHERE p.message_id::text = ANY(:ids) AND p.model_version = :v"
            ),
            {"ids": corrected, "v": second},
        ).scalars()
        assert "app_crash" in set(told)


def test_a_person_who_says_no_keeps_the_champion(
    airflow: tuple[stack.Airflow, PostgresStore, Settings],
) -> None:
    """Rejected in Airflow: nothing is promoted, and the refusal is recorded with the name."""
    running, store, _ = airflow
    champion = store.champion_version()
    _correct_twenty(store, "pin", like="pin-%")
    run = _start(running)
    _wait(running, run, task="approve", states={"awaiting_input", "deferred"})
    _answer(running, run, "Reject")
    found = _wait(running, run, task="settle", states={"success"})
    assert found["promote"] == "skipped"
    assert store.champion_version() == champion
    with store.engine.connect() as connection:
        last = connection.execute(
            text(
                "SELECT decision, decided_by FROM triage.model_decisions "
                "ORDER BY decision_id DESC LIMIT 1"
            )
        ).one()
    assert tuple(last) == ("reject", "admin")
