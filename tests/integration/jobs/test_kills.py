"""Jobs in separate processes, killed by SIGKILL and run again.

The four jobs of a day run in two copies of one database. In one copy nothing is killed. In the
other, each job is killed while it writes each of its tables (a lock makes it wait there), and at
random moments from a seed. After each job, all rows of all tables are the same in both.
"""

import csv
import datetime as dt
import hashlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from nlp.jobs.cut import cut_day
from nlp.jobs.discover import discover_day
from nlp.jobs.govern import train_intents
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.jobs.train import add_examples
from nlp.jobs.triage import assign_day, embed_day, predict_day
from nlp.records import LabelledExample
from nlp.settings import Settings
from nlp.sources.replay import ReplaySource
from nlp.text.embed import SentenceEncoder, load_encoder
from sql import embedded
from sql.connect import PostgresStore, open_store
from tests import forks

_EVE, _DAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
_SUBJECTS = {
    "card_lost": ("I lost my card {}", "my card is gone, lost it {}", "card missing since {}"),
    "refund": ("where is my refund from {}", "refund not here, shop {}", "still no refund of {}"),
}
_NEW = {"app": ("the app crashes in {}", "cannot open the app on {}", "app shows an error {}")}
# Too few distinct texts for UMAP: each process would compile it for ten seconds.
_PLACES = ("London", "the train", "a shop")
_WRITTEN = {
    "ingest": ("messages", "quarantine", "runs"),
    "embed": ("embeddings",),
    "cut": ("passages",),
    "predict and assign": ("intent_predictions", "memberships"),
    "discover": (
        *("topic_states", "topics", "memberships", "topic_days", "topic_events", "alerts"),
        "runs",
    ),
}
"""For each job, the tables during whose writing it is killed."""
_TABLES = (
    "messages", "quarantine", "embeddings", "passages", "intent_predictions", "memberships",
    "topics", "topic_states", "topic_days", "topic_events", "alerts",
)  # fmt: skip
_N_MOMENTS = 3
"""Kills at a random moment, for each job."""
_SEED = 3


def _ingest(store: PostgresStore, settings: Settings, file: Path) -> None:
    ingest_day(store, ReplaySource(file, zone=dt.UTC), _DAY, settings=settings)


def _embed(store: PostgresStore, settings: Settings, file: Path) -> None:
    embed_day(store, load_encoder(settings, store), _DAY, settings=settings)


def _cut(store: PostgresStore, settings: Settings, file: Path) -> None:
    cut_day(store, load_encoder(settings, store), _DAY, settings=settings)


def _predict_and_assign(store: PostgresStore, settings: Settings, file: Path) -> None:
    name = load_encoder(settings, store).name
    predict_day(store, _DAY, encoder_name=name, settings=settings)
    assign_day(store, _DAY, encoder_name=name, settings=settings)


def _discover(store: PostgresStore, settings: Settings, file: Path) -> None:
    discover_day(store, load_encoder(settings, store), _DAY, settings=settings)


_JOBS: dict[str, Callable[[PostgresStore, Settings, Path], None]] = {
    "ingest": _ingest,
    "embed": _embed,
    "cut": _cut,
    "predict and assign": _predict_and_assign,
    "discover": _discover,
}


def _work(job: str, settings: Settings, file: Path) -> None:
    """Run one job; each process calls this."""
    with open_store(settings) as store:
        _JOBS[job](store, settings, file)


def _start(job: str, settings: Settings, file: Path) -> BaseProcess:
    return forks.start(_work, job, settings, file)


def _finish(job: str, settings: Settings, file: Path) -> float:
    """Run a job to its end; return the seconds it took."""
    started = time.perf_counter()
    forks.finish(_start(job, settings, file))
    return time.perf_counter() - started


@contextmanager
def _closed_to_writers(engine: Engine, table: str) -> Iterator[None]:
    """Lock a table inside the `with` block, so that writers wait."""
    with engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"LOCK TABLE triage.{table} IN SHARE MODE")
        yield


def _kill_while_it_writes(
    table: str, job: str, *, engine: Engine, settings: Settings, file: Path
) -> None:
    waits = text(
        "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database "
        "WHERE datname = current_database() AND relation = CAST(:table AS regclass) "
        "AND NOT granted"
    )
    with _closed_to_writers(engine, table), engine.connect() as watcher:
        process = _start(job, settings, file)
        deadline = time.monotonic() + 120
        while not watcher.scalar(waits, {"table": f"triage.{table}"}):
            watcher.rollback()
            assert process.is_alive(), f"{job} ended without a write to {table}"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.kill()
        process.join()
    assert process.exitcode == -signal.SIGKILL


