"""Which examples a fit takes, and which are held out of it."""

import numpy as np

from nlp.intents.data import Indices

_N_FOLDS = 5


def capped(y: Indices, *, most: int, seed: int) -> Indices:
    """Return all rows, or `most` of them with each intent's share, at least 2."""
    if len(y) <= most:
        return np.arange(len(y))
    rng = np.random.default_rng(seed)
    kept = []
    for intent in range(int(y.max()) + 1):
        rows = np.flatnonzero(y == intent)
        n = max(2, len(rows) * most // len(y))
        kept.append(rng.permutation(rows)[:n])
    return np.sort(np.concatenate(kept))


def folds_of(y: Indices, *, seed: int) -> list[Indices]:
    """Return five folds with each intent's share, fewer where an intent has fewer examples."""
    from sklearn.model_selection import StratifiedKFold

    n_folds = min(_N_FOLDS, int(np.bincount(y)[np.unique(y)].min()))
    split = StratifiedKFold(max(n_folds, 2), shuffle=True, random_state=seed % 2**32)
    return [test for _, test in split.split(y, y)]
