"""What grows: a topic's count against expectation, and the alerts of a day.

In the way of the improved Farrington algorithm (Noufaily et al. 2013): the rate of a topic is
learnt from its own past days, days of an outbreak count for less, the spread is that of a negative
binomial that allows for over-dispersion and for how little is known. Exposure is what each source
delivered on a day, so weekdays, a source that was down, doubled or just connected move the
expectation of every topic, and none is alarming for it.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlp.records import Alert, TopicDay
from nlp.states import AlertKind, DayStatus, Severity
from nlp.topics.novelty import Fresh

Floats = NDArray[np.float64]
Counts = Mapping[tuple[dt.date, str], int]
"""Messages by day and source."""

MIN_HISTORY = 5
"""Past days under which nothing is expected yet."""
_SPANS = (1, 2, 3)
"""Days that are compared with those before them: a slow surge shows in their sum."""
_SURGE_P = 1e-3
_MIN_SURGE = 6
"""Chosen on thirty streams of `bench` with seeds 11 to 18, which it does not report: 135 of 144
surges and 21 false alarms; 131 and 16 at half that p, 136 and 30 at twice it."""
_EMERGED_P = 0.01
"""The same for a topic part of which came lately, once something is expected of it."""
_COMMON_DAYS = 30
"""Past days that the dispersion of the middle topic is worth, against a topic's own."""
_YOUNG_DAYS = 7
_N_ROUNDS = 4
"""Rounds in which outbreaks are taken out of the volume; what is left settles in three."""
_OUTBREAK_RESIDUAL = 2.58
"""Anscombe residual of a past day from which it counts for less (Noufaily et al. 2013)."""
_SOURCE_DOUBT = 20.0
"""Messages of a source that the rate over all sources is worth."""
_COOLDOWN_DAYS = 5
_MIN_OLD = 5
_USUAL_SHARE = 0.1
"""Share of a burst that was usual before, from which it is a surge of something known."""
WARM_UP_DAYS = 10
"""Days of the whole collection before which a new topic is no news."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a topic's count of one day was to be."""

    expected: float
    upper: float
    """What is exceeded on one day in a hundred."""
    p_value: float
    """Probability of as much or more, on the day or with the one or two days before it."""


def expect(
    counts: Mapping[int, Counts], volumes: Counts, day: dt.date
) -> dict[int, Expectation | None]:
    """Compare the `counts` of each topic on `day` with its past, `volumes` being all messages.

    Its past are the days since its first message; None where these are fewer than five.
    """
    days = sorted({d for d, _ in volumes} | {day})
    sources = sorted({s for _, s in volumes})
    volume = _table(volumes, days, sources)
    tables = {t: _table(c, days, sources) for t, c in counts.items()}
    usual = volume
    for _ in range(_N_ROUNDS):
        usual = _usual_volume(volume, usual, list(tables.values()))
    pasts = {t: _Past(table, usual) for t, table in tables.items()}
    told = [p.dispersion for p in pasts.values() if p.n_days >= MIN_HISTORY]
    common = max(float(np.median(told)), 1.0) if told else 1.0
    return {t: p.expectation(common) if p.n_days >= MIN_HISTORY else None for t, p in pasts.items()}


def _table(counts: Counts, days: Sequence[dt.date], sources: Sequence[str]) -> Floats:
    """Counts as an array (days, sources)."""
    return np.array([[counts.get((d, s), 0) for s in sources] for d in days], dtype=float)


