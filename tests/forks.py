"""Processes forked from one that has done the heavy imports, as Airflow's tasks are."""

import multiprocessing
import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

_HEAVY = [
    "sentence_transformers",
    "hdbscan",
    "phonenumbers",
    "nlp.jobs.replay",
    "nlp.apps.cli.app",
]
_CONTEXT = multiprocessing.get_context("forkserver")
_WARNINGS = "PYTHONWARNINGS"


def start(work: Callable[..., None], *args: object) -> BaseProcess:
    """Start `work(*args)` in a process of its own; both must be importable."""
    _CONTEXT.set_forkserver_preload(_HEAVY)
    # A killed process cannot return its semaphores; Python does so at the end and warns.
    before = os.environ.get(_WARNINGS)
    os.environ[_WARNINGS] = "ignore::UserWarning"
    process = _CONTEXT.Process(target=work, args=args)
    process.start()
    if before is None:
        del os.environ[_WARNINGS]
    else:
        os.environ[_WARNINGS] = before
    return process


def warm_up() -> None:
    """Do the imports, so that no later process waits for them."""
    start(int).join()


def kill_after(seconds: float, process: BaseProcess) -> bool:
    """Kill a process after some seconds; return whether it was still running."""
    process.join(seconds)
    process.kill()
    process.join()
    assert process.exitcode in (0, -signal.SIGKILL)
    return process.exitcode != 0


def finish(process: BaseProcess) -> None:
    """Wait for a process that must end without an error."""
    process.join(300)
    assert process.exitcode == 0


def triage(
    arguments: Sequence[str], environment: Mapping[str, str], words: Path | None = None
) -> None:
    """Run the command line with these arguments, in a process started for it.

    Its errors go into the file `said`, because the streams of the forked process are shared.
    """
    from nlp.apps.cli.app import main

    warnings.simplefilter("ignore")
    if words:
        os.dup2(os.open(words, os.O_WRONLY | os.O_CREAT), 2)
    os.environ.update(environment)
    sys.argv = ["triage", *arguments]
    main()
