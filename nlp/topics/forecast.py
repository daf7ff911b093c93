"""How many messages each topic will have on the next days.

A topic has a level, a rate of messages that drifts from day to day, times the usual volume of the
weekday. The level has a gamma distribution; each day adds its count, and before each day all that
is known is discounted, so that recent days count more. The count of a day to come then has a
negative binomial distribution, wider the further ahead it is (power steady model: Smith and Miller
1986; Harvey and Fernandes 1989, "Time Series Models for Count or Qualitative Observations").

The discount is not tuned: it is the one whose intervals would have held closest to `LEVEL` of the
days that are known by now, all topics together. So topics that come and go, as after an outage,
widen the intervals of the weeks after. Bounds are mid-P bounds (Lancaster 1961): intervals of whole
numbers hold `LEVEL` on average instead of at least that.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.topics.config import TopicConfig

Floats = NDArray[np.float64]

LEVEL = 0.8
"""Share of days and weeks whose count lies within its interval."""
N_AHEAD = 7
"""Days that are forecast: a week."""
N_PAST = 28
"""Days that a forecast rests on, each weekday four times."""
_TAIL = (1 - LEVEL) / 2
"""Probability below an interval, and above."""
_FIRST_COUNT = 0.5
"""Added to the first day's count, so that nothing is impossible (Jeffreys)."""
_DISCOUNTS = tuple(np.linspace(0.4, 1.0, 13).tolist())
"""Shares of what is known that a day leaves; all that are tried."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A count to come."""

    expected: float
    lower: int
    upper: int
    """Both bounds are part of the interval."""

    def holds(self, n: int) -> bool:
        """Whether a count lies within the bounds."""
        return self.lower <= n <= self.upper


@dataclass(frozen=True, slots=True)
class Forecast:
    """The next days of a topic."""

    days: tuple[Interval, ...]
    total: Interval
    """All of them together."""


def forecast(
    counts: Mapping[int, Mapping[dt.date, int]],
    volumes: Mapping[dt.date, int],
    day: dt.date,
    *,
    n_ahead: int = N_AHEAD,
    config: TopicConfig,
) -> dict[int, Forecast]:
    """Return the forecast of each topic for the `n_ahead` days after `day`, at most `N_PAST` / 2.

    It rests on its `counts` up to `day`; those of later days are ignored.

    `volumes` are all messages of each day; a day that is missing, or has none, says nothing of any
    topic. Topics whose first message is less than `config.min_history` days old have no forecast.
    """
    days = [day - dt.timedelta(n) for n in range(N_PAST - 1, -1, -1)]
    known = {d for d in days if volumes.get(d, 0) > 0}
    topics = [t for t, own in counts.items() if any(own.get(d, 0) for d in known)]
    if not topics:
        return {}
    volume = np.array([volumes.get(d, 0) for d in days], dtype=float)
    usual = _usual_week(days, volume)
    past = _Past(
        observed=np.array(
            [[counts[t].get(d, 0) if d in known else 0 for d in days] for t in topics], dtype=float
        ),
        exposure=np.where(volume > 0, usual[[d.weekday() for d in days]], 0.0),
        fewest=config.min_history,
    )
    ahead = usual[[(day + dt.timedelta(n)).weekday() for n in range(1, n_ahead + 1)]]
    forecasts = past.forecasts(ahead)
    return {t: f for t, f in zip(topics, forecasts, strict=True) if f is not None}


def _usual_week(days: Sequence[dt.date], volume: Floats) -> Floats:
    """The usual volume of each weekday (7,), 1 on average; days without messages do not count."""
    weekdays = np.array([d.weekday() for d in days])
    known = volume > 0
    overall = float(volume[known].mean())
    means = [volume[known & (weekdays == n)] for n in range(7)]
    usual: Floats = np.array([m.mean() / overall if len(m) else 1.0 for m in means])
    return usual


