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

from nlp.neighbors import nearest
from nlp.records import Floats

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


def scan(
    embeddings: Floats, ages: Indices, sources: Sequence[str] | None = None, *, seed: int
) -> list[Fresh]:
    """Return the places where messages came lately, the most surprising first; no recent twice.

    `embeddings` is (n, d), rows of length 1; `ages` (n,) days since each message came, 0 = today;
    `sources` (n,) names where each came from, all the same where None.
    """
    rng = np.random.default_rng(seed)
    names = np.unique(sources, return_inverse=True)[1] if sources else np.zeros(len(ages), int)
    kept = np.arange(len(ages))
    if len(ages) > _MOST_SCANNED:
        kept = np.sort(rng.choice(len(ages), _MOST_SCANNED, replace=False))
    centers = kept[ages[kept] < _RECENT_DAYS[-1]]
    if len(centers) < _FEWEST_RECENT or len(centers) == len(kept):
        return []
    # A centre is the nearest to itself.
    balls, _ = nearest(embeddings[centers], embeddings[kept], min(_MOST_NEIGHBORS, len(kept)))
    score = _Scan(balls, names[kept])
    surprise, size, n_days = score.best(ages[kept])
    chance = [
        score.best(_shuffled(ages[kept], names[kept], rng))[0].max() for _ in range(_N_SHUFFLES)
    ]
    p_values = _tail(surprise, np.array(chance))
    found: list[Fresh] = []
    seen: set[int] = set()
    for n in np.argsort(-surprise, kind="stable"):
        if p_values[n] > MAX_P:
            break
        members = kept[balls[n, : size[n]]]
        recent = members[ages[members] < n_days[n]]
        if seen.isdisjoint(recent.tolist()):
            seen.update(recent.tolist())
            expected = float(score.shares(ages[kept], int(n_days[n]))[balls[n, : size[n]]].sum())
            found.append(
                Fresh(
                    tuple(sorted(members.tolist())),
                    tuple(sorted(recent.tolist())),
                    int(n_days[n]),
                    round(expected, 2),
                    float(p_values[n]),
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class _Scan:
    balls: Indices
    sources: Indices

    def shares(self, ages: Indices, n_days: int) -> Floats:
        """The share of recent messages in the source of each message (n,)."""
        recent = np.bincount(self.sources, weights=ages < n_days)
        share: Floats = (recent / np.bincount(self.sources))[self.sources].astype(np.float32)
        return share

    def best(self, ages: Indices) -> tuple[Floats, Indices, Indices]:
        """For each ball: its largest surprise, and the size and days that show it."""
        surprise = np.zeros(len(self.balls), dtype=np.float32)
        size, days = np.zeros((2, len(self.balls)), dtype=np.intp)
        rows = np.arange(len(self.balls))
        for n_days in _RECENT_DAYS:
            observed = np.cumsum(ages[self.balls] < n_days, axis=1)
            expected = np.cumsum(self.shares(ages, n_days)[self.balls], axis=1)
            ratio = _log_likelihood_ratio(observed, expected)
            largest = ratio.argmax(axis=1)
            better = ratio[rows, largest] > surprise
            surprise[better] = ratio[rows, largest][better]
            size[better], days[better] = largest[better] + 1, n_days
        return surprise, size, days


def _log_likelihood_ratio(observed: NDArray[Any], expected: Floats) -> Floats:
    """That of balls of 1, 2, … messages (c, k), of which `observed` are recent."""
    n = np.arange(1, observed.shape[1] + 1)
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


def _tail(surprise: Floats, chance: Floats) -> Floats:
    """P-values of surprises (c,) against the largest ones of shuffled days."""
    scale = max(float(chance.std(ddof=1)) * np.sqrt(6) / np.pi, 1e-6)
    location = float(chance.mean()) - np.euler_gamma * scale
    p_values: Floats = -np.expm1(-np.exp(-(surprise.astype(np.float64) - location) / scale))
    return p_values
