"""Edits and deletions at a helpdesk, in the real store: what was derived follows."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from nlp.jobs.decide import decide
from nlp.jobs.ingest import ingest_day
from nlp.jobs.replay import run_days
from nlp.records import Conversation, Listed, RawRow
from nlp.settings import Settings
from nlp.states import Channel
from nlp.topics.life import requests as ask
from sql.connect import PostgresStore
from tests.fakes import MemoryDesk, MemoryEncoder

DAYS = [dt.date(2026, 3, 2) + dt.timedelta(n) for n in range(3)]
_SUBJECTS = ("card", "refund")
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home")  # fmt: skip
ENCODER = MemoryEncoder(_SUBJECTS)


def conversation(ident: str, *said: str, version: int = 1, day: dt.date = DAYS[0]) -> Conversation:
    """A conversation whose messages a customer wrote on a day, a minute apart."""
    rows = tuple(
        RawRow(
            f"conversation {ident}, message {n}",
            {
                "external_id": f"{ident}-{n}", "conversation_id": ident, "text": one,
                "created_at": dt.datetime.combine(day, dt.time(9, n), dt.UTC),
            },
        )
        for n, one in enumerate(said)
    )  # fmt: skip
    return Conversation(Listed(ident, str(version), day, is_gone=False, record={}), rows)


@pytest.fixture
def desk() -> MemoryDesk:
    """Twenty conversations about two subjects on the first day, one of them of two turns."""
    found = {
        f"{subject}{n}": conversation(f"{subject}{n}", f"There is a problem with my {subject} {p}")
        for subject in _SUBJECTS
        for n, p in enumerate(_PLACES)
    }
    found["card0"] = conversation("card0", "My card is lost in Leeds", "My card is still lost")
    return MemoryDesk("desk", found)


@pytest.fixture
def ran(store: PostgresStore, settings: Settings, desk: MemoryDesk) -> PostgresStore:
    """The store after the first day."""
    run_days(store, ENCODER, DAYS[:1], sources=[desk], settings=settings)
    return store


def rows(store: PostgresStore, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows of a query."""
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query), values)]


def ids(store: PostgresStore, external_id: str) -> str:
    """The id of a message."""
    query = "SELECT message_id::text FROM triage.messages WHERE external_id = :e"
    return str(rows(store, query, e=external_id)[0][0])


def derived(store: PostgresStore) -> set[str]:
    """The ids of messages from which something is derived."""
    tables = ("passages", "memberships", "corrections")
    query = " UNION ".join(f"SELECT message_id::text FROM triage.{table}" for table in tables)
    return {row[0] for row in rows(store, query)}


def test_a_changed_text_is_derived_anew(
    ran: PostgresStore, settings: Settings, desk: MemoryDesk
) -> None:
    """The message keeps its id and day; its passages and its topic are those of the new text."""
    before = ids(ran, "card3-0")
    desk.conversations["card3"] = conversation(
        "card3", "There is a problem with my refund by post", version=2
    )
    desk.conversations["new"] = conversation("new", "My card is gone", day=DAYS[1])
    counts = ingest_day(ran, desk, DAYS[1], settings=settings).counts
    assert (counts["n_changed"], counts["n_stored"], counts["n_gone"]) == (1, 1, 0)
    assert before not in derived(ran)
    assert ran.uncut_days(before=DAYS[1]) == [DAYS[0]]
    run_days(ran, ENCODER, DAYS[1:2], sources=[desk], settings=settings)
    assert ran.uncut_days(before=DAYS[1]) == []
    assert ids(ran, "card3-0") == before
    assert rows(ran, "SELECT arrived_on FROM triage.messages WHERE message_id = :m", m=before) == [
        (DAYS[0],)
    ]
    said = rows(ran, "SELECT text FROM triage.passages WHERE message_id = :m", m=before)
    assert said == [("There is a problem with my refund by post",)]
    topics = ran.topics_of_passages(day=DAYS[2], first=DAYS[0])
    assert topics[before] == topics[ids(ran, "refund3-0")] != topics[ids(ran, "card4-0")]


