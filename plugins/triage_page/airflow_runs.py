"""How Airflow's runs of each day stand: which failed, which still run, and where their logs are."""

import datetime as dt
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.utils.session import create_session
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

DAGS = ("ingest_messages", "triage_messages", "discover_topics")
"""What a day runs through; its partition key is the day."""
_FAILED = ("failed", "upstream_failed")
_DONE = "success"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AirflowRun:
    """The latest run of a DAG for a day."""

    dag: str
    state: str
    """`failed`, `running`, `queued` or `success`."""
    log: str
    """Where Airflow shows its log, below Airflow's own address."""


def runs_by_day(first: dt.date, last: dt.date) -> dict[dt.date, list[AirflowRun]] | None:
    """The runs of each day that did not succeed, None where Airflow's database does not answer."""
    try:
        with create_session() as session:
            keys = DagRun.partition_key.between(str(first), str(last))
            rows = session.execute(
                select(DagRun.dag_id, DagRun.run_id, DagRun.partition_key, DagRun.state)
                .where(DagRun.dag_id.in_(DAGS), keys)
                .order_by(DagRun.id)
            ).all()
            latest = {(row.partition_key, row.dag_id): row for row in rows}
            open_ones = [row for row in latest.values() if row.state != _DONE]
            failed = session.execute(
                select(TaskInstance.dag_id, TaskInstance.run_id, TaskInstance.task_id)
                .where(
                    TaskInstance.run_id.in_([row.run_id for row in open_ones]),
                    TaskInstance.state == "failed",
                )
                .order_by(TaskInstance.end_date)
            ).all()
    except SQLAlchemyError as error:
        _log.warning("Airflow's runs cannot be read: %s", type(error).__name__)
        return None
    tasks = {(row.dag_id, row.run_id): row.task_id for row in reversed(failed)}
    return _by_day(open_ones, tasks)


def state_of(runs: Iterable[AirflowRun]) -> str:
    """How a day stands by its runs: `failed` before `running`, empty where none is open."""
    states = {run.state for run in runs}
    return "failed" if states & set(_FAILED) else "running" if states else ""


def _by_day(
    rows: Iterable[object], tasks: dict[tuple[str, str], str]
) -> dict[dt.date, list[AirflowRun]]:
    runs_on: dict[dt.date, list[AirflowRun]] = {}
    for row in rows:
        dag, run, key, state = row  # type: ignore[misc]
        try:
            day = dt.date.fromisoformat(key)
        except ValueError:
            continue
        log = f"/dags/{dag}/runs/{quote(run, safe='')}"
        if task := tasks.get((dag, run)):
            log += f"/tasks/{task}"
        runs_on.setdefault(day, []).append(AirflowRun(dag, str(state), log))
    return runs_on
