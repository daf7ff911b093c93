"""Assignment of messages to standing topics."""

import datetime as dt

import numpy as np

from nlp.assign import assign, centroid_of, radius_of, strength
from nlp.records import Topic


def _topic(topic_id: int, centroid: list[float], radius: float) -> Topic:
    return Topic(
        topic_id, dt.date(2026, 3, 2), "x", (), (), np.array(centroid, dtype=np.float32), radius, 9
    )


def test_a_message_goes_to_the_nearest_topic_whose_own_rule_it_meets() -> None:
    """The nearer topic with the narrower rule does not take what lies outside of it."""
    narrow, wide = _topic(1, [1, 0], 0.99), _topic(2, [0, 1], 0.3)
    rows = np.array([[1, 0], [0.8, 0.6], [-1, 0]], dtype=np.float32)
    found = assign(["a", "b", "c"], rows, [narrow, wide])
    assert [a.topic_id for a in found] == [1, 2, None]
    assert found[0].strength == 1.0
    assert found[2].strength == 0.0


def test_without_topics_everything_is_unclustered() -> None:
    """The first day has nothing to assign to."""
    found = assign(["a"], np.ones((1, 2), dtype=np.float32), [])
    assert [(a.topic_id, a.strength) for a in found] == [(None, 0.0)]


def test_strength_is_half_on_the_edge_and_one_at_the_centroid() -> None:
    """Strength says how far inside its topic a message lies."""
    assert strength(0.4, 0.4) == 0.5
    assert strength(1.0, 0.4) == 1.0
    assert strength(0.7, 0.4) == 0.75


def test_radius_leaves_the_loosest_twentieth_out() -> None:
    """Nineteen of twenty members meet their own topic's rule."""
    angle = np.linspace(0, 1, 200)
    members = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    centroid = centroid_of(members)
    radius = radius_of(members, centroid)
    assert 0.93 <= (members @ centroid >= radius).mean() <= 0.97
