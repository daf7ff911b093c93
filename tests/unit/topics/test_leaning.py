"""The topic that each message leans to."""

import numpy as np
import pytest
from nlp.topics.leaning import leaning

from tests.places import places

CARD, PIN = 1, 2


def test_what_is_yet_to_be_taken_in_leans_to_its_topic() -> None:
    """Each to the one whose members are its nearest."""
    topics: list[int | None] = [None] * 5 + [CARD] * 20 + [PIN] * 20 + [None]
    assert leaning(places(25, 21), topics) == [CARD] * 25 + [PIN] * 21


def test_what_spilled_over_leans_back() -> None:
    """A few messages that another topic holds weigh where their like are."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25:28] = [CARD] * 3
    assert leaning(places(20, 20), topics) == [CARD] * 20 + [PIN] * 20


@pytest.mark.parametrize(("n_others", "leans"), [(7, False), (8, True)])
def test_at_a_border_it_takes_four_more(n_others: int, leans: bool) -> None:
    """Five amid others each have four of their like: itself, a message does not count."""
    topics: list[int | None] = [CARD] * n_others + [PIN] * 5
    found = leaning(places(n_others + 5), topics)
    assert found == [CARD] * n_others + [CARD if leans else PIN] * 5


def test_who_is_near_to_many_topics_leans_to_none() -> None:
    """No four of its nearest members are of one topic."""
    topics: list[int | None] = [None, *range(1, 21)]
    assert leaning(places(21), topics) == topics


def test_without_members_nothing_leans() -> None:
    """Nor with four, and nobody at all is no error."""
    assert leaning(places(20), [None] * 20) == [None] * 20
    few: list[int | None] = [CARD] * 4 + [None] * 16
    assert leaning(places(20), few) == few
    assert leaning(np.zeros((0, 8), dtype=np.float32), []) == []


def test_of_many_members_some_speak() -> None:
    """Of twelve thousand a part is asked, and a small topic is not lost among them."""
    topics: list[int | None] = [CARD] * 12_000 + [PIN] * 10
    topics[3], topics[12_005] = None, None
    assert leaning(places(12_000, 10), topics) == [CARD] * 12_000 + [PIN] * 10
