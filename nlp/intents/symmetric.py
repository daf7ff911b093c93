"""The inverse of a large symmetric matrix and a Gram matrix, both by dense multiplication."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats

_SMALL = 512
"""Up to this many rows the matrix is inverted without splitting; 256 and 1,024 are as fast."""
_FREQUENT = 0.05
"""A term in at least this share of texts is multiplied densely; .01 and .02 take longer."""
_BLOCK = 1_024


def invert(matrix: NDArray[np.floating]) -> None:
    """Invert a symmetric positive definite matrix (n, n) in place.

    It works by halves and their Schur complements: 4n³/3 multiplications, nearly all in matrix
    products. That takes less than half the time of LAPACK's `potrf` and `potri`.
    """
    n = len(matrix)
    if n <= _SMALL:
        _invert_small(matrix)
        return
    half = n // 2
    top, corner, bottom = matrix[:half, :half], matrix[half:, :half], matrix[half:, half:]
    invert(top)
    lead = corner @ top
    bottom -= lead @ corner.T
    invert(bottom)
    corner[:] = bottom @ lead
    top += lead.T @ corner
    np.negative(corner, out=corner)
    matrix[:half, half:] = corner.T


def _invert_small(matrix: NDArray[np.floating]) -> None:
    from scipy.linalg import cho_factor, cho_solve

    factor = cho_factor(matrix, lower=True, check_finite=False)
    matrix[:] = cho_solve(factor, np.eye(len(matrix), dtype=matrix.dtype), check_finite=False)


def gram_of_terms(terms: Any) -> Floats:
    """Return the dot products (n, n) of the rows of a CSR matrix (n, n_terms) float32."""
    n = terms.shape[0]
    frequent = np.bincount(terms.indices, minlength=terms.shape[1]) >= _FREQUENT * n
    dense, sparse = terms[:, frequent].toarray(), terms[:, ~frequent].tocsr()
    out = np.empty((n, n), dtype=np.float32)
    for start in range(0, n, _BLOCK):
        end = min(start + _BLOCK, n)
        out[start:end, :end] = (sparse[start:end] @ sparse[:end].T).toarray()
        out[start:end, :end] += dense[start:end] @ dense[:end].T
        out[:start, start:end] = out[start:end, :start].T
    return out
