"""What came lately: places in the embedding space where recent messages are too many for chance.

Kulldorff's spatial scan statistic (1997) on the embeddings: a ball round every recent message, of
every size, is asked whether more of its messages are recent than the share that each source has
of them. Shares, not counts, are compared, so neither a day on which everything doubles nor a
source that was just connected is news. The largest surprise that chance alone would show
somewhere is learnt by shuffling the ages within each source, its tail by a Gumbel distribution
(Abrams et al. 2010).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats
from nlp.topics.neighbors import nearest

Indices = NDArray[np.intp]

_RECENT_DAYS = (1, 2, 3)
_MOST_NEIGHBORS = 80
"""Messages of the largest ball: what is larger, the count of its topic tells."""
_FEWEST_RECENT = 5
_N_SHUFFLES = 20
_MOST_SCANNED = 8_000
"""Messages that are scanned at most, a uniform share of more, so that a day's cost is bounded."""
MAX_P = 0.01
"""Chance of one false find or more on a day where nothing happens."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """One place where messages came lately."""

    members: tuple[int, ...]
    """Indices of its messages, old ones included."""
    recent: tuple[int, ...]
    """Those of the last `n_days`."""
    n_days: int
    expected: float
    """Recent messages that chance would have put there."""
    p_value: float
    """Chance of as large a surprise anywhere on that day."""


class Scan:
    """One day's scan of n messages: the places where they came lately, and the test of any set.

    `embeddings` is (n, d), rows of length 1; `ages` (n,) days since each message came, 0 = today;
    `sources` (n,) names where each came from, all the same where None.
    """

    def __init__(
        self, embeddings: Floats, ages: Indices, sources: Sequence[str] | None = None, *, seed: int
    ) -> None:
        rng = np.random.default_rng(seed)
        names = np.unique(sources, return_inverse=True)[1] if sources else np.zeros(len(ages), int)
        self._all = _Counts(ages, names)
        kept = np.arange(len(ages))
        if len(ages) > _MOST_SCANNED:
            kept = np.sort(rng.choice(len(ages), _MOST_SCANNED, replace=False))
        centers = kept[ages[kept] < _RECENT_DAYS[-1]]
        self._chance = np.empty(0)
        self._balls = np.empty((0, 0), dtype=np.intp)
        if len(centers) < _FEWEST_RECENT or len(centers) == len(kept):
            return
        # A centre is the nearest to itself.
        balls, _ = nearest(embeddings[centers], embeddings[kept], min(_MOST_NEIGHBORS, len(kept)))
        self._balls = kept[balls]
        shuffled = (_shuffled(ages[kept], names[kept], rng) for _ in range(_N_SHUFFLES))
        self._chance = np.array([_Counts(a, names[kept]).best(balls)[0].max() for a in shuffled])

    def places(self) -> list[Fresh]:
        """Return the places where messages came lately, the most surprising first.

        No recent message is in two of them.
        """
        if not len(self._balls):
            return []
        surprise, size, n_days = self._all.best(self._balls)
        p_values = self._tail(surprise)
        found: list[Fresh] = []
        seen: set[int] = set()
        for n in np.argsort(-surprise, kind="stable"):
            if p_values[n] > MAX_P:
                break
            place = self._fresh(self._balls[n, : size[n]], int(n_days[n]), float(p_values[n]))
            if seen.isdisjoint(place.recent):
                seen.update(place.recent)
                found.append(place)
        return found

    def test(self, members: Sequence[int]) -> Fresh | None:
        """Return a set of messages as a place, if they came lately beyond chance."""
        if not len(self._balls) or not len(members):
            return None
        rows = np.array(members, dtype=np.intp)
        surprise, n_days = self._all.surprise(rows)
        p_value = float(self._tail(np.array([surprise]))[0])
        return self._fresh(rows, n_days, p_value) if p_value <= MAX_P else None

    def _fresh(self, members: Indices, n_days: int, p_value: float) -> Fresh:
        recent = members[self._all.ages[members] < n_days]
        expected = float(self._all.shares(n_days)[members].sum())
        return Fresh(
            tuple(sorted(members.tolist())),
            tuple(sorted(recent.tolist())),
            n_days,
            round(expected, 2),
            p_value,
        )

    def _tail(self, surprise: Floats) -> NDArray[np.float64]:
        """P-values of surprises (c,) against the largest ones of shuffled days."""
        scale = max(float(self._chance.std(ddof=1)) * np.sqrt(6) / np.pi, 1e-6)
        location = float(self._chance.mean()) - np.euler_gamma * scale
        p_values: NDArray[np.float64] = -np.expm1(
            -np.exp(-(surprise.astype(np.float64) - location) / scale)
        )
        return p_values


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many messages are recent, here and everywhere."""

    ages: Indices
    sources: Indices

    def shares(self, n_days: int) -> Floats:
        """The share of recent messages in the source of each message (n,)."""
        recent = np.bincount(self.sources, weights=self.ages < n_days)
        share: Floats = (recent / np.bincount(self.sources))[self.sources].astype(np.float32)
        return share

    def best(self, balls: Indices) -> tuple[Floats, Indices, Indices]:
        """For each ball (c, k): its largest surprise, and the size and days that show it."""
        surprise = np.zeros(len(balls), dtype=np.float32)
        size, days = np.zeros((2, len(balls)), dtype=np.intp)
        rows, n = np.arange(len(balls)), np.arange(1, balls.shape[1] + 1)
        for n_days in _RECENT_DAYS:
            observed = np.cumsum(self.ages[balls] < n_days, axis=1)
            expected = np.cumsum(self.shares(n_days)[balls], axis=1)
            ratio = _log_likelihood_ratio(n, observed, expected)
            largest = ratio.argmax(axis=1)
            better = ratio[rows, largest] > surprise
            surprise[better] = ratio[rows, largest][better]
            size[better], days[better] = largest[better] + 1, n_days
        return surprise, size, days

    def surprise(self, members: Indices) -> tuple[float, int]:
        """The largest surprise of one set of messages, and the days that show it."""
        found = []
        for n_days in _RECENT_DAYS:
            observed = np.array((self.ages[members] < n_days).sum())
            expected = self.shares(n_days)[members].sum()
            n = np.array(len(members))
            found.append((float(_log_likelihood_ratio(n, observed, expected)), -n_days))
        value, days = max(found)
        return value, -days


def _log_likelihood_ratio(n: Indices, observed: NDArray[Any], expected: Floats) -> Floats:
    """That of sets of `n` messages, of which `observed` are recent; 0 where that is no more."""
    old = n - observed
    inside = observed * np.log(np.maximum(observed, 1) / np.maximum(expected, 1e-9))
    outside = old * np.log(np.maximum(old, 1) / np.maximum(n - expected, 1e-9))
    more = (observed > expected) & (observed >= _FEWEST_RECENT)
    return np.where(more, inside + outside, 0.0)


def _shuffled(ages: Indices, sources: Indices, rng: np.random.Generator) -> Indices:
    shuffled = ages.copy()
    for source in np.unique(sources):
        own = sources == source
        shuffled[own] = rng.permutation(ages[own])
    return shuffled
