"""Nearest neighbours by cosine, exact, in blocks: what memory holds is bounded."""

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

Indices = NDArray[np.intp]

_BLOCK = 500


def nearest(
    queries: Floats, points: Floats, k: int, *, selves: Indices | None = None
) -> tuple[Indices, Floats]:
    """Return the indices in `points` of the `k` nearest of each of `queries`, and their cosines.

    `queries` (m, d) and `points` (n, d) are rows of length 1; both answers are (m, k), the nearest
    first, ties by index. `selves` (m,) names the point that each query itself is, which is then no
    neighbour of its own. `k` is at most n, or n - 1 with `selves`.
    """
    indices = np.empty((len(queries), k), dtype=np.intp)
    similarity = np.empty((len(queries), k), dtype=np.float32)
    for start in range(0, len(queries) if k else 0, _BLOCK):
        block = queries[start : start + _BLOCK] @ points.T
        stop = start + len(block)
        if selves is not None:
            block[np.arange(len(block)), selves[start:stop]] = -np.inf
        last = block.shape[1] - k
        top = np.sort(np.argpartition(block, last, axis=1)[:, last:], axis=1) if last else None
        near = block if top is None else np.take_along_axis(block, top, axis=1)
        order = np.argsort(-near, axis=1, kind="stable")
        indices[start:stop] = order if top is None else np.take_along_axis(top, order, axis=1)
        similarity[start:stop] = np.take_along_axis(near, order, axis=1)
    return indices, similarity
