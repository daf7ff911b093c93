"""Measure on public sets: `python -m bench [batch|speed|…] [--save]`, by default every part.

The sets are in the folder TRIAGE_BENCH_DATA, or in ../shared/data where that exists. Each part
runs in a process of its own, so that its peak memory is its own, and prints Markdown. With `--save`
the output replaces its section of `bench/RESULTS.md` or, for intents, of
`bench/RESULTS-intents.md`; the other sections stay, and `stream` draws pictures into `bench/plots`.
`make bench` runs and saves every part. The part `peer` creates an environment of its own,
`.venv-peer`, the first time.
"""

import importlib
import sys

from bench import results
from bench.data import folder

PARTS = {
    "batch": "topics of one batch, and their labels",
    "stream": "streams with planted events: alerts, identity, quality",
    "peer": "the same streams through BERTopic, in an environment of its own, .venv-peer",
    "intents": "accuracy, calibration, abstention and cost of the intents",
    "choice": "the constants of the intents, on training data alone",
    "heads": "learners that the intents leave out",
    "volume": "a day of 10,000 messages",
    "speed": "a replay against the encoder alone, and single steps",
}
"""What each module of `bench` measures; each has `main(data)`, which prints its section."""


def main(arguments: list[str]) -> int:
    """Run the named parts; return 2 for an unknown name or missing data."""
    names = [a for a in arguments if a != "--save"]
    unknown = [n for n in names if n not in PARTS]
    if unknown:
        parts = "; ".join(f"{name}: {what}" for name, what in PARTS.items())
        print(f"No part {unknown[0]!r}. There is {parts}", file=sys.stderr)
        return 2
    data = folder()
    if not (data / "banking77").is_dir():
        print(
            f"No public sets in {data}: set TRIAGE_BENCH_DATA to the folder that holds them",
            file=sys.stderr,
        )
        return 2
    if len(names) == 1 and "--save" not in arguments:
        importlib.import_module(f"bench.{names[0]}").main(data)
        return 0
    for name in names or PARTS:
        section = results.measure(name, is_saved="--save" in arguments)
        if "--save" in arguments:
            results.save(name, section)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
