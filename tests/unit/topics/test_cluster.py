"""Promises of `nlp.topics.cluster`, on groups of directions that are easy to separate."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.records import Floats
from nlp.topics.cluster import Clustering, cluster
from nlp.topics.graph import Labels
from tests.graphs import config, graph_of

_DIMENSION = 64


def _directions(n: int, *, seed: int = 0) -> Floats:
    """(n, d) directions that have nothing in common."""
    rows = np.random.default_rng(seed).normal(size=(n, _DIMENSION))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _groups(sizes: Sequence[int], *, first_spread: float = 0.08) -> tuple[Floats, Labels]:
    """Messages around one direction per size, in random order, with their group."""
    rng = np.random.default_rng(3)
    truth = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    spread = np.where(truth == 0, first_spread, 0.08)[:, None]
    rows = _directions(len(sizes))[truth] + spread * rng.normal(size=(len(truth), _DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows.astype(np.float32), truth


def _cluster(rows: Floats, *, min_topic_size: int = 8, **numbers: float) -> Clustering:
    """The clusters of all messages, each where its text is."""
    graph = graph_of(rows)
    chosen = config(min_topic_size=min_topic_size, seed=1, **numbers)
    return cluster(graph, config=chosen).of(graph.text_of)


def _check(result: Clustering, n: int) -> None:
    """What holds of every clustering: shape, numbering, order by size."""
    assert result.labels.shape == (n,)
    assert np.issubdtype(result.labels.dtype, np.integer)
    sizes = np.bincount(result.labels[result.labels >= 0], minlength=result.n_clusters)
    assert result.labels.min(initial=-1) >= -1
    assert len(sizes) == result.n_clusters
    assert (sizes > 0).all()
    assert (np.diff(sizes) <= 0).all()


def _agree(labels: Labels, truth: Labels) -> None:
    """Each group has a cluster that holds nearly all of it and nearly nothing else."""
    for group in np.unique(truth):
        own = labels[truth == group]
        values, counts = np.unique(own[own >= 0], return_counts=True)
        assert counts.max(initial=0) >= 0.85 * len(own), f"group {group} of {len(own)} is torn"
        best = truth[labels == values[counts.argmax()]]
        assert (best == group).mean() >= 0.95, f"group {group} of {len(own)} shares its cluster"


@pytest.fixture(scope="module")
def large() -> tuple[Clustering, Floats, Labels]:
    """A clustering of eight groups of unequal sizes."""
    rows, truth = _groups([60, 50, 50, 40, 40, 35, 30, 30])
    return _cluster(rows), rows, truth


def test_groups_that_stand_apart_are_found(large: tuple[Clustering, Floats, Labels]) -> None:
    """Each group becomes a cluster of its own, and no cluster is smaller than was asked for."""
    result, rows, truth = large
    _check(result, len(rows))
    _agree(result.labels, truth)
    assert np.bincount(result.labels[result.labels >= 0]).min() >= 8


@pytest.mark.parametrize("first_spread", [0.08, 0.03], ids=["loose", "tight"])
def test_a_group_that_dominates_hides_no_other(first_spread: float) -> None:
    """On the day of an outage, small themes that have nothing to do with it are found as well.

    However alike the messages about the outage are: the others' own likeness is what counts.
    """
    rows, truth = _groups([200, 20, 20, 20], first_spread=first_spread)
    result = _cluster(rows)
    _check(result, len(rows))
    _agree(result.labels, truth)


def test_repeats_to_the_bit(large: tuple[Clustering, Floats, Labels]) -> None:
    """The same messages with the same seed give the same labels."""
    result, rows, _ = large
    again = _cluster(rows.copy())
    assert (again.labels == result.labels).all()


def test_a_few_messages_are_clustered_too() -> None:
    """A small window, where a neighbour graph would say little, shows its groups as well."""
    rows, truth = _groups([16, 14, 12])
    result = _cluster(rows, min_topic_size=5)
    _check(result, len(rows))
    assert result.n_clusters == 3
    for label in range(3):
        assert len(np.unique(truth[result.labels == label])) == 1


def test_equal_texts_stay_together(large: tuple[Clustering, Floats, Labels]) -> None:
    """A text that comes often has one label, and its copies change no other's."""
    once, rows, truth = large
    copies = np.concatenate([np.arange(len(rows)), np.flatnonzero(truth == 7).repeat(20)])
    result = _cluster(rows[copies])
    _check(result, len(copies))
    for original in np.unique(copies):
        assert len(np.unique(result.labels[copies == original])) == 1
    together = result.labels[: len(rows), None] == result.labels[None, : len(rows)]
    assert (together == (once.labels[:, None] == once.labels[None, :])).mean() > 0.98


