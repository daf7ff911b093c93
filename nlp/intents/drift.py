"""How far a week differs from the weeks before it: the population stability index."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

_N_GROUPS = 20
_FLOOR = 1e-3
"""Least share of a bin, so that an empty one does not make the index infinite."""


def stability_index(before: NDArray[np.floating], now: NDArray[np.floating]) -> float:
    """Return the sum of (now - before) log(now / before) over bins of counts; 0 is no change.

    Usual marks: below .1 stable, above .25 a shift. 0 where either side is empty.
    """
    if not before.sum() or not now.sum():
        return 0.0
    a = np.maximum(before / before.sum(), _FLOOR)
    b = np.maximum(now / now.sum(), _FLOOR)
    return float(((b - a) * np.log(b / a)).sum())


def of_messages(before: Floats, now: Floats, *, seed: int) -> float:
    """Return the index over k-means groups of the embeddings `before` (n, dimension)."""
    from sklearn.cluster import KMeans

    if len(before) < _N_GROUPS or not len(now):
        return 0.0
    groups = KMeans(_N_GROUPS, n_init=1, random_state=seed % 2**32).fit(before)
    return stability_index(_counts(groups.labels_), _counts(groups.predict(now)))


def of_confidence(before: Sequence[float], now: Sequence[float]) -> float:
    """Return the index over ten equal bins of probability."""
    edges = np.linspace(0, 1, 11)
    return stability_index(np.histogram(before, edges)[0], np.histogram(now, edges)[0])


def of_shares(before: Sequence[str], now: Sequence[str]) -> float:
    """Return the index over the shares of names."""
    names = sorted({*before, *now})
    was, is_now = Counter(before), Counter(now)
    return stability_index(
        np.array([was[n] for n in names], dtype=float),
        np.array([is_now[n] for n in names], dtype=float),
    )


def moved_shares(before: Sequence[str], now: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Return the share of each name before and now, what adds most to the index first."""
    was, is_now = Counter(before), Counter(now)
    shares = {n: (was[n] / len(before), is_now[n] / len(now)) for n in {*before, *now}}

    def part(name: str) -> float:
        a, b = (max(share, _FLOOR) for share in shares[name])
        return (b - a) * math.log(b / a)

    return {n: shares[n] for n in sorted(shares, key=lambda n: (-part(n), n))}


def _counts(labels: NDArray[np.integer]) -> NDArray[np.floating]:
    return np.bincount(labels, minlength=_N_GROUPS).astype(float)
