"""Expectation and alerts."""

import datetime as dt

from nlp.emerge import expect, kind_of, raise_alerts, topic_day
from nlp.novelty import Fresh
from nlp.records import Alert, TopicDay

_FIRST = dt.date(2026, 3, 2)
_TODAY = _FIRST + dt.timedelta(21)
_PAST = [_FIRST + dt.timedelta(n) for n in range(21)]


def _volumes(today: int = 200) -> dict[dt.date, int]:
    return {d: 100 if d.weekday() >= 5 else 200 for d in _PAST} | {_TODAY: today}


def _steady(today: int) -> dict[dt.date, int]:
    return {d: v // 20 for d, v in _volumes().items()} | {_TODAY: today}


def test_expectation_follows_the_volume_of_the_day() -> None:
    """A day with twice the messages expects twice of each topic: a doubled source is no news."""
    one = expect(_steady(10), _volumes(200), _TODAY, born_on=_FIRST)
    two = expect(_steady(20), _volumes(400), _TODAY, born_on=_FIRST)
    assert one is not None
    assert two is not None
    assert abs(one[0] - 10) < 0.5
    assert abs(two[0] - 2 * one[0]) < 1e-9
    assert two[2] > 0.01


def test_five_times_the_usual_is_a_surge() -> None:
    """A five-fold count of a steady topic surges, a usual one is steady, none is quiet."""
    row = {
        n: topic_day(1, _steady(n), _volumes(), _TODAY, born_on=_FIRST).status for n in (0, 10, 50)
    }
    assert row == {0: "quiet", 10: "steady", 50: "surging"}


def test_a_young_topic_expects_nothing() -> None:
    """Without a week of history there is no expectation and no p-value."""
    row = topic_day(1, {_TODAY: 30}, _volumes(), _TODAY, born_on=_TODAY)
    assert (row.expected, row.p_value, row.status) == (None, None, "new")


def _alerts(
    row: TopicDay, *, fresh: dict[int, str], recent: list[tuple[dt.date, Alert]], day: dt.date
) -> list[Alert]:
    return raise_alerts([row], day=day, fresh=fresh, first_day=_FIRST, recent=recent, max_alerts=5)


def test_a_birth_is_news_only_after_the_warm_up() -> None:
    """In the first ten days every topic is born; that is no alert."""
    row = TopicDay(1, 12, None, None, None, "new")
    assert _alerts(row, fresh={1: "new_topic"}, recent=[], day=_FIRST + dt.timedelta(3)) == []
    found = _alerts(row, fresh={1: "new_topic"}, recent=[], day=_TODAY)
    assert [(a.kind, a.observed) for a in found] == [("new_topic", 12)]


def test_an_alert_is_not_repeated_within_the_cooldown() -> None:
    """A topic that alerted yesterday stays silent today, and speaks again after five days."""
    row = TopicDay(1, 50, 10.0, 18.0, 1e-12, "surging")
    alert = Alert(1, "surge", 50, 10.0, 1e-12, "high")
    day = dt.timedelta(1)
    assert _alerts(row, fresh={}, recent=[(_TODAY - day, alert)], day=_TODAY) == []
    assert len(_alerts(row, fresh={}, recent=[(_TODAY - 6 * day, alert)], day=_TODAY)) == 1


def test_a_burst_of_something_known_is_a_surge() -> None:
    """A part that came lately is new, unless some of it was usual before."""
    fresh = Fresh((), n_recent=20, n_days=2, p_value=1e-9)
    burst = {_TODAY: 12, _TODAY - dt.timedelta(1): 8}
    usual = {_TODAY - dt.timedelta(n): 2 for n in range(2, 12)}
    assert kind_of(burst, fresh, _TODAY) == "new_topic"
    assert kind_of(burst | {_TODAY - dt.timedelta(9): 2}, fresh, _TODAY) == "new_topic"
    assert kind_of(burst | usual, fresh, _TODAY) == "surge"