def _usual_volume(volume: Floats, usual: Floats, tables: Sequence[Floats]) -> Floats:
    """The volume (days, sources) without outbreaks and without topics that began lately.

    Where several surge at once, each would hide the others by making the day look large. What is
    an outbreak is told by `usual`, the volume as it was found to be usual so far.
    """
    beyond = np.zeros_like(volume)
    for observed in tables:
        past = _Past(observed, usual)
        if past.n_days < max(len(volume) - MIN_HISTORY, MIN_HISTORY):
            beyond += observed
        else:
            mean = past.exposure @ _rates(past.observed[:-1], past.exposure[:-1], past.weights)
            n = past.observed.sum(axis=1)
            share = np.where(
                _residual(n, mean) > _OUTBREAK_RESIDUAL, 1 - mean / np.maximum(n, 1), 0
            )
            beyond[-len(n) :] += past.observed * share[:, None]
    left: Floats = np.maximum(volume - beyond, 0.1 * volume)
    return left


@dataclass
class _Past:
    """One topic's counts and all volumes (days, sources); the last day is today."""

    observed: Floats
    exposure: Floats

    def __post_init__(self) -> None:
        began = int(np.argmax(self.observed.sum(axis=1) > 0))
        self.observed, self.exposure = self.observed[began:], self.exposure[began:]
        self.n_days = len(self.observed) - 1
        self.weights = np.ones(self.n_days)
        self.dispersion = 1.0
        if self.n_days >= MIN_HISTORY:
            self._weigh()

    def _weigh(self) -> None:
        """Let outbreaks of the past count for less; learn its variance as a share of its mean."""
        observed, exposure = self.observed[:-1], self.exposure[:-1]
        n = observed.sum(axis=1)
        for _ in range(3):
            mean = exposure @ _rates(observed, exposure, self.weights)
            self.weights = np.maximum(_residual(n, mean) / _OUTBREAK_RESIDUAL, 1.0) ** -2.0
        spread = float((self.weights * (n - mean) ** 2 / np.maximum(mean, 1e-9)).sum())
        self.dispersion = spread / (self.n_days - 1)

    def expectation(self, common: float) -> Expectation:
        """Compare today with the past; `common` is the dispersion of the middle topic."""
        from scipy.stats import nbinom

        if not self.exposure[-1].any():  # nothing was collected
            return Expectation(0.0, 0.0, 1.0)
        own = self.n_days * self.dispersion + _COMMON_DAYS * common
        dispersion = max(own / (self.n_days + _COMMON_DAYS), 1.0)
        spans = [n for n in _SPANS if n == 1 or self.n_days + 1 - n >= MIN_HISTORY]
        p_values = [
            nbinom.sf(self.observed[-n:].sum() - 1, *self._law(n, dispersion)) for n in spans
        ]
        p_value = min(1.0, len(spans) * float(min(p_values)))
        size, chance = self._law(1, dispersion)
        expected = size * (1 - chance) / chance
        return Expectation(expected, float(nbinom.ppf(0.99, size, chance)), p_value)

    def _law(self, n_days: int, dispersion: float) -> tuple[float, float]:
        """Size and chance of the negative binomial that the count of the last `n_days` is from, by
        what was before them.
        """
        past, weights = self.observed[:-n_days], self.weights[: len(self.observed) - n_days]
        rates = _rates(past, self.exposure[:-n_days], weights)
        expected = float((self.exposure[-n_days:] @ rates).sum())
        doubt = 1 / (float(weights @ past.sum(axis=1)) + 0.5)
        size = 1 / ((dispersion - 1) / expected + doubt)
        return size, size / (size + expected)


def _rates(observed: Floats, exposure: Floats, weights: Floats) -> Floats:
    """A topic's share of each source (sources,), drawn to the overall share where little is known.

    Half a message of doubt keeps a silent topic from expecting exactly nothing.
    """
    own, volume = weights @ observed, weights @ exposure
    overall = (own.sum() + 0.5) / max(volume.sum(), 1.0)
    rates: Floats = (own + overall * _SOURCE_DOUBT) / (volume + _SOURCE_DOUBT)
    return rates


