"""Streams with planted events, replayed with the command that users run.

`--seeds` (default 5) is the number of seeds of each stream; the table gives medians, with minimum
and maximum in brackets. With `--save`, seed 0 of two streams is drawn too.
"""

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench import draw
from bench.data import read
from bench.replays import replay
from bench.stream_scores import StreamScores, score
from bench.streams import Stream, build
from bench.tables import print_table

_STREAMS = (
    "Banking77",
    "HWU64",
    "hard Banking77",
    "flat Banking77",
    "near Banking77",
    "near HWU64",
)
"""`hard` has noise from the other set, `near` from the same set, and `flat` no events."""
_DRAWN = ("Banking77", "hard Banking77")
"""The streams whose seed 0 is drawn."""


def main(data: Path) -> None:
    """Print a row per kind of stream, and the pictures if they are drawn."""
    folder = draw.folder()
    pictures: list[str] = []

    def scored(kind: str, seed: int) -> StreamScores:
        stream = stream_of(data, kind, seed=seed)
        with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
            messages = Path(name, "messages.csv")
            write_messages(stream, messages)
            out = replay(messages, Path(name))
            if folder and seed == 0 and kind in _DRAWN:
                pictures.append(draw.draw(stream, out, kind=kind, folder=folder))
            return score(stream, out)

    print("## Topics, a stream\n")
    print_table(_STREAMS, scored, of=StreamScores)
    print("".join(f"\n{picture}\n" for picture in pictures), end="")


def stream_of(data: Path, kind: str, *, seed: int) -> Stream:
    """Build the stream of a kind, such as `hard Banking77`, from the public sets."""
    banking, home = ("Banking77 train", "Banking77 test"), ("HWU64 all",)
    texts, intents = _joined(data, home if kind.endswith("HWU64") else banking)
    noise = sorted(set(_joined(data, home)[0])) if kind.startswith("hard") else []
    is_flat, is_near = kind.startswith("flat"), kind.startswith("near")
    return build(texts, intents, seed=seed, flat=is_flat, noise=noise, near=is_near)


def write_messages(stream: Stream, file: Path) -> None:
    """Write the messages of a stream without the truth; `message_id` is the position in it."""
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
