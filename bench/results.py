"""Stores the output of the parts in `bench/RESULTS*.md`, one section per part."""

import datetime as dt
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

from bench import draw

FOLDER = Path(__file__).parent
_PLOTS = FOLDER / "plots"
_FILES = {
    "intents": "RESULTS-intents.md",
    "choice": "RESULTS-intents.md",
    "heads": "RESULTS-intents.md",
    "forecast": "RESULTS-forecast.md",
    "personal": "RESULTS-personal.md",
    "desks": "RESULTS-desks.md",
    "fuzz": "RESULTS-files.md",
}
"""The other parts are in `RESULTS.md`."""
_HEAD = "# Results\n\nMade by `make bench`; each section says when and where it was measured.\n"
_SECTION = "<!-- {} -->"


def measure(name: str, *, is_saved: bool) -> str:
    """Run one part in a separate process; print and return its Markdown.

    If it is saved, the part may draw into `bench/plots`. Raises CalledProcessError if it fails.
    """
    lines = []
    environment = {**os.environ, **({draw.VARIABLE: str(_PLOTS)} if is_saved else {})}
    command = [sys.executable, "-m", "bench", name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            print(line, end="", flush=True)
            lines.append(line)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return "".join(lines)


def save(name: str, section: str) -> None:
    """Replace the previous version of a section, or append a new section."""
    file = FOLDER / _FILES.get(name, "RESULTS.md")
    text = file.read_text(encoding="utf-8") if file.exists() else _HEAD
    mark = _SECTION.format(name)
    old = re.compile(rf"{re.escape(mark)}\n.*?(?=\n<!-- \w+ -->\n|\Z)", re.DOTALL)
    new = (
        f"{mark}\n{section.strip()}\n\nMeasured {dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine()}.\n"
    )
    text = old.sub(lambda _: new, text) if old.search(text) else f"{text}\n{new}"
    file.write_text(text, encoding="utf-8")


def machine() -> str:
    """Describe cores, system, Python and load of the machine; this work alone is a load of 1."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    model = models[0] if models else platform.processor()
    python = platform.python_version()
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {python}, load average "
        f"{load:.1f} in the last minute"
    )