def test_one_text_that_floods_the_inbox_is_a_topic() -> None:
    """As many copies of one text as a topic needs are a topic, though nothing else resembles it."""
    rows, truth = _groups([40, 30, 30])
    odd = -_directions(3).sum(axis=0)
    odd /= np.linalg.norm(odd)
    flood = np.concatenate([rows, np.tile(odd, (10, 1))]).astype(np.float32)
    result = _cluster(flood)
    _check(result, len(flood))
    (label,) = set(result.labels[len(truth) :].tolist())
    assert label >= 0
    assert (result.labels[: len(truth)] != label).all()


def test_what_fits_nowhere_is_left_out() -> None:
    """Messages that resemble nothing are unclustered; they do not join the groups near them."""
    apart, truth = _groups([60, 50, 40])
    rows = apart + 0.8 * _directions(1, seed=7)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    odd = _directions(40, seed=9)
    result = _cluster(np.concatenate([rows, odd]))
    _check(result, len(rows) + len(odd))
    of_groups = {np.bincount(result.labels[: len(rows)][truth == g] + 1).argmax() for g in range(3)}
    joined = np.isin(result.labels[len(rows) :] + 1, sorted(of_groups - {0}))
    assert joined.mean() < 0.1


@pytest.mark.parametrize("n", [0, 1, 7])
def test_too_few_messages_are_no_topic(n: int) -> None:
    """With fewer messages than a topic needs, none is clustered; none at all is no error."""
    rows = np.tile(_directions(1), (n, 1))
    result = _cluster(rows)
    _check(result, n)
    assert result.n_clusters == 0
    assert (result.labels == -1).all()


@settings(deadline=None, max_examples=25)
@given(
    copies=st.lists(st.integers(1, 12), min_size=1, max_size=12),
    min_topic_size=st.integers(3, 12),
)
def test_any_few_texts_keep_the_rules(copies: list[int], min_topic_size: int) -> None:
    """However often a few texts are repeated, labels are whole, ordered and one per text."""
    index = np.repeat(np.arange(len(copies)), copies)
    result = _cluster(_directions(len(copies))[index], min_topic_size=min_topic_size)
    _check(result, len(index))
    for text in range(len(copies)):
        assert len(np.unique(result.labels[index == text])) == 1
    sizes = np.bincount(result.labels[result.labels >= 0])
    assert (sizes >= min_topic_size).all()


def test_no_theme_holds_what_only_a_chain_connects() -> None:
    """Messages that shade into one another from end to end are told in parts.

    The mean of five draws, for one alone hangs on the last bits of a processor. Were the growth
    of a theme not held back, the largest would hold more.
    """
    angles = np.linspace(0, 3, 300)
    largest, unheld = [], []
    for seed in range(5):
        rows = np.zeros((300, 32))
        rows[:, 0], rows[:, 1] = np.cos(angles), np.sin(angles)
        rows += 0.2 * np.random.default_rng(seed).normal(size=rows.shape)
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        result = _cluster(rows.astype(np.float32))
        _check(result, 300)
        largest.append(np.bincount(result.labels[result.labels >= 0]).max())
        free = _cluster(rows.astype(np.float32), usual_share=1.0)
        unheld.append(np.bincount(free.labels[free.labels >= 0]).max())
    assert np.mean(largest) < 0.9 * np.mean(unheld)
    assert np.median(largest) < 160


def test_compiled_functions_are_kept_on_disk() -> None:
    """UMAP's functions are compiled once a machine, not once a process."""
    import umap
    from numba.core.caching import FunctionCache

    rows, _ = _groups([40, 40])
    _cluster(rows)
    for function in (umap.umap_.smooth_knn_dist, umap.umap_.compute_membership_strengths):
        assert isinstance(function._cache, FunctionCache)
