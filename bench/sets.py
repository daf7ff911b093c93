"""The public sets, and the machine that a figure was measured on."""

import csv
import os
import platform
from pathlib import Path


def read(path: Path, split: str | None) -> tuple[list[str], list[str]]:
    """Return texts and intents of a set, of one split where it has several."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if split is None or r["split"] == split]
    return [r["text"] for r in rows], [r["intent"] for r in rows]


def machine() -> str:
    """Return cores, processor, system and Python."""
    model = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    python = platform.python_version()
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {python}"
