"""Find fresh places: regions of the embedding space with more recent messages than by chance.

Kulldorff's spatial scan statistic (1997) on the embeddings: for a ball of every size around every
recent message, the scan tests whether more of its messages are recent than the share of recent
messages in their sources. Shares, not counts, are compared, so neither a day on which everything
doubles nor a source that was just connected looks fresh. The largest surprise that chance alone
produces is estimated by shuffling the ages within each source, its tail by a Gumbel distribution
(Abrams et al. 2010).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.nearest import Indices
from nlp.records import Floats
from nlp.topics.config import TopicConfig
from nlp.topics.graph import Graph

_N_SHUFFLES = 20
"""Shuffled days: the Gumbel fit needs no more (Abrams et al. 2010)."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """One fresh place."""

    members: tuple[int, ...]
    """Indices of its messages, old ones included."""
    recent: tuple[int, ...]
    """Those of the last `n_days`."""
    n_days: int
    expected: float
    """Number of recent messages expected there by chance."""
    p_value: float
    """Probability of so large a surprise anywhere on that day by chance."""


class Scan:
    """One day's scan of n messages: its fresh places, and a test of any set of messages.

    `ages` is (n,) days since each message came, 0 = today; `sources` (n,) names where each came
    from, all the same where None. Only texts in the sample of `graph` are in a ball.
    """

    def __init__(
        self,
        graph: Graph,
        ages: Indices,
        sources: Sequence[str] | None = None,
        *,
        config: TopicConfig,
    ) -> None:
        rng = np.random.default_rng(config.seed)
        names = np.unique(sources, return_inverse=True)[1] if sources else np.zeros(len(ages), int)
        self._graph, self._config = graph, config
        self._spans = tuple(range(1, config.recent_days + 1))
        self._all = _Counts(graph, ages, names, self._spans)
        is_recent = (graph.text_of >= 0) & (ages < config.recent_days)
        centers = np.unique(graph.text_of[is_recent])
        self._chance = np.empty(0)
        self._balls = np.empty((0, 0), dtype=np.intp)
        if len(centers) < config.fewest_recent or not (ages >= config.recent_days).any():
            return
        # Anything larger than half the reach shows in the count of its topic.
        near = graph.neighbors[graph.texts[centers], : config.n_nearest // 2 - 1]
        self._balls = np.hstack([centers[:, None], near])
        shuffled = (
            _Counts(graph, _shuffled(ages, names, rng), names, self._spans)
            for _ in range(_N_SHUFFLES)
        )
        fewest = config.fewest_recent
        self._chance = np.array([c.best(self._balls, fewest)[0].max() for c in shuffled])

    def places(self) -> list[Fresh]:
        """Return the fresh places, the most surprising first.

        No recent message is in two of them.
        """
        if not len(self._balls):
            return []
        surprise, size, n_days = self._all.best(self._balls, self._config.fewest_recent)
        p_values = self._tail(surprise)
        fresh: list[Fresh] = []
        seen: set[int] = set()
        for n in np.argsort(-surprise, kind="stable"):
            if p_values[n] > self._config.chance:
                break
            inside = np.isin(self._graph.text_of, self._balls[n, : size[n]])
            place = self._fresh(np.flatnonzero(inside), int(n_days[n]), float(p_values[n]))
            if seen.isdisjoint(place.recent):
                seen.update(place.recent)
                fresh.append(place)
        return fresh

    def test(self, members: Sequence[int]) -> Fresh | None:
        """Return a set of messages as a fresh place, or None where it is none."""
        if not len(self._balls) or not len(members):
            return None
        rows = np.array(members, dtype=np.intp)
        surprise, n_days = self._all.surprise(rows, self._config.fewest_recent)
        p_value = float(self._tail(np.array([surprise]))[0])
        return self._fresh(rows, n_days, p_value) if p_value <= self._config.chance else None

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


class _Counts:
    """How many messages are recent, here and everywhere."""

    def __init__(self, graph: Graph, ages: Indices, sources: Indices, spans: Sequence[int]) -> None:
        self.graph, self.ages, self.sources, self.spans = graph, ages, sources, spans

    def shares(self, n_days: int) -> Floats:
        """The share of recent messages in the source of each message (n,)."""
        recent = np.bincount(self.sources, weights=self.ages < n_days)
        share: Floats = (recent / np.bincount(self.sources))[self.sources].astype(np.float32)
        return share

    def best(self, balls: Indices, fewest: int) -> tuple[Floats, Indices, Indices]:
        """The largest surprise of each ball (c, k) of texts, and the size and days that show it."""
        surprise = np.zeros(len(balls), dtype=np.float32)
        size, days = np.zeros((2, len(balls)), dtype=np.intp)
        rows = np.arange(len(balls))
        n = np.cumsum(self._of_texts(np.ones(len(self.ages)))[balls], axis=1)
        for n_days in self.spans:
            observed = np.cumsum(self._of_texts(self.ages < n_days)[balls], axis=1)
            expected = np.cumsum(self._of_texts(self.shares(n_days))[balls], axis=1)
            ratio = _log_likelihood_ratio(n, observed, expected, fewest)
            largest = ratio.argmax(axis=1)
            better = ratio[rows, largest] > surprise
            surprise[better] = ratio[rows, largest][better]
            size[better], days[better] = largest[better] + 1, n_days
        return surprise, size, days

    def surprise(self, members: Indices, fewest: int) -> tuple[float, int]:
        """The largest surprise of one set of messages, and the days that show it."""
        surprises = []
        for n_days in self.spans:
            observed = np.array((self.ages[members] < n_days).sum())
            expected = self.shares(n_days)[members].sum()
            n = np.array(len(members))
            surprises.append((float(_log_likelihood_ratio(n, observed, expected, fewest)), -n_days))
        value, days = max(surprises)
        return value, -days

    def _of_texts(self, weights: NDArray[Any]) -> NDArray[np.float64]:
        """Sum what each message (n,) weighs over the messages of each sampled text (s,)."""
        inside = self.graph.text_of >= 0
        texts = self.graph.text_of[inside]
        return np.bincount(texts, weights=weights[inside], minlength=self.graph.n_texts).astype(
            np.float64
        )


def _log_likelihood_ratio(
    n: NDArray[Any], observed: NDArray[Any], expected: NDArray[Any], fewest: int
) -> NDArray[np.float64]:
    """The ratio for sets of `n` messages, `observed` of them recent; 0 if no more than expected."""
    old = n - observed
    inside = observed * np.log(np.maximum(observed, 1) / np.maximum(expected, 1e-9))
    outside = old * np.log(np.maximum(old, 1) / np.maximum(n - expected, 1e-9))
    more = (observed > expected) & (observed >= fewest)
    return np.where(more, inside + outside, 0.0)


def _shuffled(ages: Indices, sources: Indices, rng: np.random.Generator) -> Indices:
    shuffled = ages.copy()
    for source in np.unique(sources):
        own = sources == source
        shuffled[own] = rng.permutation(ages[own])
    return shuffled
