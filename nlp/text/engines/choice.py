"""The precision that a processor computes fastest, measured once and remembered."""

import hashlib
import json
import logging
import os
import platform
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from nlp.text.engines.batches import n_workers

_log = logging.getLogger(__name__)

WORTH = 1.15
"""How many times faster a rougher precision must be to be taken; ratio, at least 1.

Chosen by hand: below that, noise of the measurement decides.
"""
_TURNS = 5
_FILE = "encoder.json"


def processor() -> str:
    """Name and abilities of the processor, with the versions and threads that matter."""
    import torch

    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    described = [line for line in lines if line.startswith(("model name", "flags"))][:2]
    parts = [*described, platform.machine(), torch.__version__, str(n_workers())]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def remembered(
    folder: Path, key: str, *, allowed: Sequence[str], measure: Callable[[], str]
) -> str:
    """Return what was measured for `key`, or measure and keep it in `folder`.

    A file that is spoiled, or that names something which is not `allowed`, is written anew.
    """
    file = folder / _FILE
    known = _read(file)
    if (before := known.get(key)) in allowed:
        return str(before)
    measured = measure()
    with suppress(OSError):  # a folder that cannot be written costs another measurement
        folder.mkdir(parents=True, exist_ok=True)
        new = file.with_name(f"{_FILE}.{os.getpid()}")
        new.write_text(json.dumps(known | {key: measured}, sort_keys=True), encoding="utf-8")
        new.replace(file)
    return measured


def _read(file: Path) -> dict[str, object]:
    """What a file remembers; nothing where it is missing or spoiled."""
    try:
        known = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return known if isinstance(known, dict) else {}


def fastest(ways: Sequence[tuple[str, Callable[[], object]]]) -> str:
    """Return the name of the way that takes the least time of the processor.

    `ways` go from exact to rough; a rougher one must be `WORTH` times faster. They take turns, and
    the shortest turn of each counts: time of the processor hardly depends on what else runs.
    """
    least = dict.fromkeys((name for name, _ in ways), float("inf"))
    for turn in range(_TURNS + 1):
        for name, run in ways:
            started = time.process_time()
            run()
            if turn:  # the first one warms up
                least[name] = min(least[name], time.process_time() - started)
    best = ways[0][0]
    for name, _ in ways[1:]:
        if least[name] * WORTH < least[best]:
            best = name
    shown = ", ".join(f"{name} {seconds * 1e3:.0f} ms" for name, seconds in least.items())
    _log.info("The encoder computes in %s, the fastest on this processor: %s", best, shown)
    return best
