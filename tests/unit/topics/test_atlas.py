"""The map of the themes."""

import numpy as np
import pytest

from nlp.topics.atlas import lay_out


@pytest.mark.parametrize("n", [0, 1, 2, 3, 60])
def test_every_theme_has_a_place_inside_the_square(n: int) -> None:
    """One pair per theme, its whole disc within the unit square, however many there are."""
    rows = np.random.default_rng(1).normal(size=(n, 16)).astype(np.float32)
    radii = np.full(n, 0.03)
    places = lay_out(rows, radii)
    assert places.shape == (n, 2)
    assert ((places >= 0.03 - 1e-9) & (places <= 0.97 + 1e-9)).all()


def test_discs_hardly_overlap_and_near_themes_lie_nearer() -> None:
    """Two bundles of themes stay two bundles, and no disc hides another."""
    rng = np.random.default_rng(2)
    centres = np.repeat(np.eye(8)[:2], 8, axis=0)
    rows = (centres + rng.normal(scale=0.08, size=centres.shape)).astype(np.float32)
    radii = np.full(16, 0.04)
    places = lay_out(rows, radii)
    distance = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distance, 1)
    assert distance.min() > 0.06
    assert distance[:8, :8].mean() < distance[:8, 8:].mean()


def test_the_map_stays_put() -> None:
    """The same centroids have the same positions."""
    rows = np.random.default_rng(3).normal(size=(20, 16)).astype(np.float32)
    radii = np.linspace(0.01, 0.05, 20)
    assert (lay_out(rows, radii) == lay_out(rows.copy(), radii)).all()
