"""Learn from unlabelled messages when examples are few: pseudo-labels in rounds (Lee 2013)."""

from collections.abc import Sequence

import numpy as np

from nlp.intents.data import Candidate, Examples, Inputs, Scorer

_FEW = 20
"""Below this median of examples per intent, unlabelled messages help; measured at 5 and 10."""
_WEIGHT = 0.2
"""Weight of an unlabelled message; a labelled example has 1. Like `_LEFT_OUT` it was chosen on
training data (`python -m bench choice`); .1 and .4 are within .002."""
_LEFT_OUT = (0.1, 0.1, 0.1)
"""For each round, the share of unlabelled messages left out because they are least certain."""
_LEARNERS = ("kernel",)
"""Candidates that gain most from unlabelled messages. On draws of training data the kernel gained
.011 to .015, logistic regression 0 to .010. A comparison without these messages would not show
that, and one with them would take fifteen fits of each candidate."""


def helps(given: Examples, pool: Inputs | None) -> bool:
    """Return whether there are messages, and so few examples that the messages help."""
    return bool(pool and len(pool.texts) and np.median(np.bincount(given.y)) < _FEW)


def learners(candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Return the candidates that learn well from messages, or all where none is known to."""
    return [c for c in candidates if c.name in _LEARNERS] or candidates


def learn_with_pool(
    candidate: Candidate, scorer: Scorer, examples: Examples, pool: Inputs
) -> tuple[Scorer, int]:
    """Learn messages with the labels that the model gives them; every round labels them again.

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
        scorer = candidate.study(examples + pseudo).scorer()
    return scorer, n_learnt
