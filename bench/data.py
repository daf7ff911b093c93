"""The folder of the public sets, and how they are read."""

import csv
import os
from pathlib import Path

SETS: dict[str, tuple[str, str | None]] = {
    "Banking77 test": ("banking77/test.csv", None),
    "Banking77 train": ("banking77/train.csv", None),
    "HWU64 test": ("hwu64/hwu64_kfold1.csv", "test"),
    "DSTC11 insurance": ("dstc11_insurance/task1_dev_insurance.csv", None),
}
"""The sets that are clustered as one batch: the file and, if it contains both, the split."""
_MORE: dict[str, tuple[str, str | None]] = {
    "HWU64 train": ("hwu64/hwu64_kfold1.csv", "train"),
    "HWU64 all": ("hwu64/hwu64_kfold1.csv", None),
}


def folder() -> Path:
    """Return the folder of the sets, without checking that it exists."""
    return Path(os.environ.get("TRIAGE_BENCH_DATA", "../shared/data"))


def read(data: Path, name: str) -> tuple[list[str], list[str]]:
    """Return the texts of a set and their true intents."""
    file, split = (SETS | _MORE)[name]
    with (data / file).open(encoding="utf-8", newline="") as lines:
        rows = [r for r in csv.DictReader(lines) if split is None or r["split"] == split]
    return [r["text"] for r in rows], [r["intent"] for r in rows]