def _residual(n: Floats, mean: Floats) -> Floats:
    """Anscombe's residuals of Poisson counts (days,): nearly normal where nothing happened."""
    mean = np.maximum(mean, 1e-9)
    residual: Floats = 1.5 * (n ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    return residual


def topic_day(
    topic_id: int,
    n: int,
    found: Expectation | None,
    leaning: Expectation | None,
    *,
    age: int,
) -> TopicDay:
    """Return the row of a topic `age` days old that had `n` messages on a day.

    `found` tells of the messages that it holds, `leaning` of those that lean to it
    (`nlp.topics.leaning`): how likely its count is, is told by them.
    """
    if found is None or leaning is None:
        status = DayStatus.NEW if age < _YOUNG_DAYS else DayStatus.STEADY
        return TopicDay(topic_id, n, None, None, None, status if n else DayStatus.QUIET)
    expected, upper = round(found.expected, 6), round(found.upper, 6)
    p_value = float(f"{leaning.p_value:.6g}")
    status = _status(n, found, p_value=leaning.p_value)
    return TopicDay(topic_id, n, expected, upper, p_value, status)


def _status(n: int, found: Expectation, *, p_value: float) -> DayStatus:
    if n == 0:
        return DayStatus.QUIET
    if p_value < _SURGE_P and n >= _MIN_SURGE and n > found.expected:
        return DayStatus.SURGING
    if n > found.upper:
        return DayStatus.GROWING
    is_fading = n < 0.5 * found.expected and found.expected >= 4
    return DayStatus.FADING if is_fading else DayStatus.STEADY


def kind_of(counts: Counts, place: Fresh, day: dt.date) -> AlertKind:
    """Tell whether what came lately is a new topic, or one that was there and surges.

    `counts` are its messages.
    """
    old = sum(n for (d, _), n in counts.items() if (day - d).days >= place.n_days)
    n_days = max((day - min((d for d, _ in counts), default=day)).days + 1 - place.n_days, 1)
    usual = old / n_days * place.n_days
    known = usual >= _USUAL_SHARE * len(place.recent) and old >= _MIN_OLD
    return AlertKind.SURGE if known else AlertKind.NEW_TOPIC


def raise_alerts(
    topic_days: Sequence[TopicDay],
    *,
    day: dt.date,
    emerged: Mapping[int, tuple[AlertKind, Fresh]],
    first_day: dt.date,
    recent: Sequence[tuple[dt.date, Alert]],
    max_alerts: int,
) -> list[Alert]:
    """Return the day's alerts, the most severe first.

    `emerged` are the topics that came lately, with the kind of alert and the evidence; `recent`
    the alerts of the days before: a topic that alerted within the cooldown stays silent. While the
    collection is young, what comes lately is no news; a count beyond its expectation is.
    """
    settled = (day - first_day).days >= WARM_UP_DAYS
    silent = {a.topic_id for d, a in recent if (day - d).days <= _COOLDOWN_DAYS}
    alerts = []
    for row in topic_days:
        if row.topic_id in silent or not row.n_messages:
            continue
        if settled and row.topic_id in emerged and _is_more(row):
            kind, place = emerged[row.topic_id]
            alerts.append(_alert(kind, row, p_value=float(f"{place.p_value:.6g}")))
        elif row.status == DayStatus.SURGING:
            alerts.append(_alert(AlertKind.SURGE, row, p_value=row.p_value))
    return sorted(alerts, key=lambda a: (a.p_value or 0.0, -a.observed, a.topic_id))[:max_alerts]


def _is_more(row: TopicDay) -> bool:
    """Whether a topic's count allows that it came lately: no scan outweighs a usual count."""
    if row.expected is None or row.p_value is None:
        return True
    return row.n_messages > row.expected and row.p_value < _EMERGED_P


def _alert(kind: AlertKind, row: TopicDay, *, p_value: float | None) -> Alert:
    excess = row.n_messages - (row.expected or 0.0)
    severity = Severity.MEDIUM if excess >= 10 else Severity.LOW
    if excess >= 30:
        severity = Severity.HIGH
    return Alert(row.topic_id, kind, row.n_messages, row.expected, p_value, severity)
