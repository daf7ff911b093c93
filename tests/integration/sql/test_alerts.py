"""Alerts on the real store: sent once, resolved when the count returns."""

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from nlp.jobs.alerts import subscribe
from nlp.jobs.ingest import ingest_day
from nlp.lives import Subscription
from nlp.records import Alert, AlertNotice, Discovery, RawRow, Segment, Topic, TopicDay, TopicEvent
from nlp.settings import load
from sql.connect import PostgresStore
from sql.queries.export import export
from tests.fakes import MemorySource

_DAY = dt.date(2026, 3, 2)
_NEXT = _DAY + dt.timedelta(1)
_TOPICS = [
    Topic(n, _DAY, f"Topic {n}", (), (), np.ones(3, dtype=np.float32), 0.5, 9) for n in (1, 2)
]


def _save(store: PostgresStore, day: dt.date, statuses: dict[int, str], *alerted: int) -> None:
    rows = [TopicDay(t, 30, 10.0, 16.0, 1e-6, status) for t, status in statuses.items()]
    alerts = [Alert(t, "surge", 30, 10.0, 1e-6 * t, "high") for t in alerted]
    store.save_discovery(day, Discovery(_TOPICS, [], rows, [], alerts))


def _statuses(store: PostgresStore) -> list[tuple[int, str, dt.date | None]]:
    query = "SELECT topic_id, status, resolved_on FROM triage.alerts ORDER BY topic_id"
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_each_alert_is_sent_once_also_after_a_failure(store: PostgresStore) -> None:
    """A channel that fails at the second alert gets that one again, and not the first."""
    _save(store, _DAY, {1: "surging", 2: "surging"}, 1, 2)
    output: list[str] = []

    def fails_second(alert: AlertNotice) -> None:
        if output:
            raise OSError("nobody answers")
        output.append(alert.label)

    with pytest.raises(OSError, match="nobody"):
        store.send_alerts(_DAY, {"log": fails_second})
    assert store.send_alerts(_DAY, {"log": lambda a: output.append(a.label)}) == 1
    assert store.send_alerts(_DAY, {"log": lambda a: output.append(a.label)}) == 0
    assert output == ["Topic 1", "Topic 2"]
    _save(store, _DAY, {1: "surging", 2: "surging"}, 1, 2)  # the day runs again
    assert store.send_alerts(_DAY, {"log": lambda a: output.append(a.label)}) == 0


def test_each_channel_gets_each_alert_once(store: PostgresStore) -> None:
    """One that fails hinders no other; the repetition goes to it alone, a later one gets none."""
    _save(store, _DAY, {1: "surging", 2: "surging"}, 1, 2)
    sent: list[tuple[str, str]] = []
    works = {"slack": False}

    def slack(alert: AlertNotice) -> None:
        if not works["slack"]:
            raise OSError("nobody answers")
        sent.append(("slack", alert.alert_id))

    channels = {"slack": slack, "mail": lambda a: sent.append(("mail", a.alert_id))}
    with pytest.raises(OSError, match="nobody"):
        store.send_alerts(_DAY, channels)
    works["slack"] = True
    assert store.send_alerts(_DAY, channels) == 2
    ids = [f"{_DAY}/surge/{n}" for n in (1, 2)]
    assert sent == [("mail", i) for i in ids] + [("slack", i) for i in ids]
    channels["webhook"] = lambda a: sent.append(("webhook", a.alert_id))
    assert store.send_alerts(_DAY, channels) == 0


def test_an_alert_knows_who_subscribed(store: PostgresStore) -> None:
    """To its theme, also before that was merged, or to its segment; each name once."""
    rows = [TopicDay(t, 30, 10.0, 16.0, 1e-6, "surging") for t in (1, 2)]
    segment = Segment("app", "8.2", 31, 44, 3, 0.09)
    alerts = [replace(Alert(1, "surge", 30, 10.0, 1e-7, "high"), segment=segment)]
    store.save_discovery(_DAY, Discovery(_TOPICS, [], rows, [], alerts))
    with store.deciding() as db:
        for wanted in (
            Subscription("maria", 1, address="maria@bank.example"),
            Subscription("maria", None, "app", "8.2"),
            Subscription("ben", None, "app", "8.2"),
            Subscription("eva", None, "app", "8.1"),
            Subscription("tom", 2),
        ):
            subscribe(db, wanted)
    sent: list[AlertNotice] = []
    store.send_alerts(_DAY, {"log": sent.append})
    assert [a.subscribers for a in sent] == [(("ben", ""), ("maria", "maria@bank.example"))]
    store.save_discovery(
        _NEXT, Discovery(_TOPICS, [], rows, [TopicEvent("merge", 2, 1, "")], alerts)
    )
    store.send_alerts(_NEXT, {"log": sent.append})
    assert [name for name, _ in sent[-1].subscribers] == ["ben", "maria", "tom"]


