"""The alerts of a day."""

import datetime as dt
from dataclasses import replace

import pytest

from nlp.records import Alert, Segment, TopicDay
from nlp.states import AlertKind, DayStatus, Severity
from nlp.topics.alerts import CustomerCounts, DayAlerts, kind_of, raise_alerts, waiting_events
from nlp.topics.scan import Fresh
from nlp.topics.segments import Rise
from tests.graphs import CONFIG

_FIRST = dt.date(2026, 3, 2)
_TODAY = _FIRST + dt.timedelta(14)
_HEARD = CustomerCounts(in_all=dict.fromkeys((1, 2, 3, 4), 9), today=dict.fromkeys((1, 2, 3, 4), 9))
_PLACE = Fresh((), tuple(range(20)), n_days=2, expected=1.0, p_value=1e-9)


def _alerts(
    row: TopicDay,
    *,
    emerged: dict[int, tuple[AlertKind, Fresh]],
    recent: list[tuple[dt.date, Alert]],
    day: dt.date,
    risen: dict[int, Rise] | None = None,
) -> list[Alert]:
    return raise_alerts(
        [row],
        day=day,
        emerged=emerged,
        first_day=_FIRST,
        recent=recent,
        customers=_HEARD,
        risen=risen or {},
        config=CONFIG,
    ).raised


def test_a_birth_is_news_only_after_the_warm_up() -> None:
    """In the first ten days every topic is born; that is no alert."""
    row, emerged = (
        TopicDay(1, 12, None, None, None, DayStatus.NEW),
        {1: (AlertKind.NEW_TOPIC, _PLACE)},
    )
    assert _alerts(row, emerged=emerged, recent=[], day=_FIRST + dt.timedelta(3)) == []
    result = _alerts(row, emerged=emerged, recent=[], day=_TODAY)
    assert [(a.kind, a.observed, a.p_value) for a in result] == [(AlertKind.NEW_TOPIC, 12, 1e-9)]


def test_an_alert_is_not_repeated_within_the_cooldown() -> None:
    """A topic that alerted yesterday does not alert today, and alerts again after five days."""
    row = TopicDay(1, 50, 10.0, 18.0, 1e-12, DayStatus.SURGING)
    alert = Alert(1, AlertKind.SURGE, 50, 10.0, 1e-12, Severity.HIGH)
    day = dt.timedelta(1)
    assert _alerts(row, emerged={}, recent=[(_TODAY - day, alert)], day=_TODAY) == []
    assert len(_alerts(row, emerged={}, recent=[(_TODAY - 6 * day, alert)], day=_TODAY)) == 1


def test_a_burst_of_something_known_is_a_surge() -> None:
    """A fresh place is a new topic, unless a part of its messages was usual before."""
    burst = {(_TODAY, "chat"): 12, (_TODAY - dt.timedelta(1), "chat"): 8}
    usual = {(_TODAY - dt.timedelta(n), "chat"): 2 for n in range(2, 12)}
    once = {(_FIRST + dt.timedelta(5), "chat"): 2}
    assert kind_of(burst, _PLACE, _TODAY, config=CONFIG) == AlertKind.NEW_TOPIC
    assert kind_of(burst | once, _PLACE, _TODAY, config=CONFIG) == AlertKind.NEW_TOPIC
    assert kind_of(burst | usual, _PLACE, _TODAY, config=CONFIG) == AlertKind.SURGE


_RISE = Rise(Segment("app", "8.2", 9, 12, 1, 0.1), p_value=1e-6)


def test_a_surge_names_the_segment_that_rises() -> None:
    """With how many of the topic's messages it has, and how many are usual."""
    row = TopicDay(1, 50, 10.0, 18.0, 1e-12, DayStatus.SURGING)
    (alert,) = _alerts(row, emerged={}, recent=[], day=_TODAY, risen={1: _RISE})
    assert alert.segment == _RISE.segment
    assert alert.segment.sentence == "9 of 12 are app 8.2, usually 10%"


@pytest.mark.parametrize(
    ("n", "expected", "p_value", "n_alerts"),
    [(14, 11.0, 1e-6, 1), (14, 11.0, 0.005, 1), (14, 11.0, 0.02, 0), (9, 11.0, 1e-6, 0)],
)
def test_a_rise_that_the_whole_hides_is_an_alert(
    n: int, expected: float, p_value: float, n_alerts: int
) -> None:
    """Unless it is likely by chance somewhere, or other segments only became quiet."""
    row = TopicDay(1, n, expected, 18.0, 0.2, DayStatus.STEADY)
    rise = replace(_RISE, p_value=p_value)
    result = _alerts(row, emerged={}, recent=[], day=_TODAY, risen={1: rise})
    assert len(result) == n_alerts
    assert all(a.kind == AlertKind.SURGE and a.p_value == p_value for a in result)


