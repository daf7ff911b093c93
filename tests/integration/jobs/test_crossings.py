"""Each place between two durable effects: every job that passes it is killed there, and run again.

Two databases get the same jobs. In one nothing is killed; in the other each job is killed at each
of its places, once, and then run to its end. After each job all rows of all tables, the files and
what was sent are the same in both.
"""

import ast
import datetime as dt
import faulthandler
import importlib
import json
import multiprocessing
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nlp import crossings
from nlp.jobs import govern
from nlp.jobs.cut import cut_day
from nlp.jobs.desk import ingest_desk
from nlp.jobs.discover import discover_day
from nlp.jobs.drift import measure_drift
from nlp.jobs.ingest import ingest_day
from nlp.jobs.retain import retain
from nlp.jobs.train import add_examples, train_challenger
from nlp.jobs.triage import assign_day, embed_day, predict_day
from nlp.records import Alert, Conversation, LabelledExample, Listed, RawRow
from nlp.settings import Settings, load
from nlp.states import Kept
from nlp.text.redact import redactor_of
from sql.connect import PostgresStore, open_store
from sql.queries.export import export
from sql.stores.alerts import replace_alerts
from tests.conftest import migrated
from tests.fakes import MemoryDesk, MemoryEncoder, MemorySource
from tests.integration.jobs.test_kills import _NEW, _PLACES, _SUBJECTS

_PROJECT = Path(__file__).parents[3]
_EVE, _DAY = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
_ENCODER = MemoryEncoder(("card", "refund", "app"))
_HEAVY = ("hdbscan", "sklearn.neighbors", "sklearn.linear_model")
_UNLIKE = (
    "seconds", "metrics", "card", "gate", "counts", "decision_id", "code_version", "customer"
)  # fmt: skip
"""Columns of durations, of what a run did anew, of numbers that were used up, and of chance."""
_ROWS = """
SELECT c.table_name, string_agg(format('%L', c.column_name), ', ') FILTER (WHERE
    c.data_type LIKE 'timestamp%' AND c.column_name <> 'created_at'
    OR c.column_name = ANY(:unlike)) AS left_out
FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
WHERE c.table_schema = 'triage' AND t.table_type = 'BASE TABLE' GROUP BY 1 ORDER BY 1
"""


class Work:
    """What a job is given: the store, the settings, and a folder for what leaves the database."""

    def __init__(self, store: PostgresStore, settings: Settings, folder: Path) -> None:
        self.store, self.settings, self.folder = store, settings, folder

    def send(self, name: str) -> Callable[..., None]:
        """Append to a file, as a channel that remembers what it was sent."""

        def sent(*notice: Any) -> None:
            with (self.folder / name).open("a") as file:
                file.write(f"{[n.alert_id for n in notice]}\n")

        return sent

    def version(self, n: int) -> str:
        """The n-th model that was trained."""
        query = text("SELECT version FROM triage.model_versions ORDER BY trained_at, version")
        with self.store.engine.connect() as connection:
            return list(connection.scalars(query))[n]


def _row(day: dt.date, n: int, words: str, conversation: str | None = None) -> RawRow:
    when = dt.datetime.combine(day, dt.time(10), dt.UTC)
    fields = {"external_id": f"{day}-{n}", "text": words, "created_at": when}
    return RawRow(f"row {n}", {**fields, "conversation_id": conversation})


def _inbox() -> MemorySource:
    """Two days of subjects, a new one on the second; a bad row on each."""
    rows = {}
    for day, subjects in ((_EVE, _SUBJECTS), (_DAY, _SUBJECTS | _NEW)):
        frames = [frame for some in subjects.values() for frame in some]
        texts = [f"{frame.format(place)} {day:%A}" for frame in frames for place in _PLACES]
        rows[day] = [_row(day, n, words) for n, words in enumerate([*texts, "   "])]
    return MemorySource("inbox", rows)


def _desk(work: Work) -> None:
    conversations = {
        f"c{n}": Conversation(
            Listed(f"c{n}", "1", _DAY, is_gone=False, record={}),
            (_row(_DAY, 100 + n, f"my card is gone, number {n}", f"c{n}"),),
        )
        for n in range(3)
    }
    ingest_desk(work.store, MemoryDesk("desk", conversations), _DAY, settings=work.settings)


def _raise(work: Work) -> None:
    """An alert, without one more day that would surge."""
    with work.store.engine.begin() as connection:
        topic = connection.scalar(text("SELECT min(topic_id) FROM triage.topics"))
        replace_alerts(connection, _DAY, [Alert(int(topic or 0), "surge", 9, 2.0, 1e-6, "high")])


