"""Retention on the real store: what goes, what stays, and what it waits for."""

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import text

from nlp.errors import BusyError, SettingError
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.jobs.retain import due, retain
from nlp.jobs.train import add_examples
from nlp.records import LabelledExample, RawRow
from nlp.settings import Settings, load
from nlp.states import Kept
from sql.connect import PostgresStore
from tests.fakes import MemoryEncoder, MemorySource

_OLD, _NEW = dt.date(2026, 2, 27), dt.date(2026, 3, 20)
_TODAY = dt.date(2026, 3, 31)
_ENCODER = MemoryEncoder(("card", "refund"))
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip


def _rows(day: dt.date) -> list[RawRow]:
    at = f"{day}T09:00:00Z"
    rows = [
        {"external_id": f"{s}-{day}-{n}", "created_at": at, "customer_id": f"c{n}",
         "text": f"There is a problem with my {s} {place} since {day:%B}"}
        for s in ("card", "refund")
        for n, place in enumerate(_PLACES)
    ]  # fmt: skip
    talk = {"conversation_id": f"talk-{day}", "created_at": at, "customer_id": "c1"}
    rows += [{"external_id": f"t{day}{n}", "text": f"My card again {n}", **talk} for n in range(2)]
    rows += [{"external_id": f"bad-{day}", "created_at": at, "text": " "}]
    return [RawRow(f"rows {day}", row) for row in rows]


@pytest.fixture
def store(store: PostgresStore, settings: Settings) -> PostgresStore:
    """Two days, three weeks apart, of two months."""
    days = [_OLD, _NEW]
    source = MemorySource("inbox", {day: _rows(day) for day in days})
    run_days(store, _ENCODER, days, sources=[source], settings=settings)
    add_examples(store, [LabelledExample("I lost it", "card")], origin="file", settings=settings)
    return store


def _read(store: PostgresStore, query: str) -> list[Any]:
    with store.engine.connect() as db:
        return [tuple(row) for row in db.execute(text(query))]


_FIGURES = [
    "SELECT * FROM triage.topic_days ORDER BY day, topic_id",
    "SELECT * FROM triage.topic_mix ORDER BY day, topic_id, channel, intent",
    "SELECT topic_id, day, n_customers FROM triage.theme_trend ORDER BY day, topic_id",
    "SELECT * FROM triage.alerts ORDER BY alert_id",
    "SELECT label, keywords FROM triage.topics ORDER BY topic_id",
    "SELECT job, day, stale FROM triage.runs ORDER BY job, day",
]
_OF_DAYS = {
    "messages": "arrived_on", "passages": "arrived_on", "memberships": "arrived_on",
}  # fmt: skip


def test_old_messages_go_and_figures_stay(store: PostgresStore) -> None:
    """In small batches: nothing of the old day is left but numbers, and its month is dropped."""
    figures = [_read(store, q) for q in _FIGURES]
    customers = {c for (c,) in _read(store, "SELECT customer_hash FROM triage.messages") if c}
    counts = retain(store.erasing, {Kept.MESSAGES: 20}, today=_TODAY, most=7)
    assert (counts[Kept.MESSAGES], counts["months"]) == (26, 1)
    for table, column in _OF_DAYS.items():
        assert {d for (d,) in _read(store, f"SELECT {column} FROM triage.{table}")} == {_NEW}
    assert [_read(store, q) for q in _FIGURES] == figures
    kept = _read(store, f"SELECT customer FROM triage.topic_customers WHERE day = '{_OLD}'")
    assert kept
    assert customers.isdisjoint(c for (c,) in kept)
    assert _read(store, "SELECT to_regclass('triage.messages_2026_02')") == [(None,)]


def test_a_dropped_month_comes_back_with_a_late_message(
    store: PostgresStore, settings: Settings
) -> None:
    """A message of that month is stored as before."""
    retain(store.erasing, {Kept.MESSAGES: 20}, today=_TODAY)
    late = MemorySource("late", {_NEW: _rows(_OLD)[:1]})
    assert ingest_day(store, late, _NEW, settings=settings).counts["n_stored"] == 1


@pytest.mark.parametrize(
    ("kind", "table", "n_before", "n_after"),
    [
        (Kept.QUARANTINE, "quarantine", 2, 1),
        (Kept.RUNS, "runs", 14, 7),
        (Kept.EXAMPLES, "labelled_examples", 1, 0),
    ],
)
def test_each_kind_has_its_own_days(
    store: PostgresStore, kind: Kept, table: str, n_before: int, n_after: int
) -> None:
    """Rows of the kind go by their own day, and a second run finds no more."""
    with store.engine.begin() as db:
        db.execute(text(f"UPDATE triage.labelled_examples SET added_at = '{_OLD}'"))
    count = f"SELECT count(*) FROM triage.{table}"
    assert _read(store, count) == [(n_before,)]
    wanted = {kind: n_before - n_after}
    rehearsal = due(lambda: store.erasing(is_rehearsal=True), {kind: 20}, today=_TODAY)
    assert rehearsal == wanted
    assert _read(store, count) == [(n_before,)]
    assert retain(store.erasing, {kind: 20}, today=_TODAY, most=1) == wanted
    assert _read(store, count) == [(n_after,)]
    assert retain(store.erasing, {kind: 20}, today=_TODAY) == {kind: 0}


def test_embeddings_in_use_stay(store: PostgresStore) -> None:
    """Those of messages of these days stay, however long ago they were computed."""
    with store.engine.begin() as db:
        db.execute(text(f"UPDATE triage.embeddings SET stored_at = '{_OLD}'"))
    retain(store.erasing, {Kept.EMBEDDINGS: 20}, today=_TODAY)
    unused = (
        "SELECT text_hash FROM triage.embeddings EXCEPT SELECT text_hash FROM triage.passages "
        "EXCEPT SELECT text_hash FROM triage.messages"
    )
    assert _read(store, unused) == []
    missing = (
        "SELECT text_hash FROM triage.passages WHERE arrived_on = '2026-03-20' "
        "EXCEPT SELECT text_hash FROM triage.embeddings"
    )
    assert _read(store, missing) == []


def test_a_run_at_work_is_waited_for(store: PostgresStore) -> None:
    """While a job works nothing is deleted, and the answer says so."""
    with store.at_work(), pytest.raises(BusyError, match="at work"):
        retain(store.erasing, {Kept.MESSAGES: 20}, today=_TODAY, seconds=1)
    assert _read(store, "SELECT count(*) FROM triage.messages") == [(52,)]


def test_a_retention_within_the_window_is_refused() -> None:
    """The line names the setting, the window, and the value."""
    with pytest.raises(SettingError, match=r"TRIAGE_RETAIN_MESSAGES: .*30 days of TRIAGE_WINDOW_D"):
        load(window_days=30, retain_messages=29, _env_file=None)
    settings = load(window_days=30, retain_messages=30, _env_file=None)
    assert settings.retention() == {Kept.MESSAGES: 30, Kept.EMBEDDINGS: 30}
    assert load(_env_file=None).retention() == {}
