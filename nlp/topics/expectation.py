"""The expected count of a topic.

Follows the improved Farrington algorithm (Noufaily et al. 2013): the rate of a topic is learnt
from its own past days, days of an outbreak have less weight, and the spread is that of a negative
binomial that allows for over-dispersion and for scarce data. Exposure is what each source
delivered on a day, so weekdays and a source that was down, doubled or just connected change the
expectation of every topic, and raise no alert. Not every topic follows the volume, though: what
customers write about a new outage does not halve on a Saturday. So a topic is also expected at an
even count a day; the two are weighted by how well each explains the topic's past, and a surge
exceeds both its share of the volume and this mean.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from nlp.records import TopicDay
from nlp.states import DayStatus
from nlp.topics.config import TopicConfig

Floats = NDArray[np.float64]
Counts = Mapping[tuple[dt.date, str], int]
"""Messages by day and source."""

_N_ROUNDS = 3
"""Rounds of reweighting, after which the weights hardly change."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """The expected count of a topic on one day."""

    expected: float
    lower: float
    """One day in a hundred is below this."""
    upper: float
    """One day in a hundred is above this."""
    p_value: float
    """Probability of this count or more, on the day alone or with the one or two days before it."""


def expect(
    counts: Mapping[int, Counts], volumes: Counts, day: dt.date, *, config: TopicConfig
) -> dict[int, Expectation | None]:
    """Compare the `counts` of each topic on `day` with its past, `volumes` being all messages.

    The past of a topic is the days since its first message; None where there are too few.
    """
    days, sources = sorted({d for d, _ in volumes} | {day}), sorted({s for _, s in volumes})
    volume = _table(volumes, days, sources)
    tables = {t: _table(c, days, sources) for t, c in counts.items()}
    usual = volume
    for _ in range(_N_ROUNDS):
        usual = _usual_volume(volume, usual, list(tables.values()), config)
    even = np.where(usual > 0, usual.sum(axis=0) / np.maximum((usual > 0).sum(axis=0), 1), 0.0)
    pasts = {t: _Pasts.of(table, usual, even, config) for t, table in tables.items()}
    known = [p.by_volume.dispersion for p in pasts.values() if p.is_known]
    common = max(float(np.median(known)), 1.0) if known else 1.0
    return {t: p.expectation(common) if p.is_known else None for t, p in pasts.items()}


def _table(counts: Counts, days: Sequence[dt.date], sources: Sequence[str]) -> Floats:
    """Counts as an array (days, sources)."""
    return np.array([[counts.get((d, s), 0) for s in sources] for d in days], dtype=float)


def _usual_volume(
    volume: Floats, usual: Floats, tables: Sequence[Floats], config: TopicConfig
) -> Floats:
    """The volume (days, sources) without outbreaks and without topics that began recently.

    Where several topics surge at once, each would hide the others by making the day look large.
    `usual`, the result of the round before, determines what is an outbreak.
    """
    beyond = np.zeros_like(volume)
    for observed in tables:
        past = _Past(observed, usual, config)
        if past.n_days < max(len(volume) - config.min_history, config.min_history):
            beyond += observed
        else:
            mean = past.exposure @ past.rates(past.n_days, past.weights)
            n = past.observed.sum(axis=1)
            share = np.where(_residual(n, mean) > past.outbreak, 1 - mean / np.maximum(n, 1), 0)
            beyond[-len(n) :] += past.observed * share[:, None]
    left: Floats = np.maximum(volume - beyond, 0.1 * volume)
    return left


@dataclass
class _Past:
    """One topic's counts and all volumes (days, sources); the last day is today."""

    observed: Floats
    exposure: Floats
    config: TopicConfig

    def __post_init__(self) -> None:
        began = int(np.argmax(self.observed.sum(axis=1) > 0))
        self.observed, self.exposure = self.observed[began:], self.exposure[began:]
        self.n_days = len(self.observed) - 1
        self.weights = np.ones(self.n_days)
        self.dispersion = 1.0
        # Noufaily et al. 2013 use 2.58: one day in a hundred is further out, on either side.
        self.outbreak = NormalDist().inv_cdf(1 - self.config.chance / 2)
        if self.n_days >= self.config.min_history:
            self._weigh()

    def _weigh(self) -> None:
        """Give past outbreaks less weight; estimate the variance as a multiple of the mean."""
        exposure = self.exposure[:-1]
        n = self.observed[:-1].sum(axis=1)
        for _ in range(_N_ROUNDS):
            mean = exposure @ self.rates(self.n_days, self.weights)
            self.weights = np.maximum(_residual(n, mean) / self.outbreak, 1.0) ** -2.0
        spread = float((self.weights * (n - mean) ** 2 / np.maximum(mean, 1e-9)).sum())
        self.dispersion = spread / (self.n_days - 1)

    def rates(self, n_past: int, weights: Floats) -> Floats:
        """The topic's share of each source (sources,) in its first `n_past` days.

        Shrunk towards the overall share where there is little data; half a message is added, so
        that the expectation of a silent topic is never exactly 0.
        """
        prior = self.config.prior_messages
        own, volume = weights @ self.observed[:n_past], weights @ self.exposure[:n_past]
        overall = (own.sum() + 0.5) / max(volume.sum(), 1.0)
        rates: Floats = (own + overall * prior) / (volume + prior)
        return rates

    def p_values(self, common: float) -> Floats:
        """The probability of the counts of the last one, two, … days or more; `common` is the
        median dispersion of all topics.
        """
        from scipy.stats import nbinom

        longest = min(self.config.recent_days, max(self.n_days + 1 - self.config.min_history, 1))
        p_values: Floats = np.array(
            [
                nbinom.sf(self.observed[-n:].sum() - 1, *self.law(n, common))
                for n in range(1, longest + 1)
            ]
        )
        return p_values

    def fit(self, weights: Floats, dispersion: float) -> float:
        """The quasi-log-likelihood of the past days, each with its weight (days,)."""
        mean = np.maximum(self.exposure[:-1] @ self.rates(self.n_days, self.weights), 1e-9)
        n = self.observed[:-1].sum(axis=1)
        return float((weights * (n * np.log(mean) - mean)).sum() / dispersion)

    def law(self, n_days: int, common: float) -> tuple[float, float]:
        """Size and probability of the negative binomial for the count of the last `n_days`, from
        the days before them.
        """
        config = self.config
        own = self.n_days * self.dispersion + config.prior_days * common
        dispersion = max(own / (self.n_days + config.prior_days), 1.0)
        n_past = len(self.observed) - n_days
        past, weights = self.observed[:n_past], self.weights[:n_past]
        rates = self.rates(n_past, weights)
        expected = float((self.exposure[-n_days:] @ rates).sum())
        doubt = 1 / (float(weights @ past.sum(axis=1)) + 0.5)
        size = 1 / ((dispersion - 1) / expected + doubt)
        return size, size / (size + expected)


