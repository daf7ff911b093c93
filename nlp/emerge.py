"""What is new and what grows: counts against expectation.

The expected count of a topic is its mean over the past weeks times the weekday's share of all
messages, in the way of EARS and Farrington's detection algorithms; the spread is that of a
negative binomial whose dispersion the topic's own past days show. Days on which the topic itself
was alarming do not count as past.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from nlp.novelty import Fresh
from nlp.records import Alert, TopicDay

HISTORY_DAYS = 28
_MIN_HISTORY = 5
"""Past days under which nothing is expected yet."""
_SURGE_P = 1e-4
_MIN_SURGE = 8
_COOLDOWN_DAYS = 5
_MIN_OLD = 5
_USUAL_SHARE = 0.1
"""Share of a burst that was usual before, from which it is a surge of something known."""
_WARM_UP_DAYS = 10
"""Days of the whole collection before which a birth is no news."""


def expect(
    counts: Mapping[dt.date, int],
    volumes: Mapping[dt.date, int],
    day: dt.date,
    *,
    born_on: dt.date,
    skip: Collection[dt.date] = (),
) -> tuple[float, float, float] | None:
    """Return (expected, upper bound at p=.01, p-value) of a topic's count on `day`.

    `counts` and `volumes` are its messages and all messages by day; days in `skip`, such as
    those of an outbreak, tell nothing. None with fewer than five days of history.
    """
    from scipy.stats import nbinom, poisson

    past = [
        d for d, volume in volumes.items() if born_on < d < day and volume > 0 and d not in skip
    ]
    if len(past) < _MIN_HISTORY or not volumes.get(day):
        return None
    observed = np.array([counts.get(d, 0) for d in past], dtype=float)
    exposure = np.array([volumes[d] for d in past], dtype=float)
    # Half a message of doubt keeps a silent topic from expecting exactly nothing.
    rate = (observed.sum() + 0.5) / exposure.sum()
    expected = float(rate * volumes[day])
    mean = rate * exposure
    excess = float((((observed - mean) ** 2 - mean).sum()) / (mean**2).sum())
    if excess > 0.01:
        size = 1 / excess
        law = nbinom(size, size / (size + expected))
    else:
        law = poisson(expected)
    return expected, float(law.ppf(0.99)), float(law.sf(counts.get(day, 0) - 1))


def topic_day(
    topic_id: int,
    counts: Mapping[dt.date, int],
    volumes: Mapping[dt.date, int],
    day: dt.date,
    *,
    born_on: dt.date,
    skip: Collection[dt.date] = (),
) -> TopicDay:
    """Return the row of one topic on `day`."""
    n = counts.get(day, 0)
    figures = expect(counts, volumes, day, born_on=born_on, skip=skip)
    if figures is None:
        status = "new" if (day - born_on).days < 7 else "steady"
        return TopicDay(topic_id, n, None, None, None, status if n else "quiet")
    expected, upper, p_value = (round(f, 6) for f in figures)
    return TopicDay(topic_id, n, expected, upper, p_value, _status(n, *figures))


def _status(n: int, expected: float, upper: float, p_value: float) -> str:
    if n == 0:
        return "quiet"
    if p_value < _SURGE_P and n >= _MIN_SURGE:
        return "surging"
    if n > upper:
        return "growing"
    return "fading" if n < 0.5 * expected and expected >= 4 else "steady"


def kind_of(counts: Mapping[dt.date, int], fresh: Fresh, day: dt.date) -> str:
    """Tell whether a newborn topic that came lately is a new one, or one that was there and surges.

    `counts` are its messages by day.
    """
    old = sum(n for d, n in counts.items() if (day - d).days >= fresh.n_days)
    n_old_days = max((day - min(counts, default=day)).days + 1 - fresh.n_days, 1)
    usual = old / n_old_days * fresh.n_days
    return "surge" if usual >= _USUAL_SHARE * fresh.n_recent and old >= _MIN_OLD else "new_topic"


def raise_alerts(
    topic_days: Sequence[TopicDay],
    *,
    day: dt.date,
    fresh: Mapping[int, str],
    first_day: dt.date,
    recent: Sequence[tuple[dt.date, Alert]],
    max_alerts: int,
) -> list[Alert]:
    """Return the day's alerts, the most severe first.

    `fresh` are the topics born today that came lately, with the kind of alert; `recent` the
    alerts of the days before: a topic that alerted within the cooldown stays silent.
    """
    silent = {a.topic_id for d, a in recent if (day - d).days <= _COOLDOWN_DAYS}
    alerts = []
    for row in topic_days:
        if row.topic_id in silent:
            continue
        if row.topic_id in fresh:
            if (day - first_day).days >= _WARM_UP_DAYS and row.n_messages:
                alerts.append(_alert(fresh[row.topic_id], row))
        elif row.status == "surging":
            alerts.append(_alert("surge", row))
    return sorted(alerts, key=lambda a: (a.p_value or 0.0, -a.observed, a.topic_id))[:max_alerts]


def _alert(kind: str, row: TopicDay) -> Alert:
    excess = row.n_messages - (row.expected or 0.0)
    severity = "high" if excess >= 30 else "medium" if excess >= 10 else "low"
    return Alert(row.topic_id, kind, row.n_messages, row.expected, row.p_value, severity)
