"""Learn from unlabelled messages when examples are few: pseudo-labels in rounds (Lee 2013)."""

import numpy as np

from nlp.intents.config import IntentConfig
from nlp.intents.data import Examples, Inputs
from nlp.intents.kernel import KernelRidge, KernelScorer

_N_ROUNDS = 3


def helps(given: Examples, pool: Inputs, config: IntentConfig) -> bool:
    """Return whether there are messages, and so few examples that they help."""
    return bool(len(pool.texts) and np.median(np.bincount(given.y)) < config.few_examples)


def learn_with_pool(
    scorer: KernelScorer, examples: Examples, pool: Inputs
) -> tuple[KernelScorer, int]:
    """Learn messages with the labels that the model gives them; every round labels them again.

    `scorer` learnt `examples` only. Return the scorer that learnt both, and the number of messages.
    """
    n_learnt = 0
    for _ in range(_N_ROUNDS):
        scores = scorer.scores(pool)
        two = np.partition(scores, -2, axis=1)
        margin = two[:, -1] - two[:, -2]
        rows = np.flatnonzero(margin >= np.quantile(margin, scorer.config.pool_left_out))
        n_learnt = len(rows)
        weight = np.full(n_learnt, scorer.config.pool_weight, dtype=np.float32)
        pseudo = Examples(pool.take(rows), scores[rows].argmax(axis=1), weight, examples.n_intents)
        scorer = KernelRidge(scorer.config).fit(examples + pseudo)
    return scorer, n_learnt
