"""In which segment a topic rises."""

import tracemalloc

import numpy as np

from nlp.topics.segments import Inbox, Rise, rises
from tests.graphs import CONFIG

_VERSIONS = ("8.0", "8.1", "8.2")
_RARE = (0.6, 0.3, 0.1)


def _result(
    n_topics: int = 20,
    *,
    n_more: int = 0,
    more: str = "8.2",
    today: tuple[float, float, float] = _RARE,
    seed: int = 0,
) -> dict[int, Rise]:
    """Topics of five messages a day over 14 days; the first has `n_more` today, all of `more`."""
    rng = np.random.default_rng(seed)
    ages = np.repeat(np.arange(14), 5 * n_topics)
    topic_of = np.tile(np.repeat(np.arange(1, n_topics + 1), 5), 14)
    drawn = np.where(
        ages == 0,
        rng.choice(_VERSIONS, len(ages), p=today),
        rng.choice(_VERSIONS, len(ages), p=_RARE),
    )
    ages = np.append(ages, np.zeros(n_more, dtype=int))
    topic_of = np.append(topic_of, np.ones(n_more, dtype=int))
    values = [*drawn.tolist(), *[more] * n_more]
    plans = rng.choice(["basic", "plus"], len(values)).tolist()
    attributes = [{"app": v, "plan": p} for v, p in zip(values, plans, strict=True)]
    return rises(Inbox(ages, attributes), [(t,) for t in topic_of.tolist()], config=CONFIG)


def test_a_rise_in_one_segment_is_named_with_its_figures() -> None:
    """Nine more of a version that a tenth of all have: its share, and what is usual."""
    result = _result(n_more=9)
    segment = result[1].segment
    assert (segment.name, segment.value) == ("app", "8.2")
    assert segment.n >= 9
    assert segment.n <= segment.n_of
    assert 0.02 < segment.usual < 0.25


def test_a_rise_in_all_segments_is_in_none() -> None:
    """Of two hundred topics where nothing is special, hardly any has a segment."""
    result = [_result(seed=seed) for seed in range(10)]
    assert sum(len(topics) for topics in result) <= 4  # .01 of each


def test_what_all_customers_installed_explains_nothing() -> None:
    """Where the whole inbox moves to a new version, no topic is special for it."""
    assert len(_result(today=(0.1, 0.1, 0.8))) <= 1


def test_a_new_topic_is_compared_with_the_inbox() -> None:
    """A topic without a past whose messages all have a rare value is told by it."""
    rng = np.random.default_rng(1)
    values = [*rng.choice(_VERSIONS, 400, p=_RARE).tolist(), *["8.2"] * 8]
    ages = np.append(np.arange(400) % 14, np.zeros(8, dtype=int))
    attributes = [{"app": v} for v in values]
    topics = [(1,)] * 400 + [(2,)] * 8
    result = rises(Inbox(ages, attributes), topics, config=CONFIG)
    assert result.keys() == {2}
    assert (result[2].segment.n, result[2].segment.n_of) == (8, 8)


def test_messages_without_the_attribute_are_left_out() -> None:
    """A share is one of the messages that say anything; without attributes nothing rises."""
    nothing = Inbox(np.zeros(30, dtype=int), [{}] * 30)
    assert rises(nothing, [(1,)] * 30, config=CONFIG) == {}
    same = Inbox(np.arange(30) % 14, [{"app": "8.0"}] * 30)
    assert rises(same, [(1,)] * 30, config=CONFIG) == {}
    assert rises(Inbox(np.zeros(0, dtype=int), []), [], config=CONFIG) == {}
    assert rises(same, [()] * 30, config=CONFIG) == {}


def test_a_topic_that_always_came_by_one_channel_does_not_rise_there() -> None:
    """Where each topic has its own channel, neither does a new one that has one."""
    ages = np.tile(np.repeat(np.arange(9), 10), 4)
    topics = np.repeat(np.arange(1, 5), 90)
    attributes = [{"channel": "email" if t == 1 else "chat"} for t in topics.tolist()]
    new = [{"channel": "email"}] * 12
    inbox = Inbox(np.append(ages, np.zeros(12, dtype=int)), [*attributes, *new])
    of = [(t,) for t in [*topics.tolist(), *[5] * 12]]
    assert rises(inbox, of, config=CONFIG) == {}


def test_an_attribute_with_a_value_for_each_message_is_left_out() -> None:
    """Beside 100,000 numbers of orders, each a long text, the segment that rises is still found."""
    rng = np.random.default_rng(2)
    n = 100_000
    ages, topics = rng.integers(0, 14, n), rng.integers(1, 41, n)
    rises_there = (topics == 1) & (ages == 0)
    versions = np.where(rises_there, "8.2", rng.choice(_VERSIONS, n, p=_RARE))
    attributes = [{"app": v, "order": f"{i} {'x' * 500}"} for i, v in enumerate(versions.tolist())]
    tracemalloc.start()
    result = rises(Inbox(ages, attributes), [(t,) for t in topics.tolist()], config=CONFIG)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (result[1].segment.name, result[1].segment.value) == ("app", "8.2")
    assert all(rise.segment.name == "app" for rise in result.values())
    assert peak < 100e6
