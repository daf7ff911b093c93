"""Policies for every DAG file, and what their schedules promise."""

import datetime as dt
import inspect
import os
import subprocess
import sys
import warnings
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nlp.errors import DatabaseDownError, DayOrderError, PartialDayError, SourceError

PROJECT = Path(__file__).resolve().parents[2]
SPINE = ("ingest_messages", "triage_messages", "discover_topics")
HEAVY = (
    "torch",
    "sentence_transformers",
    "hdbscan",
    "umap",
    "pandas",
    "sklearn",
    "spacy",
    "pyarrow",
)


@pytest.fixture(scope="session")
def bag() -> Any:
    """All DAG files, as the dag-processor reads them."""
    return _read()


@pytest.fixture(scope="session")
def tasks(bag: Any) -> list[Any]:
    """Every task of every DAG that runs code, so none that waits for a person's answer."""
    every = [task for dag in bag.dags.values() for task in dag.tasks]
    return [task for task in every if hasattr(task, "python_callable")]


def _read() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Airflow's own, at import and when it reads .airflowignore
        from airflow.dag_processing.dagbag import DagBag

        return DagBag(dag_folder=str(PROJECT / "dags"))


def _core(dag: Any) -> Any:
    """The timetable as the scheduler sees it."""
    from airflow.serialization.encoders import coerce_to_core_timetable

    return coerce_to_core_timetable(dag.timetable)


def test_every_file_imports(bag: Any) -> None:
    """No DAG file has an import error, and the three DAGs of a day exist."""
    assert bag.import_errors == {}
    assert set(SPINE) <= set(bag.dags)


def test_every_dag_says_whose_it_is_and_what_to_do(bag: Any) -> None:
    """Each DAG has an owner, tags, and the file's docstring with a section on failures."""
    for dag in bag.dags.values():
        assert dag.owner == "support-triage", dag.dag_id
        assert "support-triage" in dag.tags, dag.dag_id
        assert "**When it fails" in dag.doc_md, dag.dag_id
        first = next(t for t in dag.tasks if hasattr(t, "python_callable"))
        assert dag.doc_md == sys.modules[first.python_callable.__module__].__doc__


def test_every_task_has_a_doc_of_its_own(tasks: list[Any]) -> None:
    """Each task has one sentence that says what it does."""
    assert [t.task_id for t in tasks if not t.python_callable.__doc__] == []


def test_every_task_retries_with_backoff(tasks: list[Any]) -> None:
    """Each task is retried at growing intervals and sends a notice when it fails for good."""
    from triage_notify_parts import FailureNotifier

    for task in tasks:
        options = task.partial_kwargs if hasattr(task, "partial_kwargs") else vars(task)
        assert options["retries"] >= 3, task.task_id
        assert options["retry_exponential_backoff"] > 1, task.task_id
        assert options["max_retry_delay"] <= dt.timedelta(hours=1), task.task_id
        assert options["execution_timeout"], task.task_id
        assert isinstance(options["on_failure_callback"][0], FailureNotifier), task.task_id


@pytest.mark.parametrize(
    ("error", "action"),
    [
        (DatabaseDownError("x"), "retry"),
        (DayOrderError("x"), "retry"),
        (PartialDayError("x"), "fail"),
        (SourceError("x"), "fail"),
        (RuntimeError("x"), "default"),
    ],
)
def test_retries_by_what_went_wrong(tasks: list[Any], error: Exception, action: str) -> None:
    """Temporary and unknown errors are retried; permanent ones fail at once."""
    for task in tasks:
        options = task.partial_kwargs if hasattr(task, "partial_kwargs") else vars(task)
        decision = options["retry_policy"].evaluate(error, 1, 6)
        assert decision.action.value == action, task.task_id


def test_encoder_is_loaded_in_the_pool_only(tasks: list[Any]) -> None:
    """A task takes a slot of the encoder's pool if and only if it loads the encoder."""
    loads = {t.task_id for t in tasks if "load_encoder" in inspect.getsource(t.python_callable)}
    assert loads == {t.task_id for t in tasks if t.pool == "triage_embedding"}
    assert {"embed", "discover"} <= loads


def test_no_run_limit_makes_a_day_keep_out_its_eve(bag: Any) -> None:
    """A month of waiting days leaves a slot for the day that they wait for."""
    assert all(bag.dags[name].max_active_runs > 31 for name in SPINE)


