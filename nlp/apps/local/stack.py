"""A real Airflow on this machine, for `triage demo` and `make up`: start, watch and end it.

Each component is a process of its own under a guard (`nlp.apps.local.guard`) that ends it with all
its children when this process ends, in whatever way. Airflow is not imported here. All files
are in `local_dir/airflow`; the servers listen on 127.0.0.1 only.
"""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from nlp.apps.local.api import DAGS, Api, DayRun, TaskState
from nlp.apps.local.home import PORT, USERNAME, Home, prepare, tail
from nlp.errors import TriageError
from nlp.settings import Settings

__all__ = ["COMPONENTS", "Airflow", "DayRun", "Home", "TaskState", "prepare", "running"]

COMPONENTS = ("api-server", "scheduler", "dag-processor", "triggerer")
POOL = "triage_embedding"
_START_SECONDS = 240
_STOP_SECONDS = 20
_HEALTH_NAME = {"dag-processor": "dag_processor"}


class Airflow:
    """A running Airflow; see `running`."""

    def __init__(self, home: Home, guards: "dict[str, subprocess.Popen[bytes]]") -> None:
        self.url = home.url
        self.username = USERNAME
        self.password = home.password
        self.home = home
        self.api = Api(home.url, username=USERNAME, password=home.password)
        self._guards = guards

    @property
    def pids(self) -> dict[str, int]:
        """Process id of each component's guard, the ancestor of all that the component starts."""
        return {name: guard.pid for name, guard in self._guards.items()}

    def check(self) -> None:
        """Raise TriageError with the end of the log if a component died."""
        for name, guard in self._guards.items():
            if guard.poll() is not None:
                log = self.home.logs / f"{name}.log"
                raise TriageError(
                    f"Airflow's {name} ended with code {guard.returncode}. The end of {log}:\n"
                    f"{tail(log)}"
                )

    def run_day(
        self, day: dt.date, *, on_task: Callable[[TaskState], None] = lambda _: None
    ) -> DayRun:
        """Run one day through the three DAGs; see `nlp.apps.local.api.Api.run_day`."""
        return self.api.run_day(day, on_task=on_task, check=self.check)

    def wait(self) -> None:
        """Wait until interrupted; raises TriageError if a component dies."""
        while True:
            self.check()
            time.sleep(1)


@contextmanager
def running(
    settings: Settings,
    *,
    triage_url: str,
    airflow_url: str,
    components: Sequence[str] = COMPONENTS,
    port: int = PORT,
    on_step: Callable[[str], None] = lambda _: None,
) -> Iterator[Airflow]:
    """Start Airflow, yield it once it is healthy and the DAGs are parsed, and always end it.

    Both arguments are SQLAlchemy URLs: of the messages, and of Airflow's metadata. `port` is as in
    `nlp.apps.local.home.prepare`. `on_step` is called with what is being waited for. SIGTERM acts
    like Ctrl-C, with exit code 143. Raises TriageError if a component dies or does not become
    healthy.
    """
    on_step("preparing Airflow's database")
    home = prepare(settings, triage_url=triage_url, airflow_url=airflow_url, port=port)
    guards: dict[str, subprocess.Popen[bytes]] = {}
    with _ended_by_signals():
        try:
            for name in components:
                guards[name] = _start(name, home)
            airflow = Airflow(home, guards)
            _wait_until_ready(airflow, components=components, on_step=on_step)
            airflow.api.ensure_pool(
                POOL, slots=os.cpu_count() or 1, description="Tasks that load the encoder"
            )
            yield airflow
        finally:
            _stop(guards.values())


def _start(name: str, home: Home) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "airflow", name]
    if name in ("scheduler", "triggerer"):
        command.append("--skip-serve-logs")  # Log files are local, so no port for them is needed.
    with (home.logs / f"{name}.log").open("wb") as log:
        return subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "nlp.apps.local.guard", *command],
            env=home.environment,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only this process, which then ends them.
        )


def _wait_until_ready(
    airflow: Airflow, *, components: Sequence[str], on_step: Callable[[str], None]
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    announced = ""
    while waiting := _not_ready(airflow, components):
        if waiting != announced:
            on_step(f"waiting for {waiting}")
            announced = waiting
        airflow.check()
        if time.monotonic() > deadline:
            raise TriageError(
                f"Airflow's {waiting} is not ready after {_START_SECONDS} s. Read the logs in "
                f"{airflow.home.logs}"
            )
        time.sleep(0.3)


def _not_ready(airflow: Airflow, components: Sequence[str]) -> str:
    """What is still waited for; empty when everything is ready."""
    health = airflow.api.health()
    if not health:
        return "api-server"
    for name in components:
        if name != "api-server" and health.get(_HEALTH_NAME.get(name, name)) != "healthy":
            return name
    return "" if set(DAGS) <= airflow.api.parsed_dags() else "DAG files to be read"


def _stop(guards: "Iterable[subprocess.Popen[bytes]]") -> None:
    """Close the pipes, so that every guard ends, and wait for all of them."""
    processes = list(guards)
    for guard in processes:
        assert guard.stdin is not None
        guard.stdin.close()
    for guard in processes:
        try:
            guard.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            guard.kill()


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGINT raise, so that `finally` runs; works in the main thread only.

    A shell that starts a command in its background, or a supervisor, lets it ignore SIGINT.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    handlers = {signal.SIGTERM: leave, signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