@dataclass(frozen=True)
class _Pasts:
    """One topic's past, by its share of the volume and by an even count a day."""

    by_volume: _Past
    evenly: _Past
    config: TopicConfig

    @classmethod
    def of(cls, observed: Floats, usual: Floats, even: Floats, config: TopicConfig) -> "_Pasts":
        """The pasts for counts and exposures (days, sources)."""
        return cls(_Past(observed, usual, config), _Past(observed, even, config), config)

    @property
    def is_known(self) -> bool:
        """Whether there are enough days to expect anything."""
        return self.by_volume.n_days >= self.config.min_history

    def expectation(self, common: float) -> Expectation:
        """Compare today with the past; `common` is the median dispersion of all topics."""
        from scipy.stats import nbinom

        if not self.by_volume.exposure[-1].any():  # nothing was collected
            return Expectation(0.0, 0.0, 0.0, 1.0)
        both = (self.by_volume, self.evenly)
        shares = self._shares(common)
        p_values = np.array([past.p_values(common) for past in both])
        p_value = np.maximum(p_values[0], shares @ p_values).min() * p_values.shape[1]
        laws = [past.law(1, common) for past in both]
        expected = shares @ [size * (1 - chance) / chance for size, chance in laws]
        chance = self.config.chance
        most = int(max(nbinom.ppf(1 - chance, *law) for law in laws))
        below = shares @ [nbinom.cdf(np.arange(most + 1), *law) for law in laws]
        lower, upper = np.searchsorted(below, [chance, 1 - chance]).tolist()
        return Expectation(float(expected), float(lower), float(upper), min(1.0, float(p_value)))

    def _shares(self, common: float) -> Floats:
        """How far to believe each (2,): in proportion to the likelihood of the past."""
        weights = self.by_volume.weights * self.evenly.weights
        dispersion = max(min(self.by_volume.dispersion, self.evenly.dispersion), common)
        lead = self.by_volume.fit(weights, dispersion) - self.evenly.fit(weights, dispersion)
        share = 1 / (1 + np.exp(-np.clip(lead, -50, 50)))
        return np.array([share, 1 - share])


def _residual(n: Floats, mean: Floats) -> Floats:
    """Anscombe's residuals of Poisson counts (days,): nearly normal where nothing happened."""
    mean = np.maximum(mean, 1e-9)
    residual: Floats = 1.5 * (n ** (2 / 3) - mean ** (2 / 3)) / mean ** (1 / 6)
    return residual


def topic_day(
    topic_id: int,
    n: int,
    held: Expectation | None,
    leaning: Expectation | None,
    *,
    config: TopicConfig,
) -> TopicDay:
    """Return the row of a topic that had `n` messages on a day.

    `held` is the expectation for the messages in the topic, `leaning` for those that lean to it
    (`nlp.topics.assign.leaning`), which determine the p-value.
    """
    if held is None or leaning is None:
        return TopicDay(topic_id, n, None, None, None, DayStatus.NEW if n else DayStatus.QUIET)
    p_value = float(f"{leaning.p_value:.6g}")
    status = _status(n, held, p_value=leaning.p_value, config=config)
    return TopicDay(topic_id, n, round(held.expected, 6), round(held.upper, 6), p_value, status)


def _status(n: int, held: Expectation, *, p_value: float, config: TopicConfig) -> DayStatus:
    if n == 0:
        return DayStatus.QUIET
    if p_value < config.surge_chance and n > max(config.fewest_recent, held.expected):
        return DayStatus.SURGING
    if n > held.upper:
        return DayStatus.GROWING
    return DayStatus.FADING if n < held.lower else DayStatus.STEADY
