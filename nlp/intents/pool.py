"""Learn from unlabelled messages where examples are few: pseudo-labels in rounds (Lee 2013)."""

from collections.abc import Sequence

import numpy as np

from nlp.intents.data import Candidate, Examples, Inputs, Scorer

_FEW = 20
"""At fewer examples an intent (median), unlabelled messages help; measured at 5 and 10."""
_WEIGHT = 0.2
"""Chosen on training data, as the next: `python -m bench choice`. .1 and .4 are within .001."""
_LEFT_OUT = (0.1, 0.1, 0.1)
"""Share of the least certain unlabelled messages that each round leaves out."""
_LEARNERS = ("kernel",)
"""Candidates that learn most from messages. On draws of training data the kernel gained .011 to
.015, logistic regression 0 to .010; comparing them without messages would not see that, and with
them would cost fifteen fits of each."""


def helps(given: Examples, pool: Inputs | None) -> bool:
    """Say whether there are messages, and so few examples that they help."""
    return bool(pool and len(pool.texts) and np.median(np.bincount(given.y)) < _FEW)


def learners(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return those that learn from messages well, all of them where none is known to."""
    return [c for c in candidates if c.name in _LEARNERS] or candidates


def learn_with_pool(
    candidate: Candidate, scorer: Scorer, examples: Examples, pool: Inputs
) -> tuple[Scorer, int]:
    """Learn messages under the labels that the model itself gives them, anew in every round.

    `scorer` learnt `examples` alone. Return what learnt both, and how many messages it learnt.
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
        scorer = candidate.study(examples + pseudo).scorer()
    return scorer, n_learnt
