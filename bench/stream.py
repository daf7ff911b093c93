"""Streams with planted events, replayed by the very command that a user runs.

`TRIAGE_BENCH_SEEDS` (default 5) says how many seeds of each stream are replayed; the table gives
medians, and the least and most in brackets.
"""

import csv
import os
import tempfile
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from bench.data import read
from bench.stream_scores import StreamScores, score
from bench.streams import Stream, build

_STREAMS = ("Banking77", "HWU64", "hard Banking77", "flat Banking77")


def main(data: Path) -> None:
    """Print a row for each kind of stream."""
    n_seeds = int(os.environ.get("TRIAGE_BENCH_SEEDS", "5"))
    names = [f.name for f in fields(StreamScores)]
    print(f"## Topics, a stream\n\nMedians over {n_seeds} seeds.\n")
    print(f"| stream | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for kind in _STREAMS:
        found = [_replayed(_stream(data, kind, seed=seed)) for seed in range(n_seeds)]
        cells = [_cell([getattr(s, name) for s in found]) for name in names]
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


def _stream(data: Path, kind: str, *, seed: int) -> Stream:
    banking, home = ("Banking77 train", "Banking77 test"), ("HWU64 all",)
    texts, intents = _joined(data, home if kind == "HWU64" else banking)
    noise = sorted(set(_joined(data, home)[0])) if kind.startswith("hard") else []
    return build(texts, intents, seed=seed, flat=kind.startswith("flat"), noise=noise)


def _joined(data: Path, names: Sequence[str]) -> tuple[list[str], list[str]]:
    parts = [read(data, name) for name in names]
    return [t for texts, _ in parts for t in texts], [i for _, intents in parts for i in intents]


def _replayed(stream: Stream) -> StreamScores:
    from typer.testing import CliRunner

    from nlp.__main__ import app

    with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
        folder = Path(name)
        with (folder / "messages.csv").open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["message_id", "created_at", "text"])
            rows.writerows(
                (n, at.isoformat(), text)
                for n, (at, text) in enumerate(zip(stream.times, stream.texts, strict=True))
            )
        arguments = ["replay", str(folder / "messages.csv"), "--out", str(folder / "out")]
        environment = {"TRIAGE_LOCAL_DIR": str(folder / "local")}
        ended = CliRunner(env=environment).invoke(app, arguments, catch_exceptions=False)
        if ended.exit_code:
            raise RuntimeError(f"The replay ended with {ended.exit_code}: {ended.output}")
        found = score(stream, folder / "out")
        _stop(folder / "local")
    return found


def _stop(local: Path) -> None:
    from sql import embedded

    embedded.stop(local)


def _cell(values: list[float]) -> str:
    told = [v for v in values if not np.isnan(v)]
    if not told:
        return "none"
    middle, least, most = np.median(told), min(told), max(told)
    return f"{middle:.3g}" if least == most else f"{middle:.3g} ({least:.3g} to {most:.3g})"