def test_the_most_severe_come_first_and_the_rest_is_left_out() -> None:
    """By p-value, then by count; no more than a person asked for."""
    rows = [
        TopicDay(1, 20, 10.0, 18.0, 1e-6, DayStatus.SURGING),
        TopicDay(2, 50, 10.0, 18.0, 1e-12, DayStatus.SURGING),
        TopicDay(3, 30, 10.0, 18.0, 1e-6, DayStatus.SURGING),
        TopicDay(4, 11, 10.0, 18.0, 0.4, DayStatus.STEADY),
    ]
    result = raise_alerts(
        rows,
        day=_TODAY,
        emerged={},
        first_day=_FIRST,
        recent=[],
        customers=_HEARD,
        risen={},
        config=CONFIG.model_copy(update={"max_alerts": 2}),
    )
    assert [a.topic_id for a in result.raised] == [2, 3]
    assert result.held_back == []


@pytest.mark.parametrize(
    ("n", "severity"), [(14, Severity.LOW), (20, Severity.MEDIUM), (40, Severity.HIGH)]
)
def test_an_alert_is_as_severe_as_its_excess(n: int, severity: Severity) -> None:
    """Ten messages beyond the expected ten are medium, thirty are high."""
    row = TopicDay(1, n, 10.0, 13.0, 1e-6, DayStatus.SURGING)
    assert [a.severity for a in _alerts(row, emerged={}, recent=[], day=_TODAY)] == [severity]


@pytest.mark.parametrize(("n", "p_value", "n_alerts"), [(12, 1e-3, 1), (12, 0.3, 0), (9, 1e-3, 0)])
def test_a_place_in_a_topic_whose_count_is_usual_is_no_alert(
    n: int, p_value: float, n_alerts: int
) -> None:
    """A fresh place raises no alert where the count of its topic is as expected."""
    row = TopicDay(1, n, 10.0, 18.0, p_value, DayStatus.STEADY)
    emerged = {1: (AlertKind.SURGE, _PLACE)}
    assert len(_alerts(row, emerged=emerged, recent=[], day=_TODAY)) == n_alerts


_THREE = CONFIG.model_copy(update={"min_customers": 3})
_NEW = TopicDay(1, 30, None, None, None, DayStatus.NEW)
_SURGE = TopicDay(1, 50, 10.0, 18.0, 1e-12, DayStatus.SURGING)


def _of_three(
    row: TopicDay,
    customers: CustomerCounts,
    *,
    emerged: dict[int, tuple[AlertKind, Fresh]] | None = None,
    recent: list[tuple[dt.date, Alert]] | None = None,
) -> DayAlerts:
    return raise_alerts(
        [row],
        day=_TODAY,
        emerged=emerged or {},
        first_day=_FIRST,
        recent=recent or [],
        customers=customers,
        risen={},
        config=_THREE,
    )


@pytest.mark.parametrize(("in_all", "n_raised"), [(1, 0), (2, 0), (3, 1), (9, 1)])
def test_a_new_topic_of_too_few_customers_waits(in_all: int, n_raised: int) -> None:
    """All its messages count; what waits is an event that says how many wrote."""
    customers = CustomerCounts(in_all={1: in_all}, today={1: 1})
    result = _of_three(_NEW, customers, emerged={1: (AlertKind.NEW_TOPIC, _PLACE)})
    assert [a.n_customers for a in result.raised] == [1] * n_raised  # of the day's messages
    assert len(result.held_back) == 1 - n_raised
    output = [
        (e.event, e.topic_id, e.detail) for e in waiting_events(result, customers, config=_THREE)
    ]
    detail = f"its alert waits for 3 customers: {in_all} wrote so far"
    assert output == [("wait", 1, detail)] * (1 - n_raised)


@pytest.mark.parametrize(("today", "n_raised"), [(2, 0), (3, 1)])
def test_a_surge_needs_enough_customers_on_its_day(today: int, n_raised: int) -> None:
    """However many wrote on other days; it is judged anew tomorrow, so nothing waits."""
    customers = CustomerCounts(in_all={1: 40}, today={1: today})
    for emerged in ({}, {1: (AlertKind.SURGE, _PLACE)}):
        result = _of_three(_SURGE, customers, emerged=emerged)
        assert [a.kind for a in result.raised] == [AlertKind.SURGE] * n_raised
        assert waiting_events(result, customers, config=_THREE) == []


def test_what_waited_alerts_as_new_once_enough_have_written() -> None:
    """On a later day the scan need not find it again; it is still a new topic, and told once."""
    still = CustomerCounts(in_all={1: 2}, today={1: 1}, waiting={1})
    result = _of_three(_NEW, still)
    assert (result.raised, waiting_events(result, still, config=_THREE)) == ([], [])
    enough = CustomerCounts(in_all={1: 3}, today={1: 1}, waiting={1})
    (alert,) = _of_three(_NEW, enough).raised
    assert (alert.kind, alert.observed, alert.p_value) == (AlertKind.NEW_TOPIC, 30, None)
    (again,) = _of_three(_NEW, enough, emerged={1: (AlertKind.SURGE, _PLACE)}).raised
    assert (again.kind, again.p_value) == (AlertKind.NEW_TOPIC, 1e-9)
    yesterday = (_TODAY - dt.timedelta(1), alert)
    assert _of_three(_NEW, enough, recent=[yesterday]) == DayAlerts([], [])
