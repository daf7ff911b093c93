"""The speed of a real `triage serve` with a model of Banking77, called over HTTP."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import numpy as np

from bench.data import read
from nlp.jobs import govern
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample
from nlp.settings import Settings, load
from nlp.text.embed import load_encoder
from sql import embedded
from sql.connect import migrate, open_store

_TOKEN = "of-the-bench"
_N_ALONE = 200
_N_CLIENTS = 16
_N_EACH = 100
_START_SECONDS = 120


def measure(data: Path) -> list[str]:
    """Return table rows: median time of single texts, and texts per second with 16 clients.

    The model is trained on the train split; the texts of the test split are each sent once and are
    not in the database.
    """
    requested = read(data, "Banking77 test")[0]
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder)
        settings = load(database_url=embedded.start(local), local_dir=local, mlflow_uri="off")
        try:
            _taught(data, settings)
            with _serving(settings) as port:
                return [_alone(port, requested[:_N_ALONE]), _together(port, requested[_N_ALONE:])]
        finally:
            embedded.stop(local)


def _taught(data: Path, settings: Settings) -> None:
    migrate(settings)
    examples = [LabelledExample(t, i) for t, i in zip(*read(data, "Banking77 train"), strict=True)]
    with open_store(settings) as store:
        add_examples(store, examples, origin="file", settings=settings)
        govern.train_intents(store, load_encoder(settings, store), settings=settings)


@contextmanager
def _serving(settings: Settings) -> Iterator[int]:
    """Start the real command on a free port of 127.0.0.1, and end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    assert settings.database_url is not None
    environment = {
        **os.environ,
        "TRIAGE_DATABASE_URL": settings.database_url.get_secret_value(),
        "TRIAGE_LOCAL_DIR": str(settings.local_dir),
        "TRIAGE_SERVE_HOST": "127.0.0.1",
        "TRIAGE_SERVE_PORT": str(port),
        "TRIAGE_SERVE_TOKEN": _TOKEN,
    }
    process = subprocess.Popen([sys.executable, "-m", "nlp.apps.cli", "serve"], env=environment)
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _is_up(port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"triage serve does not start: {process.returncode}")
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(30)


def _is_up(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _ask(port: int, texts: Sequence[str]) -> list[float]:
    """Return the seconds per text, sent one after the other over one connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/json"}
    seconds = []
    for text in texts:
        started = time.perf_counter()
        connection.request("POST", "/v1/predict", json.dumps({"texts": [text]}), headers)
        answer = connection.getresponse()
        body = answer.read()
        seconds.append(time.perf_counter() - started)
        if answer.status != 200:
            raise RuntimeError(f"triage serve says {answer.status}: {body[:200]!r}")
    connection.close()
    return seconds


def _alone(port: int, texts: Sequence[str]) -> str:
    _ask(port, ["where is my card", "a refund please"])
    milliseconds = 1_000 * np.array(_ask(port, texts))
    return (
        f"| `triage serve`, one text at a time, {len(texts)} texts | median "
        f"{np.median(milliseconds):.1f} ms, 95% within {np.quantile(milliseconds, 0.95):.1f} ms | |"
    )


def _together(port: int, texts: Sequence[str]) -> str:
    parts = [list(texts[i::_N_CLIENTS])[:_N_EACH] for i in range(_N_CLIENTS)]
    started = time.perf_counter()
    with ThreadPoolExecutor(_N_CLIENTS) as pool:
        seconds = np.concatenate(list(pool.map(lambda part: _ask(port, part), parts)))
    rate = len(seconds) / (time.perf_counter() - started)
    return (
        f"| `triage serve`, {_N_CLIENTS} clients on the same cores, {len(seconds)} texts | "
        f"{rate:.0f} texts/s, median {1_000 * np.median(seconds):.0f} ms | |"
    )
