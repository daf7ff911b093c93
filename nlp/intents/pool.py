"""Learn from unlabelled messages when examples are few: pseudo-labels in rounds (Lee 2013)."""

import numpy as np

from nlp.intents.data import Examples, Inputs
from nlp.intents.kernel import KernelRidge, KernelScorer

_FEW = 20
"""Below this median of examples per intent, unlabelled messages help; measured at 5 and 10."""
_WEIGHT = 0.2
"""Weight of an unlabelled message; a labelled example has 1. Like `_LEFT_OUT` it was chosen on
training data (`python -m bench choice`); .1 and .4 are within .002."""
_LEFT_OUT = (0.1, 0.1, 0.1)
"""Share of the least certain unlabelled messages that each round leaves out."""


def helps(given: Examples, pool: Inputs) -> bool:
    """Say whether there are messages, and so few examples that they help."""
    return bool(len(pool.texts) and np.median(np.bincount(given.y)) < _FEW)


def learn_with_pool(
    scorer: KernelScorer, examples: Examples, pool: Inputs
) -> tuple[KernelScorer, int]:
    """Learn messages under the labels that the model itself gives them, anew in every round.

    `scorer` learnt `examples` only. Return the scorer that learnt both, and the number of messages.
    """
    n_learnt = 0
    for left_out in _LEFT_OUT:
        scores = scorer.scores(pool)
        two = np.partition(scores, -2, axis=1)
        margin = two[:, -1] - two[:, -2]
        rows = np.flatnonzero(margin >= np.quantile(margin, left_out))
        n_learnt = len(rows)
        weight = np.full(n_learnt, _WEIGHT, dtype=np.float32)
        pseudo = Examples(pool.take(rows), scores[rows].argmax(axis=1), weight, examples.n_intents)
        scorer = KernelRidge().study(examples + pseudo).scorer()
    return scorer, n_learnt