def _teach(work: Work, places: tuple[str, ...]) -> None:
    examples = [
        LabelledExample(frame.format(place), intent)
        for intent, frames in _SUBJECTS.items()
        for frame in frames
        for place in places
    ]
    add_examples(work.store, examples, origin="test", settings=work.settings)
    train_challenger(work.store, _ENCODER, settings=work.settings)


def _each(day: dt.date) -> dict[str, Callable[[Work], object]]:
    """The jobs of a day."""
    name = _ENCODER.name
    return {
        f"ingest {day}": lambda w: ingest_day(w.store, _inbox(), day, settings=w.settings),
        f"embed {day}": lambda w: embed_day(w.store, _ENCODER, day, settings=w.settings),
        f"cut {day}": lambda w: cut_day(w.store, _ENCODER, day, settings=w.settings),
        f"predict {day}": lambda w: predict_day(
            w.store, day, encoder_name=name, settings=w.settings
        ),
        f"assign {day}": lambda w: assign_day(w.store, day, encoder_name=name, settings=w.settings),
        f"discover {day}": lambda w: discover_day(w.store, _ENCODER, day, settings=w.settings),
    }


_JOBS: dict[str, Callable[[Work], object]] = {
    "first model": lambda w: _teach(w, ("Rome", "the bus")),
    "promote": lambda w: govern.promote(w.store, w.version(0), by="maria"),
    **_each(_EVE),
    "desk": _desk,
    **_each(_DAY),
    "second model": lambda w: _teach(w, ("sunday", "Bern")),
    "compare": lambda w: govern.compare(w.store, _ENCODER, w.version(1), settings=w.settings),
    "promote again": lambda w: govern.promote(w.store, w.version(1), by="maria"),
    "roll back": lambda w: govern.rollback(w.store, by="maria", version=w.version(0)),
    "third model": lambda w: _teach(w, ("Oslo", "noon")),
    "refuse": lambda w: govern.refuse(w.store, w.version(2), by="ben", detail="too soon"),
    "predict again": lambda w: govern.apply_decision(
        w.store, w.version(0), rejected_by=None, settings=w.settings
    ),
    "drift": lambda w: measure_drift(
        w.store, _DAY, encoder_name=_ENCODER.name, settings=w.settings
    ),
    "alert": _raise,
    "alerts": lambda w: w.store.send_alerts(_DAY, {"one": w.send("one"), "two": w.send("two")}),
    "digest": lambda w: w.store.send_digest(_DAY, "mail", w.send("digest")),
    "export": lambda w: export(w.store.engine, w.folder / "out"),
    "secret": lambda w: load(local_dir=w.folder / "keys", _env_file=None).customer_key(),
    "retain": lambda w: retain(
        w.store.erasing, {Kept.MESSAGES: 1, Kept.QUARANTINE: 1}, today=_DAY + dt.timedelta(1),
        most=9,
    ),
}  # fmt: skip


def _in_a_child(job: str, settings: Settings, folder: Path, *, at: str = "") -> int:
    """Run a job in a process forked for it; return how it ended: 0, or the signal."""
    pid = os.fork()
    if pid:
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        os.environ[crossings.KILL_AT] = at
        faulthandler.dump_traceback_later(300, exit=True, file=(folder / "error").open("w"))
        if not at:
            _record(folder / "passed")
        with open_store(settings) as store:
            _JOBS[job](Work(store, settings, folder))
        (folder / "error").unlink()
    except BaseException:
        (folder / "error").write_text(f"{job} {at}\n{traceback.format_exc()}")
        os._exit(1)
    os._exit(0)


def _record(file: Path) -> None:
    """Write down the places that this process passes, in all modules."""
    real = crossings.crossing

    def passed(name: str, invariant: str) -> None:
        with file.open("a") as out:
            out.write(f"{name}\n")
        real(name, invariant)

    for module in list(sys.modules.values()):
        if getattr(module, "crossing", None) is real:
            module.crossing = passed  # type: ignore[attr-defined]


