"""Exact nearest neighbours by cosine, in blocks, so that memory is bounded."""

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

Indices = NDArray[np.intp]

_BLOCK = 500


def nearest(
    queries: Floats, points: Floats, k: int, *, without: tuple[Indices, Indices] | None = None
) -> tuple[Indices, Floats]:
    """Return the indices in `points` of the `k` nearest of each of `queries`, and their cosines.

    `queries` (m, d) and `points` (n, d) are rows of length 1; both results are (m, k), the nearest
    first, ties by index. `without` gives for each query a range of points that are no neighbours
    of it, such as itself: the first, and the one after the last, each (m,). A cosine of -inf marks
    a point in that range, where `k` exceeds the number of other points.
    """
    indices = np.empty((len(queries), k), dtype=np.intp)
    similarity = np.empty((len(queries), k), dtype=np.float32)
    for start in range(0, len(queries) if k else 0, _BLOCK):
        block = queries[start : start + _BLOCK] @ points.T
        stop = start + len(block)
        if without is not None:
            first, last = without[0][start:stop], without[1][start:stop]
            for row in np.flatnonzero(first < last):
                block[row, first[row] : last[row]] = -np.inf
        most = block.shape[1] - k
        top = np.sort(np.argpartition(block, most, axis=1)[:, most:], axis=1) if most else None
        near = block if top is None else np.take_along_axis(block, top, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        indices[start:stop] = order if top is None else np.take_along_axis(top, order, axis=1)
        similarity[start:stop] = np.take_along_axis(near, order, axis=1)
    return indices, similarity
