"""What is kept of a run: its counts and seconds, the numbers that shaped it, and the code."""

import logging
import subprocess
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from nlp import __version__
from nlp.crossings import crossing
from nlp.ports import RunStore
from nlp.records import RunReport
from nlp.settings import Settings

_log = logging.getLogger(__name__)


def record_run(
    store: RunStore, report: RunReport, *, settings: Settings, **configs: BaseModel
) -> RunReport:
    """Store a run with its settings and `configs`, log its counts, and return it."""
    numbers: dict[str, object] = {name: c.model_dump() for name, c in configs.items()}
    store.save_run(report, settings=settings.record() | numbers, code_version=code_version())
    crossing(
        "run.recorded",
        "The run is recorded and its task not ended: run again, the job replaces what it wrote.",
    )
    _log.info("%s %s: %s", report.job, report.day, dict(report.counts))
    return report


@lru_cache(maxsize=1)
def code_version() -> str:
    """Return the version of this project, and the commit where it runs from a checkout."""
    folder = Path(__file__).resolve().parents[2]
    if not (folder / ".git").exists():
        return __version__
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError):  # no git on this machine, or not its checkout
        return __version__
    return f"{__version__}+{ended.stdout.strip()}"