def test_a_deleted_message_goes_with_all_that_is_derived(
    ran: PostgresStore, settings: Settings, desk: MemoryDesk
) -> None:
    """A conversation that is gone leaves no row, not even of what a person decided about it."""
    gone = ids(ran, "refund2-0")
    with ran.deciding() as decisions:
        topic = ran.topics_of_passages(day=DAYS[1], first=DAYS[0])[ids(ran, "card4-0")]
        assert topic is not None
        request = ask.Place((gone,), topic)
        decide(decisions, request, actor="lead", channel=Channel.PAGE)
    assert rows(ran, "SELECT message_id::text FROM triage.corrections") == [(gone,)]
    del desk.conversations["refund2"]
    counts = ingest_day(ran, desk, DAYS[0], settings=settings).counts
    assert counts["n_gone"] == 1
    assert gone not in derived(ran)
    assert rows(ran, "SELECT FROM triage.messages WHERE message_id = :m", m=gone) == []
    known = "SELECT FROM triage.conversations WHERE conversation_id = 'refund2'"
    assert rows(ran, known) == []


def test_a_turn_that_goes_changes_its_conversation(
    ran: PostgresStore, settings: Settings, desk: MemoryDesk
) -> None:
    """The first turn has the passages of all; without the second they are cut anew."""
    head, turn = ids(ran, "card0-0"), ids(ran, "card0-1")
    joined = rows(ran, "SELECT joined_to::text FROM triage.messages WHERE message_id = :m", m=turn)
    assert joined == [(head,)]
    desk.conversations["card0"] = conversation("card0", "My card is lost in Leeds", version=2)
    desk.conversations["new"] = conversation("new", "My card is gone", day=DAYS[1])
    run_days(ran, ENCODER, DAYS[1:2], sources=[desk], settings=settings)
    said = rows(ran, "SELECT text FROM triage.passages WHERE message_id = :m", m=head)
    assert said == [("My card is lost in Leeds",)]
    assert turn not in derived(ran)


def test_an_emptied_message_leaves_the_store(
    ran: PostgresStore, settings: Settings, desk: MemoryDesk
) -> None:
    """A text that was taken back at the desk is not kept, and its row is in quarantine once."""
    desk.conversations["card5"] = conversation("card5", " ", version=2)
    for day in (DAYS[1], DAYS[1], DAYS[2]):
        ingest_day(ran, desk, day, settings=settings)
    assert rows(ran, "SELECT FROM triage.messages WHERE external_id = 'card5-0'") == []
    held = "SELECT external_id, arrived_on, reason FROM triage.quarantine"
    assert rows(ran, held) == [("card5-0", DAYS[1], "empty_text")]
    desk.conversations["card5"] = conversation("card5", "I found my card", version=3)
    ingest_day(ran, desk, DAYS[2], settings=settings)
    assert rows(ran, held) == []
    assert ids(ran, "card5-0")


def test_only_what_changed_is_asked_for(
    store: PostgresStore, settings: Settings, desk: MemoryDesk
) -> None:
    """A run that was stopped continues; a day that ended and is pulled again reads all again."""

    def stopped() -> Iterator[Listed]:
        listed = [c.listed for c in desk.conversations.values()]
        yield from listed[:10]
        raise KeyboardInterrupt

    desk.changed, whole = lambda day: stopped(), desk.changed  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        ingest_day(store, desk, DAYS[0], settings=settings)
    desk.changed = whole  # type: ignore[method-assign]
    assert len(desk.asked) == 10
    counts = ingest_day(store, desk, DAYS[0], settings=settings).counts
    assert len(desk.asked) == len(set(desk.asked)) == 20
    assert (counts["n_pulled"], counts["n_known"], counts["n_stored"]) == (21, 11, 10)
    ingest_day(store, desk, DAYS[1], settings=settings)
    assert len(desk.asked) == 20
    ingest_day(store, desk, DAYS[0], settings=settings)
    assert len(desk.asked) == 40
