"""Today's clusters against the standing topics."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import Proposal
from nlp.states import Event
from nlp.topics.cluster import Clustering
from nlp.topics.lineage import Past, reconcile, topic_id
from tests.graphs import config

_FIVE = config(min_topic_size=5)


def _clusters(labels: Sequence[int]) -> Clustering:
    """Clusters that every cut of the tree agrees on."""
    array = np.array(labels, dtype=np.intp)
    return Clustering(array, array, array, np.zeros(max(labels) + 1, dtype=np.intp))


def test_a_cluster_that_nobody_holds_is_born() -> None:
    """Enough unclaimed messages of one cluster are a topic of their own."""
    result = reconcile(_clusters([0] * 10 + [1] * 3), [None] * 13, config=_FIVE)
    assert [b.members for b in result.births] == [list(range(10))]
    assert result.joined == {}


def test_unclaimed_messages_inside_a_standing_topic_join_it() -> None:
    """A cluster that one topic mostly holds lets its unclaimed messages join that topic."""
    standing = [7] * 8 + [None] * 3
    result = reconcile(_clusters([0] * 11), standing, config=_FIVE)
    assert result.joined == {8: 7, 9: 7, 10: 7}
    assert result.births == []


def test_a_few_messages_of_a_large_topic_are_not_outvoted() -> None:
    """Two that stand for fifty each have a cluster in which eight are unclaimed; these join it."""
    standing = [7, 7] + [None] * 8
    alone = reconcile(_clusters([0] * 10), standing, config=_FIVE)
    assert [b.members for b in alone.births] == [list(range(2, 10))]
    weighed = reconcile(
        _clusters([0] * 10), standing, config=_FIVE, weights=[50.0, 50.0] + [1.0] * 8
    )
    assert weighed.births == []
    assert weighed.joined == dict.fromkeys(range(2, 10), 7)


def test_the_topic_that_stands_for_most_wins_a_cluster() -> None:
    """Three of one topic that stand for themselves lose against one that stands for twenty."""
    standing = [1, 1, 1, 2, None]
    weights = [1.0, 1.0, 1.0, 20.0, 1.0]
    assert reconcile(_clusters([0] * 5), standing, config=_FIVE).joined == {4: 1}
    assert reconcile(_clusters([0] * 5), standing, config=_FIVE, weights=weights).joined == {4: 2}


def test_a_cluster_between_two_topics_leaves_its_unclaimed_messages_alone() -> None:
    """Where no topic holds most of a cluster, nothing is forced into one."""
    standing = [1] * 5 + [2] * 5 + [None] * 3
    result = reconcile(_clusters([0] * 13), standing, config=_FIVE)
    assert result.joined == {}
    assert result.births == []


def test_a_topic_found_in_parts_splits_when_it_is_found_so_again() -> None:
    """The first day proposes, the second makes it; the largest part keeps the id."""
    clusters, standing = _clusters([0] * 9 + [1] * 6), [7] * 15
    first = reconcile(clusters, standing, config=_FIVE)
    assert (first.births, first.proposals) == ([], [Proposal(Event.SPLIT, 7, None, 1)])
    second = reconcile(clusters, standing, config=_FIVE, past=Past(first.proposals))
    assert [(b.members, b.parent) for b in second.births] == [(list(range(9, 15)), 7)]
    assert second.proposals == []


def test_two_topics_found_as_one_merge_when_they_are_found_so_again() -> None:
    """The larger is the heir; nothing is merged on the first day."""
    clusters, standing = _clusters([0] * 15), [7] * 9 + [8] * 6
    first = reconcile(clusters, standing, config=_FIVE)
    assert (first.merges, first.proposals) == ([], [Proposal(Event.MERGE, 8, 7, 1)])
    second = reconcile(clusters, standing, config=_FIVE, past=Past(first.proposals))
    assert (second.merges, second.proposals) == ([(8, 7)], [])


def test_what_split_lately_does_not_merge() -> None:
    """A pair that came apart not long ago is left apart."""
    past = Past([Proposal(Event.MERGE, 8, 7, 3)], apart={frozenset((7, 8))})
    result = reconcile(_clusters([0] * 15), [7] * 9 + [8] * 6, config=_FIVE, past=past)
    assert (result.merges, result.proposals) == ([], [])


def test_what_a_person_holds_neither_splits_nor_merges() -> None:
    """A person's topics stay as they are, however often clustering finds otherwise."""
    past = Past([Proposal(Event.SPLIT, 7, None, 9), Proposal(Event.MERGE, 8, 7, 9)])
    split = reconcile(_clusters([0] * 9 + [1] * 6), [7] * 15, config=_FIVE, past=past, held={7})
    merge = reconcile(_clusters([0] * 15), [7] * 9 + [8] * 6, config=_FIVE, past=past, held={8})
    assert (split.births, split.proposals) == ([], [])
    assert (merge.merges, merge.proposals) == ([], [])


def test_a_young_collection_follows_its_clusters_at_once() -> None:
    """While the first topics take shape, splits and merges do not wait to be found again."""
    split = reconcile(
        _clusters([0] * 9 + [1] * 6), [7] * 15, config=_FIVE, past=Past(settling=True)
    )
    merge = reconcile(
        _clusters([0] * 15), [7] * 9 + [8] * 6, config=_FIVE, past=Past(settling=True)
    )
    assert [(b.members, b.parent) for b in split.births] == [(list(range(9, 15)), 7)]
    assert merge.merges == [(8, 7)]


@given(st.lists(st.tuples(st.integers(-1, 4), st.sampled_from([None, 1, 2, 3])), min_size=1))
def test_nobody_who_has_a_topic_loses_it_at_once(rows: list[tuple[int, int | None]]) -> None:
    """Without a past, only unclaimed messages are born or join, and each at most once."""
    standing = [t for _, t in rows]
    result = reconcile(_clusters([c for c, _ in rows]), standing, config=config(min_topic_size=3))
    born = [i for b in result.births for i in b.members]
    assert len(born) == len(set(born))
    assert set(born).isdisjoint(result.joined)
    assert all(standing[i] is None for i in [*born, *result.joined])
    assert result.merges == []


def test_an_id_says_the_day_of_birth() -> None:
    """A topic's id is its day of birth and a number."""
    assert topic_id("20260323", 4) == 20260323004
