"""A real Airflow runs a real day: scheduler, task processes, REST API, embedded Postgres."""

import csv
import datetime as dt
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

import psutil
import pytest
from sqlalchemy import Engine, create_engine, text

from nlp.apps.local import stack
from nlp.apps.local.api import DAGS
from nlp.settings import load
from sql import embedded
from sql.connect import migrate

DAY = dt.date(2026, 3, 2)
_SUBJECTS = {
    "card": ("I lost my card {}", "my card is gone {}", "card missing since {}"),
    "refund": ("where is my refund from {}", "refund not here {}", "still no refund of {}"),
    "pin": ("how do I change my pin {}", "pin blocked {}", "forgot the pin code {}"),
}
_PLACES = ("London", "the train", "a shop", "monday", "the park", "Berlin", "my trip", "work")
_TABLES = (
    "messages", "quarantine", "embeddings", "topics", "topic_states", "memberships",
    "topic_days", "topic_events", "alerts",
)  # fmt: skip


@pytest.fixture(scope="module")
def engine(local_dir: Path) -> Iterator[Engine]:
    """The migrated database that the DAGs write to."""
    engine = create_engine(embedded.database_url(local_dir, "dag_runs"))
    migrate(load(database_url=engine.url.render_as_string(), _env_file=None))
    yield engine
    engine.dispose()


def _write_day(inbox: Path, day: dt.date) -> None:
    with (inbox / f"{day}.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["external_id", "created_at", "text"])
        texts = [f.format(p) for fs in _SUBJECTS.values() for f in fs for p in _PLACES]
        for number, line in enumerate([*texts, "   "]):
            writer.writerow([f"{day}-{number}", f"{day}T10:00:00Z", line])


@pytest.fixture(scope="module")
def airflow(local_dir: Path, engine: Engine) -> Iterator[stack.Airflow]:
    """A running Airflow over an inbox with one day of three subjects and one broken row."""
    inbox = local_dir / "inbox"
    inbox.mkdir()
    _write_day(inbox, DAY)
    settings = load(
        local_dir=local_dir,
        sources={"inbox": {"kind": "files", "url": f"{inbox}/{{day}}.csv"}},
        _env_file=None,
    )
    with stack.running(
        settings,
        triage_url=engine.url.render_as_string(),
        airflow_url=embedded.database_url(local_dir, "airflow"),
        components=("api-server", "scheduler", "dag-processor"),
        port=0,
    ) as running:
        yield running


def _digest(engine: Engine) -> dict[str, str]:
    """A hash of all rows of all tables, without times of writing."""
    out = {}
    with engine.connect() as connection:
        for table in _TABLES:
            rows = connection.scalars(
                text(
                    "SELECT (to_jsonb(t) - 'stored_at' - 'quarantined_at')::text AS row "
                    f"FROM triage.{table} t ORDER BY 1"
                )
            )
            out[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return out


def _count(engine: Engine, query: str) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text(query)))


def test_a_killed_embedding_is_repaired_by_its_retry(
    airflow: stack.Airflow, engine: Engine
) -> None:
    """One day runs through all three DAGs even if an embedding task is killed; counts agree."""
    killed: set[int] = set()

    def on_task(task: stack.TaskState) -> None:
        if task.task_id != "embed" or task.map_index < 0:
            return
        if task.state == "running" and not killed:
            killed.add(_kill_task(airflow, task))
        if task.state == "up_for_retry":
            _clear(airflow, task)  # as a person does who does not wait for the retry

    run = airflow.run_day(DAY, on_task=on_task)
    assert len(killed) == 1
    assert run.states == dict.fromkeys(DAGS, "success")
    tries = [t.try_number for t in run.tasks if t.task_id == "embed" and t.map_index >= 0]
    assert sorted(tries) == [1, 2]
    n = len(_PLACES) * 9
    assert _count(engine, "SELECT count(*) FROM triage.messages") == n
    assert _count(engine, "SELECT count(*) FROM triage.quarantine") == 1
    assert _count(engine, "SELECT count(*) FROM triage.embeddings") == n
    assert _count(engine, "SELECT count(DISTINCT message_id) FROM triage.memberships") == n
    assert _count(engine, "SELECT count(*) FROM triage.topics WHERE born_on = '2026-03-02'") >= 2
    assert {t.label for t in run.tasks if t.map_index >= 0} == {"inbox", "shard 0", "shard 1"}


def test_tasks_have_the_encoder_before_they_start(airflow: stack.Airflow) -> None:
    """The workers that tasks are forked from share the encoder's library with the scheduler."""
    scheduler = psutil.Process(airflow.pids["scheduler"])
    workers = [p for p in scheduler.children(recursive=True) if "LocalExecutor" in p.name()]
    assert len(workers) >= 2
    for worker in workers:
        assert any("libtorch" in library.path for library in worker.memory_maps())


def test_the_day_again_leaves_the_same_rows(airflow: stack.Airflow, engine: Engine) -> None:
    """After its embeddings and Airflow's history are deleted, the day leaves the same rows."""
    before = _digest(engine)
    tomorrow = dt.datetime.now(dt.UTC) + dt.timedelta(1)
    history = "dag_run,task_instance,xcom,asset_event,partitioned_asset_key_log"
    clean = ["db", "clean", "--clean-before-timestamp", tomorrow.isoformat(), "--tables", history]
    subprocess.run(
        [sys.executable, "-m", "airflow", *clean, "--skip-archive", "--yes"],
        env=airflow.home.environment,
        check=True,
        timeout=180,
    )
    assert _digest(engine) == before
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM triage.embeddings"))
    airflow.run_day(DAY)
    assert _digest(engine) == before


