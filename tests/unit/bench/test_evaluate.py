"""The figures of one batch."""

import numpy as np

from bench.evaluate import accuracy, batch_scores


def test_accuracy_matches_one_to_one() -> None:
    """Only one of two topics of the same intent counts as right."""
    gold = np.array([0, 0, 0, 0, 1, 1])
    assert accuracy(gold, np.array([5, 5, 5, 5, 9, 9])) == 1.0
    assert accuracy(gold, np.array([1, 1, 2, 2, 0, 0])) == 4 / 6


def test_unclustered_messages_count_twice() -> None:
    """Honest figures count noise as one cluster; assigned figures assign it to topics."""
    rows = np.array([[1, 0], [1, 0], [1, 0], [0, 1], [0, 1], [0, 1]], dtype=np.float32)
    scores = batch_scores(list("aaabbb"), np.array([0, 0, -1, 1, 1, 1]), rows)
    assert scores.coverage == 5 / 6
    assert scores.acc == 5 / 6
    assert scores.acc_assigned == 1.0
