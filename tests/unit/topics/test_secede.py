"""What came lately meets the topics."""

import numpy as np
from nlp.topics.novelty import Fresh
from nlp.topics.secede import mixing, settle

from nlp.records import Floats

_RNG = np.random.default_rng(0)


def _near(axis: int, n: int) -> Floats:
    points = np.eye(32)[axis] + 0.05 * _RNG.normal(size=(n, 32))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def _ages(n_old: int, n_new: int) -> np.ndarray:
    """Old ones over two weeks, then new ones of today."""
    return np.array([1 + i % 13 for i in range(n_old)] + [0] * n_new)


def _place(first: int, n: int) -> Fresh:
    members = tuple(range(first, first + n))
    return Fresh(members, members, n_days=1, expected=0.5, p_value=1e-6)


def test_two_samples_of_one_place_mix_and_two_places_do_not() -> None:
    """Mixing is about 1 within a place and 0 between two."""
    points = _near(0, 80)
    assert 0.7 < mixing(points[:40], points[40:]) < 1.4
    assert mixing(points, _near(1, 40)) < 0.05


def test_what_is_apart_from_the_topic_that_holds_it_leaves_it() -> None:
    """A place of its own inside a topic is born from it, at once."""
    points = np.concatenate([_near(0, 40), _near(1, 10)])
    (found,) = settle(points, _ages(40, 10), [7] * 50, [_place(40, 10)], min_topic_size=8)
    assert (found.topic, found.parent) == (None, 7)
    assert found.members == tuple(range(40, 50))


def test_what_mixes_with_its_topic_is_a_surge_of_it() -> None:
    """Recent messages among the older ones of a topic are that topic's."""
    (found,) = settle(_near(0, 60), _ages(40, 20), [7] * 60, [_place(40, 20)], min_topic_size=8)
    assert (found.topic, found.members) == (7, ())


def test_unclaimed_messages_are_born_without_parent() -> None:
    """What nobody holds is a topic of its own, and takes along what lies among it."""
    points = np.concatenate([_near(0, 40), _near(1, 12)])
    topics = [7] * 40 + [None] * 12
    (found,) = settle(points, _ages(40, 12), topics, [_place(40, 9)], min_topic_size=8)
    assert (found.topic, found.parent) == (None, None)
    assert found.members == tuple(range(40, 52))


def test_nothing_leaves_what_a_person_holds() -> None:
    """In a topic that a person decided about, a fresh place is a surge."""
    points = np.concatenate([_near(0, 40), _near(1, 10)])
    (found,) = settle(points, _ages(40, 10), [7] * 50, [_place(40, 10)], min_topic_size=8, held={7})
    assert found.topic == 7


def test_too_few_are_no_topic_yet() -> None:
    """An emerging topic needs a share of the smallest size."""
    points = np.concatenate([_near(0, 40), _near(1, 5)])
    assert (
        settle(points, _ages(40, 5), [7] * 40 + [None] * 5, [_place(40, 5)], min_topic_size=20)
        == []
    )


def test_a_place_in_a_topic_that_surges_as_a_whole_is_its_surge() -> None:
    """A part that stands out in a topic of which the rest came lately too does not leave it."""
    points = np.concatenate([_near(0, 40), _near(1, 10)])
    ages = np.concatenate([_ages(20, 20), _ages(0, 10)])
    (found,) = settle(points, ages, [7] * 50, [_place(40, 10)], min_topic_size=8)
    assert found.topic == 7