def test_backfill_of_a_month_holds_both_ends(bag: Any) -> None:
    """The two dates of a backfill are its first and last partition key."""
    timetable = _core(bag.dags["ingest_messages"])
    infos = timetable.iter_partition_dagrun_infos(
        earliest=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
        latest=dt.datetime(2026, 3, 29, tzinfo=dt.UTC),
    )
    keys = [info.partition_key for info in infos]
    assert (len(keys), keys[0], keys[-1]) == (28, "2026-03-02", "2026-03-29")


def test_day_by_hand_and_by_backfill_are_one_partition(bag: Any) -> None:
    """A backfill recognises a day that was triggered by key and does not run it twice."""
    timetable = _core(bag.dags["ingest_messages"])
    midnight = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    (info,) = timetable.iter_partition_dagrun_infos(earliest=midnight, latest=midnight)
    assert timetable.resolve_partition_date("2026-03-02") == info.partition_date


def test_consumers_follow_by_partition(bag: Any) -> None:
    """Triage follows ingestion and discovery follows triage, each for the same day."""
    outlets = {d: {o.name for t in bag.dags[d].tasks for o in t.outlets} for d in SPINE}
    for producer, consumer in pairwise(SPINE):
        timetable = _core(bag.dags[consumer])
        assert timetable.partitioned
        names = {key.name for key, _ in timetable.asset_condition.iter_assets()}
        assert names == outlets[producer]
        (name,) = names
        assert timetable.get_partition_mapper(name=name).to_downstream("2026-03-02") == "2026-03-02"


def test_assets_are_announced_by_checks_only(tasks: list[Any]) -> None:
    """Nothing downstream starts before the data-quality check of the day has passed.

    Tasks that notify people or export the day come after the check and delay nothing.
    """
    announcing = [t for t in tasks if t.outlets]
    assert {t.task_id for t in announcing} == {"check"}
    for task in announcing:
        assert task.downstream_task_ids <= {"notify", "export"}
        others = set(task.dag.task_ids) - {"check", "notify", "export"}
        assert task.get_flat_relative_ids(upstream=True) == others


def test_parsing_twice_gives_the_same(bag: Any) -> None:
    """No DAG depends on the clock or on randomness, so parsing does not create new versions."""
    from airflow.serialization.serialized_objects import DagSerialization

    again = _read()
    for name, dag in bag.dags.items():
        assert DagSerialization.to_dict(dag) == DagSerialization.to_dict(again.dags[name]), name


@pytest.mark.parametrize("file", sorted((PROJECT / "dags").glob("*.py")), ids=lambda f: f.stem)
def test_import_is_light(file: Path) -> None:
    """Importing a DAG file imports no heavy library, no settings and no store."""
    code = (
        f"import sys; sys.path.insert(0, {str(file.parent)!r}); import {file.stem}; "
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONWARNINGS": "ignore"}
    out = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert out.returncode == 0, out.stderr
    assert out.stdout.splitlines()[-1] == "[]"


def test_a_day_is_settled_two_hours_after_its_end() -> None:
    """A day is complete two hours after midnight in its own zone, not before."""
    from zoneinfo import ZoneInfo

    from triage_dag_parts import is_complete

    zone, day = ZoneInfo("America/New_York"), dt.date(2026, 3, 2)
    late = dt.datetime(2026, 3, 3, 7, tzinfo=dt.UTC)
    early = late - dt.timedelta(seconds=1)
    assert not is_complete(day, zone=zone, now=early)
    assert is_complete(day, zone=zone, now=late)


def _context(error: BaseException | None) -> dict[str, Any]:
    ti = SimpleNamespace(dag_id="d", task_id="t", map_index=1, try_number=2)
    run = SimpleNamespace(partition_key="2026-03-02", run_id="r")
    return {"ti": ti, "dag_run": run, "exception": error}


def test_notice_quotes_our_errors_only() -> None:
    """A notice quotes the text of this project's errors, and only the type of other errors."""
    from triage_notify_parts import notice_of

    ours = notice_of(_context(PartialDayError("No message arrived for 2026-03-02")))
    assert "d.t[1] failed for day 2026-03-02" in ours
    assert "PartialDayError: No message arrived" in ours
    theirs = notice_of(_context(ValueError("my card is 4111 1111 1111 1111")))
    assert "ValueError" in theirs
    assert "4111" not in theirs
    assert "killed or lost" in notice_of(_context(None))
