"""Many messages of one customer raise no alert if several customers are required."""

import datetime as dt

import pytest
from sqlalchemy import text

from nlp.jobs.discover import discover_day
from nlp.jobs.replay import run_days
from nlp.records import RawRow
from nlp.settings import Settings
from sql.connect import PostgresStore
from tests.fakes import MemoryEncoder, MemorySource

_FIRST = dt.date(2026, 3, 2)
_USUAL = ("refund", "pin", "app")
_PLACES = ("in London", "on the train", "at a shop", "on monday", "in the park", "at work",
           "after lunch", "this week", "last night", "at home", "by post", "at noon")  # fmt: skip
_ENCODER = MemoryEncoder((*_USUAL, "card"))
_N_DAYS = 12
"""Days before the outbreak, enough for new topics to be reported."""


def _day(n: int) -> dt.date:
    return _FIRST + dt.timedelta(n)


_ANGRY = _day(_N_DAYS)


def _row(subject: str, day: dt.date, n: int, customer: str | None) -> RawRow:
    words = f"There is a problem with my {subject} {_PLACES[n % len(_PLACES)]} {day.day} {n}"
    fields = {
        "external_id": f"{subject}-{day}-{n}",
        "created_at": f"{day}T10:00:00Z",
        "text": words,
        "customer_id": customer,
    }
    return RawRow(f"{subject} {n}", {k: v for k, v in fields.items() if v})


def _source(cards: dict[dt.date, list[str | None]]) -> MemorySource:
    """Days of three usual subjects, and messages about cards by the given customers."""
    return MemorySource(
        "inbox",
        {
            day: [
                *(_row(subject, day, n, f"{subject}{n}") for subject in _USUAL for n in range(8)),
                *(_row("card", day, n, customer) for n, customer in enumerate(cards.get(day, []))),
            ]
            for day in map(_day, range(_N_DAYS + 3))
        },
    )


def _run(
    store: PostgresStore,
    cards: dict[dt.date, list[str | None]],
    settings: Settings,
    *,
    until: dt.date = _ANGRY,
) -> None:
    days = [_day(n) for n in range((until - _FIRST).days + 1)]
    run_days(store, _ENCODER, days, sources=[_source(cards)], settings=settings)


def _alerts(store: PostgresStore) -> list[tuple[dt.date, str, str, int, int]]:
    query = "SELECT day, kind, theme, observed, n_customers FROM triage.theme_alerts ORDER BY day"
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def _of_three(settings: Settings) -> Settings:
    return settings.model_copy(update={"min_customers": 3})


def _about_cards(store: PostgresStore, day: dt.date) -> tuple[int, str, int, int]:
    """Topic, label, messages and customers of the theme about cards on a day, from the view."""
    query = """
        SELECT t.topic_id, t.label, t.n_messages, t.n_customers FROM triage.theme_trend t
        JOIN triage.message_topics x USING (topic_id)
        JOIN triage.messages m ON m.message_id = x.message_id
        WHERE m.external_id LIKE 'card-%' AND t.day = :day GROUP BY 1, 2, 3, 4
    """
    with store.engine.connect() as connection:
        (row,) = connection.execute(text(query), {"day": day}).all()
    return tuple(row)  # type: ignore[return-value]


def test_one_angry_customer_is_an_outbreak_only_if_one_is_enough(
    store: PostgresStore, settings: Settings
) -> None:
    """With three customers required, a theme of one customer has no name and no alert.

    With one required, it has both.
    """
    _run(store, {_ANGRY: ["angry"] * 30}, _of_three(settings))
    topic, label, n_messages, n_customers = _about_cards(store, _ANGRY)
    assert (label, n_messages, n_customers) == (f"Unnamed theme {topic}", 30, 1)
    assert _alerts(store) == []
    waits = [(day, e.topic_id, e.detail) for day, e in _events(store) if e.event == "wait"]
    assert waits == [(_ANGRY, topic, "its alert waits for 3 customers: 1 wrote so far")]
    discover_day(store, _ENCODER, _ANGRY, settings=settings)
    again, label, *_ = _about_cards(store, _ANGRY)
    assert again == topic
    assert "card" in label.casefold()
    assert _alerts(store) == [(_ANGRY, "new_topic", label, 30, 1)]
    assert "wait" not in {e.event for _, e in _events(store)}


def _events(store: PostgresStore) -> list[tuple[dt.date, object]]:
    return store.recent_events(first=_FIRST, last=_day(_N_DAYS + 3))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("customers", "n_customers"), [(["ann", "ben", "eve"] * 10, 3), ([None] * 30, 30)]
)
def test_enough_customers_alert_at_once(
    store: PostgresStore, settings: Settings, customers: list[str | None], n_customers: int
) -> None:
    """Three customers are enough, and so are messages without a customer: each counts as one."""
    _run(store, {_ANGRY: customers}, _of_three(settings))
    ((day, kind, theme, *counts),) = _alerts(store)
    assert (day, kind, counts) == (_ANGRY, "new_topic", [30, n_customers])
    assert "card" in theme.casefold()
    assert _about_cards(store, _ANGRY)[3] == n_customers


def test_what_was_held_back_alerts_once_when_others_write(
    store: PostgresStore, settings: Settings
) -> None:
    """The alert is sent once, on the day of the third customer, with the theme's new label."""
    cards: dict[dt.date, list[str | None]] = {
        _ANGRY: ["angry"] * 30,
        _day(_N_DAYS + 1): ["angry", "ann"],
        _day(_N_DAYS + 2): ["ann", "ben"],
    }
    settings = _of_three(settings)
    _run(store, cards, settings, until=_day(_N_DAYS + 1))
    assert _alerts(store) == []
    last = _day(_N_DAYS + 2)
    run_days(store, _ENCODER, [last], sources=[_source(cards)], settings=settings)
    _, label, n_messages, n_customers = _about_cards(store, last)
    assert (n_messages, n_customers) == (2, 2)
    assert "card" in label.casefold()
    assert _alerts(store) == [(last, "new_topic", label, 2, 2)]


def test_a_surge_of_one_customer_is_held_back(store: PostgresStore, settings: Settings) -> None:
    """Thirty messages of one customer in a theme of three customers a day raise no alert."""
    usual: dict[dt.date, list[str | None]] = {
        _day(n): ["ann", "ben", "eve"] for n in range(_N_DAYS)
    }
    _run(store, {**usual, _ANGRY: ["angry"] * 30}, _of_three(settings))
    assert _about_cards(store, _ANGRY)[3] == 1
    assert _alerts(store) == []
    discover_day(store, _ENCODER, _ANGRY, settings=settings)
    assert [(day, kind) for day, kind, *_ in _alerts(store)] == [(_ANGRY, "surge")]
