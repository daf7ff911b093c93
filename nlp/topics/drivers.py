"""Which segment of customers drives each theme: what is over-represented in its last days.

The segments are those of `nlp.topics.segments`, over up to as many days as a digest has. Each theme
is one test, so that of the drivers that are named at most one in twenty is there by chance
(false-discovery rate, Benjamini and Hochberg 1995).
"""

from collections.abc import Collection, Sequence

from nlp.records import Driver
from nlp.topics.config import TopicConfig
from nlp.topics.segments import Inbox, Rise, rises

_MOST_DAYS = 7
"""Days over which a segment is said to rise, at most; they are compared with as many before."""
_FALSE = 0.05
"""Share of the drivers that are named by chance, at most."""
_SURE = 0.95
"""Probability that the share of a segment lies within its interval."""


def drivers(
    inbox: Inbox, topic_of: Sequence[Collection[int]], *, config: TopicConfig
) -> dict[int, Driver]:
    """Return the driver of each topic that has one; `topic_of` (m,) are the topics of each message.

    Messages of before the two weeks that are compared do not matter.
    """
    config = config.model_copy(update={"recent_days": _MOST_DAYS})
    rows = (inbox.ages < 2 * _MOST_DAYS).nonzero()[0].tolist()
    inbox = Inbox(inbox.ages[rows], [inbox.attributes[row] for row in rows])
    topic_of = [topic_of[row] for row in rows]
    rising = rises(inbox, topic_of, config=config)
    n_topics = len({topic for topics in topic_of for topic in topics})
    by_chance = sorted(rising, key=lambda topic: (rising[topic].p_value, topic))
    n_found = max(
        (
            n
            for n, topic in enumerate(by_chance, start=1)
            if rising[topic].p_value <= n * _FALSE / n_topics
        ),
        default=0,
    )
    return {topic: _driver(rising[topic]) for topic in by_chance[:n_found]}


def _driver(rise: Rise) -> Driver:
    """The segment with the interval of its share (Jeffreys)."""
    from scipy.stats import beta

    segment = rise.segment
    tail = (1 - _SURE) / 2
    with_it, without = segment.n + 0.5, segment.n_of - segment.n + 0.5
    lower, upper = (float(beta.ppf(q, with_it, without)) for q in (tail, 1 - tail))
    return Driver(segment, rise.p_value, round(lower, 4), round(upper, 4))
