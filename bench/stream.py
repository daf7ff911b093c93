"""Streams with planted events, replayed by the command that a user runs.

`TRIAGE_BENCH_SEEDS` (default 5) is the number of seeds of each stream; the table gives medians,
with the least and the most in brackets. With `--save`, seed 0 of two streams is drawn too.
"""

import csv
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np

from bench import draw
from bench.data import read
from bench.stream_scores import StreamScores, score
from bench.streams import Stream, build

_STREAMS = ("Banking77", "HWU64", "hard Banking77", "flat Banking77")
_DRAWN = ("Banking77", "hard Banking77")
"""The streams whose seed 0 is drawn."""


def main(data: Path) -> None:
    """Print a row per kind of stream, and the pictures if they are drawn."""
    folder = draw.folder()
    pictures: list[str] = []

    def scored(kind: str, seed: int) -> StreamScores:
        stream = stream_of(data, kind, seed=seed)
        with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
            out = _replay(stream, Path(name))
            if folder and seed == 0 and kind in _DRAWN:
                pictures.append(draw.draw(stream, out, kind=kind, folder=folder))
            return score(stream, out)

    print("## Topics, a stream\n")
    print_table(_STREAMS, scored)
    print("".join(f"\n{picture}\n" for picture in pictures), end="")


def print_table(kinds: Sequence[str], scored: Callable[[str, int], StreamScores]) -> None:
    """Print a row per kind of stream: the medians of `scored` over the seeds."""
    n_seeds = int(os.environ.get("TRIAGE_BENCH_SEEDS", "5"))
    names = [f.name for f in fields(StreamScores)]
    print(f"Medians over {n_seeds} seed{'s' if n_seeds > 1 else ''}.\n")
    print(f"| stream | {' | '.join(names)} |\n|---|{'---|' * len(names)}")
    for kind in kinds:
        scores = [scored(kind, seed) for seed in range(n_seeds)]
        cells = [_cell([getattr(s, name) for s in scores]) for name in names]
        print(f"| {kind} | {' | '.join(cells)} |", flush=True)


def stream_of(data: Path, kind: str, *, seed: int) -> Stream:
    """Build the stream of a kind, such as `hard Banking77`, from the public sets."""
    banking, home = ("Banking77 train", "Banking77 test"), ("HWU64 all",)
    texts, intents = _joined(data, home if kind == "HWU64" else banking)
    noise = sorted(set(_joined(data, home)[0])) if kind.startswith("hard") else []
    return build(texts, intents, seed=seed, flat=kind.startswith("flat"), noise=noise)


def write_messages(stream: Stream, file: Path) -> None:
    """Write what a replay may see of a stream; `message_id` is the message's position in it."""
    with file.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["message_id", "created_at", "text"])
        rows.writerows(
            (n, at.isoformat(), text)
            for n, (at, text) in enumerate(zip(stream.times, stream.texts, strict=True))
        )


def _joined(data: Path, names: Sequence[str]) -> tuple[list[str], list[str]]:
    parts = [read(data, name) for name in names]
    return [t for texts, _ in parts for t in texts], [i for _, intents in parts for i in intents]


def _replay(stream: Stream, folder: Path) -> Path:
    """Replay a stream in a folder of its own; return the folder of its exports."""
    from typer.testing import CliRunner

    from nlp.apps.cli.app import app
    from sql import embedded

    messages, out = folder / "messages.csv", folder / "out"
    write_messages(stream, messages)
    environment = {"TRIAGE_LOCAL_DIR": str(folder / "local")}
    arguments = ["replay", str(messages), "--out", str(out)]
    ended = CliRunner(env=environment).invoke(app, arguments, catch_exceptions=False)
    embedded.stop(folder / "local")
    if ended.exit_code:
        raise RuntimeError(f"The replay ended with {ended.exit_code}: {ended.output}")
    return out


def _cell(values: list[float]) -> str:
    known = [v for v in values if not np.isnan(v)]
    if not known:
        return "none"
    middle, least, most = np.median(known), min(known), max(known)
    return f"{middle:.3g}" if least == most else f"{middle:.3g} ({least:.3g} to {most:.3g})"
