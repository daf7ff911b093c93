"""The neighbour graph and its vote."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import Floats
from nlp.topics.graph import Graph, Labels, neighbour_graph, thin, vote
from tests.graphs import graph_of, on_arc
from tests.places import places

_TEXTS = np.random.default_rng(5).normal(size=(12, 6))
_TEXTS = (_TEXTS / np.linalg.norm(_TEXTS, axis=1, keepdims=True)).astype(np.float32)
_MESSAGES = st.lists(
    st.tuples(st.integers(0, 11), st.sampled_from([None, 1, 2, 3])), min_size=1, max_size=40
)
_LABELS = st.lists(st.integers(-1, 2), min_size=2, max_size=25)


def _random(n: int) -> Floats:
    rows = np.random.default_rng(n).normal(size=(n, 8))
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _at_zero(labels: list[int]) -> tuple[Graph, Labels]:
    """A message at angle 0 and others farther and farther from it, which have these labels."""
    angles = 0.01 * np.arange(len(labels) + 1)
    # The other half of a circle keeps the mean of all where it is.
    graph = graph_of(np.concatenate([on_arc(*angles), -on_arc(*angles)]))
    return graph, np.array([-1, *labels, *[-1] * len(angles)], dtype=np.intp)


def test_a_message_is_no_neighbour_of_its_own() -> None:
    """Whether it is in the sample or not, and however few there are."""
    graph = graph_of(places(30))
    own = np.arange(graph.n_texts)[:, None]
    assert graph.neighbors.shape == (30, 29)
    assert not (graph.neighbors[graph.texts] == own).any()


def test_another_message_with_the_same_text_is_a_neighbour() -> None:
    """The nearest text of a repetition is the one that it repeats, at distance 0."""
    points = np.concatenate([places(5), places(5)[2:3]])
    graph = graph_of(points)
    assert graph.texts[graph.neighbors[5, 0]] == 2
    assert graph.similarity[5, 0] == pytest.approx(1)


def test_a_repeated_text_is_one_node() -> None:
    """A form letter is counted, but is one neighbour: it does not outvote its surroundings."""
    points = places(4)[[0, 1, 1, 2, 1, 3]]
    graph = graph_of(points)
    assert graph.texts.tolist() == [0, 1, 3, 5]
    assert graph.text_of.tolist() == [0, 1, 1, 2, 1, 3]
    assert graph.counts.tolist() == [1, 3, 1, 1]
    assert graph.among_texts()[0].shape == (4, 3)


def test_the_sample_is_bounded_and_keeps_all_free_texts() -> None:
    """Of topics of 100 and 10 messages 20 and 10 are sampled, first ones first; free are all."""
    topics: list[int | None] = [None] * 50 + [1] * 100 + [2] * 10
    graph = graph_of(_random(160), topics, sample_size=30)
    assert graph.texts.tolist() == [*range(50), *range(50, 70), *range(150, 160)]
    assert graph.neighbors.shape == (160, 79)
    assert (graph.text_of >= 0).sum() == 80


def test_free_texts_can_be_left_out() -> None:
    """Where only members vote, only they are in the sample; the others are asked about."""
    topics: list[int | None] = [None] * 50 + [1] * 30
    graph = graph_of(_random(80), topics, is_free_sampled=False)
    assert graph.texts.tolist() == list(range(50, 80))
    assert graph.neighbors.shape == (80, 29)
    assert (graph.text_of[:50] == -1).all()


def test_nobody_and_one_message_have_no_neighbours() -> None:
    """Neither is an error."""
    assert graph_of(_random(1)[:0]).neighbors.shape == (0, 0)
    alone = graph_of(_random(1))
    assert (alone.n_texts, alone.neighbors.shape) == (1, (1, 0))


@given(_MESSAGES, st.integers(1, 6), st.integers(1, 12))
def test_any_graph_keeps_the_rules(
    messages: list[tuple[int, int | None]], sample_size: int, n_nearest: int
) -> None:
    """Of any messages: the sample is bounded, its texts differ, the neighbours are the nearest."""
    points = _TEXTS[[text for text, _ in messages]]
    topic_of = [topic for _, topic in messages]
    graph = neighbour_graph(points, topic_of, sample_size=sample_size, n_nearest=n_nearest)
    sampled = [messages[i][0] for i in graph.texts]
    claimed = {text for text, topic in messages if topic is not None}
    free = {text for text, _ in messages} - claimed
    assert len(sampled) == len(set(sampled))
    assert free <= set(sampled)
    assert len(set(sampled) & claimed) <= sample_size
    k = min(n_nearest, max(len(sampled) - 1, 0))
    assert graph.neighbors.shape == graph.similarity.shape == (len(messages), k)
    for index, (text, _) in enumerate(messages):
        assert graph.text_of[index] == (sampled.index(text) if text in sampled else -1)
        apart = (graph.rows[index] @ graph.rows[graph.texts].T).astype(float)
        if index in graph.texts:
            apart[sampled.index(text)] = -np.inf
        row = graph.neighbors[index]
        assert len(set(row.tolist())) == k
        assert np.allclose(apart[row], graph.similarity[index], atol=1e-6)
        assert np.allclose(apart[row], np.sort(apart)[::-1][:k], atol=1e-6)
        cosines = points[index] @ points[graph.texts[row]].T
        assert np.allclose(cosines, graph.cosines[index], atol=1e-6)


def test_what_all_share_tells_nobody_apart() -> None:
    """Neighbours are found by what differs; nearness is measured on the whole embedding."""
    shared, odd = np.eye(4)[0], np.eye(4)[1:]
    points = np.array([shared + 0.1 * sign * axis for axis in odd for sign in (1, -1)])
    points = (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
    graph = graph_of(points)
    assert graph.rows.mean(axis=0) == pytest.approx(np.zeros(4), abs=1e-6)
    assert graph.similarity.max() == pytest.approx(0, abs=1e-6)
    assert graph.cosines.min() > 0.9


def test_a_text_that_floods_the_window_does_not_move_the_mean() -> None:
    """Its copies count once in what all share."""
    points = places(6)
    flood = np.concatenate([points, np.tile(points[:1], (50, 1))])
    assert np.allclose(graph_of(flood).rows[:6], graph_of(points).rows, atol=1e-6)


def test_most_of_the_nearest_win() -> None:
    """Three of four voters win; their cosines are the nearness."""
    graph, labels = _at_zero([0, 1, 1, 1, 0, 0])
    votes = vote(graph, labels, np.array([0]), n_voters=4)
    assert (votes.winner[0], votes.n_for[0], votes.n_voters[0]) == (1, 3, 4)
    assert votes.nearness[0] == pytest.approx(np.cos([0.02, 0.03, 0.04]).mean(), abs=1e-5)


@pytest.mark.parametrize(("labels", "winner"), [([0, 1, 1, 0], 0), ([1, 0, 0, 1], 1)])
def test_of_two_with_as_many_votes_the_nearest_wins(labels: list[int], winner: int) -> None:
    """It is not the smaller label that wins a tie but the one of the nearest voter."""
    graph, of_texts = _at_zero(labels)
    votes = vote(graph, of_texts, np.array([0]), n_voters=4)
    assert (votes.winner[0], votes.n_for[0]) == (winner, 2)


@pytest.mark.parametrize(("own", "n_own"), [(1, 3), (0, 1), (7, 0), (-1, 0), (None, 0)])
def test_the_votes_for_what_a_message_has_are_counted(own: int | None, n_own: int) -> None:
    """Without a label of its own it has no vote for it."""
    graph, labels = _at_zero([0, 1, -1, 1, 1, 0])
    given_own = None if own is None else np.array([own])
    assert vote(graph, labels, np.array([0]), n_voters=4, own=given_own).n_own.tolist() == [n_own]


def test_who_has_no_label_does_not_vote_and_the_next_does() -> None:
    """Voters are the nearest that have a label, however many have none before them."""
    graph, labels = _at_zero([-1, -1, 1, -1, 1, 0])
    votes = vote(graph, labels, np.array([0]), n_voters=2)
    assert (votes.winner[0], votes.n_for[0], votes.n_voters[0]) == (1, 2, 2)


def test_fewer_vote_than_are_asked_where_few_have_a_label() -> None:
    """Two voters of fifteen decide by themselves, and it is known that they were two."""
    graph, labels = _at_zero([-1, 1, -1, 1])
    votes = vote(graph, labels, np.array([0]), n_voters=15)
    assert (votes.winner[0], votes.n_for[0], votes.n_voters[0]) == (1, 2, 2)


def test_without_a_voter_nothing_wins() -> None:
    """Whether nobody has a label or nobody is there; and nobody asked is no error."""
    graph, labels = _at_zero([-1, -1, -1])
    alone = graph_of(on_arc(0))
    for one, of_texts in ((graph, labels), (alone, labels[:1])):
        votes = vote(one, of_texts, np.array([0]), n_voters=15, own=np.array([-1]))
        assert (votes.winner[0], votes.n_for[0], votes.n_own[0]) == (-1, 0, 0)
        assert (votes.n_voters[0], votes.nearness[0]) == (0, 0)
    assert vote(graph, labels, np.array([], dtype=np.intp), n_voters=15).winner.shape == (0,)


@given(_LABELS, st.integers(1, 30))
def test_any_vote_is_that_of_a_count(labels: list[int], n_voters: int) -> None:
    """The winner is the most common label of the voters, the nearest first where two tie."""
    graph, of_texts = _at_zero(labels)
    votes = vote(graph, of_texts, np.array([0]), n_voters=n_voters, own=np.array([0]))
    voters = [label for label in labels if label >= 0][:n_voters]
    counts = Counter(voters)
    winner = max(voters, key=lambda v: (counts[v], -voters.index(v)), default=-1)
    assert votes.winner.tolist() == [winner]
    assert votes.n_for.tolist() == [counts[winner]]
    assert votes.n_own.tolist() == [counts[0]]
    assert votes.n_voters.tolist() == [len(voters)]


@given(st.lists(st.integers(1, 9), max_size=6), st.integers(0, 30))
def test_large_groups_are_cut_most(sizes: list[int], total: int) -> None:
    """As many as allowed are kept; a group that gives fewer than another gives all of its own."""
    groups = [[(g, n) for n in range(size)] for g, size in enumerate(sizes)]
    kept = thin(groups, total)  # type: ignore[arg-type]
    n_kept = [sum(1 for g, _ in kept if g == group) for group in range(len(sizes))]
    assert kept == [member for group, n in zip(groups, n_kept, strict=True) for member in group[:n]]
    most = max(n_kept, default=0)
    assert all(n in (most, size) for n, size in zip(n_kept, sizes, strict=True))
    assert len(kept) <= total
    assert len(kept) == sum(sizes) or len(kept) > total - sum(size > most for size in sizes)
