"""Unusual streams lead to plausible rows."""

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest
from sqlalchemy import text

from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings
from nlp.text.embed import SentenceEncoder
from sql.connect import PostgresStore
from tests.fakes import MemorySource
from tests.inbox import raw_row

_FIRST = dt.date(2026, 3, 2)
_GERMAN = "Meine Karte wurde gestern leider abgelehnt und ich brauche Hilfe von Ihnen"
_REFUND = ("where is my refund from {}", "refund not here, {}", "still no refund from {}")
_FRAMES = ("I lost my card {}", "my card is gone, lost it {}", "card missing since {}")


def _day(n: int) -> dt.date:
    return _FIRST + dt.timedelta(n)


def _cards(day: dt.date, n: int = 12) -> list[RawRow]:
    return [
        raw_row(f"{day}-{i}", day, _FRAMES[i % 3].format(f"in place {i}"), "chat") for i in range(n)
    ]


def _two_themes(day: dt.date) -> list[RawRow]:
    refunds = [
        raw_row(f"{day}-r{i}", day, _REFUND[i % 3].format(f"shop number {i}"), "chat")
        for i in range(24)
    ]
    return [*_cards(day, 24), *refunds]


def _same(day: dt.date, n: int) -> list[RawRow]:
    return [raw_row(f"{day}-{i}", day, "Where is my refund", "chat") for i in range(n)]


_STREAMS: Mapping[str, dict[dt.date, list[RawRow]]] = {
    "one message a day": {_day(n): [_cards(_day(n))[n % 12]] for n in range(12)},
    "identical messages": {_day(n): _same(_day(n), 20) for n in range(3)},
    "5,000 copies on one day": {_day(0): _cards(_day(0)), _day(1): _same(_day(1), 5_000)},
    "only unsupported languages": {
        _day(n): [raw_row(f"{n}-{i}", _day(n), f"{_GERMAN}, Nummer {i}", None) for i in range(9)]
        for n in range(2)
    },
    "a gap of 30 days": {_day(n): _two_themes(_day(n)) for n in (0, 31)},
    "an empty day": {_day(0): _cards(_day(0)), _day(1): [], _day(2): _cards(_day(2))},
}


def _run(
    store: PostgresStore,
    encoder: SentenceEncoder,
    rows: dict[dt.date, list[RawRow]],
    settings: Settings,
) -> None:
    run_days(store, encoder, sorted(rows), sources=[MemorySource("inbox", rows)], settings=settings)


def _ask(store: PostgresStore, query: str) -> Sequence[tuple[object, ...]]:
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


@pytest.mark.parametrize("name", _STREAMS)
def test_a_stream_ends_with_every_message_accounted_for(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings, name: str
) -> None:
    """Every message is stored and has a theme or is unclustered."""
    rows = _STREAMS[name]
    _run(store, encoder, rows, settings)
    n = sum(map(len, rows.values()))
    ((n_stored, n_decided),) = _ask(
        store, "SELECT count(*), count(stage) FROM triage.message_triage"
    )
    assert (n_stored, n_decided) == (n, n)
    ((n_alerts,),) = _ask(store, "SELECT count(*) FROM triage.alerts")
    assert n_alerts == 0


def test_one_text_that_comes_5000_times_is_one_theme(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """Copies of a text are embedded once and form one theme among the other texts."""
    _run(store, encoder, _STREAMS["5,000 copies on one day"], settings)
    result = _ask(
        store,
        "SELECT DISTINCT topic_id FROM triage.message_triage WHERE text = 'Where is my refund'",
    )
    assert len(result) == 1
    assert result[0][0] is not None
    assert _ask(store, "SELECT count(*) FROM triage.embeddings") == [(13,)]


def test_foreign_messages_alone_make_no_theme(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """Messages in an unsupported language are counted and get no theme and no intent."""
    _run(store, encoder, _STREAMS["only unsupported languages"], settings)
    assert _ask(store, "SELECT count(*) FROM triage.topics") == [(0,)]
    assert _ask(store, "SELECT DISTINCT language FROM triage.messages") == [("de",)]


def test_a_theme_outlives_a_gap(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """After 30 days without a message the themes are the same as before."""
    _run(store, encoder, _STREAMS["a gap of 30 days"], settings)
    result = _ask(store, "SELECT status, born_on FROM triage.topics ORDER BY topic_id")
    assert result == [("active", _day(0))] * 2


def test_a_message_that_moved_to_another_day_is_told_and_not_doubled(
    store: PostgresStore, encoder: SentenceEncoder, settings: Settings
) -> None:
    """The same id and text on another day is a conflict and quarantined; the first row stays."""
    rows = {_day(0): _cards(_day(0)), _day(1): _cards(_day(1))}
    moved = raw_row(f"{_day(0)}-0", _day(1), _FRAMES[0].format("in place 0"), "chat")
    rows[_day(1)].append(moved)
    _run(store, encoder, rows, settings)
    assert _ask(store, "SELECT count(*) FROM triage.messages") == [(24,)]
    assert _ask(store, "SELECT reason FROM triage.quarantine") == [("id_conflict",)]
