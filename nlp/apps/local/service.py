"""`triage serve` beside a local Airflow: it starts and ends with it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from nlp.apps.local.home import Home, tail
from nlp.errors import TriageError

PORT = 8090
_START_SECONDS = 120
_STOP_SECONDS = 20


@contextmanager
def serving(home: Home, *, url: str) -> Iterator[str]:
    """Start the service at `url`, on 127.0.0.1, and yield `url` once it answers.

    Raises TriageError where it ends before it answers.
    """
    environment = {
        **home.environment,
        "TRIAGE_SERVE_HOST": "127.0.0.1",
        "TRIAGE_SERVE_PORT": url.rsplit(":", 1)[-1],
    }
    module = (sys.executable, "-m")
    command = [*module, "nlp.apps.local.guard", *module, "nlp.apps.cli", "serve"]
    log = home.logs / "serve.log"
    with log.open("wb") as out:
        guard = subprocess.Popen(  # noqa: S603
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(url):
            if guard.poll() is not None or time.monotonic() > deadline:
                raise TriageError(f"The prediction service does not start. {log}:\n{tail(log)}")
            time.sleep(0.3)
        yield url
    finally:
        assert guard.stdin is not None
        guard.stdin.close()
        try:
            guard.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            guard.kill()


def _answers(url: str) -> bool:
    """Whether the service is up; without a model it says 503, which is an answer."""
    try:
        answer = httpx.get(f"{url}/health", timeout=5, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.is_success or answer.status_code == 503
