"""Whether two groups of texts are one."""

import numpy as np
import pytest

from nlp.topics.graph import Graph, Labels
from nlp.topics.mixing import join, mixing_of
from tests.graphs import graph_of, on_arc
from tests.places import places

_MIXING = 0.3


def _samples(*sizes: int, n_each: int) -> tuple[Graph, Labels]:
    """Some places, each divided by turns into as many samples."""
    place = np.repeat(np.arange(len(sizes)), sizes)
    turn = np.concatenate([np.arange(size) % n_each for size in sizes])
    return graph_of(places(*sizes)), place * n_each + turn


def _chain(n: int) -> Graph:
    """Points that shade into one another from end to end, and as many on the other side."""
    arc = on_arc(*np.linspace(0, 1.2, n))
    return graph_of(np.concatenate([arc, -arc]))


def _ends(labels: Labels) -> Labels:
    """Those of the points of a chain; what is on the other side is in no group."""
    return np.concatenate([labels, np.full_like(labels, -1)])


def test_two_samples_of_one_place_mix_and_two_places_do_not() -> None:
    """Mixing is about 1 within a place and 0 between two."""
    graph, labels = _samples(80, n_each=2)
    assert 0.7 < mixing_of(graph, labels) < 1.4
    graph, labels = _samples(80, 40, n_each=1)
    assert mixing_of(graph, labels) < 0.05


@pytest.mark.parametrize("sizes", [(40, 160), (10, 100)])
def test_a_small_sample_mixes_with_a_large_one(sizes: tuple[int, int]) -> None:
    """What the two weigh does not matter."""
    n = sum(sizes)
    labels = np.ones(n, dtype=np.intp)
    labels[np.random.default_rng(1).permutation(n)[: sizes[0]]] = 0
    assert 0.7 < mixing_of(graph_of(places(n)), labels) < 1.4


@pytest.mark.parametrize("labels", [[0, 1, 1, 1], [-1, -1, 1, 1], [-1] * 4, [0, 0, 0, 1]])
def test_nothing_mixes_with_fewer_than_two_texts(labels: list[int]) -> None:
    """One text has no inside that could be compared with; nobody at all is no error."""
    graph = graph_of(places(4))
    assert mixing_of(graph, np.array(labels, dtype=np.intp)) == 0
    assert mixing_of(graph_of(places(4)[:0]), np.zeros(0, dtype=np.intp)) == 0


def test_samples_of_one_place_are_joined_and_places_are_not() -> None:
    """Twelve samples of three places are joined to three groups; what is none stays so."""
    graph, labels = _samples(60, 60, 60, n_each=4)
    labels[[5, 65]] = -1
    before = labels.copy()
    joined = join(graph, labels, _MIXING, usual_share=1)
    assert (labels == before).all()
    assert [np.unique(joined[n : n + 60]).size for n in (0, 60, 120)] == [2, 2, 1]
    assert len(np.unique(joined)) == 4
    assert (joined[[5, 65]] == -1).all()


def test_no_two_groups_are_left_that_mix_as_much() -> None:
    """How far is near is measured again after each round of joins, until none is left to make."""
    graph, labels = _chain(240), _ends(np.arange(240) // 6)
    joined = join(graph, labels, 0.2, usual_share=0.5)
    assert len(np.unique(joined)) < 10
    assert (join(graph, joined, 0.2, usual_share=0.5) == joined).all()


def test_a_group_beyond_the_usual_share_must_mix_the_more() -> None:
    """Halves of all texts that mix by half are joined, unless a usual group is much smaller."""
    graph, labels = _chain(120), _ends(np.arange(120) // 60)
    mixing = mixing_of(graph, labels)
    assert 0.05 < mixing < 0.9
    assert join(graph, labels, mixing - 0.02, usual_share=1).max() == 0
    assert join(graph, labels, mixing - 0.02, usual_share=0.25).max() == 1


@pytest.mark.parametrize("labels", [[-1] * 4, [0] * 4, [-1, 3, 3, 3]])
def test_one_group_or_none_is_left_as_it_is(labels: list[int]) -> None:
    """There is nothing to join."""
    given = np.array(labels, dtype=np.intp)
    assert (join(graph_of(places(4)), given, _MIXING, usual_share=1) == given).all()
