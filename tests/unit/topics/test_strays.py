"""Messages that lie among those of another topic."""

import numpy as np
from nlp.topics.strays import strays

from tests.places import places

CARD, PIN = 1, 2


def test_a_message_in_the_midst_of_another_topic_moves_there() -> None:
    """One that was left behind when its topic split; the others stay."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25] = CARD
    assert strays(places(20, 20), topics, turn=0) == {25: PIN}


def test_a_message_between_two_topics_stays() -> None:
    """Half of its neighbours are of its own: no reason to move, today or tomorrow."""
    assert strays(places(20), [CARD, PIN] * 10, turn=0) == {}


def test_who_has_no_topic_neither_moves_nor_votes() -> None:
    """What fits none stays told, and a message amid such noise stays where it is."""
    topics: list[int | None] = [CARD] * 20 + [None] * 20
    topics[25] = CARD
    assert strays(places(20, 20), topics, turn=0) == {}
    topics = [CARD] * 20
    topics[3] = None
    assert strays(places(20), topics, turn=0) == {}


def test_what_a_person_placed_stays() -> None:
    """However alone it is there."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25] = CARD
    assert strays(places(20, 20), topics, turn=0, staying={25}) == {}


def test_too_few_messages_move_nobody() -> None:
    """Eight neighbours are asked for."""
    assert strays(places(8), [CARD] * 7 + [PIN], turn=0) == {}
    assert strays(np.zeros((0, 8), dtype=np.float32), [], turn=0) == {}


def test_of_a_large_window_each_message_has_its_turn() -> None:
    """A stray among 4,000 is found within three days, and on one of them."""
    topics: list[int | None] = [CARD] * 2_000 + [PIN] * 2_000
    topics[3_000] = CARD
    points = places(2_000, 2_000)
    found = [strays(points, topics, turn=turn) for turn in range(3)]
    assert {3_000: PIN} in found
    assert {} in found
