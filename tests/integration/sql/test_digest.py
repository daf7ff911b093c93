"""A digest reads the figures of the board, merges, corrections and splits followed."""

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import text

from nlp.digests import Digest
from nlp.jobs.digest.build import build_digest
from nlp.jobs.digest.sections import sections
from nlp.records import Alert, Driver, Segment, TopicDay
from nlp.settings import Settings
from nlp.states import Channel, Event
from sql.connect import PostgresStore
from sql.queries import board
from sql.queries.digest import DigestTables
from sql.queries.drivers import drivers as drivers_of
from tests.three_themes import (
    APP,
    CARD,
    DAY,
    N_EACH,
    NAMES,
    PIN,
    discovery,
    fill,
    merge_by_a_run,
    message_id,
    run,
)


@pytest.fixture
def filled(store: PostgresStore) -> PostgresStore:
    """Two weeks of days, the last with messages."""
    for n in range(13, 0, -1):
        day = DAY - dt.timedelta(n)
        counts = [TopicDay(t, 4 + n % 3, 5.0, 9.0, 0.5, "steady") for t in NAMES]
        run(store, day, replace(discovery(list(NAMES)), topic_days=counts, alerts=[]))
    fill(store)
    segment = Segment("channel", "chat", 8, 8, 1, 0.2)
    alerts = [Alert(CARD, "surge", 8, 2.0, 1e-6, "high", 4, segment)]
    run(store, DAY, replace(discovery(list(NAMES)), alerts=alerts))
    with store.engine.begin() as connection:
        counts = '{"n_messages": 24, "n_clustered": 20}'
        query = text("UPDATE triage.runs SET counts = :c WHERE job = 'discover'")
        connection.execute(query, {"c": counts})
    return store


def _digest(store: PostgresStore, settings: Settings, day: dt.date | None = None) -> Digest:
    with store.engine.connect() as connection:
        return build_digest(DigestTables(connection), day, settings=settings)


def _same_as_board(store: PostgresStore, digest: Digest) -> None:
    """The themes of the digest have the figures of the board."""
    with store.engine.connect() as connection:
        rows = {r.topic_id: r for r in board.board(connection, board.Choice(), most=99)}
    assert set(rows) == {a.topic_id for a in digest.ahead} >= {t.topic_id for t in digest.born}
    for ahead in digest.ahead:
        assert (ahead.label, ahead.n_messages) == (
            rows[ahead.topic_id].label,
            rows[ahead.topic_id].n_week,
        )
    for theme in digest.born:
        row = rows[theme.topic_id]
        assert (theme.n_messages, theme.n_before, theme.n_customers) == (
            row.n_week,
            row.n_week_before,
            row.n_customers_week,
        )


def test_a_digest_has_the_figures_of_the_board(filled: PostgresStore, settings: Settings) -> None:
    """Messages and customers of both weeks, quotes as stored, and the alert with its segment."""
    with filled.engine.begin() as connection:
        query = text("UPDATE triage.topics SET born_on = :d WHERE topic_id = :t")
        connection.execute(query, {"d": DAY, "t": CARD})
    digest = _digest(filled, settings)
    _same_as_board(filled, digest)
    assert (digest.n_messages, digest.n_before, digest.n_clustered) == (7 * 24, 7 * 24, 7 * 20)
    (card,) = digest.born
    assert len(card.quotes) == 3
    assert all(q.text.startswith("Card lost again") for q in card.quotes)
    assert {q.message_id for q in card.quotes} <= {message_id(CARD, n) for n in range(N_EACH)}
    (alert,) = digest.alerts
    assert alert.segment is not None
    assert alert.segment.sentence == "8 of 8 are channel chat, usually 20%"
    assert digest.missing == ()


