"""Divide a theme in two, as a suggestion for a person who wants to split it."""

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

_ROUNDS = 25


def halves(embeddings: Floats) -> NDArray[np.bool_]:
    """Return a mask (n,) of the smaller part of n >= 2 embeddings (n, d), rows of length 1.

    Spherical 2-means (Dhillon & Modha, 2001), started from the two ends of the first principal
    axis, so that the same texts are always divided in the same way.
    """
    centred = embeddings - embeddings.mean(axis=0)
    axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    along = centred @ axis
    part: NDArray[np.bool_] = along > np.median(along)
    for _ in range(_ROUNDS):
        if part.all() or not part.any():
            break
        means = np.stack([embeddings[~part].mean(axis=0), embeddings[part].mean(axis=0)])
        means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
        new = (embeddings @ means.T).argmax(axis=1) == 1
        if (new == part).all():
            break
        part = new
    return part if part.sum() <= len(part) / 2 else ~part
