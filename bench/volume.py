"""A large inbox: days of 100,000 messages in a full window, and what each stage of a day costs.

The days before are written by COPY (`bench.planted`), as a year of real days would take weeks. On
the last day 30 messages are of a topic that nobody wrote about before.
"""

import datetime as dt
import os
import resource
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec
from sqlalchemy import text

from bench import planted, tables
from nlp.apps.sample import FIRST_DAY, write
from nlp.jobs.cut import cut_day
from nlp.jobs.discover import discover_day
from nlp.jobs.ingest import ingest_day
from nlp.jobs.triage import assign_day, embed_day, predict_day
from nlp.ports import Encoder
from nlp.records import RunReport
from nlp.settings import Settings, load
from nlp.sources.files import FileSource
from nlp.text.embed import load_encoder
from sql import embedded
from sql.connect import PostgresStore, migrate, open_store

_N_NEW = 30
_N_STAGES = 5_000
"""Messages of the sample inbox that the stages are measured on."""
_TABLES = ("messages", "passages", "embeddings", "memberships")


@dataclass(frozen=True, slots=True)
class Cost:
    """What a job took: by the clock, and of the processor in this process alone."""

    report: RunReport
    seconds: float
    processor: float


def measured(job: Callable[..., RunReport], *args: Any, **options: Any) -> Cost:
    """Run a job."""
    clock, processor = time.perf_counter(), time.process_time()
    report = job(*args, **options)
    return Cost(report, time.perf_counter() - clock, time.process_time() - processor)


def main(data: Path) -> None:
    """Print both tables."""
    per_day = int(os.environ.get(tables.PER_DAY, "100000"))
    with tempfile.TemporaryDirectory() as folder:
        local = Path(folder)
        settings = load(database_url=embedded.start(local), local_dir=local, _env_file=None)
        try:
            migrate(settings)
            with open_store(settings) as store:
                encoder = load_encoder(settings, store)
                _stages(store, encoder, local, settings)
            embedded.drop_database(local, "triage")
            settings = load(database_url=embedded.start(local), local_dir=local, _env_file=None)
            migrate(settings)
            with open_store(settings) as store:
                inbox = planted.Inbox.read(data, encoder)
                first = planted.fill(
                    store.engine, inbox, per_day=per_day, n_days=settings.window_days,
                    n_new=_N_NEW, encoder=encoder.name,
                )  # fmt: skip
                days(store, encoder, first, settings)
        finally:
            embedded.stop(local)


def days(store: PostgresStore, encoder: Encoder, first: dt.date, settings: Settings) -> None:
    """Print the costs and alerts of a usual day and of the day of the new topic."""
    print(
        "## A large inbox\n\nA full window of planted days. Seconds by the clock, in brackets "
        "those of the processor in the process itself; PostgreSQL's are aside.\n"
    )
    head = ("day", "messages", "read of", "assign", "discover", "topics born", "alerts", "GiB")
    print(f"| {' | '.join(head)} |\n|{'---|' * len(head)}")
    for n in range(2):
        day = first + dt.timedelta(settings.window_days + n)
        name = encoder.name
        costs = [
            measured(assign_day, store, day, encoder_name=name, settings=settings),
            measured(discover_day, store, encoder, day, settings=settings),
        ]
        counts = costs[1].report.counts
        spent = " | ".join(f"{c.seconds:.0f} ({c.processor:.0f})" for c in costs)
        of = sum(store.count_by_day(since=first + dt.timedelta(n + 1), until=day).values())
        print(
            f"| {'with a new topic' if n else 'usual'} | {counts['n_messages']:,} | "
            f"{counts['n_window']:,} of {of:,} | {spent} | {counts['n_births']} | "
            f"{counts['n_alerts']} | {_peak():.2f} |",
            flush=True,
        )
    print(f"\n{_found(store, day)}\n\n{_size(store)}")


def _found(store: PostgresStore, day: dt.date) -> str:
    """How the planted topic was alerted: the messages of it that are in the topic of each alert."""
    query = text(
        "SELECT a.kind, a.observed, t.label, count(*) FROM triage.alerts a "
        "JOIN triage.topics t USING (topic_id) "
        "JOIN triage.current_topics c ON c.topic_id = a.topic_id AND c.arrived_on = :d "
        "JOIN triage.messages m ON m.message_id = c.message_id AND m.channel = 'new' "
        "WHERE a.day = :d GROUP BY 1, 2, 3 ORDER BY 4 DESC"
    )
    with store.engine.connect() as connection:
        row = connection.execute(query, {"d": day}).first()
    if row is None:
        return f"The {_N_NEW} messages of the new topic were not alerted."
    return (
        f"{row[3]} of the {_N_NEW} messages of the new topic are in the alert of kind {row[0]} "
        f"about {row[2]!r} with {row[1]} messages."
    )


def _size(store: PostgresStore) -> str:
    """Bytes a message in each of the large tables, indexes included."""
    sizes = []
    with store.engine.connect() as connection:
        for table in _TABLES:
            query = text(
                "SELECT (pg_total_relation_size(CAST(:t AS regclass)) + coalesce((SELECT "
                "sum(pg_total_relation_size(inhrelid)) FROM pg_inherits WHERE inhparent = "
                "CAST(:t AS regclass)), 0)) / (SELECT count(*) FROM triage.messages)"
            )
            size = connection.scalar(query, {"t": f"triage.{table}"})
            sizes.append(f"{table} {size:,.0f}")
    return f"Bytes a message, indexes included: {', '.join(sizes)}."


def _stages(store: PostgresStore, encoder: Encoder, local: Path, settings: Settings) -> None:
    """Print what the stages of a day cost for a million messages, measured on a smaller day."""
    write(local, n_days=1, per_day=_N_STAGES)
    source = FileSource("inbox", fs=fsspec.filesystem("file"), pattern=f"{local}/inbox/{{day}}.csv")
    day, name = FIRST_DAY, encoder.name
    encoder.encode(["warm"])
    steps: dict[str, Callable[[], RunReport]] = {
        "ingest": lambda: ingest_day(store, source, day, settings=settings),
        "embed": lambda: embed_day(store, encoder, day, settings=settings),
        "cut": lambda: cut_day(store, encoder, day, settings=settings),
        "predict": lambda: predict_day(store, day, encoder_name=name, settings=settings),
        "assign": lambda: assign_day(store, day, encoder_name=name, settings=settings),
    }
    costs = {step: measured(job) for step, job in steps.items()}
    n = costs["assign"].report.counts["n_messages"]
    print(
        f"## The stages of a day\n\n{n:,} messages of the sample inbox, mail of several sentences, "
        "on its first day. For a million messages, in proportion:\n"
    )
    print("| stage | clock, minutes | processor, minutes | GiB at its end |\n|" + "---|" * 4)
    for step, cost in costs.items():
        million = 1e6 / n / 60
        print(f"| {step} | {cost.seconds * million:.0f} | {cost.processor * million:.0f} | "
              f"{_peak():.2f} |")  # fmt: skip
    print()


def _peak() -> float:
    """Peak memory of the process so far, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
