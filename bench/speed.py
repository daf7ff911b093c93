"""The time of a replay compared with the encoder alone, and the speed of single steps."""

import csv
import datetime as dt
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np

from bench import encoder
from bench.data import read
from nlp.jobs.replay import run_days
from nlp.records import RunReport
from nlp.settings import Settings, load
from nlp.sources.replay import ReplaySource
from nlp.text.embed import load_encoder
from nlp.text.own import own_text
from nlp.text.redact import Redactor
from sql import embedded
from sql.connect import migrate, open_store
from sql.stores.copy import copy_embeddings_out

_N_TEXTS = 10_000
_N_WARM = 300
_N_RUNS = 3
_N_VECTORS = 100_000


def main(data: Path) -> None:
    """Print the figures of Banking77 train as 10 days of 1,000 texts."""
    texts = sorted(set(read(data, "Banking77 train")[0]))
    texts = np.random.default_rng(0).permutation(texts)[:_N_TEXTS].tolist()
    with _database() as (local, settings):
        start = _replay(_write(texts[:_N_WARM], local), settings)
    with _database() as (local, settings):
        _figures(texts, local, settings, start=start.total)


@contextmanager
def _database() -> Iterator[tuple[Path, Settings]]:
    """Yield the folder and the settings of an empty database."""
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder)
        settings = load(database_url=embedded.start(local), local_dir=local)
        try:
            yield local, settings
        finally:
            embedded.stop(local)


def _figures(texts: list[str], local: Path, settings: Settings, *, start: float) -> None:
    """Measure in an order in which no step benefits from an earlier one, then print.

    `start` is the duration in seconds of a small replay before, which warms up both sides.
    """
    redaction = _redaction(texts)
    before = _encoder_alone(texts)
    file = _write(texts, local)
    first = _replay(file, settings)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    alone = min(before, _encoder_alone(texts))
    again = _replay(file, settings)
    parts = ", ".join(f"{k} {v:.1f} s" for k, v in first.seconds.most_common())
    print(f"## Speed\n\nBanking77 train as 10 days of {len(texts) // 10:,} distinct texts.\n")
    print("| what | figure |\n|---|---|")
    print(f"| sentence-transformers alone, float32, faster of 2 runs | {alone:.1f} s |")
    print(f"| replay in {load_encoder(settings).name}, nothing cached | {first.total:.1f} s |")
    print(f"| a replay of {_N_WARM} texts before it, which loads and compiles | {start:.1f} s |")
    print(f"| replay / encoder alone | {first.total / alone:.2f} |")
    print(f"| where the replay's time goes | {parts} |")
    print(f"| texts embedded by the replay, and by a second one | {first.n}, {again.n} |")
    print(f"| second replay of the same days | {again.total:.1f} s |")
    print(f"| peak memory of the process | {peak:.2f} GiB |")
    print(f"| redaction, one core, median of {_N_RUNS} | {redaction:,.0f} messages/s |")
    read_out = _read_embeddings(settings)
    print(f"| {_N_VECTORS:,} embeddings out of Postgres, median of {_N_RUNS} | {read_out:.2f} s |")


class _Spent:
    """Total seconds, seconds per stage, and the number of embedded texts."""

    def __init__(self) -> None:
        self.total = 0.0
        self.seconds: Counter[str] = Counter()
        self.n = 0

    def add(self, _: dt.date, reports: list[RunReport]) -> None:
        for report in reports:
            stage = report.job.split(":")[0]
            self.seconds[stage] += report.seconds["total"]  # type: ignore[assignment]
            self.n += report.counts.get("n_embedded", 0)


def _redaction(texts: list[str]) -> float:
    redactor = Redactor()
    redactor.redact(texts[0])
    rates = []
    for _ in range(_N_RUNS):
        started = time.process_time()
        for text in texts:
            redactor.redact(text)
        rates.append(len(texts) / (time.process_time() - started))
    return median(rates)


def _encoder_alone(texts: list[str]) -> float:
    model = encoder.plain()
    encoder.encode_plainly(model, texts[:64])
    started = time.perf_counter()
    encoder.encode_plainly(model, texts)
    return time.perf_counter() - started


def _write(texts: list[str], local: Path) -> Path:
    file = local / "messages.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["message_id", "created_at", "text"])
        for n, text in enumerate(texts):
            day = 2 + n // (_N_TEXTS // 10)
            writer.writerow([n, f"2026-03-{day:02d}T10:00:00Z", text])
    return file


def _replay(file: Path, settings: Settings) -> _Spent:
    """Replay the file; the first time on an empty database."""
    migrate(settings)
    spent = _Spent()
    started = time.perf_counter()
    with open_store(settings) as store:
        source = ReplaySource(file, zone=dt.UTC)
        run_days(
            store,
            load_encoder(settings, store),
            source.days,
            sources=[source],
            settings=settings,
            on_day=spent.add,
        )
    spent.total = time.perf_counter() - started
    return spent


def _read_embeddings(settings: Settings) -> float:
    rows = np.random.default_rng(0).normal(size=(_N_VECTORS, 384)).astype(np.float32)
    with open_store(settings) as store:
        hashes = [own_text(str(n)).text_hash for n in range(len(rows))]
        store.save_embeddings(encoder="bench", text_hashes=hashes, embeddings=rows)
        seconds = []
        for _ in range(_N_RUNS):
            started = time.perf_counter()
            with store.engine.connect() as connection:
                _, out = copy_embeddings_out(
                    connection,
                    "SELECT text_hash, embedding FROM triage.embeddings WHERE encoder = %s",
                    ("bench",),
                )
            seconds.append(time.perf_counter() - started)
            assert out.shape == rows.shape
    return median(seconds)
