"""Messages that lie among those of another topic than their own, and move there.

A message is assigned by the topics of its eve. What is born, splits or drifts afterwards can leave
it among strangers: it moves where nearly all of its nearest neighbours are. That is more than the
majority that assigned it, so that a message does not go to and fro.
"""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import NDArray

from nlp.records import Floats
from nlp.topics.neighbors import nearest

_N_NEIGHBORS = 10
_N_AGREEING = 8
"""Chosen on six streams of `bench` with seeds 11 and 12, which it does not report."""
_MOST_ASKED = 1_500
"""Messages that are looked at on one day; of a larger window a part each day, so that the cost of a
day does not grow with it."""


def strays(
    embeddings: Floats,
    topic_of: Sequence[int | None],
    *,
    turn: int,
    staying: Collection[int] = (),
) -> dict[int, int]:
    """Return the messages that move, by index, and their new topics.

    `embeddings` is (n, d), rows of length 1; `topic_of` (n,), None = unclustered, which stay so.
    Messages with an index in `staying` do not move. `turn` is the number of the day.
    """
    topics = np.array([t or 0 for t in topic_of], dtype=np.int64)
    asked = _asked(topics, turn)
    k = min(_N_NEIGHBORS, len(topics) - 1)
    if k < _N_AGREEING or not len(asked):
        return {}
    near, _ = nearest(embeddings[asked], embeddings, k, selves=asked)
    found = {}
    for index, votes in zip(asked.tolist(), topics[near], strict=True):
        names, counts = np.unique(votes[votes > 0], return_counts=True)
        if counts.max(initial=0) < _N_AGREEING or index in staying:
            continue
        topic = int(names[counts.argmax()])
        if topic != topics[index]:
            found[index] = topic
    return found


def _asked(topics: NDArray[np.int64], turn: int) -> NDArray[np.intp]:
    """The messages whose turn it is, of those that have a topic."""
    claimed = np.flatnonzero(topics)
    if len(claimed) <= _MOST_ASKED:
        return claimed
    first = turn * _MOST_ASKED % len(claimed)
    return np.sort(np.roll(claimed, -first)[:_MOST_ASKED])
