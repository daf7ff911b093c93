"""The inverse of a large symmetric matrix and a Gram matrix of terms, for kernel ridge."""

from typing import Any

import numpy as np

from nlp.records import Floats

_FREQUENT = 0.05
"""A term in at least this share of texts is multiplied densely; .01 and .02 take longer."""
_BLOCK = 1_024


def inverse_of(matrix: Floats) -> Floats:
    """Return the inverse of a symmetric positive definite matrix (n, n), made in its place.

    LAPACK reads columns: of the transpose, which is the same matrix, it needs no copy.
    """
    from scipy.linalg import inv

    result: Floats = inv(matrix.T, assume_a="pos", overwrite_a=True, check_finite=False).T
    return result


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
