"""The same streams through BERTopic refitted daily, in a separate environment.

`.venv-peer` is installed by pip from `bench/peer/requirements.txt`, and again when that changes;
pip's own settings, such as PIP_FIND_LINKS, say where packages come from. The exports of `days.py`
are scored by the same scorer as our replays.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.stream import stream_of, write_messages
from bench.stream_scores import StreamScores, score
from bench.tables import print_table

_FOLDER = Path(__file__).parent
_ENVIRONMENT = _FOLDER.parents[1] / ".venv-peer"
_STREAMS = ("Banking77", "HWU64", "hard Banking77")


def main(data: Path) -> None:
    """Print a row per kind of stream, in the columns of `bench.stream`."""
    python = _environment()

    def scored(kind: str, seed: int) -> StreamScores:
        stream = stream_of(data, kind, seed=seed)
        with tempfile.TemporaryDirectory(prefix="triage-bench-") as name:
            messages, out = Path(name, "messages.csv"), Path(name, "out")
            write_messages(stream, messages)
            command = [python, "-I", _FOLDER / "days.py", messages, out]
            environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
            subprocess.run(command, check=True, env=environment, stdout=sys.stderr)
            return score(stream, out)

    print("## The peer: BERTopic refitted daily, on the same streams\n")
    print(
        "BERTopic 0.17.4 with its defaults, fitted on the 10 days of warm-up; a fresh fit of each "
        "later day, joined by `merge_models` at 0.7. A topic that the join adds is a new-topic "
        "alert, a count above mean + 3 standard deviations of the topic's past days a surge. The "
        "seconds of the one fit of the warm-up are spread evenly over its days.\n"
    )
    print_table(_STREAMS, scored, of=StreamScores)


def _environment() -> Path:
    """Return the Python of the peer's environment; create it if it is missing or outdated."""
    pins, stamp = _FOLDER / "requirements.txt", _ENVIRONMENT / ".pins"
    python = _ENVIRONMENT / "bin" / "python"
    wanted = pins.read_text(encoding="utf-8")
    if not stamp.exists() or stamp.read_text(encoding="utf-8") != wanted:
        subprocess.run([sys.executable, "-m", "venv", "--clear", _ENVIRONMENT], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--requirement", pins]
        subprocess.run(install, check=True, stdout=sys.stderr)
        stamp.write_text(wanted, encoding="utf-8")
    return python
