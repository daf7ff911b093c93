"""Assignment of messages to standing topics."""

import datetime as dt

import numpy as np

from nlp.records import Floats, Topic
from nlp.topics.assign import Members, assign, centroid_of, radius_of, strength


def _topic(topic_id: int, members: Floats) -> Topic:
    centroid = centroid_of(members)
    radius = radius_of(members, centroid)
    return Topic(topic_id, dt.date(2026, 3, 2), "x", (), (), centroid, radius, len(members))


def _cloud(direction: int, *, spread: float, n: int = 30) -> Floats:
    rng = np.random.default_rng(direction)
    rows = np.eye(8, dtype=np.float32)[direction] + rng.normal(0, spread, (n, 8))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_a_message_goes_where_its_neighbours_are_if_it_lies_as_near_as_they() -> None:
    """Members' likes are taken in; what lies between or apart stays unclustered."""
    one, two = _cloud(0, spread=0.05), _cloud(1, spread=0.05)
    topics = [_topic(1, one), _topic(2, two)]
    members = Members(np.concatenate([one, two]), np.repeat(np.array([1, 2]), 30))
    between = (one[:1] + two[:1]) / np.linalg.norm(one[:1] + two[:1])
    rows = np.concatenate([one[:1], two[:1], between, _cloud(5, spread=0.05)[:1]])
    found = assign(["a", "b", "c", "d"], rows, topics=topics, members=members)
    assert [a.topic_id for a in found] == [1, 2, None, None]
    assert all((a.strength > 0.5) == (a.topic_id is not None) for a in found)


def test_a_broad_topic_does_not_set_the_measure_of_a_narrow_one() -> None:
    """A message at the same distance is taken in by a broad topic, not by a narrow one."""
    narrow, broad = _cloud(0, spread=0.02), _cloud(1, spread=0.25)
    topics = [_topic(1, narrow), _topic(2, broad)]
    members = Members(np.concatenate([narrow, broad]), np.repeat(np.array([1, 2]), 30))
    aside = np.eye(8, dtype=np.float32)[[0, 1]]
    aside[:, 7] = 0.3
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    found = assign(["a", "b"], aside, topics=topics, members=members)
    assert [a.topic_id for a in found] == [None, 2]


def test_without_topics_everything_is_unclustered() -> None:
    """The first day has nothing to assign to."""
    nobody = Members(np.zeros((0, 8), dtype=np.float32), np.zeros(0, dtype=np.int64))
    found = assign(["a"], _cloud(0, spread=0.1)[:1], topics=[], members=nobody)
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
