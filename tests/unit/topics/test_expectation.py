"""The expected count of a topic."""

import datetime as dt
from collections import Counter

import numpy as np
import pytest

from nlp.states import DayStatus
from nlp.topics.expectation import Counts, Expectation, expect, topic_day
from tests.graphs import CONFIG

_FIRST = dt.date(2026, 3, 2)
_TODAY = _FIRST + dt.timedelta(14)
_DAYS = [_FIRST + dt.timedelta(n) for n in range(15)]


def _volumes(today: int = 200) -> Counter[tuple[dt.date, str]]:
    result = Counter({(d, "chat"): 100 if d.weekday() >= 5 else 200 for d in _DAYS})
    result[_TODAY, "chat"] = today
    return result


def _topics(volumes: Counts) -> dict[int, Counts]:
    """Twenty topics that share the volume of every day."""
    rng = np.random.default_rng(0)
    shares = {key: rng.multinomial(n, [1 / 20] * 20) for key, n in volumes.items()}
    return {t: Counter({key: int(s[t]) for key, s in shares.items()}) for t in range(20)}


def _result(counts: dict[int, Counts], volumes: Counts) -> dict[int, Expectation]:
    result = expect(counts, volumes, _TODAY, config=CONFIG)
    return {t: e for t, e in result.items() if e is not None}


def test_expectation_follows_weekdays_and_volume() -> None:
    """About a twentieth of each day's messages is expected of each of twenty topics."""
    result = _result(_topics(_volumes()), _volumes())
    assert len(result) == 20
    assert abs(np.mean([e.expected for e in result.values()]) - 10) < 1
    assert min(e.p_value for e in result.values()) > 2e-3


def test_a_doubled_source_is_no_news() -> None:
    """On a day with twice the messages, twice as many are expected in each topic."""
    result = _result(_topics(_volumes(400)), _volumes(400))
    assert abs(np.mean([e.expected for e in result.values()]) - 20) < 2
    assert min(e.p_value for e in result.values()) > 2e-3


def test_five_times_the_usual_is_a_surge() -> None:
    """A five-fold count of one topic stands out, and the others do not."""
    volumes = _volumes()
    counts = _topics(volumes)
    counts[3][_TODAY, "chat"] += 40
    volumes[_TODAY, "chat"] += 40
    result = _result(counts, volumes)
    assert result[3].p_value < 1e-6
    assert min(e.p_value for t, e in result.items() if t != 3) > 2e-3


def test_a_slow_surge_shows_in_the_sum_of_days() -> None:
    """Three days of more than twice the usual are more surprising than the last of them alone."""
    volumes = _volumes()
    counts = _topics(volumes)
    p_values = []
    for day in _DAYS[:-4:-1]:
        counts[3][day, "chat"] += 12
        volumes[day, "chat"] += 12
        p_values.append(_result(counts, volumes)[3].p_value)
    assert p_values[2] < p_values[0] / 10


def test_several_surges_do_not_hide_one_another() -> None:
    """Five topics that surge at once make the day large; each is still detected."""
    volumes = _volumes()
    counts = _topics(volumes)
    for topic in range(5):
        counts[topic][_TODAY, "chat"] += 40
        volumes[_TODAY, "chat"] += 40
    result = _result(counts, volumes)
    assert all(result[t].p_value < 1e-5 for t in range(5))


def test_a_new_source_brings_its_own_exposure() -> None:
    """A source that was just connected raises the expectation of what it delivers."""
    volumes = _volumes()
    counts = _topics(volumes)
    for topic in range(20):
        counts[topic][_TODAY, "mail"] = 20
        volumes[_TODAY, "mail"] += 20
    assert min(e.p_value for e in _result(counts, volumes).values()) > 1e-4


@pytest.mark.parametrize("n", [40, 100])
def test_a_past_outbreak_does_not_raise_what_is_expected(n: int) -> None:
    """One day of forty, or of a hundred, among days of ten leaves the expectation near ten."""
    volumes = _volumes()
    counts = _topics(volumes)
    counts[3][_DAYS[7], "chat"] = n
    assert _result(counts, volumes)[3].expected < 12.5


def test_a_young_topic_expects_nothing() -> None:
    """Without a week of history there is no expectation and no p-value."""
    counts = {1: Counter({(_TODAY, "chat"): 30})}
    assert expect(counts, _volumes(), _TODAY, config=CONFIG) == {1: None}
    row = topic_day(1, 30, None, None, config=CONFIG)
    assert (row.expected, row.p_value, row.status) == (None, None, DayStatus.NEW)


def test_a_day_without_messages_is_quiet() -> None:
    """A day on which nothing was collected raises no alert."""
    volumes = _volumes()
    counts = _topics(volumes)
    for topic in counts.values():
        topic[_TODAY, "chat"] = 0
    volumes[_TODAY, "chat"] = 0
    result = _result(counts, volumes)
    statuses = {topic_day(t, 0, e, e, config=CONFIG).status for t, e in result.items()}
    assert statuses == {DayStatus.QUIET}
