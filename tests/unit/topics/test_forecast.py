"""How many messages each topic will have."""

import datetime as dt
from collections import Counter

import numpy as np
import pytest

from nlp.topics.forecast import LEVEL, N_AHEAD, N_PAST, Forecast, forecast
from tests.graphs import CONFIG

_FIRST = dt.date(2026, 3, 2)
_DAYS = [_FIRST + dt.timedelta(n) for n in range(N_PAST + N_AHEAD)]
_LAST = _DAYS[N_PAST - 1]
_WEEK = np.array([1, 1, 1, 1, 1, 0.5, 0.5])
_Counts = dict[int, dict[dt.date, int]]


def _counts(rates: list[float], *, drift: float = 0.0, seed: int = 0) -> _Counts:
    """Counts of topics whose rates drift from day to day."""
    rng = np.random.default_rng(seed)
    steps = rng.normal(scale=drift, size=(len(rates), len(_DAYS))).cumsum(axis=1)
    means = np.array(rates)[:, None] * np.exp(steps) * _WEEK[[d.weekday() for d in _DAYS]]
    rows = rng.poisson(means).tolist()
    return {t: dict(zip(_DAYS, row, strict=True)) for t, row in enumerate(rows)}


def _volumes(counts: _Counts) -> Counter[dt.date]:
    return Counter({d: sum(own[d] for own in counts.values()) for d in _DAYS})


def _forecast(counts: _Counts) -> dict[int, Forecast]:
    return forecast(counts, _volumes(counts), _LAST, config=CONFIG)


@pytest.mark.parametrize("drift", [0.0, 0.1])
def test_intervals_hold_as_many_days_and_weeks_as_they_promise(drift: float) -> None:
    """Of 300 topics, small and large, steady and drifting, about four fifths lie within."""
    counts = _counts(np.linspace(0.5, 8.0, 300).tolist(), drift=drift)
    result = _forecast(counts)
    ahead = _DAYS[N_PAST:]
    days = [f.days[n].holds(counts[t][d]) for t, f in result.items() for n, d in enumerate(ahead)]
    weeks = [f.total.holds(sum(counts[t][d] for d in ahead)) for t, f in result.items()]
    assert abs(np.mean(days) - LEVEL) < 0.05
    assert abs(np.mean(weeks) - LEVEL) < 0.1


def test_a_forecast_follows_the_weekday() -> None:
    """Half as much is expected of a Saturday as of a Friday."""
    result = _forecast(_counts([20.0] * 30))
    friday, saturday = (np.mean([f.days[n].expected for f in result.values()]) for n in (4, 5))
    assert 0.4 < saturday / friday < 0.6


def test_a_forecast_follows_what_came_last() -> None:
    """A topic that ended two weeks ago is expected to stay small, another one as it was."""
    counts = _counts([10.0] * 20, drift=0.2)
    counts[0] = {d: 10 if d < _DAYS[14] else 0 for d in _DAYS}
    counts[1] = dict.fromkeys(_DAYS, 10)
    result = _forecast(counts)
    assert result[0].total.expected < 25 < result[1].total.expected


def test_a_young_topic_has_no_forecast() -> None:
    """Neither has one without a message; a topic of five days has one."""
    counts = _counts([5.0] * 10)
    for topic, age in ((0, 3), (1, CONFIG.min_history - 1)):
        counts[topic] = {d: 5 if d >= _LAST - dt.timedelta(age) else 0 for d in _DAYS}
    counts[2] = dict.fromkeys(_DAYS, 0)
    assert set(range(10)) - set(_forecast(counts)) == {0, 2}


def test_a_day_that_was_not_collected_says_nothing() -> None:
    """A week of outage of the source does not make a topic small, nor do later days count."""
    counts = _counts([20.0] * 10)
    before = _forecast(counts)
    volumes = _volumes(counts)
    for day in (*_DAYS[12:15], *_DAYS[N_PAST:]):
        volumes[day] = 0
        for own in counts.values():
            own[day] = 0
    after = forecast(counts, volumes, _LAST, config=CONFIG)
    expected = [[f.total.expected for f in result.values()] for result in (before, after)]
    assert np.mean(expected[1]) == pytest.approx(np.mean(expected[0]), rel=0.1)


def test_nothing_is_forecast_of_nothing() -> None:
    """Without messages there is no forecast and no error."""
    assert forecast({}, {}, _LAST, config=CONFIG) == {}
    assert forecast({1: {_LAST: 3}}, {}, _LAST, config=CONFIG) == {}
