"""The cycle of training intents on the sample inbox, in a real Airflow.

Correct twenty messages, train, compare, approve by API, predict again, roll back; then reject.
"""

import csv
import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
import pytest
from sqlalchemy import text

from nlp.apps.local import stack
from nlp.apps.sample import FIRST_DAY, write
from nlp.jobs import govern
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.records import Intent, LabelledExample
from nlp.settings import Settings
from nlp.sources.files import FileSource
from nlp.text.embed import SentenceEncoder
from sql import embedded
from sql.connect import PostgresStore, open_store
from tests import deciding
from tests.conftest import migrated
from tests.integration.sql.test_models import _predictions

_DAYS = [FIRST_DAY + dt.timedelta(n) for n in range(21, 25)]
"""Messages about phishing begin on the first of these days and have no example."""
_NEW, _NEWER = "phishing_text", "branch_closure"
_PATIENCE = 400


@dataclass(frozen=True)
class Running:
    """Airflow, and four days with predictions by a first model."""

    airflow: stack.Airflow
    store: PostgresStore
    settings: Settings
    truth: dict[str, str]
    """Intent by external id."""

    def ids(self, intent: str) -> list[str]:
        """Ids of the stored messages whose true intent this is."""
        query = text("SELECT external_id, message_id::text FROM triage.messages ORDER BY 1")
        with self.store.engine.connect() as connection:
            rows = connection.execute(query).all()
        return [message for external, message in rows if self.truth.get(external) == intent]

    def correct(self, ids: list[str], intent: str) -> None:
        """Correct messages to a new intent, as on the page."""
        self.store.save_intents([Intent(intent, "")])
        with self.store.engine.begin() as db:
            for message in ids:
                deciding.correct(db, message, intent=intent, actor="maria")


@pytest.fixture(scope="module")
def running(local_dir: Path, encoder: SentenceEncoder) -> Iterator[Running]:
    """The first days of the sample's fourth week, a model trained on its examples, and Airflow."""
    with (
        tempfile.TemporaryDirectory(prefix="triage-sample-") as folder,
        migrated(local_dir) as settings,
        open_store(settings) as store,
    ):
        write(Path(folder), per_day=150)
        examples = [LabelledExample(*row) for row in _rows(Path(folder) / "examples.csv")]
        add_examples(store, examples, origin="file", settings=settings)
        govern.train_intents(store, encoder, settings=settings, by="setup")
        pattern = f"{folder}/inbox/{{day}}.csv"
        source = FileSource("inbox", fs=fsspec.filesystem("file"), pattern=pattern)
        run_days(store, encoder, _DAYS, sources=[source], settings=settings)
        assert settings.database_url is not None
        with stack.running(
            settings,
            triage_url=settings.database_url.get_secret_value(),
            airflow_url=embedded.database_url(local_dir, "airflow"),
            components=("api-server", "scheduler", "dag-processor"),
            port=0,
        ) as airflow:
            yield Running(airflow, store, settings, dict(_rows(Path(folder) / "truth.csv")))


def _rows(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [(a, b) for a, b in list(csv.reader(lines))[1:]]


def _start(airflow: stack.Airflow) -> str:
    airflow.api.call("PATCH", "/dags/train_intents", {"is_paused": False})
    body = {"logical_date": None, "conf": {"force": True}}
    return str(airflow.api.call("POST", "/dags/train_intents/dagRuns", body)["dag_run_id"])


def _states(airflow: stack.Airflow, run: str) -> dict[str, str]:
    path = f"/dags/train_intents/dagRuns/{run}/taskInstances"
    result = airflow.api.call("GET", path)["task_instances"]
    return {ti["task_id"]: ti["state"] or "none" for ti in result}


def _wait(airflow: stack.Airflow, run: str, *, task: str, states: set[str]) -> dict[str, str]:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        airflow.check()
        result = _states(airflow, run)
        assert "failed" not in result.values(), result
        if result.get(task) in states:
            return result
        time.sleep(1)
    raise AssertionError(f"{task} did not become {states}: {result}")


def _answer(airflow: stack.Airflow, run: str, option: str) -> dict[str, Any]:
    path = f"/dags/train_intents/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"
    requested = airflow.api.call("GET", path)
    airflow.api.call("PATCH", path, {"chosen_options": [option]})
    return dict(requested)


def _intents_of(running: Running, ids: list[str]) -> list[str]:
    """The predictions of the champion, without corrections."""
    query = text(
        "SELECT intent FROM triage.intent_predictions "
        "WHERE passage_id::text = ANY(:ids) AND model_version = :v"
    )
    requested = {"ids": ids, "v": running.store.champion_version()}
    with running.store.engine.connect() as connection:
        return list(connection.scalars(query, requested))


def test_twenty_corrections_lead_to_an_approved_model_changed_answers_and_back(
    running: Running, encoder: SentenceEncoder
) -> None:
    """After corrections, training, comparison and approval by API, the new model predicts.

    Its card records the approval, and it recognises the subject in uncorrected messages too. A
    rollback restores all predictions exactly.
    """
    store, first = running.store, running.store.champion_version()
    ids = running.ids(_NEW)
    corrected, others = ids[:20], ids[20:]
    assert len(corrected) == 20
    assert len(others) >= 10
    running.correct(corrected, _NEW)
    before = _predictions(store)
    assert _NEW not in _intents_of(running, ids)
    run = _start(running.airflow)
    _wait(running.airflow, run, task="approve", states={"awaiting_input", "deferred"})
    assert store.champion_version() == first
    requested = _answer(running.airflow, run, "Approve")
    assert "| accuracy |" in requested["body"]
    result = _wait(running.airflow, run, task="apply_decision", states={"success"})
    assert result["promote"] == "success"
    second = store.champion_version()
    assert second not in (None, first)
    record = store.model(str(second))
    assert record.approved_by == "admin"
    assert record.gate is not None
    for part in ("promote by admin", "| accuracy |", f"| {_NEW} |", record.data_sha256):
        assert part in record.card
    assert _intents_of(running, others).count(_NEW) > len(others) / 2
    assert _predictions(store) != before
    assert govern.rollback(store, by="maria") == first
    assert _predictions(store) == before
    govern.predict_again(
        store, last=_DAYS[-1], encoder_name=encoder.name, settings=running.settings
    )
    assert _predictions(store) == before


def test_a_person_who_says_no_keeps_the_champion(running: Running) -> None:
    """A rejection in Airflow changes no prediction and is stored with the person's name."""
    store, champion = running.store, running.store.champion_version()
    running.correct(running.ids(_NEWER), _NEWER)
    before = _predictions(store)
    run = _start(running.airflow)
    _wait(running.airflow, run, task="approve", states={"awaiting_input", "deferred"})
    _answer(running.airflow, run, "Reject")
    result = _wait(running.airflow, run, task="apply_decision", states={"success"})
    assert result["promote"] == "skipped"
    assert store.champion_version() == champion
    assert _predictions(store) == before
    query = text(
        "SELECT version, decision, decided_by FROM triage.model_decisions "
        "ORDER BY decision_id DESC LIMIT 1"
    )
    with store.engine.connect() as connection:
        version, decision, by = connection.execute(query).one()
    assert (decision, by) == ("reject", "admin")
    assert "kept out by admin" in store.model(version).card
