"""`nlp.jobs.desk`: which messages of a conversation a day stores, on a store in memory."""

import datetime as dt
from pathlib import Path

import pytest

from nlp.jobs.ingest import ingest_day
from nlp.records import Conversation, Listed, RawRow
from nlp.settings import Settings, load
from tests.fakes import MemoryDesk, MemoryStore

DAYS = [dt.date(2026, 3, 2) + dt.timedelta(n) for n in range(5)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The default settings."""
    return load(hash_key="key", local_dir=tmp_path, _env_file=None)


@pytest.fixture
def desk() -> MemoryDesk:
    """One conversation with a message on each of five days."""
    rows = tuple(
        RawRow(
            f"conversation c1, message {n}",
            {
                "external_id": f"m{n}", "conversation_id": "c1", "text": f"Hello {n}",
                "created_at": dt.datetime.combine(day, dt.time(9), dt.UTC),
            },
        )
        for n, day in enumerate(DAYS)
    )  # fmt: skip
    listed = Listed("c1", "1", DAYS[0], is_gone=False, record={})
    return MemoryDesk("desk", {"c1": Conversation(listed, rows)})


def arrived(store: MemoryStore) -> dict[str, dt.date]:
    """The day on which each message arrived."""
    return {m.external_id: m.arrived_on for m in store.messages.values()}


def test_history_and_later_days_are_left_out(settings: Settings, desk: MemoryDesk) -> None:
    """The first day that is pulled stores its own messages; what was before it is history."""
    store = MemoryStore()
    ingest_day(store, desk, DAYS[2], settings=settings)
    assert arrived(store) == {"m2": DAYS[2]}
    ingest_day(store, desk, DAYS[3], settings=settings)
    assert arrived(store) == {"m2": DAYS[2], "m3": DAYS[3]}


def test_an_earlier_day_may_be_pulled_later(settings: Settings, desk: MemoryDesk) -> None:
    """A backfill to before the first day stores those days, each on its own."""
    store = MemoryStore()
    for day in (DAYS[4], DAYS[0], DAYS[1], DAYS[2], DAYS[3]):
        ingest_day(store, desk, day, settings=settings)
    assert arrived(store) == {f"m{n}": day for n, day in enumerate(DAYS)}


def test_a_day_that_was_missed_comes_late(settings: Settings, desk: MemoryDesk) -> None:
    """A day without a run is made up for by the next one, as late messages."""
    store = MemoryStore()
    ingest_day(store, desk, DAYS[0], settings=settings)
    counts = ingest_day(store, desk, DAYS[3], settings=settings).counts
    assert (counts["n_stored"], counts["n_late"]) == (3, 2)
    assert arrived(store)["m1"] == DAYS[3]


def test_personal_ids_of_conversations_are_not_kept(settings: Settings, desk: MemoryDesk) -> None:
    """An id that is a mail address is replaced in rows, positions and what is known of it."""
    whole = desk.conversations.pop("c1")
    broken = RawRow("conversation jane@doe.example, message 9", {"external_id": "x", "text": ""})
    listed = Listed("jane@doe.example", "1", DAYS[0], is_gone=False, record={})
    desk.conversations[listed.conversation] = Conversation(listed, (whole.rows[0], broken))
    store = MemoryStore()
    ingest_day(store, desk, DAYS[0], settings=settings)
    ingest_day(store, desk, DAYS[0], settings=settings)
    assert arrived(store) == {"m0": DAYS[0]}
    assert len(store.quarantine) == 1
    assert "jane" not in f"{store.messages} {store.quarantine} {store.known}"
