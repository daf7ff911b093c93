"""Assignment of messages to standing topics, and the topic that each message leans to."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pytest

from nlp.records import Floats, Topic
from nlp.topics.assign import Members, assign, centroid_of, leaning, radius_of, strength
from tests.graphs import CONFIG, config, graph_of
from tests.places import places

CARD, PIN = 1, 2


def _topic(topic_id: int, members: Floats) -> Topic:
    centroid = centroid_of(members)
    radius = radius_of(members, centroid)
    return Topic(topic_id, dt.date(2026, 3, 2), "x", (), (), centroid, radius, len(members))


def _cloud(direction: int, *, spread: float, n: int = 30) -> Floats:
    rng = np.random.default_rng(direction)
    rows = np.eye(8, dtype=np.float32)[direction] + rng.normal(0, spread, (n, 8))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def _related(direction: int, *, spread: float) -> Floats:
    """A group of vectors that shares a direction with the other groups."""
    rows = _cloud(direction, spread=spread) + 0.7 * np.eye(8, dtype=np.float32)[7]
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def test_a_message_goes_where_its_neighbours_are_if_it_lies_nearer_than_strangers() -> None:
    """Messages like the members join; those as far from all topics as strangers do not."""
    one, two = _related(0, spread=0.05), _related(1, spread=0.05)
    topics = [_topic(CARD, one), _topic(PIN, two)]
    members = Members(np.concatenate([one, two]), [CARD] * 30 + [PIN] * 30)
    rows = np.concatenate([one[:1], two[:1], _cloud(5, spread=0.05)[:1]])
    result = assign(["a", "b", "c"], rows, topics=topics, members=members, config=CONFIG)
    assert [a.topic_id for a in result] == [CARD, PIN, None]
    assert all((a.strength > 0.5) == (a.topic_id is not None) for a in result)


def test_a_narrow_topic_is_no_stricter_than_a_broad_one() -> None:
    """At the same distance a message joins either topic; at the distance of a stranger, neither."""
    narrow, broad = _related(0, spread=0.02), _related(1, spread=0.1)
    topics = [_topic(CARD, narrow), _topic(PIN, broad)]
    members = Members(np.concatenate([narrow, broad]), [CARD] * 30 + [PIN] * 30)
    aside = np.eye(8, dtype=np.float32)[[0, 1, 0, 1]]
    aside[:, 5] = [0.3, 0.3, 4, 4]
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)
    result = assign(list("abcd"), aside, topics=topics, members=members, config=CONFIG)
    assert [a.topic_id for a in result] == [CARD, PIN, None, None]


def test_without_topics_everything_is_unclustered() -> None:
    """The first day has nothing to assign to."""
    nobody = Members(np.zeros((0, 8), dtype=np.float32), [])
    result = assign(["a"], _cloud(0, spread=0.1)[:1], topics=[], members=nobody, config=CONFIG)
    assert [(a.topic_id, a.strength) for a in result] == [(None, 0.0)]


def test_without_messages_nothing_is_assigned() -> None:
    """A day without messages is no error."""
    rows = _cloud(0, spread=0.05)
    members = Members(rows, [CARD] * 30)
    assert assign([], rows[:0], topics=[_topic(CARD, rows)], members=members, config=CONFIG) == []


def test_who_is_in_a_topic_that_ended_does_not_vote() -> None:
    """Only members of the topics that stand have a vote."""
    rows = _cloud(0, spread=0.05)
    members = Members(rows, [PIN] * 30)
    topics = [_topic(CARD, _cloud(1, spread=0.05))]
    result = assign(["a"], rows[:1], topics=topics, members=members, config=CONFIG)
    assert [a.topic_id for a in result] == [None]


def test_a_text_that_came_before_goes_where_it_went() -> None:
    """A repeated form letter joins the topic of its earlier copies, and no other message does."""
    letter = np.repeat(_cloud(1, spread=0.05, n=1), 30, axis=0)
    card = _cloud(0, spread=0.05)
    members = Members(np.concatenate([card, letter]), [CARD] * 30 + [PIN] * 30)
    rows = np.concatenate([letter[:1], card[:1]])
    topics = [_topic(CARD, card), _topic(PIN, letter)]
    result = assign(["a", "b"], rows, topics=topics, members=members, config=CONFIG)
    assert [a.topic_id for a in result] == [PIN, CARD]


@pytest.mark.parametrize("at", [30, 45, 59])
def test_a_text_goes_where_most_of_its_copies_went(at: int) -> None:
    """One copy that somebody placed elsewhere does not move the next ones there."""
    letter = np.repeat(_cloud(1, spread=0.05, n=1), 30, axis=0)
    card = _cloud(0, spread=0.05)
    topic_ids = [CARD] * 30 + [PIN] * 30
    topic_ids[at] = CARD
    members = Members(np.concatenate([card, letter]), topic_ids)
    topics = [_topic(CARD, card), _topic(PIN, letter)]
    result = assign(["a"], letter[:1], topics=topics, members=members, config=CONFIG)
    assert [a.topic_id for a in result] == [PIN]


def test_strength_is_half_on_the_edge_and_one_at_the_centroid() -> None:
    """Strength measures how far inside its topic's radius a message is."""
    assert strength(0.4, 0.4) == 0.5
    assert strength(1.0, 0.4) == 1.0
    assert strength(0.7, 0.4) == 0.75


