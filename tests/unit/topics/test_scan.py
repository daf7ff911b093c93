"""What came lately: the scan of the embedding space."""

from collections.abc import Sequence

import numpy as np

from nlp.records import Floats
from nlp.topics.graph import Indices
from nlp.topics.scan import Scan
from tests.graphs import config, graph_of

_CONFIG = config(seed=1)
_RNG = np.random.default_rng(0)


def _near(center: Floats, n: int) -> Floats:
    points = center + 0.05 * _RNG.normal(size=(n, len(center)))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


_CENTERS = np.eye(12, 32)
_AGES = np.tile(np.arange(14), 50)
"""Fifty messages a day for two weeks, twelve themes among them."""
_POINTS = np.concatenate([_near(_CENTERS[i % 12], 1) for i in range(len(_AGES))])


def _scan(points: Floats, ages: Indices, sources: Sequence[str] | None = None) -> Scan:
    return Scan(graph_of(points), ages, sources, config=_CONFIG)


def _with(center: Floats, ages: list[int]) -> tuple[Floats, Indices]:
    points = np.concatenate([_POINTS, _near(center, len(ages))])
    return points, np.concatenate([_AGES, np.array(ages, dtype=int)])


def test_nothing_is_found_where_nothing_happens() -> None:
    """Twelve steady themes hold no place that came lately."""
    assert _scan(_POINTS, _AGES).places() == []


def test_a_new_theme_of_one_day_is_found_whole() -> None:
    """Twelve messages of today in a place of their own are told with their evidence."""
    points, ages = _with(np.eye(1, 32, 20)[0], [0] * 12)
    result = _scan(points, ages).places()[0]
    assert set(result.recent) <= set(range(700, 712))
    assert len(result.recent) >= 8
    assert result.n_days == 1
    assert result.p_value < _CONFIG.chance
    assert result.expected < 2


def test_a_small_theme_beside_a_large_one_is_found() -> None:
    """A sibling that a standing theme would swallow shows by its days."""
    sibling = 0.8 * _CENTERS[0] + 0.6 * np.eye(1, 32, 20)[0]
    points, ages = _with(sibling, [0] * 7 + [1] * 6)
    result = _scan(points, ages).places()[0]
    assert set(result.recent) <= set(range(700, 713))


def test_a_doubled_day_is_no_news() -> None:
    """Where everything doubles today, no place stands out."""
    more = [_near(_CENTERS[i % 12], 1) for i in range(50)]
    points = np.concatenate([_POINTS, *more])
    assert _scan(points, np.concatenate([_AGES, np.zeros(50, dtype=int)])).places() == []


def test_a_source_that_was_just_connected_is_no_news() -> None:
    """A source whose messages are all of today has its own share of recent ones: all of them."""
    points, ages = _with(np.eye(1, 32, 20)[0], [0] * 40)
    sources = ["old"] * 700 + ["new"] * 40
    assert _scan(points, ages, sources).places() == []
    assert _scan(points, ages, ["old"] * 740).places() != []


def test_it_repeats_to_the_bit() -> None:
    """The same seed finds the same."""
    points, ages = _with(np.eye(1, 32, 20)[0], [0] * 12)
    assert _scan(points, ages).places() == _scan(points, ages).places()


def test_few_or_only_recent_messages_say_nothing() -> None:
    """Without a past, or with next to nothing, there is no surprise to measure."""
    assert _scan(_POINTS[:3], np.zeros(3, dtype=int)).places() == []
    assert _scan(_POINTS, np.zeros(len(_POINTS), dtype=int)).places() == []


def test_a_set_of_messages_is_tested_as_a_whole() -> None:
    """Two themes of today side by side may be one place; each by itself came lately, too."""
    points, ages = _with(np.eye(1, 32, 20)[0], [0] * 12)
    scan = _scan(points, ages)
    fresh = scan.test(range(700, 712))
    assert fresh is not None
    assert (fresh.members, fresh.n_days) == (tuple(range(700, 712)), 1)
    assert scan.test(range(100)) is None
    assert scan.test([]) is None
