"""What each fresh place is: a surge or a new topic."""

from collections.abc import Collection, Sequence

import numpy as np
import pytest

from nlp.records import Floats
from nlp.topics.config import TopicConfig
from nlp.topics.emergence import Emergence, emerge
from nlp.topics.graph import Indices
from nlp.topics.scan import Fresh
from tests.graphs import CONFIG, config, graph_of

_RNG = np.random.default_rng(0)


def _near(axis: int, n: int) -> Floats:
    points = np.eye(32)[axis] + 0.05 * _RNG.normal(size=(n, 32))
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)


def _ages(n_old: int, n_new: int) -> Indices:
    """Old ones over two weeks, then new ones of today."""
    return np.array([1 + i % 13 for i in range(n_old)] + [0] * n_new)


def _place(first: int, n: int) -> Fresh:
    members = tuple(range(first, first + n))
    return Fresh(members, members, n_days=1, expected=0.5, p_value=1e-6)


def _emerged(
    points: Floats,
    ages: Indices,
    topics: Sequence[int | None],
    place: Fresh,
    *,
    held: Collection[int] = (),
    numbers: TopicConfig = CONFIG,
    weights: Floats | None = None,
) -> list[Emergence]:
    graph = graph_of(points, topics)
    each = None if weights is None else weights.astype(np.float64)
    return emerge(graph, ages, topics, [place], config=numbers, held=held, weights=each)


def test_what_is_apart_from_the_topic_that_holds_it_leaves_it() -> None:
    """A place inside a topic that does not mix with it becomes a topic of its own at once."""
    points = np.concatenate([_near(0, 40), _near(1, 10)])
    (result,) = _emerged(points, _ages(40, 10), [7] * 50, _place(40, 10))
    assert (result.topic, result.parent) == (None, 7)
    assert result.members == tuple(range(40, 50))


def test_what_mixes_with_its_topic_is_a_surge_of_it() -> None:
    """Recent messages that mix with the older ones of a topic are a surge of that topic."""
    (result,) = _emerged(_near(0, 60), _ages(40, 20), [7] * 60, _place(40, 20))
    assert (result.topic, result.members) == (7, ())


def test_a_topic_of_yesterday_takes_in_what_came_since() -> None:
    """It has few of them, but nearly all of its own lie among them: no second topic is born."""
    points = np.concatenate([_near(0, 40), _near(1, 21)])
    topics: list[int | None] = [7] * 40 + [8] * 9 + [None] * 12
    (result,) = _emerged(points, _ages(40, 21), topics, _place(40, 21))
    assert (result.topic, result.parent) == (8, None)
    assert result.members == tuple(range(49, 61))


def test_a_topic_that_a_person_decided_about_takes_in_nothing() -> None:
    """It surges, and the unclustered messages are left to assignment and clustering."""
    points = np.concatenate([_near(0, 40), _near(1, 21)])
    topics: list[int | None] = [7] * 40 + [8] * 9 + [None] * 12
    (result,) = _emerged(points, _ages(40, 21), topics, _place(40, 21), held={8})
    assert (result.topic, result.members) == (8, ())


@pytest.mark.parametrize("holder", [None, 9])
def test_what_belongs_nowhere_does_not_come_along(holder: int | None) -> None:
    """An unclustered message that is no nearer to the new ones than strangers stays so."""
    topical = np.concatenate([_near(0, 40), _near(1, 40), _near(2, 12)]) + np.eye(32)[5]
    odd = _RNG.normal(size=(6, 32))
    points = np.concatenate([topical, odd])
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    topics: list[int | None] = [7] * 40 + [8] * 40 + [None] * 12 + [holder] * 6
    ages = np.concatenate([_ages(80, 12), np.full(6, 9)])
    place = Fresh(tuple(range(80, 98)), tuple(range(80, 92)), 1, expected=0.5, p_value=1e-6)
    (result,) = _emerged(points, ages, topics, place)
    assert (result.topic, result.members) == (None, tuple(range(80, 92)))


def test_unclaimed_messages_are_born_without_parent() -> None:
    """Unclaimed messages are a topic of their own, with the messages that lie among them."""
    points = np.concatenate([_near(0, 40), _near(1, 12)])
    topics = [7] * 40 + [None] * 12
    (result,) = _emerged(points, _ages(40, 12), topics, _place(40, 9))
    assert (result.topic, result.parent) == (None, None)
    assert result.members == tuple(range(40, 52))


def test_nothing_leaves_what_a_person_holds() -> None:
    """In a topic that a person decided about, a fresh place is a surge."""
    points = np.concatenate([_near(0, 40), _near(1, 10)])
    (result,) = _emerged(points, _ages(40, 10), [7] * 50, _place(40, 10), held={7})
    assert result.topic == 7


def test_too_few_are_no_topic_yet() -> None:
    """An emerging topic needs a share of the smallest size."""
    points = np.concatenate([_near(0, 40), _near(1, 5)])
    topics = [7] * 40 + [None] * 5
    numbers = config(min_topic_size=20)
    assert _emerged(points, _ages(40, 5), topics, _place(40, 5), numbers=numbers) == []


def test_fewer_than_the_fewest_are_no_topic_yet() -> None:
    """Four messages of today are no fresh place."""
    points = np.concatenate([_near(0, 40), _near(1, 4)])
    topics = [7] * 40 + [None] * 4
    assert _emerged(points, _ages(40, 4), topics, _place(40, 4)) == []


def test_a_place_in_a_topic_that_surges_as_a_whole_is_its_surge() -> None:
    """A distinct part does not leave a topic whose other messages are recent as well."""
    points = np.concatenate([_near(0, 40), _near(1, 10)])
    ages = np.concatenate([_ages(20, 20), _ages(0, 10)])
    (result,) = _emerged(points, ages, [7] * 50, _place(40, 10))
    assert result.topic == 7


def test_what_began_there_yesterday_goes_on() -> None:
    """A topic that a few messages made the day before takes in what its parent got since."""
    points = np.concatenate([_near(0, 40), _near(1, 18)])
    topics: list[int | None] = [7] * 40 + [8] * 4 + [7] * 14
    place = Fresh(tuple(range(40, 58)), tuple(range(40, 58)), 2, expected=0.5, p_value=1e-6)
    (result,) = _emerged(points, _ages(40, 18), topics, place)
    assert (result.topic, result.parent) == (8, 7)
    assert result.members == tuple(range(44, 58))


def test_a_place_is_of_the_topic_whose_messages_stand_for_most_of_it() -> None:
    """Three of twenty recent ones are of a topic of which a tenth was read: the place is its."""
    points, ages = _near(0, 60), _ages(40, 20)
    topics: list[int | None] = [7] * 43 + [None] * 17
    (alone,) = _emerged(points, ages, topics, _place(40, 20))
    assert (alone.topic, alone.parent) == (None, None)
    weights = np.array([10.0] * 43 + [1.0] * 17)
    (result,) = _emerged(points, ages, topics, _place(40, 20), weights=weights)
    assert result.topic == 7