def test_radius_leaves_the_loosest_twentieth_out() -> None:
    """Nineteen of twenty members meet their own topic's rule."""
    angle = np.linspace(0, 1, 200)
    members = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    centroid = centroid_of(members)
    radius = radius_of(members, centroid)
    assert 0.93 <= (members @ centroid >= radius).mean() <= 0.97


def _leaning(
    points: Floats, topics: Sequence[int | None], *, least: float = CONFIG.lead
) -> list[int | None]:
    return leaning(graph_of(points, topics), topics, config=CONFIG, least=least)


def _moving(points: Floats, topics: Sequence[int | None]) -> list[int | None]:
    """The topics that messages lean to, with the lead that makes them move."""
    return _leaning(points, topics, least=CONFIG.majority)


def test_what_is_yet_to_be_taken_in_leans_to_its_topic() -> None:
    """Each to the one whose members are its nearest."""
    topics: list[int | None] = [None] * 5 + [CARD] * 20 + [PIN] * 20 + [None]
    assert _leaning(places(25, 21), topics) == [CARD] * 25 + [PIN] * 21


def test_what_spilled_over_leans_back() -> None:
    """A few messages that are in another topic lean to the one of their neighbours."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25:28] = [CARD] * 3
    assert _leaning(places(20, 20), topics) == [CARD] * 20 + [PIN] * 20


@pytest.mark.parametrize(("n_others", "leans"), [(7, False), (8, True)])
def test_at_a_border_it_takes_four_more(n_others: int, leans: bool) -> None:
    """Five amid others each have four of their like: itself, a message does not count."""
    topics: list[int | None] = [CARD] * n_others + [PIN] * 5
    result = _leaning(places(n_others + 5), topics)
    assert result == [CARD] * n_others + [CARD if leans else PIN] * 5


def test_who_is_near_to_many_topics_leans_to_none() -> None:
    """No four of its nearest members are of one topic."""
    topics: list[int | None] = [None, *range(1, 21)]
    assert _leaning(places(21), topics) == topics


def test_without_members_nothing_leans() -> None:
    """And nobody at all is no error."""
    assert _leaning(places(20), [None] * 20) == [None] * 20
    assert _leaning(np.zeros((0, 8), dtype=np.float32), []) == []


def test_to_four_members_nothing_leans() -> None:
    """So few members give no evidence."""
    few: list[int | None] = [CARD] * 4 + [None] * 16
    assert _leaning(places(20), few) == few


def test_of_many_members_some_speak() -> None:
    """Of twelve thousand a part is asked, and a small topic is not lost among them."""
    topics: list[int | None] = [CARD] * 12_000 + [PIN] * 10
    topics[3], topics[12_005] = None, None
    assert _leaning(places(12_000, 10), topics) == [CARD] * 12_000 + [PIN] * 10


def test_a_message_in_the_midst_of_another_topic_moves_there() -> None:
    """One that was left behind when its topic split; the others stay."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25] = CARD
    assert _moving(places(20, 20), topics) == [CARD] * 20 + [PIN] * 20


def test_a_message_between_two_topics_stays() -> None:
    """Half of its neighbours are of its own: no reason to move."""
    topics: list[int | None] = [CARD, PIN] * 10
    assert _moving(places(20), topics) == topics


def test_who_has_no_topic_does_not_vote() -> None:
    """A message surrounded by noise stays where it is."""
    topics: list[int | None] = [CARD] * 20 + [None] * 20
    topics[25] = CARD
    assert _moving(places(20, 20), topics)[25] == CARD


def test_too_few_messages_move_nobody() -> None:
    """Nine more of its neighbours are asked for, and nobody at all is no error."""
    topics: list[int | None] = [CARD] * 7 + [PIN]
    assert _moving(places(8), topics) == topics
    assert _moving(np.zeros((0, 8), dtype=np.float32), []) == []


def test_a_topic_of_one_text_keeps_it() -> None:
    """A form letter that comes again and again does not lean to what happens to be nearest."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    points = places(20, 20)
    points[20:] = points[20]
    assert _leaning(points, topics) == topics


def test_a_copy_that_another_topic_holds_leans_to_the_others() -> None:
    """Equal texts belong together, even if a few of them were given to another topic."""
    topics: list[int | None] = [CARD] * 20 + [PIN] * 20
    topics[25] = CARD
    points = places(20, 20)
    points[20:] = points[20]
    assert _leaning(points, topics) == [CARD] * 20 + [PIN] * 20


def test_copies_that_nobody_holds_lean_like_any_message() -> None:
    """Seven copies amid a topic, which none has taken in yet, weigh in it."""
    topics: list[int | None] = [CARD] * 20 + [None] * 7 + [PIN] * 20
    points = places(27, 20)
    points[20:27] = points[20]
    assert _leaning(points, topics) == [CARD] * 27 + [PIN] * 20


def test_of_a_large_window_each_message_has_its_turn() -> None:
    """A stray among 4,000 is found on its day, though not all of them are in the sample."""
    topics: list[int | None] = [CARD] * 2_000 + [PIN] * 2_000
    topics[3_000] = CARD
    graph = graph_of(places(2_000, 2_000), topics, sample_size=2_000)
    result = leaning(graph, topics, config=config(sample_size=2_000), least=CONFIG.majority)
    assert result == [CARD] * 2_000 + [PIN] * 2_000
