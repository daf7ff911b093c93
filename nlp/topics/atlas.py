"""Lay out the themes in two dimensions, so that a map shows which are similar."""

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

_ROUNDS = 60


def lay_out(centroids: Floats, radii: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a position in the unit square for each of n centroids (n, d), shape (n, 2).

    The first two principal components give the rough position. Discs of `radii` (n,), in the same
    unit, then push each other apart, so that none hides another while there is room.
    """
    n = len(centroids)
    if n == 0:
        return np.zeros((0, 2))
    centred = (centroids - centroids.mean(axis=0)).astype(np.float64)
    u, s, vt = np.linalg.svd(centred, full_matrices=False)
    k = min(2, len(s))
    places: NDArray[np.float64] = np.zeros((n, 2))
    # The sign of an axis is arbitrary: the largest weight is made positive, so no map flips.
    signs = np.sign(vt[np.arange(k), np.abs(vt[:k]).argmax(axis=1)])
    places[:, :k] = u[:, :k] * s[:k] * np.where(signs == 0, 1, signs)
    # Ranks spread the themes evenly where most of them are crowded in one corner.
    ranks = places.argsort(axis=0, kind="stable").argsort(axis=0, kind="stable")
    span = np.ptp(places, axis=0)
    scaled = (places - places.min(axis=0)) / np.where(span == 0, 1, span)
    places = 0.1 + 0.8 * (0.45 * scaled + 0.55 * ranks / max(n - 1, 1))
    for _ in range(_ROUNDS):
        apart = places[:, None] - places[None]
        distance = np.linalg.norm(apart, axis=2) + np.eye(n)
        overlap = np.clip(radii[:, None] + radii[None] - distance, 0, None)
        np.fill_diagonal(overlap, 0)
        if not overlap.any():
            break
        places += 0.4 * (apart / np.maximum(distance, 1e-6)[..., None] * overlap[..., None]).sum(1)
        places = np.clip(places, radii[:, None], 1 - radii[:, None])
    return places
