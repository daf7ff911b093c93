"""Messages without a topic that lean to one."""

import numpy as np

from nlp.leaning import leaning
from tests.places import places

CARD, PIN = 1, 2


def test_what_is_yet_to_be_taken_in_leans_to_its_topic() -> None:
    """Each to the one whose members are its nearest."""
    topics: list[int | None] = [None] * 5 + [CARD] * 20 + [PIN] * 20 + [None]
    assert leaning(places(25, 21), topics) == [CARD] * 25 + [PIN] * 21


def test_what_has_a_topic_does_not_lean() -> None:
    """Not even amid another: that is for `nlp.strays`."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25] = CARD
    assert leaning(places(20, 20), topics) == topics


def test_who_is_near_to_many_topics_leans_to_none() -> None:
    """No three of its ten nearest members are of one topic."""
    topics: list[int | None] = [None, *range(1, 21)]
    assert leaning(places(21), topics) == topics


def test_without_members_nothing_leans() -> None:
    """Nor with two, and nobody at all is no error."""
    assert leaning(places(20), [None] * 20) == [None] * 20
    few: list[int | None] = [CARD] * 2 + [None] * 18
    assert leaning(places(20), few) == few
    assert leaning(np.zeros((0, 8), dtype=np.float32), []) == []


def test_of_many_members_some_speak() -> None:
    """Of twelve thousand a part is asked, and a small topic is not lost among them."""
    topics: list[int | None] = [CARD] * 12_000 + [PIN] * 10
    topics[3], topics[12_005] = None, None
    assert leaning(places(12_000, 10), topics) == [CARD] * 12_000 + [PIN] * 10