@dataclass(frozen=True)
class _Past:
    """The past days (d,) of topics (t,)."""

    observed: Floats
    """(t, d) counts."""
    exposure: Floats
    """(d,) the usual volume of each day; 0 where nothing is known."""
    fewest: int
    """Past days that a forecast needs."""

    def forecasts(self, ahead: Floats) -> list[Forecast | None]:
        """A forecast for each topic (t,), None where it is too young; `ahead` (n,) is exposure."""
        n_days = len(ahead)
        by_day, by_sum = self._discount(1), self._discount(n_days)
        counts, exposures = (known[:, -1] for known in self._known(by_day))
        each = [
            _intervals(counts, exposures, x, left=by_day ** (n + 1)) for n, x in enumerate(ahead)
        ]
        counts, exposures = (known[:, -1] for known in self._known(by_sum))
        # The level of several days is that of their middle.
        left = by_sum ** ((n_days + 1) / 2)
        total = _intervals(counts, exposures, float(ahead.sum()), left=left)
        old = self._ages()[:, -1] >= self.fewest - 1
        return [
            Forecast(tuple(day[n] for day in each), total[n]) if old[n] else None
            for n in range(len(self.observed))
        ]

    def _ages(self) -> Floats:
        """Days since the first message of each topic (t, d), negative before it."""
        began = np.argmax(self.observed > 0, axis=1)
        ages: Floats = np.arange(len(self.exposure)) - began[:, None].astype(float)
        return ages

    def _known(self, discount: float) -> tuple[Floats, Floats]:
        """Discounted counts and exposures (t, d) at the end of each day: the gamma distributions
        of the levels.
        """
        ages = self._ages()
        counts, exposures = np.zeros_like(ages), np.zeros_like(ages)
        count, exposure = np.zeros(len(ages)), np.zeros(len(ages))
        for n, (own, volume) in enumerate(zip(self.observed.T, self.exposure, strict=True)):
            began = ages[:, n] >= 0
            count = discount * count + np.where(began, own, 0.0)
            count += _FIRST_COUNT * (ages[:, n] == 0)
            exposure = discount * exposure + np.where(began, volume, 0.0)
            counts[:, n], exposures[:, n] = count, exposure
        return counts, exposures

    def _discount(self, n_days: int) -> float:
        """The discount whose past intervals of `n_days` held closest to `LEVEL`.

        Of equals the widest if they held less, as where nothing is known yet, else the narrowest.

        For 1, these are the intervals of the single days up to a week ahead.
        """

        def miss(discount: float) -> tuple[float, float]:
            share = self._share_held(discount, n_days)
            return abs(share - LEVEL), discount if share < LEVEL else -discount

        return float(min(_DISCOUNTS, key=miss))

    def _share_held(self, discount: float, n_days: int) -> float:
        """The share of past days, or of `n_days` together, whose count lay within its interval."""
        counts, exposures = self._known(discount)
        old = self._ages() >= self.fewest - 1
        n_held = n_all = 0
        for first in range(1, max(N_AHEAD - n_days, 0) + 2):
            last = first + n_days - 1
            came, ahead = (
                _sums(rows, n_days)[..., first:] for rows in (self.observed, self.exposure)
            )
            n_eves = came.shape[1]
            known = old[:, :n_eves] & (ahead > 0) & (exposures[:, :n_eves] > 0)
            law = _law(
                counts[:, :n_eves][known],
                exposures[:, :n_eves][known],
                np.broadcast_to(ahead, known.shape)[known],
                left=discount ** ((first + last) / 2),
            )
            share = _mid(came[known], *law)
            n_held += int(((share >= _TAIL) & (share <= 1 - _TAIL)).sum())
            n_all += len(share)
        return n_held / n_all if n_all else 0.0


def _sums(rows: Floats, n_days: int) -> Floats:
    """The sums of `n_days` successive days (…, d + 1 - n_days)."""
    windows = np.lib.stride_tricks.sliding_window_view(rows, n_days, axis=-1)
    result: Floats = windows.sum(axis=-1)
    return result


def _law(
    counts: Floats, exposures: Floats, ahead: Floats | float, *, left: float
) -> tuple[Floats, Floats]:
    """Size and probability (t,) of the negative binomial of a count with the exposure `ahead`.

    `left` is the share of what is known that the days until then leave.
    """
    return counts * left, exposures * left / (exposures * left + ahead)


def _mid(count: Floats, size: Floats, chance: Floats) -> Floats:
    """The probability of less than `count`, and half of that of the count itself (t,)."""
    from scipy.special import betainc

    upto = betainc(size, count + 1, chance)
    below = np.where(count > 0, betainc(size, np.maximum(count, 1), chance), 0.0)
    result: Floats = (upto + below) / 2
    return result


def _intervals(counts: Floats, exposures: Floats, ahead: float, *, left: float) -> list[Interval]:
    """The intervals (t,) of counts with the exposure `ahead`: never empty, as `LEVEL` > 1/2."""
    from scipy.stats import nbinom

    size, chance = _law(counts, exposures, ahead, left=left)
    lower, upper = (nbinom.ppf(q, size, chance) for q in (_TAIL, 1 - _TAIL))
    lower += _mid(lower, size, chance) < _TAIL
    upper -= _mid(upper, size, chance) > 1 - _TAIL
    expected = size * (1 - chance) / chance
    rows = zip(expected.tolist(), lower.tolist(), upper.tolist(), strict=True)
    return [Interval(e, int(low), int(high)) for e, low, high in rows]