def _digest(engine: Engine) -> dict[str, str]:
    """A hash of all rows of all tables, without times of writing; of runs, only their keys."""
    out = {}
    with engine.connect() as connection:
        for table in _TABLES:
            rows = connection.scalars(
                text(
                    "SELECT (to_jsonb(t) - 'stored_at' - 'quarantined_at')::text AS row "
                    f"FROM triage.{table} t ORDER BY 1"
                )
            )
            out[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
        runs = connection.execute(text("SELECT day, job, stale FROM triage.runs ORDER BY 1, 2"))
        out["runs"] = str([tuple(row) for row in runs])
    return out


@pytest.fixture(autouse=True)
def imported() -> None:
    """Import once in a server process, so that no job spends time on it."""
    forks.warm_up()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two days of subjects, a new one on the second, and a bad and a foreign row on each."""
    path = tmp_path / "messages.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["message_id", "created_at", "text"])
        for day, subjects in ((_EVE, _SUBJECTS), (_DAY, _SUBJECTS | _NEW)):
            frames = [frame for some in subjects.values() for frame in some]
            texts = [f"{frame.format(place)} {day:%A}" for frame in frames for place in _PLACES]
            foreign = "Meine Karte wurde gestern leider abgelehnt und ich brauche Hilfe"
            for number, line in enumerate([*texts, "   ", foreign]):
                writer.writerow([f"{day}-{number}", f"{day}T10:00:00Z", line])
    return path


@pytest.fixture
def on_the_eve(settings: Settings, encoder: SentenceEncoder, file: Path) -> Settings:
    """Settings of a database in which the eve is finished and a model predicts intents."""
    examples = [
        LabelledExample(frame.format(place), intent)
        for intent, frames in _SUBJECTS.items()
        for frame in frames
        for place in ("Rome", "the bus", "sunday")
    ]
    with open_store(settings) as store:
        add_examples(store, examples, origin="test", settings=settings)
        train_intents(store, encoder, settings=settings)
        source = ReplaySource(file, zone=dt.UTC)
        run_days(store, encoder, [_EVE], sources=[source], settings=settings)
    return settings


@pytest.fixture
def copy(on_the_eve: Settings, local_dir: Path) -> Iterator[Settings]:
    """Settings of a second database with the same rows."""
    assert on_the_eve.database_url is not None
    first = make_url(on_the_eve.database_url.get_secret_value())
    name = f"{first.database}_copy"
    server = create_engine(
        embedded.database_url(local_dir, "postgres"), isolation_level="AUTOCOMMIT"
    )
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {first.database}")
    server.dispose()
    url = embedded.database_url(local_dir, name)
    yield on_the_eve.model_copy(update={"database_url": type(on_the_eve.database_url)(url)})
    embedded.drop_database(local_dir, name)


def test_killed_jobs_that_run_again_leave_the_same_rows(
    on_the_eve: Settings, copy: Settings, file: Path
) -> None:
    """A killed job writes each table fully or not at all, and ends the same when run again."""
    draw = random.Random(_SEED)
    n_killed = 0
    with open_store(on_the_eve) as undisturbed, open_store(copy) as killed:
        for job, tables in _WRITTEN.items():
            before = _digest(killed.engine)
            seconds = _finish(job, on_the_eve, file)
            after = _digest(undisturbed.engine)
            for table in tables:
                _kill_while_it_writes(table, job, engine=killed.engine, settings=copy, file=file)
                assert _is_whole(_digest(killed.engine), before, after), (job, table)
            for _ in range(_N_MOMENTS):
                moment = draw.uniform(0.1, 0.8) * seconds
                n_killed += forks.kill_after(moment, _start(job, copy, file))
                assert _is_whole(_digest(killed.engine), before, after), (job, moment)
            _finish(job, copy, file)
            assert _digest(killed.engine) == after, job
        assert n_killed >= len(_JOBS)
        assert _n_births(undisturbed.engine) >= 1


def _is_whole(now: dict[str, str], before: dict[str, str], after: dict[str, str]) -> bool:
    """Whether each table is as it was before the job or as it is after it."""
    return all(now[table] in (before[table], after[table]) for table in _TABLES)


def _n_births(engine: Engine) -> int:
    query = text("SELECT count(*) FROM triage.topic_events WHERE event = 'birth' AND day = :day")
    with engine.connect() as connection:
        return int(connection.execute(query, {"day": _DAY}).scalar_one())