def test_a_backfill_runs_each_day_through_all_dags(
    airflow: stack.Airflow, engine: Engine, local_dir: Path
) -> None:
    """Airflow's backfill runs each day from the first to the last, in order, up to topics."""
    days = [DAY + dt.timedelta(n) for n in (1, 2)]
    for day in days:
        _write_day(local_dir / "inbox", day)
    command = ["backfill", "create", "--dag-id", DAGS[0], "--max-active-runs", "1"]
    ends = ["--from-date", str(days[0]), "--to-date", str(days[-1])]
    subprocess.run(
        [sys.executable, "-m", "airflow", *command, *ends],
        env=airflow.home.environment,
        check=True,
        timeout=120,
    )
    deadline = time.monotonic() + 420
    while len(done := _succeeded(airflow, DAGS[-1], days)) < len(days):
        assert time.monotonic() < deadline, done
        time.sleep(1)
    n = len(_PLACES) * 9
    assert _count(engine, "SELECT count(*) FROM triage.messages") == 3 * n
    discovered = "SELECT count(DISTINCT day) FROM triage.runs WHERE job = 'discover' AND NOT stale"
    assert _count(engine, discovered) == 3


def test_a_run_without_a_day_fails_at_once(airflow: stack.Airflow) -> None:
    """A run without a partition key fails at the first try; the log says how to give one."""
    run = airflow.api.call("POST", "/dags/triage_messages/dagRuns", {"logical_date": None})
    path = f"/dags/triage_messages/dagRuns/{run['dag_run_id']}"
    while (state := airflow.api.call("GET", path)["state"]) in ("queued", "running"):
        time.sleep(0.5)
    assert state == "failed"
    output = airflow.api.call("GET", f"{path}/taskInstances/await_eve/logs/1", full_content=True)
    assert "Trigger the DAG with a partition key" in str(output)


def test_the_command_line_reaches_the_same_airflow(
    airflow: stack.Airflow, engine: Engine, local_dir: Path
) -> None:
    """`triage airflow` sees the runs of the local Airflow and returns its exit code."""
    url = engine.url.render_as_string()
    result = {"TRIAGE_LOCAL_DIR": str(local_dir), "TRIAGE_DATABASE_URL": url}

    def ask(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "nlp.apps.cli", "airflow", *arguments]
        environment = {**os.environ, **result}
        return subprocess.run(
            command, env=environment, check=False, capture_output=True, text=True, timeout=120
        )

    runs = airflow.api.call("GET", "/dags/ingest_messages/dagRuns")["dag_runs"]
    output = ask("dags", "list-runs", "ingest_messages", "-o", "json").stdout
    assert runs
    assert all(run["dag_run_id"] in output for run in runs)
    assert ask("dags", "list-runs", "no_such_dag").returncode == 1


def test_xcoms_hold_ids_and_counts_only(airflow: stack.Airflow) -> None:
    """Tasks pass on nothing but short records of ids and counts."""
    path = "/dags/~/dagRuns/~/taskInstances/~/xcomEntries"
    entries = airflow.api.call("GET", path, limit=100)["xcom_entries"]
    assert len(entries) >= 10
    for entry in entries:
        run, task = entry["run_id"], entry["task_id"]
        one = f"/dags/{entry['dag_id']}/dagRuns/{run}/taskInstances/{task}/xcomEntries"
        value = airflow.api.call("GET", f"{one}/{entry['key']}", map_index=entry["map_index"])
        assert len(str(value["value"])) < 300
        assert not any(word in str(value["value"]) for word in ("card", "refund", "pin"))


def _succeeded(airflow: stack.Airflow, dag: str, days: list[dt.date]) -> set[str]:
    runs = airflow.api.call("GET", f"/dags/{dag}/dagRuns", state="success", limit=100)["dag_runs"]
    return {run["partition_key"] for run in runs} & {str(day) for day in days}


def _kill_task(airflow: stack.Airflow, task: stack.TaskState) -> int:
    """Kill the process of a running task with SIGKILL; return its id."""
    run = _last_run(airflow, task)
    path = f"/dags/{task.dag_id}/dagRuns/{run}/taskInstances/{task.task_id}/{task.map_index}"
    title = f"airflow worker -- {airflow.api.call('GET', path)['id']}"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for process in psutil.Process(airflow.pids["scheduler"]).children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # it may have ended by now
                if title in " ".join(process.cmdline()):
                    process.kill()
                    return process.pid
    raise AssertionError("the task has no process")


def _clear(airflow: stack.Airflow, task: stack.TaskState) -> None:
    body = {
        "dry_run": False,
        "only_failed": False,
        "dag_run_id": unquote(_last_run(airflow, task)),
        "task_ids": [[task.task_id, task.map_index]],
    }
    airflow.api.call("POST", f"/dags/{task.dag_id}/clearTaskInstances", body)


def _last_run(airflow: stack.Airflow, task: stack.TaskState) -> str:
    runs = airflow.api.call("GET", f"/dags/{task.dag_id}/dagRuns", order_by="-run_after", limit=1)
    return quote(runs["dag_runs"][0]["dag_run_id"], safe="")
