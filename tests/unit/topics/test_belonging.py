"""Promises of `nlp.topics.belonging`: the strangers of a window set the threshold of nearness."""

import numpy as np
import pytest

from nlp.records import Floats
from nlp.topics.belonging import belonging, least_nearness
from nlp.topics.graph import Labels
from tests.graphs import CONFIG, config, graph_of

_DIMENSION = 32


def _unit(rows: Floats) -> Floats:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _window(n: int, n_odd: int, *, n_topics: int = 8) -> tuple[Floats, Labels]:
    """`n` texts round each of some related directions, and `n_odd` unrelated ones, labelled -1."""
    rng = np.random.default_rng(5)
    shared = np.eye(_DIMENSION)[0]
    centers = _unit(0.9 * shared + _unit(rng.normal(size=(n_topics, _DIMENSION))))
    labels = np.append(np.repeat(np.arange(n_topics), n), np.full(n_odd, -1))
    rows = centers[labels] + 0.12 * rng.normal(size=(len(labels), _DIMENSION))
    rows[labels < 0] = rng.normal(size=(n_odd, _DIMENSION))
    return _unit(rows), labels


def _labels(rows: Floats, truth: Labels) -> Labels:
    """The topics with all that is odd taken in, each by the topic of the nearest text."""
    known = np.flatnonzero(truth >= 0)
    return np.where(truth >= 0, truth, truth[known[(rows @ rows[known].T).argmax(axis=1)]])


@pytest.mark.parametrize("strictness", [0, 0.5, 1])
def test_the_bar_is_a_quantile_of_the_nearness_to_strangers(strictness: float) -> None:
    """Strangers are the nearest texts of other topics, told by what sets texts apart; what has no
    topic is none. How near they lie is told by all of it."""
    rows, truth = _window(20, 30)
    graph = graph_of(rows)
    nearness = []
    for i in np.flatnonzero(truth >= 0):
        strangers = np.flatnonzero((truth >= 0) & (truth != truth[i]))
        nearest = np.argsort(graph.rows[strangers] @ graph.rows[i])[-CONFIG.n_neighbors :]
        nearness.append((rows[strangers[nearest]] @ rows[i]).mean())
    least = least_nearness(graph, truth, config=config(strictness=strictness))
    assert least == pytest.approx(np.quantile(nearness, strictness), abs=1e-5)


def test_what_lies_to_all_as_strangers_do_is_left_out() -> None:
    """A topic that it was given to does not keep it, and keeps its own members."""
    rows, truth = _window(40, 60)
    left = belonging(graph_of(rows), _labels(rows, truth), config=CONFIG) < 0
    assert left[truth < 0].mean() > 0.9
    assert left[truth >= 0].mean() < 0.05


@pytest.mark.parametrize("n", [10, 20, 40, 80])
def test_what_belongs_still_does_as_the_window_fills(n: int) -> None:
    """With more texts all of them get nearer, members and strangers alike."""
    rows, truth = _window(n, n)
    left = belonging(graph_of(rows), _labels(rows, truth), config=CONFIG) < 0
    assert left[truth >= 0].mean() < 0.1
    assert left[truth < 0].mean() > 0.8


def test_where_nothing_is_odd_nearly_all_belongs() -> None:
    """No share of the messages is left out by rule."""
    rows, truth = _window(40, 0)
    assert (belonging(graph_of(rows), truth, config=CONFIG) == truth).mean() > 0.95


@pytest.mark.parametrize("label", [-1, 0])
def test_without_strangers_everything_belongs(label: int) -> None:
    """A single topic, or none, gives no measure."""
    rows, truth = _window(10, 10)
    labels = np.full_like(truth, label)
    graph = graph_of(rows)
    assert least_nearness(graph, labels, config=CONFIG) == -1
    assert (belonging(graph, labels, config=CONFIG) == label).all()


def test_nobody_is_no_error() -> None:
    """An empty window has no threshold."""
    nobody = np.zeros(0, dtype=np.intp)
    graph = graph_of(np.zeros((0, _DIMENSION), dtype=np.float32))
    assert belonging(graph, nobody, config=CONFIG).tolist() == []
