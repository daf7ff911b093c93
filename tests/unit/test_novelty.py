"""What came lately."""

import numpy as np

from nlp.novelty import fresh_parts, recency

_DAYS = np.repeat(np.arange(14), 50)
"""Fifty messages a day for two weeks."""


def test_a_part_as_old_as_all_did_not_come_lately() -> None:
    """Messages spread over the window like all others are no surprise."""
    p_value, _, _ = recency(_DAYS[::10], _DAYS)
    assert p_value > 0.05


def test_a_part_of_one_day_came_lately() -> None:
    """Ten messages of today alone are."""
    p_value, n_days, n_recent = recency(np.zeros(10, dtype=int), _DAYS)
    assert p_value < 1e-6
    assert (n_days, n_recent) == (1, 10)


def test_a_doubled_day_is_no_surprise() -> None:
    """Where all of today doubled, so did its share, and no part stands out."""
    ages = np.concatenate([_DAYS, np.zeros(50, dtype=int)])
    part = np.concatenate([_DAYS[::10], np.zeros(5, dtype=int)])
    assert recency(part, ages)[0] > 0.01


def test_parts_do_not_overlap_and_the_most_surprising_comes_first() -> None:
    """Of nested parts the one that stands out most is told, and no message twice."""
    ages = np.concatenate([np.zeros(24, dtype=int), _DAYS])
    inner, outer = np.arange(12), np.concatenate([np.arange(12), np.arange(600, 610)])
    other = np.arange(12, 24)
    found = fresh_parts([outer, inner, other], ages, min_topic_size=5)
    assert sorted(f.members for f in found) == [tuple(range(12)), tuple(range(12, 24))]
