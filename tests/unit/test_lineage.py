"""Today's clusters against the standing topics."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.lineage import reconcile, topic_id


def test_a_cluster_that_nobody_holds_is_born() -> None:
    """Enough unclaimed messages of one cluster are a topic of their own."""
    labels = np.array([0] * 10 + [1] * 3)
    found = reconcile(labels, [None] * 13, min_topic_size=5)
    assert found.births == [list(range(10))]
    assert found.joined == {}


def test_unclaimed_messages_inside_a_standing_topic_join_it() -> None:
    """A cluster that one topic mostly holds lets its unclaimed messages join that topic."""
    standing = [7] * 8 + [None] * 3
    found = reconcile(np.zeros(11, dtype=int), standing, min_topic_size=5)
    assert found.joined == {8: 7, 9: 7, 10: 7}
    assert found.births == []


def test_a_cluster_between_two_topics_leaves_its_unclaimed_messages_alone() -> None:
    """Where no topic holds most of a cluster, nothing is forced into one."""
    standing = [1] * 5 + [2] * 5 + [None] * 3
    found = reconcile(np.zeros(13, dtype=int), standing, min_topic_size=5)
    assert found.joined == {}
    assert found.births == []


@given(
    st.lists(st.tuples(st.integers(-1, 4), st.one_of(st.none(), st.integers(1, 3))), max_size=60)
)
def test_nobody_who_has_a_topic_is_moved_and_nobody_joins_twice(
    rows: list[tuple[int, int | None]],
) -> None:
    """Only messages that no topic holds change, each at most once, whatever the clusters are."""
    labels = np.array([label for label, _ in rows], dtype=int)
    standing = [topic for _, topic in rows]
    found = reconcile(labels, standing, min_topic_size=3)
    moved = [*found.joined, *(i for members in found.births for i in members)]
    assert len(moved) == len(set(moved))
    assert all(standing[i] is None and labels[i] >= 0 for i in moved)
    assert all(len(members) >= 3 for members in found.births)


def test_an_id_says_the_day_of_birth() -> None:
    """A topic's id is its day of birth and a number."""
    assert topic_id("20260323", 4) == 20260323004
