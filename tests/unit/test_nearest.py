"""Exact nearest neighbours."""

import numpy as np

from nlp.nearest import nearest
from nlp.records import Floats


def _random(n: int) -> Floats:
    rows = np.random.default_rng(0).normal(size=(n, 24))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_the_nearest_are_those_of_brute_force() -> None:
    """In several blocks, the same neighbours are found as by sorting all cosines."""
    points = _random(1_201)
    own = np.arange(1_201)
    neighbors, similarity = nearest(points, points, 7, without=(own, own + 1))
    cosines = points.astype(np.float64) @ points.T.astype(np.float64)
    np.fill_diagonal(cosines, -np.inf)
    exact = np.argsort(-cosines, axis=1)[:, :7]
    assert (neighbors == exact).all()
    assert np.allclose(similarity, np.take_along_axis(cosines, exact, axis=1), atol=1e-6)


def test_equally_near_points_come_in_their_order() -> None:
    """Ties go by index, so that the result does not depend on how a sort works."""
    points = np.tile(np.eye(2, dtype=np.float32)[:1], (9, 1))
    neighbors, _ = nearest(points[:1], points, 9)
    assert neighbors.tolist() == [list(range(9))]


def test_a_range_of_points_is_left_out() -> None:
    """The sentences of a message are no neighbours of one another; what is missing is marked."""
    points = _random(6)
    first, last = np.array([0, 3, 6]), np.array([3, 6, 6])
    neighbors, similarity = nearest(points[[0, 3, 0]], points, 4, without=(first, last))
    assert set(neighbors[0, :3]) == {3, 4, 5}
    assert set(neighbors[1, :3]) == {0, 1, 2}
    assert np.isneginf(similarity[:2, 3]).all()
    assert neighbors[2, 0] == 0
    assert np.isfinite(similarity[2]).all()
