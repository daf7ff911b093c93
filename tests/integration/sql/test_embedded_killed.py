"""An embedded server whose users were killed: it is joined again, and lost nothing."""

import multiprocessing
import os
import signal
import tempfile
import time
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from sql import embedded


def _hold(folder: str, ready: str) -> None:
    """Start the server, write a row, and stay."""
    engine = create_engine(_url(Path(folder)))
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (n int)"))
        connection.execute(text("INSERT INTO kept VALUES (7)"))
    Path(ready).touch()
    time.sleep(600)


def _url(folder: Path) -> str:
    return embedded.start(folder).replace("psycopg2", "psycopg")


def _read(folder: str) -> None:
    """Join or start the server, and find the row."""
    engine = create_engine(_url(Path(folder)))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT n FROM kept")) == 7
    engine.dispose()
    embedded.stop(Path(folder))


def _start(work: Callable[..., None], *args: str) -> BaseProcess:
    process = multiprocessing.get_context("spawn").Process(target=work, args=args)
    process.start()
    return process


def _pid(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().split()[0])


@pytest.mark.parametrize("is_server_killed", [False, True], ids=["user", "server"])
def test_a_server_left_behind_by_kill_9_is_used_again(is_server_killed: bool) -> None:
    """Kill what started it, and the server itself or not: the next process reads the row."""
    with tempfile.TemporaryDirectory(prefix="triage-", ignore_cleanup_errors=True) as name:
        folder, ready = Path(name), Path(name) / "ready"
        process = _start(_hold, name, str(ready))
        deadline = time.monotonic() + 120
        while not ready.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.kill()
        process.join()
        pid = _pid(folder)
        assert not _is_over(pid)  # it was left behind
        if is_server_killed:
            os.kill(pid, signal.SIGKILL)
            while not _is_over(pid):
                time.sleep(0.05)
        reader = _start(_read, name)
        reader.join(120)
        assert reader.exitcode == 0
        if not _is_over(pid):  # of several users the killed one could not say good-bye
            os.kill(pid, signal.SIGINT)


def _is_over(pid: int) -> bool:
    """Whether a process has ended, also where nobody has waited for it."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rsplit(")", 1)[1].split()[0] == "Z"
