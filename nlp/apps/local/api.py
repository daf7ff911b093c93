"""The calls to Airflow's REST API that a local run of a day needs."""

import datetime as dt
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from nlp.errors import TriageError

DAGS = ("ingest_messages", "triage_messages", "discover_topics")
"""The order in which a day passes through them."""
_UNFINISHED = ("queued", "running")
_POLL_SECONDS = 0.7


@dataclass(frozen=True, slots=True)
class TaskState:
    """One task instance as it stands now."""

    dag_id: str
    task_id: str
    map_index: int
    """-1 where the task is not mapped."""
    label: str
    """A readable name of the instance: `inbox`, `shard 0`; empty where it is not mapped."""
    state: str
    """Airflow's state: `none`, `scheduled`, `queued`, `running`, `success`, `failed`, …"""
    try_number: int
    seconds: float | None
    """Duration of its last try; None before it ended."""


@dataclass(frozen=True, slots=True)
class DayRun:
    """How the three DAGs ended on one day."""

    day: dt.date
    states: dict[str, str]
    """DAG id to the state of its run."""
    tasks: tuple[TaskState, ...]
    seconds: float


class Api:
    """A logged-in client; `url` is the address of the api-server."""

    def __init__(self, url: str, *, username: str, password: str) -> None:
        self.url = url
        self._login = {"username": username, "password": password}
        self._token: str | None = None
        # For this machine itself, a proxy named in the environment is not used. Connections are not
        # kept, so nothing has to be closed.
        self._client = httpx.Client(
            base_url=url,
            timeout=30,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def health(self) -> dict[str, str]:
        """Status by component (`healthy`, `unhealthy`, `none`); empty while there is no answer."""
        try:
            answer = self._send("GET", "/api/v2/monitor/health")
        except (httpx.HTTPError, ValueError):
            return {}
        return {name: str(part["status"]) for name, part in answer.items() if part}

    def call(self, method: str, path: str, body: object = None, **query: object) -> Any:
        """Send one request to `/api/v2`; raises TriageError with the server's message."""
        try:
            if not self._token:
                self._token = self._send("POST", "/auth/token", self._login)["access_token"]
            return self._send(method, f"/api/v2{path}", body, query)
        except httpx.HTTPStatusError as error:
            answer = f"{error.response.status_code} {error.response.text[:500]}"
            raise TriageError(f"Airflow refuses {method} {path}: {answer}") from error
        except httpx.TransportError as error:
            kind = type(error).__name__
            raise TriageError(f"Airflow does not answer {method} {path}: {kind}") from error

    def ensure_pool(self, name: str, *, slots: int, description: str) -> None:
        """Create the pool; an existing one stays unchanged."""
        pools = self.call("GET", "/pools", limit=100)["pools"]
        if name not in {pool["name"] for pool in pools}:
            body = {"name": name, "slots": slots, "description": description}
            self.call("POST", "/pools", body)

    def parsed_dags(self) -> set[str]:
        """Return the DAGs that Airflow knows; raises TriageError where a file does not import."""
        errors = self.call("GET", "/importErrors", limit=5)["import_errors"]
        if errors:
            failed = errors[0]
            raise TriageError(f"{failed['filename']} does not import:\n{failed['stack_trace']}")
        return {dag["dag_id"] for dag in self.call("GET", "/dags", limit=100)["dags"]}

    def run_day(
        self,
        day: dt.date,
        *,
        on_task: Callable[[TaskState], None],
        check: Callable[[], None],
    ) -> DayRun:
        """Start the day's ingestion, wait until discovery has ended, and return the states.

        `on_task` is called with every change of a task. `check` is called between two polls and
        may raise. Raises TriageError where one of the three runs fails.
        """
        started = time.monotonic()
        self._end_unfinished(day)
        for dag in DAGS:
            self.call("PATCH", f"/dags/{dag}", {"is_paused": False})
        body = {"logical_date": None, "partition_key": day.isoformat()}
        first = self.call("POST", f"/dags/{DAGS[0]}/dagRuns", body)
        seen: dict[tuple[str, str, int], TaskState] = {}
        while True:
            check()
            runs = {dag: self._run_of(dag, day, since=first["run_after"]) for dag in DAGS}
            for task in (task for run in runs.values() if run for task in self._tasks(run)):
                key = (task.dag_id, task.task_id, task.map_index)
                if seen.get(key) != task:
                    seen[key] = task
                    on_task(task)
            states = {dag: run["state"] for dag, run in runs.items() if run}
            if "failed" in states.values() or states.get(DAGS[-1]) == "success":
                break
            time.sleep(_POLL_SECONDS)
        _raise_if_failed(day, states, seen.values())
        return DayRun(day, states, tuple(seen.values()), time.monotonic() - started)

    def _end_unfinished(self, day: dt.date) -> None:
        """Fail runs of the day left by an interrupted stack, which would run beside this one."""
        for dag in DAGS:
            for run in self._runs(dag, state=_UNFINISHED):
                if run["partition_key"] == day.isoformat():
                    run_id = quote(run["dag_run_id"], safe="")
                    self.call("PATCH", f"/dags/{dag}/dagRuns/{run_id}", {"state": "failed"})

    def _runs(self, dag: str, **query: object) -> list[dict[str, Any]]:
        answer = self.call("GET", f"/dags/{dag}/dagRuns", order_by="-run_after", limit=50, **query)
        return list(answer["dag_runs"])

    def _run_of(self, dag: str, day: dt.date, *, since: str) -> dict[str, Any] | None:
        runs = self._runs(dag, run_after_gte=since)
        return next((run for run in runs if run["partition_key"] == day.isoformat()), None)

    def _tasks(self, run: dict[str, Any]) -> Iterator[TaskState]:
        run_id = quote(run["dag_run_id"], safe="")
        path = f"/dags/{run['dag_id']}/dagRuns/{run_id}/taskInstances"
        for ti in self.call("GET", path, limit=100)["task_instances"]:
            yield TaskState(
                dag_id=ti["dag_id"],
                task_id=ti["task_id"],
                map_index=ti["map_index"],
                label=ti["rendered_map_index"] or "",
                state=ti["state"] or "none",
                try_number=ti["try_number"],
                seconds=ti["duration"] if ti["end_date"] else None,
            )

    def _send(
        self, method: str, path: str, body: object = None, query: Mapping[str, Any] | None = None
    ) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        answer = self._client.request(method, path, params=query, headers=headers, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def _raise_if_failed(day: dt.date, states: dict[str, str], tasks: Any) -> None:
    failed = [t for t in tasks if t.state == "failed"]
    if "failed" in states.values():
        names = ", ".join(f"{t.dag_id}.{t.task_id} {t.label}".strip() for t in failed)
        raise TriageError(f"Day {day} failed in {names or states}. Read the task's log")