def test_an_alert_tells_how_many_customers_wrote(store: PostgresStore) -> None:
    """It is stored, read back and told; one from before they were counted tells messages alone."""
    rows = [TopicDay(t, 30, 10.0, 16.0, 1e-6, "surging") for t in (1, 2)]
    alerts = [
        Alert(1, "surge", 30, 10.0, 1e-7, "high", 12),
        Alert(2, "surge", 30, 10.0, 1e-6, "high"),
    ]
    store.save_discovery(_DAY, Discovery(_TOPICS, [], rows, [], alerts))
    assert [a for _, a in store.recent_alerts(first=_DAY, last=_DAY)] == alerts
    output: list[str] = []
    store.send_alerts(_DAY, {"log": lambda a: output.append(a.sentence)})
    assert output == [
        "Surge on 2026-03-02: Topic 1: 30 messages from 12 customers, 10 expected",
        "Surge on 2026-03-02: Topic 2: 30 messages, 10 expected",
    ]


def test_an_alert_names_the_segment_that_rises(store: PostgresStore, tmp_path: Path) -> None:
    """It is stored, read back, sent and exported; a repeated run may find that it rises no more."""
    segment = Segment("app_version", "8.2 <b>", 9, 12, 3, 0.1)
    rows = [TopicDay(1, 30, 10.0, 16.0, 1e-6, "surging")]
    alert = Alert(1, "surge", 30, 10.0, 1e-7, "high", segment=segment)
    store.save_discovery(_DAY, Discovery(_TOPICS, [], rows, [], [alert]))
    assert [a for _, a in store.recent_alerts(first=_DAY, last=_DAY)] == [alert]
    output: list[str] = []
    store.send_alerts(_DAY, {"log": lambda a: output.append(a.sentence)})
    assert output[0].endswith("10 expected; 9 of 12 in 3 days are app_version 8.2 <b>, usually 10%")
    export(store.engine, tmp_path)
    with (tmp_path / "alerts.csv").open(encoding="utf-8") as file:
        assert [row["segment"] for row in csv.DictReader(file)] == ["app_version=8.2 <b>"]
    store.save_discovery(_DAY, Discovery(_TOPICS, [], rows, [], [replace(alert, segment=None)]))
    assert [a.segment for _, a in store.recent_alerts(first=_DAY, last=_DAY)] == [None]


def test_attributes_are_read_as_text(store: PostgresStore) -> None:
    """The channel is one of them; what has no value is left out."""
    attributes = {"plan": "plus", "score": 4, "vip": True, "note": "", "none": None}
    settings = load(_env_file=None)
    rows = [
        RawRow(key, {"external_id": key, "created_at": f"{_DAY}T10:00:00Z", "text": key, **more})
        for key, more in (("a", {"channel": "chat", "attributes": attributes}), ("b", {}))
    ]
    ingest_day(store, MemorySource("inbox", {_DAY: rows}), _DAY, settings=settings)
    (result,) = store.attributes_of(first=_DAY, last=_DAY).values()
    assert result == {"channel": "chat", "plan": "plus", "score": "4", "vip": "true"}
    assert store.attributes_of(first=_DAY + dt.timedelta(1), last=_DAY + dt.timedelta(9)) == {}


def test_a_muted_topic_is_not_told_of(store: PostgresStore) -> None:
    """What a person muted after the run is not sent either."""
    _save(store, _DAY, {1: "surging", 2: "surging"}, 1, 2)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE triage.topics SET muted = true WHERE topic_id = 1"))
    output: list[str] = []
    store.send_alerts(_DAY, {"log": lambda a: output.append(a.label)})
    assert output == ["Topic 2"]


def test_an_alert_ends_when_the_count_returns(store: PostgresStore) -> None:
    """It is resolved on the day that is usual again, and open again if that day says otherwise."""
    _save(store, _DAY, {1: "surging", 2: "surging"}, 1, 2)
    _save(store, _NEXT, {1: "steady", 2: "surging"})
    assert _statuses(store) == [(1, "resolved", _NEXT), (2, "open", None)]
    _save(store, _NEXT, {1: "growing", 2: "surging"})
    assert _statuses(store) == [(1, "open", None), (2, "open", None)]
