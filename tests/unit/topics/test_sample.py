"""Which messages of a large window are read, and what the others are worth."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.records import DayTexts, Topic
from nlp.samples import NO_REST, Rest
from nlp.topics.sample import (
    Familiar,
    beyond,
    counts_of,
    newest,
    strata,
    thirds,
    weights,
    whole,
)
from tests.graphs import on_arc

_DAY = dt.date(2026, 3, 2)
_NEXT = _DAY + dt.timedelta(1)


def _texts() -> DayTexts:
    """A message of two passages, and one of one on the next day."""
    return DayTexts(
        ["p", "q", "r"], ["m", "m", "n"], ["", "", ""], [_DAY, _DAY, _NEXT], ["a", "a", "b"],
        np.zeros((3, 2), np.float32), ["c", "c", "c"],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("sizes", "read"),
    [
        ((40, 10, 10), (40, 10, 10)),  # all of it
        ((300, 60, 90), (33, 33, 33)),
        ((300, 10, 90), (45, 10, 45)),  # what one does not need the others get
        ((0, 500, 0), (0, 100, 0)),  # the first day
    ],
)
def test_each_kind_has_a_third(sizes: tuple[int, int, int], read: tuple[int, int, int]) -> None:
    """A hundred are shared between those with a topic, and those of today and before without."""
    assert thirds(*sizes, 100) == read


_SIZE = st.integers(0, 3_000)


@given(_SIZE, _SIZE, _SIZE, st.integers(100, 2_000))
def test_a_sample_is_bounded_and_wastes_nothing(a: int, b: int, c: int, most: int) -> None:
    """Never more than `most`; all is read where all fits, and what does not fit fills it."""
    read = sum(thirds(a, b, c, most))
    assert min(a + b + c, most) - 2 <= read <= min(a + b + c, most)


def test_a_passage_is_as_familiar_as_its_nearest_earlier_one() -> None:
    """One beside another is familiar, a lonely one is not; none is compared with itself."""
    points = on_arc(0, 0.02, 1.5, 3.0)
    familiar = Familiar(["a", "b", "c"], points[:3])
    near, other, lonely, new = familiar.likeness(["a", "b", "c", "d"], points).tolist()
    assert near == pytest.approx(other)
    assert near > 0.99 > lonely
    assert new < near
    assert Familiar([], np.zeros((0, 2), np.float32)).likeness(["a"], points[:1]).tolist() == [-1]


def test_the_newest_are_read_and_as_new_ones_of_earlier_days() -> None:
    """Earlier messages are read where they are no more familiar than the last of today's."""
    today = {"a": 0.1, "b": 0.9, "c": 0.5}
    earlier = {"x": 0.4, "y": 0.6, "z": 0.2}
    assert newest(today, earlier, 2, 3) == {"a", "c", "x", "z"}
    assert newest(today, earlier, 2, 1) == {"a", "c", "x"}
    assert newest(today, earlier, 3, 3) == {*today, *earlier}
    assert newest({}, earlier, 0, 3) == {*earlier}


def test_a_message_stands_for_those_of_its_topic_that_are_not_read() -> None:
    """Ten of topic 7 and two in the graph: each counts as five; others as themselves."""
    rest = Rest(arrived={(_DAY, "a"): 8}, topics={7: {(_DAY, "a"): 6, (_NEXT, "b"): 1}})
    topic_of = [7, 7, 7, 8, None]
    in_graph = np.array([True, True, False, True, True])
    each = weights(topic_of, in_graph, rest)
    assert each is not None
    assert each.tolist() == [5.0, 5.0, 5.0, 1.0, 1.0]
    assert weights(topic_of, in_graph, NO_REST) is None


def test_the_scan_compares_what_was_sampled_alike() -> None:
    """With a rest, messages that came with and without a topic are two groups of a source."""
    ids, sources = ["p", "q", "r"], ["a", "a", "b"]
    assert strata(sources, ids, NO_REST) == sources
    rest = Rest(arrived={(_DAY, "a"): 1}, free={"q"})
    assert len(set(strata(sources, ids, rest))) == 3
    assert len(set(strata(["a", "a", "a"], ids, rest))) == 2


def test_what_is_read_is_not_in_the_rest() -> None:
    """Messages, those of each topic and those of the last day with a topic are taken off."""
    where, later = (_DAY, "a"), (_NEXT, "b")
    total = Rest({where: 3, later: 2}, {7: {where: 2, later: 2}}, {7: (3, 2)}, 2)
    texts = _texts()
    left = beyond(total, texts, [7, 7, 7], _NEXT)
    assert left.arrived == {where: 2, later: 1}
    assert left.topics == {7: {where: 1, later: 1}}
    assert (left.n_clustered, left.customers) == (1, total.customers)


def test_what_moves_is_added_and_taken() -> None:
    """A topic that lost all its messages is not in the rest any more."""
    rest = Rest(topics={7: {(_DAY, "a"): 2}, 8: {(_DAY, "a"): 1}}, n_clustered=3)
    after = rest.after({7: {(_DAY, "a"): -2}, 8: {(_DAY, "a"): 2, (_NEXT, "b"): 1}}, 1)
    assert after.topics == {8: {(_DAY, "a"): 3, (_NEXT, "b"): 1}}
    assert (after.n_clustered, rest.topics[7]) == (4, {(_DAY, "a"): 2})


def test_a_topic_has_the_size_and_the_last_day_of_all_its_messages() -> None:
    """Where the sample has the later one, that day stays."""
    topic = Topic(7, _DAY, "", (), (), np.ones(2, np.float32), 0.5, 3, last_on=_DAY)
    rest = Rest(topics={7: {(_DAY, "a"): 2, (_NEXT, "a"): 1}})
    assert (whole(topic, rest).size, whole(topic, rest).last_on) == (6, _NEXT)
    later = replace(topic, last_on=_NEXT)
    assert whole(later, Rest(topics={7: {(_DAY, "a"): 2}})).last_on == _NEXT
    assert whole(topic, NO_REST) is topic


def test_messages_are_counted_once_however_many_passages() -> None:
    """Two passages of one message on a day are one message."""
    texts = _texts()
    assert counts_of(texts, [0, 1, 2]) == {(_DAY, "a"): 1, (_NEXT, "b"): 1}
    assert counts_of(texts, [2]) == {(_NEXT, "b"): 1}
