"""Pulls into the real store: what is stored, known and in quarantine, in any repetition."""

import datetime as dt
import itertools

import pytest
from sqlalchemy import text

from nlp.jobs.ingest import ingest_day
from nlp.records import RawRow
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.fakes import MemorySource, MemoryStore

DAYS = [dt.date(2026, 3, 2) + dt.timedelta(n) for n in range(3)]


def row(number: int, day: dt.date, words: str) -> RawRow:
    """A row of day 1 in the file of `day`; one without text breaks the contract."""
    fields = {"external_id": f"m{number}", "created_at": f"{DAYS[0]}T09:00:00Z", "text": words}
    return RawRow(f"{day}.csv, row {number}", fields)


def pull(
    store: PostgresStore | MemoryStore, settings: Settings, source: MemorySource, day: dt.date
) -> dict[str, int]:
    """Run one day and return its counts, without those of 0."""
    report = ingest_day(store, source, day, settings=settings)
    return {name.removeprefix("n_"): n for name, n in report.counts.items() if n}


def state(store: PostgresStore) -> tuple[set[tuple[str, str]], list[tuple[str, ...]]]:
    """Messages as (id, text), and quarantine as (id, day, reason)."""
    with store.engine.connect() as connection:
        stored = connection.execute(text("SELECT external_id, text FROM triage.messages")).all()
        held = connection.execute(
            text(
                "SELECT external_id, arrived_on::text, reason FROM triage.quarantine "
                "ORDER BY arrived_on, seq"
            )
        ).all()
    return {(r[0], r[1]) for r in stored}, [tuple(r) for r in held]


def inbox() -> MemorySource:
    """Two broken rows on day 1; on day 2 one is corrected, on day 3 it comes with another text."""
    one, two, three = DAYS
    return MemorySource(
        "inbox",
        {
            one: [
                row(1, one, ""),
                row(2, one, ""),
                row(3, one, "Where is it"),
                row(3, one, "Where is it"),
            ],
            two: [row(1, two, "Mended"), row(4, two, ""), row(4, two, "Mended at once")],
            three: [row(1, three, "Something else"), row(3, three, "Where is it")],
        },
    )


def test_a_mended_row_stays_out_of_quarantine(store: PostgresStore, settings: Settings) -> None:
    """When the day of the broken row runs again, the row is known, and only others are broken."""
    source = inbox()
    first = {"pulled": 4, "stored": 1, "known": 1, "quarantined": 2}
    assert pull(store, settings, source, DAYS[0]) == first
    second = {"pulled": 3, "stored": 2, "known": 1, "late": 2}
    assert pull(store, settings, source, DAYS[1]) == second
    for _ in range(2):
        again = {"pulled": 4, "known": 3, "quarantined": 1}
        assert pull(store, settings, source, DAYS[0]) == again
        messages, quarantine = state(store)
        assert messages == {("m1", "Mended"), ("m3", "Where is it"), ("m4", "Mended at once")}
        assert quarantine == [("m2", str(DAYS[0]), "empty_text")]
    assert pull(store, settings, source, DAYS[1]) == {"pulled": 3, "known": 3}


def test_a_conflict_stays_in_quarantine(store: PostgresStore, settings: Settings) -> None:
    """A stored id with another text is not a corrected row: each run reports it again."""
    source = inbox()
    pull(store, settings, source, DAYS[1])
    for _ in range(2):
        counts = pull(store, settings, source, DAYS[2])
        assert counts["quarantined"] == 1
        assert state(store)[1] == [("m1", str(DAYS[2]), "id_conflict")]


def test_an_id_of_another_source_mends_nothing(store: PostgresStore, settings: Settings) -> None:
    """Ids are unique only within their source."""
    pull(store, settings, inbox(), DAYS[1])
    other = MemorySource("other", {DAYS[0]: [row(1, DAYS[0], "")]})
    assert pull(store, settings, other, DAYS[0]) == {"pulled": 1, "quarantined": 1}


@pytest.mark.parametrize("order", list(itertools.permutations(DAYS[:2])), ids=["1-2", "2-1"])
def test_the_order_of_pulls_does_not_matter_to_quarantine(
    store: PostgresStore, settings: Settings, order: tuple[dt.date, ...]
) -> None:
    """A row that is corrected on one day and broken on another is out of quarantine either way."""
    for day in order:
        pull(store, settings, inbox(), day)
    assert state(store)[1] == [("m2", str(DAYS[0]), "empty_text")]


def test_the_store_in_memory_counts_alike(store: PostgresStore, settings: Settings) -> None:
    """The fake that unit tests use gives the same counts as Postgres, pull by pull."""
    memory, source = MemoryStore(), inbox()
    for day in (*DAYS, DAYS[0], DAYS[2], DAYS[1]):
        assert pull(memory, settings, source, day) == pull(store, settings, source, day)
    held = {(r.external_id, str(r.arrived_on), r.reason) for r in memory.quarantine}
    assert held == set(state(store)[1])
