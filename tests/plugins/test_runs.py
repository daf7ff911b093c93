"""Runs: which days failed, still run or are missing, with a link to Airflow's log."""

import datetime as dt
import re
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.three_themes import APP, DAY, discovery, fill, run

_Open = Callable[[Settings], TestClient]
_RUN = """
INSERT INTO dag_run (dag_id, run_id, partition_key, state, run_type, run_after, log_template_id,
                     clear_number, context_carrier, span_status)
VALUES (:dag, :run, :key, :state, 'manual', '2026-03-10', 1, 0, '{}', 'not_started')
"""
_TASK = """
INSERT INTO task_instance (id, task_id, dag_id, run_id, map_index, state, max_tries, pool,
                           pool_slots, context_carrier, span_status, try_number)
VALUES (:id, :task, :dag, :run, -1, :state, 0, 'p', 1, '{}', 'not_started', 1)
"""


def _day(before: int) -> dt.date:
    return DAY - dt.timedelta(before)


@pytest.fixture
def airflow() -> Iterator[None]:
    """Airflow's tables of runs: one failed, one runs, one failed and then succeeded."""
    from airflow import settings
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.models.trigger import Trigger

    assert Trigger.__table__ is not None  # the task instances refer to it

    tables = [DagRun.__table__, TaskInstance.__table__]
    runs = [
        ("triage_messages", "manual__1+a", _day(2), "failed"),
        ("ingest_messages", "manual__2", _day(-1), "running"),
        ("discover_topics", "manual__3", _day(0), "failed"),
        ("discover_topics", "manual__4", _day(0), "success"),
        ("another", "manual__5", _day(1), "failed"),
        ("ingest_messages", "manual__6", None, "failed"),
    ]
    options = {"isolation_level": "AUTOCOMMIT"}
    with settings.engine.connect().execution_options(**options) as connection:
        # The tables that these refer to are not needed.
        connection.execute(text("PRAGMA foreign_keys = OFF"))
        for table in tables:
            table.create(connection)
        for dag, name, day, state in runs:
            values = {"dag": dag, "run": name, "key": day and str(day), "state": state}
            connection.execute(text(_RUN), values)
        for n, (task, state) in enumerate([("embed", "success"), ("predict", "failed")]):
            values = {"task": task, "dag": "triage_messages", "run": "manual__1+a"}
            connection.execute(text(_TASK), {**values, "id": f"{n:032}", "state": state})
        yield
        for table in reversed(tables):
            table.drop(connection)
        connection.execute(text("PRAGMA foreign_keys = ON"))


def _states(page: str) -> dict[str, list[str]]:
    rows = re.findall(r"<tr data-row.*?</tr>", page, re.S)
    return {
        re.findall(r"since=(\S+?)&", row)[0]: re.findall(r'class="state \w+">(\w+)<', row)
        for row in rows
    }


@pytest.mark.usefixtures("airflow")
def test_days_that_failed_still_run_or_are_missing_are_shown(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """Each day from the first on has a row that says how it stands; a log is a click away."""
    fill(store)
    run(store, _day(5), discovery([APP]))
    page = client_of(settings).get("/triage/runs").text
    assert _states(page) == {
        str(_day(-1)): ["running"],
        str(_day(0)): [],
        str(_day(1)): ["missing"],
        str(_day(2)): ["failed"],
        str(_day(3)): ["missing"],
        str(_day(4)): ["missing"],
        str(_day(5)): [],
    }
    logs = re.findall(r'class="log" href="(.*?)"', page)
    assert logs == [
        "/dags/ingest_messages/runs/manual__2",
        "/dags/triage_messages/runs/manual__1%2Ba/tasks/predict",
    ]
    lede = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert "7 Mar 2026 failed. 10 Mar 2026 still runs. 3 days are missing." in lede


def test_without_airflows_database_the_page_says_what_it_does_not_know(
    store: PostgresStore, settings: Settings, client_of: _Open
) -> None:
    """The figures are shown all the same."""
    fill(store)
    page = client_of(settings).get("/triage/runs").text
    assert "Airflow's own database does not answer" in page
    assert _states(page) == {str(DAY): []}
