"""Measure one batch on labelled sets, the cost of a replay, and the speed of its parts.

Takes the sets from TRIAGE_BENCH_DATA, or from ../shared/data where that exists. Prints
Markdown; `bench/RESULTS.md` keeps the last run. Definitions: ACC is the optimal one-to-one match
of topics to intents; `assigned` gives unclustered messages to the nearest topic for the metric.
"""

import csv
import datetime as dt
import os
import platform
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nlp.clean import normalise, text_hash
from nlp.cluster import cluster
from nlp.describe import describe
from nlp.embed import SentenceEncoder
from nlp.evaluate import batch_scores, label_at_1
from nlp.jobs.replay import run_days
from nlp.redact import Redactor
from nlp.settings import load
from nlp.sources.replay import ReplaySource
from sql import embedded
from sql.connect import migrate, open_store
from sql.copy import copy_embeddings_out

_SETS = {
    "Banking77 test": ("banking77/test.csv", None),
    "Banking77 train": ("banking77/train.csv", None),
    "HWU64 test": ("hwu64/hwu64_kfold1.csv", "test"),
    "DSTC11 insurance": ("dstc11_insurance/task1_dev_insurance.csv", None),
}


def main() -> None:
    """Run every measurement; leave with 2 where the data are missing."""
    data = Path(os.environ.get("TRIAGE_BENCH_DATA", "../shared/data"))
    if not (data / "banking77").is_dir():
        sys.exit(f"No public sets in {data}: set TRIAGE_BENCH_DATA to the folder that holds them")
    print(f"# Results\n\n{dt.datetime.now(dt.UTC):%Y-%m-%d}, {_machine()}. Made by `make bench`.\n")
    _batches(data)
    _speed(data)


def _machine() -> str:
    model = next(
        line.split(":")[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    python = platform.python_version()
    return f"{os.cpu_count()} cores of {model}, {platform.system()}, Python {python}"


def _read(path: Path, split: str | None) -> tuple[list[str], list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if split is None or r["split"] == split]
    return [r["text"] for r in rows], [r["intent"] for r in rows]


def _batches(data: Path) -> None:
    settings = load()
    encoder = SentenceEncoder()
    print("## Topics, one batch\n\nThe same settings on every set.\n")
    print("| set | ACC / NMI assigned | honest | coverage | topics / intents | label@1 | s |")
    print("|---|---|---|---|---|---|---|")
    for name, (file, split) in _SETS.items():
        texts, gold = _read(data / file, split)
        vectors = encoder.encode([normalise(t) for t in texts])
        started = time.perf_counter()
        found = cluster(vectors, min_topic_size=settings.min_topic_size, seed=settings.seed)
        seconds = time.perf_counter() - started
        words = describe(texts, vectors, found.labels, encode=encoder.encode)
        scores = batch_scores(gold, found.labels, vectors)
        majority = [
            Counter(np.array(gold)[found.labels == c].tolist()).most_common(1)[0][0] for c in words
        ]
        at_1 = label_at_1([d.label for d in words.values()], majority, gold, encoder.encode)
        print(
            f"| {name} | {scores.acc_assigned:.3f} / {scores.nmi_assigned:.3f} | "
            f"{scores.acc:.3f} / {scores.nmi:.3f} | {scores.coverage:.3f} | "
            f"{found.n_clusters} / {len(set(gold))} | {at_1:.3f} | {seconds:.1f} |",
            flush=True,
        )


def _speed(data: Path) -> None:
    texts = sorted(set(_read(data / "banking77/train.csv", None)[0]))
    redactor = Redactor()
    redactor.redact(texts[0])
    started = time.perf_counter()
    for text in texts:
        redactor.redact(text)
    redaction = len(texts) / (time.perf_counter() - started)
    plain = SentenceEncoder(precision="float32")
    plain.encode(texts[:64])
    started = time.perf_counter()
    plain.encode(texts)
    alone = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder)
        settings = load(database_url=embedded.start(local), local_dir=local)
        migrate(settings)
        stages = _replay(texts, local, settings)
        read = _read_embeddings(settings)
        embedded.stop(local)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    total = sum(stages.values())
    print("\n## Speed\n\nBanking77 train as 10 days of 1,000 distinct texts, nothing cached.\n")
    print(f"| what | figure |\n|---|---|\n| encoder alone, float32 | {alone:.1f} s |")
    print(f"| replay | {total:.1f} s, {total / alone:.2f} times the encoder alone |")
    parts = ", ".join(f"{k} {v:.1f} s" for k, v in stages.items())
    print(f"| where it goes | {parts} |\n| peak memory of this process | {peak:.2f} GiB |")
    print(f"| redaction, one core | {redaction:,.0f} messages/s |")
    print(f"| 100,000 embeddings out of Postgres | {read:.2f} s |")


def _replay(texts: list[str], local: Path, settings: object) -> dict[str, float]:
    file = local / "messages.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["message_id", "created_at", "text"])
        shuffled = np.random.default_rng(0).permutation(texts)[:10_000]
        for n, text in enumerate(shuffled.tolist()):
            writer.writerow([n, f"2026-03-{2 + n // 1000:02d}T10:00:00Z", text])
    stages: Counter[str] = Counter()
    with open_store(settings) as store:
        source = ReplaySource(file, zone=dt.UTC)

        def add(_: dt.date, reports: list) -> None:
            for report in reports:
                stages[report.job.split(":")[0]] += report.seconds["total"]

        run_days(
            store, SentenceEncoder(), source.days, sources=[source], settings=settings, on_day=add
        )
    return dict(stages)


def _read_embeddings(settings: object) -> float:
    rows = np.random.default_rng(0).normal(size=(100_000, 384)).astype(np.float32)
    with open_store(settings) as store:
        hashes = list(_hashes(len(rows)))
        store.save_embeddings(encoder="bench", text_hashes=hashes, embeddings=rows)
        started = time.perf_counter()
        with store.engine.connect() as connection:
            _, out = copy_embeddings_out(
                connection,
                "SELECT text_hash, embedding FROM triage.embeddings WHERE encoder = %s",
                ("bench",),
            )
        assert out.shape == rows.shape
        return time.perf_counter() - started


def _hashes(n: int) -> Iterator[str]:
    return (text_hash(str(i)) for i in range(n))


if __name__ == "__main__":
    if sys.argv[1:2] == ["intents"]:
        from bench import intents

        intents.main(Path(os.environ.get("TRIAGE_BENCH_DATA", "../shared/data")), sys.argv[2:])
    else:
        main()
