"""No process of Airflow is left after its parent ends, however it ends."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import psutil
import pytest

from nlp.apps.local.api import Api
from nlp.apps.local.home import Home, prepare
from nlp.errors import TriageError
from nlp.settings import load
from sql import embedded

PROJECT = Path(__file__).resolve().parents[2]
_SERVE = """
import sys
from pathlib import Path
from nlp.settings import load
from nlp.apps.local.stack import running
settings = load(local_dir=Path(sys.argv[1]), _env_file=None)
with running(settings, triage_url=sys.argv[2], airflow_url=sys.argv[3],
             components=("api-server", "scheduler", "dag-processor"), port=0,
             on_step=lambda step: print(step, flush=True)) as airflow:
    print("READY", airflow.url, flush=True)
    airflow.wait()
"""
_TREE = """
import subprocess, sys, time
child = "import os, signal as s, time; os.setsid(); s.signal(s.SIGTERM, s.SIG_IGN)"
subprocess.Popen([sys.executable, "-c", child + "; print('up', flush=True); time.sleep(600)"])
time.sleep(600)
"""


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(PROJECT)}


def _wait_for(process: "subprocess.Popen[str]", word: str) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(word):
            return line
    raise AssertionError(f"ended with {process.wait()} before it said {word}")


def _left(tree: list[psutil.Process], *, seconds: float) -> list[psutil.Process]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        left = [p for p in tree if _lives(p)]
        if not left:
            return []
        time.sleep(0.2)
    return left


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):  # it ended meanwhile
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


def _command(process: psutil.Process) -> str:
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda n: n.name)
def test_guard_ends_a_stubborn_tree(number: signal.Signals) -> None:
    """A grandchild in another group that ignores SIGTERM ends when its parent is killed."""
    parent = (
        "import subprocess, sys; subprocess.Popen([sys.executable, '-m', 'nlp.apps.local.guard', "
        f"sys.executable, '-c', {_TREE!r}], stdin=subprocess.PIPE, start_new_session=True).wait()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdout=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        _wait_for(process, "up")
        tree = psutil.Process(process.pid).children(recursive=True)
        assert len(tree) == 3
        process.send_signal(number)
        assert _left(tree, seconds=15) == []


def test_guard_passes_on_how_the_command_ended() -> None:
    """If a component ends by itself, its guard exits with the same code."""
    command = [sys.executable, "-m", "nlp.apps.local.guard", sys.executable, "-c", "exit(3)"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, env=_environment()) as guard:
        assert guard.wait(20) == 3


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda n: n.name)
def test_nothing_of_airflow_is_left(local_dir: Path, number: signal.Signals) -> None:
    """Ctrl-C on a serving Airflow, and SIGKILL of a starting one, leave no process.

    SIGINT also ends what was started while it was ignored, as in the background of a shell.
    """
    urls = [embedded.database_url(local_dir, name) for name in ("triage", "airflow")]
    ignoring = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    command = [sys.executable, "-c", ignoring + _SERVE, str(local_dir), *urls]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=_environment(), cwd=PROJECT
    ) as process:
        _wait_for(process, "READY" if number == signal.SIGINT else "waiting for api-server")
        time.sleep(3)
        tree = psutil.Process(process.pid).children(recursive=True)
        names = " ".join(map(_command, tree))
        assert all(name in names for name in ("api-server", "scheduler", "dag-processor"))
        process.send_signal(number)
        assert _left(tree, seconds=25) == []


def test_keys_are_private_and_kept(local_dir: Path) -> None:
    """Keys are created once, and other users can read neither keys nor passwords."""
    settings = load(local_dir=local_dir, _env_file=None)
    urls = {f"{name}_url": embedded.database_url(local_dir, name) for name in ("triage", "airflow")}
    first, second = (prepare(settings, **urls) for _ in range(2))
    for name in ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET"):
        assert first.environment[name] == second.environment[name]
        assert len(first.environment[name]) >= 43
    assert first.password == second.password
    files = [*(first.folder / "keys").iterdir(), first.folder / "passwords.json"]
    assert len(files) >= 5
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_settings_reach_the_tasks_whole(local_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings given to the stack are in the environment of a task."""
    given = load(
        local_dir=local_dir,
        languages=("en", "de"),
        embed_shards=5,
        hash_key="secret",
        sources={"db": {"kind": "database", "connection": "helpdesk", "query": "q.sql"}},
        _env_file=None,
    )
    url = embedded.database_url(local_dir, "airflow")
    home: Home = prepare(given, triage_url=url, airflow_url=url)
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in home.environment.items():
        monkeypatch.setenv(name, value)
    read = load(_env_file=None)
    assert read.database_url is not None
    assert read.database_url.get_secret_value() == url
    assert read.customer_key() == b"secret"
    assert read.model_dump(exclude={"database_url"}) == given.model_dump(exclude={"database_url"})


def test_a_refused_login_is_told() -> None:
    """If another server uses the port, its refusal is a readable error."""
    with HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as server:
        Thread(target=server.handle_request, daemon=True).start()
        api = Api(f"http://127.0.0.1:{server.server_port}", username="a", password="b")
        with pytest.raises(TriageError, match="Airflow refuses GET /pools: 501"):
            api.call("GET", "/pools")


def test_nobody_answering_is_no_health() -> None:
    """Before the api-server is up, its health is empty and not an error."""
    assert Api("http://127.0.0.1:9", username="a", password="b").health() == {}


def test_nobody_answering_a_call_is_told() -> None:
    """If the api-server has stopped, a call raises a readable error."""
    api = Api("http://127.0.0.1:9", username="a", password="b")
    with pytest.raises(TriageError, match="Airflow does not answer GET /pools: ConnectError"):
        api.call("GET", "/pools")