def _state(settings: Settings, folder: Path) -> dict[str, object]:
    """All rows of all tables, without times of writing; the files; what was sent."""
    state: dict[str, object] = {}
    with open_store(settings) as store, store.engine.connect() as connection:
        for table, left_out in connection.execute(text(_ROWS), {"unlike": list(_UNLIKE)}).all():
            row = f"to_jsonb(t) - ARRAY[{left_out}]" if left_out else "to_jsonb(t)"
            query = text(
                f"SELECT ({row})::text FROM triage.{table} t ORDER BY 1".replace(":", r"\:")
            )
            state[table] = list(connection.scalars(text(str(query).replace(r"\:\:", "::"))))
        cards = connection.scalars(text("SELECT card FROM triage.model_versions ORDER BY version"))
        state["cards"] = [card.count(" UTC: ") for card in cards]
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        if file.suffix == ".csv" and file.stem != "run_days":
            state[file.name] = file.read_bytes()
    for name in ("one", "two", "digest"):
        state[f"sent {name}"] = sorted(set(_lines(folder / name)))
    return state


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def _experiment(one: Settings, other: Settings, folder: Path) -> None:
    """All jobs in both databases, in a process of its own that has no threads when it forks."""
    warnings.simplefilter("ignore")
    for module in _HEAVY:  # once, not in each child
        importlib.import_module(module)
    redactor_of(one).redact("My name is Maria Lopez, call 020 7946 0958")
    quiet, killed = folder / "quiet", folder / "killed"
    results = []
    for job in _JOBS:
        (quiet / "passed").unlink(missing_ok=True)
        ended = [_in_a_child(job, one, quiet)]
        places = list(dict.fromkeys(_lines(quiet / "passed")))
        ended += [_in_a_child(job, other, killed, at=place) for place in places]
        ended.append(_in_a_child(job, other, killed))
        before, after = _state(one, quiet), _state(other, killed)
        differ = [name for name in before | after if before.get(name) != after.get(name)]
        results.append({"job": job, "places": places, "ended": ended, "differ": differ})
    (folder / "results").write_text(json.dumps(results))


def _named() -> dict[str, str]:
    """The invariant of each place in the source, by name; each place stands once."""
    calls = [
        node
        for part in ("nlp", "sql", "dags", "plugins")
        for file in (_PROJECT / part).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "crossing"
    ]
    named = {str(ast.literal_eval(c.args[0])): str(ast.literal_eval(c.args[1])) for c in calls}
    assert len(named) == len(calls)
    return named


def test_every_job_is_killed_at_every_place_and_ends_the_same(
    local_dir: Path, tmp_path: Path
) -> None:
    """Kills at all places of all jobs; then the rows, the files and what was sent are the same."""
    for name in ("quiet", "killed"):
        (tmp_path / name).mkdir()
    with migrated(local_dir) as one, migrated(local_dir) as other:
        one.customer_key()  # both have it
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_experiment, args=(one, other, tmp_path))
        process.start()
        process.join(900)
        errors = [*(tmp_path / "quiet").glob("error"), *(tmp_path / "killed").glob("error")]
        assert [trace for file in errors if (trace := file.read_text())] == []
        assert process.exitcode == 0
    results = json.loads((tmp_path / "results").read_text())
    for result in results:
        kills = [-signal.SIGKILL] * len(result["places"])
        assert result["ended"] == [0, *kills, 0], result
        assert result["differ"] == [], result
    assert {place for result in results for place in result["places"]} == set(_named())
    n_kills = sum(len(result["places"]) for result in results)
    assert n_kills >= _N_KILLS
    assert len(_lines(tmp_path / "quiet" / "one")) == 1
    assert len(_lines(tmp_path / "killed" / "one")) == 2  # the one channel got it once more


_N_KILLS = 46
"""Places times jobs: as many kills as there are pairs of a job and a place that it passes."""


def test_two_runs_of_one_day_at_once_leave_the_rows_of_one(local_dir: Path, tmp_path: Path) -> None:
    """The jobs of a day run twice side by side; all rows are those of a single run."""
    with migrated(local_dir) as one, migrated(local_dir) as other:

        def run(settings: Settings) -> None:
            with open_store(settings) as store:
                for job in _each(_EVE).values():
                    job(Work(store, settings, tmp_path))

        run(one)
        with ThreadPoolExecutor(2) as pool:
            for ended in [pool.submit(run, other), pool.submit(run, other)]:
                ended.result(300)
        assert _state(other, tmp_path) == _state(one, tmp_path)


def test_each_invariant_is_a_sentence() -> None:
    """Beside each place stands what holds there."""
    for name, invariant in _named().items():
        assert len(invariant.split()) >= 6, name
        assert invariant.endswith("."), name


def test_nothing_happens_unless_a_place_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of tests a place costs one look at the environment; only the named one kills."""
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(crossings.os, "kill", lambda *of: killed.append(of))
    monkeypatch.delenv(crossings.KILL_AT, raising=False)
    crossings.crossing("ingest.stored", "It goes on.")
    monkeypatch.setenv(crossings.KILL_AT, "another.place")
    crossings.crossing("ingest.stored", "It goes on.")
    assert killed == []
    crossings.crossing("another.place", "It ends here.")
    assert killed == [(os.getpid(), signal.SIGKILL)]
