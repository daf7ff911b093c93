"""Choose the candidate: cross-validation on the same folds, with cost as the tie-break."""

from collections.abc import Sequence

import numpy as np

from nlp.intents.data import Candidate, Examples, Indices
from nlp.intents.kernel import KernelRidge
from nlp.intents.linear import LinearSvm, Logistic

CANDIDATES: tuple[Candidate, ...] = (KernelRidge(), Logistic(), LinearSvm())
_N_FOLDS = 5
_COMPARED = 1_500
"""Most examples that are compared: on all of Banking77 the comparison would take minutes."""
_CLOSE = 0.002
"""Candidates within this accuracy of the best count as equal; the cheapest of them wins."""


def choose(
    given: Examples, named: Examples, *, candidates: Sequence[Candidate], seed: int
) -> tuple[Candidate, dict[str, float]]:
    """Return the winner, and the accuracy of each candidate where there is more than one.

    `given` are examples, of which a sample is compared; every fit also learns `named`.
    """
    if len(candidates) == 1:
        return candidates[0], {}
    sample = given.take(capped(given.y, most=_COMPARED, seed=seed))
    parts = folds_of(sample.y, seed=seed)
    figures = {}
    for candidate in candidates:
        scores = candidate.study(sample + named).held_out(parts)[: len(sample.y)]
        figures[candidate.name] = float((scores.argmax(axis=1) == sample.y).mean())
    best = max(figures.values())
    good = [c for c in candidates if figures[c.name] >= best - _CLOSE]
    return min(good, key=lambda c: c.cost), figures


def capped(y: Indices, *, most: int, seed: int) -> Indices:
    """Return all rows, or about `most` of them: each intent's share, but at least 2."""
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
    """Return five stratified folds, or fewer where an intent has fewer examples."""
    from sklearn.model_selection import StratifiedKFold

    n_folds = min(_N_FOLDS, int(np.bincount(y)[np.unique(y)].min()))
    split = StratifiedKFold(max(n_folds, 2), shuffle=True, random_state=seed % 2**32)
    return [test for _, test in split.split(y, y)]