def test_a_digest_follows_merges_as_the_board_does(
    filled: PostgresStore, settings: Settings
) -> None:
    """The heir counts both weeks of what was merged into it, and the merge is told."""
    before = {a.topic_id: a.n_messages for a in _digest(filled, settings).ahead}
    merge_by_a_run(filled)
    with filled.engine.begin() as connection:
        counts = '{"n_messages": 24, "n_clustered": 20}'
        query = text("UPDATE triage.runs SET counts = :c WHERE job = 'discover'")
        connection.execute(query, {"c": counts})
    digest = _digest(filled, settings)
    _same_as_board(filled, digest)
    assert {a.topic_id for a in digest.ahead} == {CARD, APP}
    ((step,),) = digest.lives
    assert (step.event, step.topic_id, step.other_topic_id) == (Event.MERGE, PIN, CARD)
    earlier = _digest(filled, settings, DAY)
    assert {a.topic_id: a.n_messages for a in earlier.ahead} == {
        CARD: before[CARD] + before[PIN],
        APP: before[APP],
    }


def test_decisions_and_corrections_reach_the_digest(
    filled: PostgresStore, settings: Settings
) -> None:
    """What people decided today is in a digest of today, by name."""
    from nlp.jobs.decide import decide
    from nlp.topics.life import requests as ask

    with filled.deciding() as store:
        decide(store, ask.Rename(APP, "App is down"), actor="maria", channel=Channel.PAGE)
    today = dt.datetime.now(dt.UTC).date()
    with filled.engine.connect() as connection:
        tables = DigestTables(connection)
        (decided,) = tables.decided(first=today, last=today)
        assert (decided.actor, decided.became["label"]) == ("maria", "App is down")
        assert tables.decided(first=DAY, last=DAY) == []
        assert tables.champion() == (None, 0)
        assert tables.model_steps(first=today, last=today) == []


def test_a_digest_before_the_first_day_says_so(filled: PostgresStore, settings: Settings) -> None:
    """It names the last day that there is, instead of zeros."""
    ((only,),) = (s.items for s in sections(_digest(filled, settings, dt.date(2025, 1, 1))))
    assert only.text.startswith("No day of these 7 days was discovered.")


def test_the_drivers_of_a_day_follow_merges(filled: PostgresStore) -> None:
    """A theme has the driver that chance explains least; a day that runs again replaces them."""
    card = Driver(Segment("app", "8.2", 5, 8, 3, 0.1), 1e-3, 0.3, 0.9)
    pin = Driver(Segment("plan", "pro", 6, 8, 1, 0.2), 1e-6, 0.4, 0.9)
    found = replace(discovery(list(NAMES)), drivers={CARD: card, PIN: pin})
    run(filled, DAY, found)

    def stored() -> dict[int, tuple[str, str]]:
        with filled.engine.connect() as connection:
            drivers = DigestTables(connection).drivers(DAY)
        return {t: (d.segment.name, d.segment.value) for t, d in drivers.items()}

    assert stored() == {CARD: ("app", "8.2"), PIN: ("plan", "pro")}
    with filled.engine.connect() as connection:
        one = drivers_of(connection, DAY, topic_id=CARD)[CARD]
        assert one.segment == replace(card.segment, usual=one.segment.usual)
        assert (one.p_value, round(one.lower, 3), round(one.upper, 3)) == (1e-3, 0.3, 0.9)
    merge_by_a_run(filled)
    assert stored() == {CARD: ("plan", "pro")}
    run(filled, DAY, replace(found, drivers={}))
    assert stored() == {}


def test_a_digest_is_sent_once_to_each_channel(store: PostgresStore) -> None:
    """One that failed counts as not sent; another channel or week is another one."""
    sent: list[str] = []

    def fail() -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        store.send_digest(DAY, "slack", fail)
    assert store.send_digest(DAY, "slack", lambda: sent.append("slack"))
    assert not store.send_digest(DAY, "slack", lambda: sent.append("again"))
    assert store.send_digest(DAY, "email", lambda: sent.append("email"))
    assert store.send_digest(DAY - dt.timedelta(7), "slack", lambda: sent.append("before"))
    assert sent == ["slack", "email", "before"]
