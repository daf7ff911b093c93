"""A day of files or a database that is delivered again, with rows changed and gone."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from nlp.errors import PartialDayError
from nlp.jobs.decide import decide
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings, load
from nlp.sources.database import DatabaseSource
from nlp.sources.files import FileSource
from nlp.states import Channel
from nlp.topics.life import requests as ask
from sql.connect import PostgresStore
from tests.fakes import MemoryEncoder, MemorySource, MemoryStore

DAY, NEXT = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
_SUBJECTS = ("card", "refund")
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "in a cab", "abroad", "in a queue",
           "at the till")  # fmt: skip
ENCODER = MemoryEncoder(_SUBJECTS)


def row(ident: str, words: str, *, hour: int = 9, day: dt.date = DAY, **more: Any) -> RawRow:
    """A row of a day."""
    fields = {"external_id": ident, "created_at": f"{day}T{hour:02}:00:00Z", "text": words, **more}
    return RawRow(f"row {ident}", fields)


def whole(*rows: RawRow, day: dt.date = DAY) -> MemorySource:
    """A source that is known to deliver whole days."""
    return MemorySource("inbox", {day: list(rows)}, whole_days=True)


def some(n: int) -> list[RawRow]:
    """So many rows about one subject."""
    return [row(f"m{i}", f"My card number {i} is lost {_PLACES[i % 10]}") for i in range(n)]


Both = PostgresStore | MemoryStore


@pytest.fixture
def stores(store: PostgresStore) -> list[Both]:
    """The real store, and the one in memory that unit tests use: they must count alike."""
    return [store, MemoryStore()]


def pull(stores: list[Both], settings: Settings, source: MemorySource) -> dict[str, int]:
    """Pull the day of a source into all stores; return the counts, without those of 0."""
    (day,) = source.rows
    counts = [ingest_day(s, source, day, settings=settings).counts for s in stores]
    assert counts[0] == counts[1]
    return {name.removeprefix("n_"): n for name, n in counts[0].items() if n}


def texts(stores: list[Both]) -> dict[str, str]:
    """The stored texts by id, the same in all stores."""
    real, memory = stores
    assert isinstance(real, PostgresStore)
    assert isinstance(memory, MemoryStore)
    found = dict(rows(real, "SELECT external_id, text FROM triage.messages"))
    assert found == {m.external_id: m.text for m in memory.messages.values()}
    return found


def rows(store: PostgresStore, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def test_a_changed_row_is_a_new_version(stores: list[Both], settings: Settings) -> None:
    """Text, time and attributes follow, whether the source delivers whole days or not."""
    pull(stores, settings, MemorySource("inbox", {DAY: some(4)}))
    changed = [row("m0", "I meant my refund", hour=11, channel="chat"), *some(4)[1:]]
    for _ in range(2):
        counts = pull(stores, settings, MemorySource("inbox", {DAY: changed}))
        assert counts.pop("changed", 1) == 1
        assert counts == {"pulled": 4, "known": 4}
    assert texts(stores)["m0"] == "I meant my refund"
    query = "SELECT created_at, channel FROM triage.messages WHERE external_id = 'm0'"
    assert isinstance(stores[0], PostgresStore)
    time = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC)
    assert rows(stores[0], query) == [(time, "chat")]


def test_only_the_own_day_changes_a_message(stores: list[Both], settings: Settings) -> None:
    """An id that another day delivers with another text is a conflict, as days run in any order."""
    pull(stores, settings, whole(*some(2)))
    counts = pull(stores, settings, whole(row("m0", "Something else"), day=NEXT))
    assert counts == {"pulled": 1, "quarantined": 1}
    assert "number 0" in texts(stores)["m0"]


def test_repeats_within_a_delivery_are_no_versions(stores: list[Both], settings: Settings) -> None:
    """Of an id with two texts the stored one stands while it is delivered, in any order."""
    first, other = row("m0", "The first text"), row("m0", "Another text")
    pull(stores, settings, whole(first, other))
    counts = pull(stores, settings, whole(other, first))
    assert counts == {"pulled": 2, "known": 1, "quarantined": 1}
    assert texts(stores) == {"m0": "The first text"}
    assert pull(stores, settings, whole(other)) == {"pulled": 1, "known": 1, "changed": 1}
    assert texts(stores) == {"m0": "Another text"}


def test_a_row_that_is_gone_goes_where_days_are_whole(
    stores: list[Both], settings: Settings
) -> None:
    """Without that setting it stays, and is counted as missing."""
    pull(stores, settings, whole(*some(10)))
    partly = MemorySource("inbox", {DAY: some(8)})
    assert pull(stores, settings, partly) == {"pulled": 8, "known": 8, "missing": 2}
    assert len(texts(stores)) == 10
    other = replace(whole(*some(8)), name="another")
    assert pull(stores, settings, other) == {"pulled": 8, "stored": 8}
    for n_gone in (2, 0):
        counts = pull(stores, settings, whole(*some(8)))
        assert counts == {"pulled": 8, "known": 8} | ({"gone": n_gone} if n_gone else {})


@pytest.mark.parametrize("n_left", [0, 1, 5, 7])
def test_half_a_delivery_deletes_nothing(
    stores: list[Both], settings: Settings, n_left: int
) -> None:
    """More than a quarter missing is refused with the counts, and nothing at all is changed."""
    pull(stores, settings, whole(*some(10)))
    half = whole(*some(n_left), row("new", "My refund is not here"))
    for store in stores:
        with pytest.raises(
            PartialDayError, match=rf"without {10 - n_left} of the 10 messages.*GONE"
        ):
            ingest_day(store, half, DAY, settings=settings)
    assert len(texts(stores)) == 10
    willing = settings.model_copy(update={"max_gone_share": 1.0})
    assert pull(stores, willing, half)["gone"] == 10 - n_left


def test_broken_rows_are_not_gone(stores: list[Both], settings: Settings) -> None:
    """A row that broke is still delivered; rows without an id may be the ones that are missing."""
    pull(stores, settings, whole(*some(10), row("", "No id, as every day")))
    broken = [row("m0", " "), *some(10)[1:], row("", "No id, as every day")]
    assert pull(stores, settings, whole(*broken)) == {"pulled": 11, "known": 10, "quarantined": 1}
    torn = [RawRow("row 1", {}, "It is cut off"), *some(10)[1:], row("", "No id, as every day")]
    counts = pull(stores, settings, whole(*torn))
    assert counts == {"pulled": 11, "known": 9, "quarantined": 2, "missing": 1}
    counts = pull(stores, settings, whole(*some(10)[1:], row("", "No id, as every day")))
    assert counts == {"pulled": 10, "known": 9, "quarantined": 1, "gone": 1}


def test_what_is_derived_follows(store: PostgresStore, settings: Settings) -> None:
    """The day runs again: the changed message has its new topic, the gone one leaves no row."""
    day = [row(f"{s}{n}", f"There is a problem with my {s} {p}")
           for s in _SUBJECTS for n, p in enumerate(_PLACES)]  # fmt: skip
    run_days(store, ENCODER, [DAY], sources=[whole(*day)], settings=settings)
    ids = dict(rows(store, "SELECT external_id, message_id::text FROM triage.messages"))
    before = store.topics_of_passages(day=NEXT, first=DAY)
    with store.deciding() as decisions:
        topic = before[ids["refund1"]]
        assert topic is not None
        decide(decisions, ask.Place((ids["card4"],), topic), actor="lead", channel=Channel.PAGE)
    day[3] = row("card3", "There is a problem with my refund in Leeds")
    del day[4]
    run_days(store, ENCODER, [DAY], sources=[whole(*day)], settings=settings)
    counts = next(r.counts for r in store.runs_of(DAY) if r.job == "ingest:inbox")
    assert (counts["n_changed"], counts["n_gone"]) == (1, 1)
    topics = store.topics_of_passages(day=NEXT, first=DAY)
    assert before[ids["card3"]] == topics[ids["card2"]] != topics[ids["card3"]]
    assert topics[ids["card3"]] == topics[ids["refund1"]]
    for table in ("messages", "passages", "memberships", "corrections"):
        query = f"SELECT count(*) FROM triage.{table} WHERE message_id = :m"
        assert rows(store, query, m=ids["card4"]) == [(0,)]
    counted = "SELECT sum(n_messages) FROM triage.topic_days WHERE day = :d"
    assert rows(store, counted, d=DAY) == [(27,)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DatabaseSource]:
    """A database of whole days with five rows."""
    engine = create_engine(f"sqlite:///{tmp_path}/desk.db")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (external_id, created_at, text)")
        for n in range(5):
            values = (f"m{n}", f"{DAY} 09:00:00+00:00", f"My card {n} is lost")
            connection.exec_driver_sql("INSERT INTO t VALUES (?, ?, ?)", values)
    query = tmp_path / "query.sql"
    query.write_text("SELECT * FROM t WHERE created_at >= :start AND created_at < :end")
    yield DatabaseSource("inbox", engine=engine, query=query, zone=dt.UTC, whole_days=True)
    engine.dispose()


def test_databases_and_files_say_that_their_days_are_whole(
    database: DatabaseSource, settings: Settings, tmp_path: Path
) -> None:
    """The setting `whole_days` reaches both kinds, and both delete what is gone."""
    import fsspec

    memory = MemoryStore()
    ingest_day(memory, database, DAY, settings=settings)
    with database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM t WHERE external_id = 'm1'")
        connection.exec_driver_sql("UPDATE t SET text = 'Found it' WHERE external_id = 'm2'")
    counts = ingest_day(memory, database, DAY, settings=settings).counts
    assert (counts["n_gone"], counts["n_changed"]) == (1, 1)
    lines = ["external_id,created_at,text"]
    lines += [f"m{n},{DAY}T09:00:00Z,My card {n} is lost" for n in (0, 3, 4)]
    (tmp_path / f"{DAY}.csv").write_text("\n".join(lines))
    files = FileSource(
        "inbox", fs=fsspec.filesystem("file"), pattern=f"{tmp_path}/{{day}}.csv", whole_days=True
    )
    assert ingest_day(memory, files, DAY, settings=settings).counts["n_gone"] == 1
    sources = {"a": {"kind": "files", "url": "{day}.csv", "whole_days": True}}
    assert load(sources=sources, _env_file=None).sources["a"].whole_days  # type: ignore[union-attr]
