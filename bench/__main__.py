"""Measure on public sets: `python -m bench [batch|speed|…] [--save]`, by default every part.

    python -m bench mail --seeds 3 --phrases other_phrases.json --save

The sets are in the folder TRIAGE_BENCH_DATA, or in ../shared/data if that exists. Each part runs in
a separate process, so that its peak memory can be measured, and prints Markdown. With `--save` the
output replaces its section of `bench/RESULTS.md` or, for intents, of `bench/RESULTS-intents.md`;
the other sections stay, and `stream` draws pictures into `bench/plots`. `make bench` runs and saves
every part. The part `peer` creates the environment `.venv-peer` the first time.
"""

import argparse
import importlib
import os
import sys

from bench import complaint_stream, forecast, mail_phrases, results, tables
from bench.data import folder

PARTS = {
    "batch": "topics of one batch, and their labels",
    "stream": "streams with planted events: alerts, identity, quality",
    "mail": "the same as support mail: several intents, signatures, quotes, machine mail, segments",
    "segments": "the segment of customers in which a theme rises, planted",
    "forecast": "whether the counts of the next week lie within their intervals",
    "complaints": "real complaints of eight months, with a planted outage",
    "peer": "the same streams through BERTopic, in an environment of its own, .venv-peer",
    "intents": "accuracy, calibration, abstention and cost of the intents",
    "choice": "the constants of the intents, on training data alone",
    "heads": "learners that the intents leave out",
    "desks": "a month of a scripted Zendesk with a kill in each day",
    "fuzz": "10,000 damaged files: counts that add up, memory",
    "volume": "days of 100,000 messages in a full window, and the cost of each stage",
    "personal": "personal data in texts: recall by kind, leaks, precision",
    "encoder": "each precision of the encoder against sentence-transformers in float32",
    "speed": "a replay against the encoder alone, and single steps",
}
"""What each module of `bench` measures; each has `main(data)`, which prints its section."""


def main(arguments: list[str]) -> int:
    """Run the named parts; return 2 for an unknown name or missing data."""
    requested = _parser().parse_args(arguments)
    unknown = [n for n in requested.names if n not in PARTS]
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
    options = {
        tables.SEEDS: requested.seeds,
        mail_phrases.VARIABLE: requested.phrases,
        complaint_stream.DAYS: requested.days,
        forecast.REPLAYS: requested.replays,
        tables.PER_DAY: requested.per_day,
    }
    # Through the environment, because parts run in separate processes.
    os.environ.update({name: str(value) for name, value in options.items() if value is not None})
    if len(requested.names) == 1 and not requested.save:
        importlib.import_module(f"bench.{requested.names[0]}").main(data)
        return 0
    for name in requested.names or PARTS:
        section = results.measure(name, is_saved=requested.save)
        if requested.save:
            results.save(name, section)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure on public sets.")
    parser.add_argument("names", nargs="*", metavar="part", help=", ".join(PARTS))
    parser.add_argument("--save", action="store_true", help="write the results into bench/")
    parser.add_argument("--seeds", type=int, help="seeds of each stream, of stream, peer and mail")
    parser.add_argument("--phrases", help="phrase file of mail, instead of bench/mail_phrases.json")
    parser.add_argument("--days", type=int, help="only the first days of complaints, at least 42")
    parser.add_argument("--per-day", type=int, help="messages of a day, for volume")
    parser.add_argument("--replays", help="folder of finished replays, for forecast")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
