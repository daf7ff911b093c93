"""Dividing a theme in two."""

import numpy as np
import pytest

from nlp.topics.divide import halves


def test_two_bundles_fall_apart_and_the_smaller_is_told() -> None:
    """Of seven vectors around one axis and four around another, the four are the smaller part."""
    rng = np.random.default_rng(0)
    axes = np.eye(6, dtype=np.float32)
    rows = np.concatenate([np.repeat(axes[:1], 7, 0), np.repeat(axes[1:2], 4, 0)])
    rows = (rows + rng.normal(scale=0.05, size=rows.shape)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert halves(rows).tolist() == [False] * 7 + [True] * 4


@pytest.mark.parametrize("n", [2, 3, 10])
def test_equal_vectors_are_no_two_halves_but_no_error(n: int) -> None:
    """Equal texts cannot be separated: the smaller part has at most half, and nothing fails."""
    rows = np.repeat(np.eye(3, dtype=np.float32)[:1], n, 0)
    assert halves(rows).sum() <= n / 2
